"""Import a file as a proposed version: read, checked, compared and stored all or nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from audit.core.actor import Actor
from audit.services import record
from watchlists.core.content import hash_content, write_content
from watchlists.core.importers import (
    Change,
    EntryDraft,
    FileRefused,
    Format,
    Item,
    RowIssue,
    SourceFacts,
    Subject,
)
from watchlists.core.proposals import ProposalRefused, ProposedEntry, check_proposed_entry
from watchlists.core.screening import Action
from watchlists.models import ImportRun, Watchlist, WatchlistVersion
from watchlists.services.lists import (
    ListRefused,
    Source,
    check_can_manage,
    counts_of,
    has_fallen,
    propose_staged,
)
from watchlists.services.previews import preview_of
from watchlists.services.sources import SourceFile, inspect_source, open_source
from watchlists.services.staging import (
    Difference,
    Progress,
    StagedRow,
    compare_with,
    find_duplicates,
    no_progress,
    stage,
)

ISSUES_KEPT = 1_000
PROGRESS_STEP_BYTES = 1 << 20


class ImportRefused(ValueError):
    """A file was not imported, and nothing of it is stored. code: stable; report: what was read until then."""

    def __init__(self, code: str, report: "ImportReport") -> None:
        super().__init__(code)
        self.code = code
        self.report = report


@dataclass(slots=True)
class ImportReport:
    """What a file held. issues: the first ISSUES_KEPT; malformed, notes: how many there are of either kind."""

    source_format: str
    facts: SourceFacts = field(default_factory=SourceFacts)
    subjects: Counter[str] = field(default_factory=Counter)
    deletions: int = 0
    malformed: int = 0
    notes: int = 0
    issues: list[RowIssue] = field(default_factory=list)
    difference: Difference | None = None
    version: WatchlistVersion | None = None
    unchanged: bool = False
    preview: list[dict[str, Any]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Return how many entries the file holds, of whatever kind."""
        return sum(self.subjects.values())

    def add(self, issue: RowIssue) -> None:
        """Keep an issue."""
        if issue.refuses:
            self.malformed += 1
        else:
            self.notes += 1
        if len(self.issues) < ISSUES_KEPT and (issue.refuses or self.notes <= ISSUES_KEPT // 2):
            self.issues.append(issue)

    def counts(self) -> dict[str, int]:
        """Return what is stored with the version."""
        found = {f"read_{subject.lower()}": count for subject, count in sorted(self.subjects.items())}
        return {**found, "deletions": self.deletions, "malformed": self.malformed, "notes": self.notes}

    def as_json(self) -> dict[str, Any]:
        """Return the report as the command prints it."""
        return {
            "format": self.source_format,
            "generated_at": self.facts.generated_at.isoformat() if self.facts.generated_at else None,
            "delta": self.facts.delta,
            "rows": self.rows,
            "subjects": dict(sorted(self.subjects.items())),
            "deletions": self.deletions,
            "malformed": self.malformed,
            "notes": self.notes,
            "difference": counts_of(self.difference) if self.difference else None,
            "unchanged": self.unchanged,
            "version": self.version.number if self.version else None,
            "issues": [
                {"line": i.line, "field": i.field, "code": i.code, "refuses": i.refuses} for i in self.issues
            ],
        }


@dataclass(frozen=True, slots=True)
class ImportFiles:
    """The main file, and those that belong beside it by kind."""

    main: Path
    companions: Mapping[str, Path] = field(default_factory=dict)
    encoding: str = ""


def find_companions(source: Path, source_format: Format) -> dict[str, Path]:
    """Return the files beside the main one that a format knows by their names."""
    beside: dict[str, Path] = {}
    if source_format.companions and source.parent.is_dir():
        names = {path.name.lower(): path for path in source.parent.iterdir() if path.is_file()}
        for kind, endings in source_format.companions.items():
            found = next((names[name] for name in endings if name in names and names[name] != source), None)
            if found is not None:
                beside[kind] = found
    return beside


def read_items(
    files: ImportFiles, source: SourceFile, source_format: Format, tell: Progress
) -> Iterator[Item]:
    """Yield what a file and its companions say. Raises FileRefused."""
    told = 0

    def count(read: int) -> None:
        nonlocal told
        if read - told >= PROGRESS_STEP_BYTES or read >= source.size:
            told = read
            tell("reading", read, source.size)

    with ExitStack() as stack:
        stream = stack.enter_context(open_source(files.main, count))
        companions = {}
        for kind, path in files.companions.items():
            its = inspect_source(path)
            companions[kind] = (stack.enter_context(open_source(path)), files.encoding or its.encoding)
        yield from source_format.read(stream, files.encoding or source.encoding, companions)


def check_file(
    *, files: ImportFiles, source_format: Format, progress: Progress = no_progress
) -> ImportReport:
    """Read a file without a database, and report what it holds. Raises ImportRefused with the code of a file refused."""
    report = ImportReport(source_format.code)
    try:
        source = inspect_source(files.main)
        for item in read_items(files, source, source_format, progress):
            _take(report, item)
    except FileRefused as refused:
        report.add(RowIssue(refused.line, refused.field, refused.code))
        raise ImportRefused(refused.code, report) from refused
    return report


def _take(report: ImportReport, item: Item) -> EntryDraft | None:
    """Count an item; return the draft if it is one."""
    if isinstance(item, SourceFacts):
        report.facts = item
    elif isinstance(item, RowIssue):
        report.add(item)
    elif item.change is Change.DEL:
        report.deletions += 1
        return item
    else:
        report.subjects[item.subject.value] += 1
        return item
    return None


def import_file(
    *,
    actor: Actor,
    at: datetime,
    watchlist: Watchlist,
    files: ImportFiles,
    source_format: Format,
    allow_malformed: int = 0,
    fall_accepted_by: int | None = None,
    dry_run: bool = False,
    workers: int | None = None,
    progress: Progress = no_progress,
    run: ImportRun | None = None,
) -> ImportReport:
    """Propose the content of a file as a version of a list; with dry_run say only what would change.

    allow_malformed: so many malformed rows may be left out; one more refuses the file. fall_accepted_by: account of a
    second person who lets in a file with far fewer rows. A file that changes nothing makes no version. run: of a file that
    was uploaded, already claimed; without it one is made, but for a dry run.
    Raises ListRefused: person_required, role_required, wrong_kind; ImportRefused: malformed_rows, no_entries,
    rows_fell, second_person_required, delta_without_base, and the codes of FileRefused.
    """
    check_can_manage(actor)
    if source_format.documents != (watchlist.kind == Watchlist.Kind.DOCUMENT):
        raise ListRefused("wrong_kind")
    report = ImportReport(source_format.code)
    if run is None and not dry_run:
        run = _begin(actor, at, watchlist, files, source_format)
    tell = _RunProgress(run, progress)
    try:
        source = inspect_source(files.main)
        with transaction.atomic():
            _import(
                actor, at, watchlist, files, source, source_format, report,
                allow_malformed, fall_accepted_by, dry_run, workers, tell,
            )  # fmt: skip
            if dry_run:
                transaction.set_rollback(True)
    except FileRefused as refused:
        report.add(RowIssue(refused.line, refused.field, refused.code))
        _end(run, at, ImportRun.State.REFUSED, refused.code, report)
        raise ImportRefused(refused.code, report) from refused
    except (ListRefused, ImportRefused) as refused:
        _end(run, at, ImportRun.State.REFUSED, refused.code, report)
        raise ImportRefused(refused.code, report) from refused
    except BaseException:
        _end(run, at, ImportRun.State.FAILED, "failed", report)
        raise
    finally:
        tell.close()
    state = ImportRun.State.CHECKED if dry_run and not report.unchanged else ImportRun.State.DONE
    _end(run, at, state, "unchanged" if report.unchanged else "", report, source.sha256)
    return report


def _import(
    actor: Actor,
    at: datetime,
    watchlist: Watchlist,
    files: ImportFiles,
    source: SourceFile,
    source_format: Format,
    report: ImportReport,
    allow_malformed: int,
    fall_accepted_by: int | None,
    dry_run: bool,
    workers: int | None,
    progress: Progress,
) -> None:
    items = read_items(files, source, source_format, progress)
    staged = stage(_staged(items, report, watchlist, source_format, allow_malformed))
    for line, first in find_duplicates():
        report.add(RowIssue(line, "source_id", "duplicate"))
        del first
    if report.malformed > allow_malformed:
        raise ImportRefused("malformed_rows", report)
    if any(issue.code == "duplicate" and issue.refuses for issue in report.issues):
        _drop_duplicates()
    delta = report.facts.delta
    if not staged:
        raise ImportRefused("no_entries", report)
    # nobody activates another version while this one is compared with it
    watchlist = Watchlist.objects.select_for_update(of=("self",)).get(id=watchlist.id)
    base_id = watchlist.active_version_id
    if delta and base_id is None:
        raise ImportRefused("delta_without_base", report)
    report.difference = compare_with(watchlist_id=watchlist.id, base_id=base_id, whole=not delta)
    changed = report.difference.added + report.difference.changed + report.difference.removed
    if base_id is not None and not changed:
        report.unchanged = True
        return
    before = watchlist.active_version.entry_count if watchlist.active_version else 0
    if dry_run:
        if not delta and has_fallen(before, report.difference.total):
            report.add(RowIssue(0, "file", "rows_fell", refuses=False))
        report.preview = preview_of(base_id=base_id, whole=not delta)
        return
    version = propose_staged(
        actor=actor,
        at=at,
        watchlist=watchlist,
        kind=WatchlistVersion.Kind.CHANGES if delta else WatchlistVersion.Kind.FULL,
        source=Source(
            sha256=source.sha256,
            source_format=source_format.code,
            name=files.main.name,
            size=source.raw_size,
            date=report.facts.generated_at,
            counts=report.counts(),
        ),
        difference=report.difference,
        fall_accepted_by=fall_accepted_by,
        workers=workers,
        progress=progress,
    )
    report.version = version


def _drop_duplicates() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM watchlist_staging s USING watchlist_staging t"
            " WHERE s.source_id = t.source_id AND s.line > t.line"
        )


