"""Measure the reader on pictures whose zones are known."""

import multiprocessing
from argparse import ArgumentParser
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from biometrics.core.mrz.evaluation import (
    Evaluation,
    Figures,
    ManifestError,
    Measured,
    Share,
    Specimen,
    evaluate,
    parse_manifest,
)
from biometrics.management.mrz_report import write_report
from biometrics.services.mrz_files import FileRefused, prepare_process, read_file

MAX_WORKERS = 64


def measure(task: tuple[Path, Specimen]) -> Measured | str:
    """Return what the reader makes of one specimen, or the code of why its file was refused."""
    path, specimen = task
    try:
        found = read_file(path)
    except FileRefused as error:
        return error.code
    reading = found.reading
    return Measured(specimen, reading.status, reading.reason, reading.lines, found.cpu_ms, found.wall_ms)


def measure_all(tasks: list[tuple[Path, Specimen]], workers: int) -> Iterator[Measured | str]:
    """Yield one result a task, in order. workers: processes, 1 for this one."""
    if workers == 1:
        prepare_process()
        yield from map(measure, tasks)
        return
    # spawned, not forked: a network opened before a fork must not be used behind it
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=prepare_process) as pool:
        yield from pool.map(measure, tasks)


def format_share(share: Share) -> str:
    """Return "97.5 % (39 of 40; 87.1 to 99.6)", or "none in this set"."""
    if share.total == 0:
        return "none in this set"
    low, high = (100 * bound for bound in share.interval)
    return f"{100 * share.share:.1f} % ({share.count} of {share.total}; {low:.1f} to {high:.1f})"


def figures_row(name: str, figures: Figures) -> tuple[str, ...]:
    """Return one row of the table of figures."""
    return (
        name,
        format_share(figures.exact),
        f"{100 * figures.character_errors:.2f} %",
        f"{100 * figures.accepted.share:.1f} %",
        f"{100 * figures.review.share:.1f} %",
        f"{100 * figures.unreadable.share:.1f} %",
        f"{figures.wrong_accepted.count} of {figures.wrong_accepted.total}",
    )


FIGURE_COLUMNS = (
    "type", "exact (95 % interval)", "character errors", "accepted", "review", "unreadable", "wrong among accepted",
)  # fmt: skip


def summary_rows(found: Evaluation) -> list[tuple[str, str]]:
    """Return what the table by type does not hold."""
    return [
        ("wrong among accepted", format_share(found.overall.wrong_accepted)),
        ("misprinted specimens accepted", format_share(found.misprinted_accepted)),
        ("pages without a zone accepted", format_share(found.empty_accepted)),
        ("pages without a zone reported at all", format_share(found.empty_reported)),
        ("processor ms, median and p95", "{:.1f} · {:.1f}".format(*found.cpu_ms)),
        ("wall ms, median and p95", "{:.1f} · {:.1f}".format(*found.wall_ms)),
        ("processor ms of pages without a zone", "{:.1f} · {:.1f}".format(*found.empty_cpu_ms)),
    ]


class Command(BaseCommand):
    help = "Measure the reader on pictures whose zones are known. Exits 2 for a bad manifest or picture."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("manifest", metavar="MANIFEST.csv", help="columns file,type,all_checks_valid,mrz")
        parser.add_argument(
            "--images", metavar="DIR", help="where the files lie (default: beside the manifest)"
        )
        parser.add_argument("--workers", type=int, default=1, metavar="N")
        parser.add_argument("--report", metavar="DIR", help="write a page with every miss shown")

    def handle(
        self, *args: Any, manifest: str, images: str | None, workers: int, report: str | None, **options: Any
    ) -> None:
        if not 1 <= workers <= MAX_WORKERS:
            raise CommandError(f"workers_out_of_range: 1 to {MAX_WORKERS}", returncode=2)
        specimens = self.read_manifest(Path(manifest))
        folder = Path(images) if images else Path(manifest).parent
        if not folder.is_dir():
            raise CommandError("images_not_a_folder", returncode=2)
        tasks = [(folder / specimen.file, specimen) for specimen in specimens]
        measured: list[Measured] = []
        refused: list[tuple[str, str]] = []
        with Progress(console=Console(stderr=True), transient=True) as progress:
            for (_, specimen), one in zip(
                tasks,
                progress.track(measure_all(tasks, workers), total=len(tasks), description="Reading"),
                strict=True,
            ):
                if isinstance(one, str):
                    refused.append((specimen.file, one))
                else:
                    measured.append(one)
        for file, code in refused:
            self.stderr.write(f"{file}: {code}")
        found = evaluate(measured)
        self.show(found)
        if report is not None:
            self.stdout.write(f"report: {write_report(Path(report), found, measured, folder)}")
        if refused:
            raise CommandError(f"pictures_refused: {len(refused)} of {len(tasks)}", returncode=2)

    def read_manifest(self, path: Path) -> tuple[Specimen, ...]:
        if not path.is_file():
            raise CommandError("manifest_missing", returncode=2)
        try:
            return parse_manifest(path.read_bytes())
        except ManifestError as error:
            raise CommandError(str(error), returncode=2) from error
        except OSError as error:
            raise CommandError("manifest_not_readable", returncode=2) from error

    def show(self, found: Evaluation) -> None:
        console = Console(file=self.stdout, width=None if self.stdout.isatty() else 160)
        table = Table(*FIGURE_COLUMNS)
        table.add_row(*figures_row("all", found.overall), end_section=True)
        for kind, figures in found.by_type.items():
            table.add_row(*figures_row(kind, figures))
        if found.by_level:
            table.add_section()
        for level, figures in found.by_level.items():
            table.add_row(*figures_row(f"level {level}", figures))
        console.print(table)
        for name, value in summary_rows(found):
            console.print(f"{name}: {value}", highlight=False)
