"""Send the demo travellers through the public API and print what came of them."""

import secrets
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from borders.demo.client import BoothError
from borders.demo.logins import LoginsMissing, read_logins
from borders.demo.play import Play, Result
from borders.demo.report import make_console, print_deviations, print_protection, print_table
from borders.demo.story import Scene, tell_story

NOT_PLAYED = 2


class Command(BaseCommand):
    help = "Send the demo travellers through the public API and print a table of what came of them."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", required=True, help="where the server is, e.g. http://127.0.0.1:8000")
        parser.add_argument(
            "--expect", action="store_true", help="exit with 1 when an outcome differs from the story"
        )
        parser.add_argument(
            "--repeat", type=int, default=1, metavar="N", help="play the story N times, one after another"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        console = make_console()
        try:
            passwords = read_logins(settings.BMIS_DATA_DIR)
        except LoginsMissing:
            raise CommandError("No demo logins here: run seed_demo first.", returncode=NOT_PLAYED) from None
        differing = 0
        for _ in range(options["repeat"]):
            play = Play(options["url"], passwords, run_id=f"demo-{secrets.token_hex(4)}")
            try:
                differing += perform(play, console)
            except BoothError as error:
                raise CommandError(
                    f"The story could not be played: {error}", returncode=NOT_PLAYED
                ) from error
        if differing and options["expect"]:
            sys.exit(1)


def perform(play: Play, console: Console) -> int:
    """Play the story once and print it; return how many scenes went otherwise than expected."""
    scenes = tell_story(timezone.now().date())
    results = (
        _with_progress(play, scenes, console) if console.is_terminal else _with_lines(play, scenes, console)
    )
    taken_over = play.take_over_protection(results)
    waiting, made_now = play.count_silent_hits(results)
    play.sign_out()
    print_table(console, results)
    print_protection(console, results)
    console.print(f"Protection took over {taken_over} referrals.")
    console.print(
        f"Silent hits that wait for the list owner: {waiting}, {made_now} of this run; no officer saw them."
    )
    differing = print_deviations(console, results)
    console.print(f"{len(results)} travellers, {len(results) - differing} as the story expects.")
    return differing


def _with_progress(play: Play, scenes: tuple[Scene, ...], console: Console) -> list[Result]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Opening the booths", total=2 * len(scenes))

        def tell(scene: Scene, act: str) -> None:
            progress.update(task, advance=1, description=f"{scene.title}, {act}")

        return play.perform(scenes, tell)


def _with_lines(play: Play, scenes: tuple[Scene, ...], console: Console) -> list[Result]:
    opened = 0

    def tell(scene: Scene, act: str) -> None:
        nonlocal opened
        if act == "at the booth":
            opened += 1
            console.print(f"{opened:2d}/{len(scenes)} {scene.port} {scene.title}")

    return play.perform(scenes, tell)
