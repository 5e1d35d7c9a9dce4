"""Import a file as a proposed version of a watchlist. A second person activates it."""

import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from audit.core.actor import Actor, Role
from watchlists.core.importers import FORMATS, Format, find_format
from watchlists.core.refusals import in_words
from watchlists.core.screening import Action
from watchlists.models import Watchlist
from watchlists.queries import get_manager
from watchlists.services.imports import (
    ImportFiles,
    ImportRefused,
    ImportReport,
    check_file,
    find_companions,
    import_file,
)
from watchlists.services.lists import ListRefused, create_watchlist

IMPORTER = "list-import"
ISSUES_PRINTED = 200
STEP_SHARE = 0.1


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        formats = "; ".join(f"{f.code}: {f.title}" for f in FORMATS.values())
        parser.add_argument("format", metavar="FORMAT", help=formats)
        parser.add_argument(
            "file", metavar="FILE", type=Path, help="plain, .gz, or a .zip with one file in it"
        )
        parser.add_argument("--list", metavar="NAME", help="the list; made where there is none of this name")
        parser.add_argument(
            "--actor",
            "--propose",
            metavar="USERNAME",
            help=f"who proposes; without it the account {IMPORTER}",
        )
        parser.add_argument("--fall-accepted-by", "--approver", metavar="USERNAME", dest="approver",
                            help="second person who lets in a file with over 20 %% fewer rows")  # fmt: skip
        parser.add_argument("--allow-malformed", type=int, default=0, metavar="N",
                            help="leave out up to N malformed rows; without it one refuses the file")  # fmt: skip
        parser.add_argument("--dry-run", action="store_true", help="say what would change, store nothing")
        parser.add_argument("--check", action="store_true", help="read the file alone, without a database")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of words")
        parser.add_argument("--encoding", default="", help="instead of finding it out")
        parser.add_argument("--workers", type=int, help="processes that make search keys")
        parser.add_argument("--owner-unit", default="Sanctions desk", help="of a list that is made")
        parser.add_argument("--legal-basis", default="", help="of a list that is made")
        parser.add_argument("--action", choices=[a.value for a in Action], help="of a list that is made")
        parser.add_argument(
            "--owner-state", default="", help="of a list of documents that is made: its State alone"
        )
        for kind, title in (("alt", "aliases"), ("add", "addresses"), ("comments", "longer remarks")):
            parser.add_argument(f"--{kind}", type=Path, metavar="FILE", help=f"OFAC's file of {title}")

    def handle(self, **options: Any) -> None:
        source_format = find_format(options["format"])
        if source_format is None:
            raise CommandError(f"unknown format; known: {', '.join(FORMATS)}")
        files = self._files(options, source_format)
        begun = time.monotonic()
        with _Shown(sys.stderr) as shown:
            try:
                if options["check"]:
                    report = check_file(files=files, source_format=source_format, progress=shown)
                else:
                    report = self._import(options, files, source_format, shown)
            except ImportRefused as refused:
                shown.close()
                self._print(options, refused.report, refused.code)
                words = in_words(refused.code)
                raise CommandError(f"{refused.code}: {words} Nothing was imported.") from None
            except ListRefused as refused:
                raise CommandError(
                    f"{refused.code}: {in_words(refused.code)} Nothing was imported."
                ) from None
        if options["check"] and report.malformed > options["allow_malformed"]:
            self._print(options, report, "malformed_rows")
            raise CommandError(f"malformed_rows: {in_words('malformed_rows')}")
        self._print(options, report, "", seconds=time.monotonic() - begun)

    def _files(self, options: dict[str, Any], source_format: Format) -> ImportFiles:
        companions = find_companions(options["file"], source_format)
        companions |= {kind: options[kind] for kind in ("alt", "add", "comments") if options[kind]}
        return ImportFiles(options["file"], companions, options["encoding"])

    def _import(
        self, options: dict[str, Any], files: ImportFiles, source_format: Format, shown: "_Shown"
    ) -> ImportReport:
        at = timezone.now()
        actor = self._actor(options["actor"], at)
        name = options["list"] or source_format.title.split(",")[0]
        watchlist = Watchlist.objects.filter(name=name).first()
        if watchlist is None and options["dry_run"]:
            return check_file(files=files, source_format=source_format, progress=shown)
        if watchlist is None:
            # made first, and kept though the file be refused: an empty list without a version searches nothing
            kind = Watchlist.Kind.DOCUMENT if source_format.documents else Watchlist.Kind.PERSON
            action = Action.SEIZE_DOCUMENT if source_format.documents else Action.SECOND_LINE
            watchlist = create_watchlist(
                actor=actor,
                at=at,
                name=name,
                kind=kind,
                owner_unit=options["owner_unit"],
                legal_basis=options["legal_basis"] or source_format.title.split(",")[0],
                action=options["action"] or action.value,
                owner_state=options["owner_state"],
            )
        approver = get_manager(username=options["approver"], at=at) if options["approver"] else None
        if options["approver"] and (approver is None or not approver.has(Role.LIST_OWNER, Role.SUPERVISOR)):
            raise CommandError("--fall-accepted-by names no active list owner or supervisor")
        return import_file(
            actor=actor,
            at=at,
            watchlist=watchlist,
            files=files,
            source_format=source_format,
            allow_malformed=options["allow_malformed"],
            fall_accepted_by=approver.user_id if approver else None,
            dry_run=options["dry_run"],
            workers=options["workers"],
            progress=shown,
        )

    def _actor(self, username: str | None, at: Any) -> Actor:
        if username:
            actor = get_manager(username=username, at=at)
            if actor is None:
                raise CommandError("--actor names no active account")
            return actor
        # a proposer that is nobody's own account: whoever approves is then another person in any case
        user, made = User.objects.get_or_create(username=IMPORTER, defaults={"is_active": False})
        if made:
            user.set_unusable_password()
            user.save(update_fields=("password",))
        return Actor(
            label=IMPORTER,
            user_id=user.id,
            roles=frozenset({Role.LIST_OWNER}),
            purpose="list_management",
            origin="command line",
        )

    def _print(
        self, options: dict[str, Any], report: ImportReport, code: str, seconds: float | None = None
    ) -> None:
        if options["json"]:
            self.stdout.write(json.dumps({"refused": code or None} | report.as_json()))
            return
        for line in _lines(report, code, seconds):
            self.stdout.write(line)


