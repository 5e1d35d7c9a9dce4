"""Files of lists that come in by the browser: kept in parts, checked, then proposed by the same import as the command's.

The parts lie in the database: the process that imports may run on another machine than the one that took the file. They
go with the import, and after a day in any case.
"""

import tempfile
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from audit.core.actor import Actor
from audit.services import record
from watchlists.core.importers import FORMATS, Format
from watchlists.models import ImportRun, UploadPart, Watchlist
from watchlists.queries import get_manager
from watchlists.services.imports import ImportFiles, ImportRefused, import_file
from watchlists.services.lists import ListRefused, check_can_manage

UPLOAD_MOST_BYTES = 256 << 20
PART_BYTES = 1 << 20
KEPT = timedelta(hours=24)
# a worker that died leaves a run behind that nobody is at
ABANDONED = timedelta(hours=3)
MAIN = "main"
ALLOWED_MOST = 10_000

Pieces = Iterable[bytes]


@transaction.atomic
def receive_upload(
    *,
    actor: Actor,
    at: datetime,
    watchlist: Watchlist,
    source_format: Format,
    files: Mapping[str, tuple[str, Pieces]],
    allow_malformed: int = 0,
) -> ImportRun:
    """Keep an uploaded file to be checked. files: kind (MAIN, or of a companion) -> name, content in pieces.

    Raises ListRefused: person_required, role_required, wrong_kind, upload_too_large, empty_file, upload_waits (one of
    this list is being read).
    """
    check_can_manage(actor)
    if source_format.documents != (watchlist.kind == Watchlist.Kind.DOCUMENT):
        raise ListRefused("wrong_kind")
    Watchlist.objects.select_for_update(of=("self",)).get(id=watchlist.id)
    if ImportRun.objects.filter(watchlist=watchlist, uploaded=True, state__in=("QUEUED", "RUNNING")).exists():
        raise ListRefused("upload_waits")
    run = ImportRun.objects.create(
        watchlist=watchlist,
        source_format=source_format.code,
        source_name=files[MAIN][0][:120],
        state=ImportRun.State.QUEUED,
        aim=ImportRun.Aim.CHECK,
        uploaded=True,
        allow_malformed=min(max(allow_malformed, 0), ALLOWED_MOST),
        started_by_id=actor.user_id,
        started_at=at,
    )
    total = 0
    for kind, (name, pieces) in files.items():
        size = _keep(run, kind, name, pieces, UPLOAD_MOST_BYTES - total)
        if kind == MAIN and not size:
            raise ListRefused("empty_file")
        total += size
    _record(actor, at, run, "watchlist_import.uploaded", {"format": source_format.code, "bytes": total})
    return run


def _keep(run: ImportRun, kind: str, name: str, pieces: Pieces, most: int) -> int:
    size, number, waiting = 0, 0, bytearray()
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise ListRefused("upload_too_large")
        waiting += piece
        while len(waiting) >= PART_BYTES:
            _store(run, kind, name, number, bytes(waiting[:PART_BYTES]))
            del waiting[:PART_BYTES]
            number += 1
    if waiting:
        _store(run, kind, name, number, bytes(waiting))
    return size


def _store(run: ImportRun, kind: str, name: str, number: int, content: bytes) -> None:
    UploadPart.objects.create(run=run, kind=kind, name=name[:120], number=number, content=content)


@transaction.atomic
def propose_upload(*, actor: Actor, at: datetime, run_id: UUID) -> ImportRun:
    """Let a checked file be proposed as a version, by whom it was uploaded.

    Raises ListRefused: person_required, role_required, not_checked, not_uploader, upload_gone.
    """
    check_can_manage(actor)
    run = ImportRun.objects.select_for_update(of=("self",)).get(id=run_id)
    if run.state != ImportRun.State.CHECKED:
        raise ListRefused("not_checked")
    if run.started_by_id != actor.user_id:
        raise ListRefused("not_uploader")
    return _queue(actor, at, run, "watchlist_import.confirmed")


@transaction.atomic
def accept_fall(*, actor: Actor, at: datetime, run_id: UUID) -> ImportRun:
    """Let in, as a second person, an uploaded file that was refused because far fewer rows are in it.

    Raises ListRefused: person_required, role_required, not_fallen, second_person_required, upload_gone.
    """
    check_can_manage(actor)
    run = ImportRun.objects.select_for_update(of=("self",)).get(id=run_id)
    if run.state != ImportRun.State.REFUSED or run.code != "rows_fell":
        raise ListRefused("not_fallen")
    if run.started_by_id == actor.user_id:
        raise ListRefused("second_person_required")
    run.fall_accepted_by_id = actor.user_id
    return _queue(actor, at, run, "watchlist_import.fall_accepted")