def _staged(
    items: Iterator[Item],
    report: ImportReport,
    watchlist: Watchlist,
    source_format: Format,
    allow_malformed: int,
) -> Iterator[StagedRow]:
    """Yield the rows to stage; after too many malformed ones only count, so that the report is whole."""
    for item in items:
        draft = _take(report, item)
        if draft is None or report.malformed > allow_malformed:
            if draft is not None and draft.change is Change.PUT:
                _entry_of(draft, watchlist, source_format, report)
            continue
        if draft.change is Change.DEL:
            yield StagedRow(draft.line, draft.source_id)
            continue
        entry = _entry_of(draft, watchlist, source_format, report)
        if entry is not None:
            content = write_content(entry)
            yield StagedRow(draft.line, draft.source_id, hash_content(content), content)


def _entry_of(
    draft: EntryDraft, watchlist: Watchlist, source_format: Format, report: ImportReport
) -> ProposedEntry | None:
    """Return a draft with what the list adds; None for what cannot fire at a border, or is refused (and reported)."""
    wanted = Subject.DOCUMENT if source_format.documents else Subject.PERSON
    if draft.subject is not wanted:
        return None
    states = {d.issuing_state for d in draft.documents} | {r.issuing_state for r in draft.document_ranges}
    if source_format.documents and watchlist.owner_state and states != {watchlist.owner_state}:
        report.add(RowIssue(draft.line, "issuing_state", "not_issuing_state"))
        return None
    entry = ProposedEntry(
        source_id=draft.source_id,
        action=Action(watchlist.action),
        reason=draft.reason or watchlist.name,
        legal_basis=(f"{watchlist.legal_basis}; {draft.legal_basis}" if draft.legal_basis else "")[:200]
        or watchlist.legal_basis,
        owner_unit=watchlist.owner_unit,
        names=draft.names,
        documents=draft.documents,
        document_ranges=draft.document_ranges,
        birth_dates=draft.birth_dates,
        birth_places=draft.birth_places,
        sex=draft.sex,
        nationalities=draft.nationalities,
        priority=watchlist.priority,
        classification=watchlist.classification,
        listed_on=draft.listed_on,
        remarks=draft.remarks,
    )
    try:
        check_proposed_entry(entry, draft.line)
    except ProposalRefused as refused:
        report.add(RowIssue(draft.line, refused.field, refused.code))
        return None
    return entry