def _lines(report: ImportReport, code: str, seconds: float | None) -> list[str]:
    lines = []
    if report.facts.generated_at:
        lines.append(f"Made at its source: {report.facts.generated_at:%Y-%m-%d %H:%M} UTC")
    for subject, count in sorted(report.subjects.items()):
        fate = "" if subject in ("PERSON", "DOCUMENT") else " (counted, not screened)"
        lines.append(f"{subject.capitalize():13}{count:>10,}{fate}")
    if report.deletions:
        lines.append(f"{'Deletions':13}{report.deletions:>10,}")
    for issue in report.issues[:ISSUES_PRINTED]:
        where = f"line {issue.line}: " if issue.line else ""
        kind = "malformed" if issue.refuses else "note"
        lines.append(f"{kind}: {where}{issue.field or 'file'}: {issue.code} ({in_words(issue.code)})")
    if len(report.issues) > ISSUES_PRINTED:
        lines.append(f"… and {len(report.issues) - ISSUES_PRINTED} more")
    if report.malformed or report.notes:
        lines.append(f"{'Malformed':13}{report.malformed:>10,}")
        lines.append(f"{'Notes':13}{report.notes:>10,} (one field of a row not understood, row imported)")
    if report.difference and not code:
        d = report.difference
        lines.append(
            f"Against the version in force: {d.added:,} added, {d.changed:,} changed, {d.removed:,} removed, {d.kept:,} kept"
        )
    if report.unchanged:
        lines.append("The list in force says the same already: no version was made.")
    if report.version:
        lines.append(
            f"Proposed: {report.version} with {report.version.entry_count:,} entries"
            + (f" in {seconds:.1f} s" if seconds is not None else "")
            + ". A second person activates it."
        )
    return lines


class _Shown:
    """A bar on a terminal; elsewhere a line for each tenth of the way."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._bar = None
        self._task: Any = None
        self._stage = ""
        self._told = -1
        if stream.isatty():
            self._bar = Progress(
                TextColumn("{task.description:10}"),
                BarColumn(),
                TextColumn("{task.percentage:>3.0f} %"),
                TimeElapsedColumn(),
                console=Console(file=stream),
            )

    def __enter__(self) -> "_Shown":
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._bar:
            self._bar.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self._bar:
            if stage != self._stage:
                self._task = self._bar.add_task(stage, total=total or None)
            self._bar.update(self._task, completed=done, total=total or None)
        elif total:
            tenth = int(done / total / STEP_SHARE)
            if stage != self._stage or tenth > self._told:
                self._stream.write(f"{stage} {100 * done // total} %\n")
                self._told = tenth
        self._stage = stage