def _queue(actor: Actor, at: datetime, run: ImportRun, action: str) -> ImportRun:
    if not run.parts.exists():
        raise ListRefused("upload_gone")
    run.state, run.aim, run.code, run.preview = ImportRun.State.QUEUED, ImportRun.Aim.PROPOSE, "", []
    run.stage, run.done, run.total = "", 0, 0
    run.save()
    _record(actor, at, run, action, {})
    return run


def waiting_uploads(*, before: datetime) -> list[UUID]:
    """Return the uploads that wait since before, oldest first: the broker may have lost their tasks."""
    waiting = ImportRun.objects.filter(state=ImportRun.State.QUEUED, uploaded=True, started_at__lt=before)
    return list(waiting.order_by("started_at").values_list("id", flat=True))


def import_upload(*, at: datetime, run_id: UUID) -> ImportRun | None:
    """Check or import an uploaded file; None where somebody else is at it, or it is done. Safe to run twice.

    What is wrong with the file stands in the run. In this process alone: workers of a queue may start none of their own.
    """
    if not ImportRun.objects.filter(id=run_id, state=ImportRun.State.QUEUED).update(
        state=ImportRun.State.RUNNING, ended_at=None
    ):
        return None
    run = ImportRun.objects.select_related("watchlist", "started_by").get(id=run_id)
    actor = get_manager(username=run.started_by.username, at=at)
    try:
        if actor is None:
            raise ListRefused("role_required")
        with tempfile.TemporaryDirectory(prefix="bmis-upload-") as folder:
            import_file(
                actor=actor,
                at=at,
                watchlist=run.watchlist,
                files=_unpack(run, Path(folder)),
                source_format=FORMATS[run.source_format],
                allow_malformed=run.allow_malformed,
                fall_accepted_by=run.fall_accepted_by_id,
                dry_run=run.aim == ImportRun.Aim.CHECK,
                workers=1,
                run=run,
            )
    except ImportRefused:
        pass  # the run says why
    except ListRefused as refused:
        ImportRun.objects.filter(id=run_id).update(
            state=ImportRun.State.REFUSED, code=refused.code, ended_at=at
        )
    run.refresh_from_db()
    if not (run.state == ImportRun.State.CHECKED or run.code == "rows_fell"):
        run.parts.all().delete()
    return run


def give_up_slow(*, at: datetime, run_id: UUID) -> None:
    """Say of an upload whose time ran out that a worker cannot read it: the command can. Its file goes."""
    ImportRun.objects.filter(id=run_id).exclude(
        state__in=(ImportRun.State.DONE, ImportRun.State.CHECKED)
    ).update(state=ImportRun.State.FAILED, code="too_slow", ended_at=at)
    UploadPart.objects.filter(run_id=run_id, run__code="too_slow").delete()


def _unpack(run: ImportRun, folder: Path) -> ImportFiles:
    paths: dict[str, Path] = {}
    for kind in run.parts.order_by().values_list("kind", flat=True).distinct():
        folder_of_kind = folder / kind
        folder_of_kind.mkdir(mode=0o700)
        parts = run.parts.filter(kind=kind).order_by("number")
        path = paths[kind] = folder_of_kind / _file_name(parts[0].name)
        with path.open("wb") as file:
            for part in parts.iterator(chunk_size=4):
                file.write(part.content)
    main = paths.pop(MAIN)
    return ImportFiles(main, paths)


def _file_name(name: str) -> str:
    """Return the last part of a name that a browser gave, fit for any folder."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1].replace("\0", "")
    return last if last.strip(". ") else "upload"


def tend_uploads(*, at: datetime) -> int:
    """Take out files that nobody proposed within KEPT, and end runs whose process is gone; return how many."""
    old = ImportRun.objects.filter(uploaded=True, started_at__lt=at - KEPT)
    gone = UploadPart.objects.filter(run__in=old).exclude(run__state=ImportRun.State.RUNNING)
    forgotten = gone.delete()[0]
    old.filter(~Q(preview=[])).update(preview=[])
    abandoned = ImportRun.objects.filter(
        Q(state=ImportRun.State.RUNNING, started_at__lt=at - ABANDONED)
        | Q(state=ImportRun.State.QUEUED, started_at__lt=at - KEPT),
        uploaded=True,
    )
    return forgotten + abandoned.update(state=ImportRun.State.FAILED, code="interrupted", ended_at=at)


def _record(actor: Actor, at: datetime, run: ImportRun, action: str, detail: dict[str, object]) -> None:
    record(
        actor=actor,
        at=at,
        action=action,
        object_type="import_run",
        object_id=run.id,
        detail={"watchlist": str(run.watchlist_id), **detail},
    )