def _begin(
    actor: Actor, at: datetime, watchlist: Watchlist, files: ImportFiles, source_format: Format
) -> ImportRun:
    with transaction.atomic():
        run = ImportRun.objects.create(
            watchlist=watchlist,
            source_format=source_format.code,
            source_name=files.main.name[:120],
            started_by_id=actor.user_id,
            started_at=at,
        )
        record(
            actor=actor,
            at=at,
            action="watchlist_import.started",
            object_type="import_run",
            object_id=run.id,
            detail={"watchlist": str(watchlist.id), "format": source_format.code},
        )
    return run


class _RunProgress:
    """Progress that also stands in the row of the run, where others see it while the import itself is not committed."""

    def __init__(self, run: ImportRun | None, progress: Progress) -> None:
        self._run = run
        self._progress = progress
        # inside somebody's transaction the run itself is seen by nobody else yet, and its connection is busy copying
        # rows while the file is read
        self._own = not connection.in_atomic_block
        self._beside = connection.copy() if self._own else connection

    def __call__(self, stage_name: str, done: int, total: int) -> None:
        self._progress(stage_name, done, total)
        if self._run is not None and (self._own or stage_name != "reading"):
            with self._beside.cursor() as cursor:
                cursor.execute(
                    "UPDATE watchlists_importrun SET stage = %s, done = %s, total = %s WHERE id = %s",
                    [stage_name[:20], done, total, self._run.id],
                )

    def close(self) -> None:
        if self._own:
            self._beside.close()


def _end(
    run: ImportRun | None,
    at: datetime,
    state: ImportRun.State,
    code: str,
    report: ImportReport,
    sha256: str = "",
) -> None:
    if run is None:
        return
    ImportRun.objects.filter(id=run.id).update(
        state=state,
        code=code[:40],
        source_sha256=sha256,
        counts=report.counts() | (counts_of(report.difference) if report.difference else {}),
        errors=[[i.line, i.field[:60], i.code, i.refuses] for i in report.issues],
        ended_at=at,
        preview=report.preview,
        version=report.version if state == ImportRun.State.DONE else None,
    )
