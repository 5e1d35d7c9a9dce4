"""Prove that somebody is erased: look for their values and templates everywhere, and say where nothing was found and how."""

import bz2
import gzip
import json
import lzma
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from audit.core.actor import Actor
from audit.core.wal import SEGMENT_NAME
from audit.services import record
from audit.services.backups import REGISTER_COPY, newest_backup
from biometrics.core.envelope import SLOT_BYTES
from biometrics.models import CapturedImage, SubjectKey, Template
from biometrics.services.images import ImageMissing, read_content
from biometrics.services.keys import KeyDestroyed, KeyMissing, is_destroyed
from biometrics.services.keys.store import BACKUP_COPY, copies_at_hand
from biometrics.services.traces import in_shared_indexes, index_files, members_left
from biometrics.services.vectors import open_vector
from borders.core.personal_data import Scope
from borders.core.traces import Traces, find_in_stream, make_traces
from borders.models import Erasure, Inspection
from borders.services.custody.scope import gather, inspections_of
from travelers.models import DocumentReading, TravelDocument, Traveler

PIECE = 4 << 20
NO_BACKUPS = (BACKUP_COPY, REGISTER_COPY, "keys")
IMAGE_START = 256
NOTHING, FOUND, ABSENT = "NOTHING_FOUND", "FOUND", "NOT_THERE"
OPENERS = {".gz": gzip.open, ".tgz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open, ".lzma": lzma.open}


def collect_traces(*, traveler_id: UUID) -> Traces:
    """Gather what to look for, before the erasure. Stays in memory: the traces of an erased person are written nowhere."""
    inspections = inspections_of(traveler_id)
    gathered = gather(inspection_ids=inspections, traveler_id=traveler_id)
    groups: list[tuple[str, ...]] = []
    octets: list[bytes] = []
    people = [
        *Traveler.objects.filter(id=traveler_id),
        *DocumentReading.objects.filter(id__in=gathered.ids[Scope.READINGS]),
    ]
    for person in people:
        born = person.birth_date.isoformat() if person.birth_date else person.birth_date_raw
        if born:
            groups.append((person.primary_identifier, person.secondary_identifier, born))
        if isinstance(person, DocumentReading):
            groups += [(line,) for line in (*person.lines, *person.lines_read)]
            groups.append((person.document_number,))
    groups += [
        (n,)
        for n in TravelDocument.objects.filter(traveler_id=traveler_id).values_list(
            "document_number", flat=True
        )
    ]
    groups += [
        (a,) for a in Inspection.objects.filter(id__in=inspections).values_list("address_of_stay", flat=True)
    ]
    for template in Template.objects.filter(id__in=gathered.ids[Scope.TEMPLATES]):
        try:
            octets.append(open_vector(template))
        except (KeyDestroyed, KeyMissing):
            continue
    for image in CapturedImage.objects.filter(id__in=gathered.ids[Scope.IMAGES]):
        if image.sha256:
            groups.append((image.sha256,))
        try:
            content = read_content(image=image)
        except ImageMissing:
            continue
        # the beginning of a file is its format's, the middle is the person's
        octets.append(content[len(content) // 2 :][:IMAGE_START])
    octets += _wrapped_keys(gathered.keys)
    return make_traces(groups, octets)


def prove_erasure(
    *, actor: Actor, at: datetime, traveler_id: UUID, traces: Traces | None = None
) -> dict[str, Any]:
    """Return the proof as JSON values; `proven` only if no place holds anything.

    traces: of `collect_traces`, or of values that somebody brings; None: ids, keys and files alone are looked at.
    """
    erasures = list(Erasure.objects.filter(subject_id=traveler_id).order_by("erased_at"))
    traces = traces or Traces()
    inspections = [UUID(i) for e in erasures for i in e.inspections]
    gathered = gather(inspection_ids=inspections)
    keys = {int(slot): UUID(key_id) for e in erasures for slot, key_id in e.keys}
    templates = gathered.ids[Scope.TEMPLATES]
    places = [
        _rows_of_subject(traveler_id, inspections),
        *_tables(traces),
        _keys(keys),
        _images(gathered.ids[Scope.IMAGES], [f for e in erasures for f in e.files]),
        _galleries(traveler_id, templates, traces),
        _folder("exports", Path(settings.EXPORT_DIR), traces),
        *_newest_backup(traces, keys, erasures),
    ]
    proof = {
        "subject": str(traveler_id),
        "at": at.isoformat(),
        "erasures": [
            {
                "id": str(e.id),
                "what": e.subject,
                "ground": e.ground,
                "erased_at": e.erased_at.isoformat(),
                "finished": e.finished_at is not None,
                "rows": sum(e.counts.values()),
                "keys": len(e.keys),
            }
            for e in erasures
        ],
        "looked_for": {"texts": len(traces.texts), "templates_images_keys": len(traces.octets)},
        "places": places,
        "proven": bool(erasures)
        and all(e.finished_at for e in erasures)
        and all(place["outcome"] != FOUND for place in places),
    }
    record(
        actor=actor,
        at=at,
        action="erasure.proven" if proof["proven"] else "erasure.not_proven",
        object_type="erasure",
        object_id=erasures[-1].id if erasures else "",
        detail={"places": {p["place"]: p["outcome"] for p in places}},
    )
    return proof


def _place(name: str, found: Any, **further: Any) -> dict[str, Any]:
    return {"place": name, "outcome": FOUND if found else NOTHING, "found": found, **further}


def _rows_of_subject(traveler_id: UUID, inspections: Sequence[UUID]) -> dict[str, Any]:
    found = {
        "traveler": Traveler.objects.filter(id=traveler_id).count(),
        "inspections_not_erased": Inspection.objects.filter(
            id__in=inspections, erased_at__isnull=True
        ).count(),
        "inspections_linked": len(inspections_of(traveler_id)),
    }
    return _place("rows of the subject", {k: v for k, v in found.items() if v})


def _tables(traces: Traces) -> Iterator[dict[str, Any]]:
    """Look through every row of every table of the database, those that no model knows too."""
    texts = list(traces.texts) + [(octets.hex(),) for octets in traces.octets]
    found, looked_at = [], 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.oid::regclass::text, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 2"
        )
        for table, name in cursor.fetchall():
            looked_at += 1
            if not texts:
                continue
            wanted = sql.SQL(" OR ").join(
                sql.SQL("({})").format(
                    sql.SQL(" AND ").join(
                        sql.SQL("strpos(r.row, {}) > 0").format(sql.Literal(value)) for value in group
                    )
                )
                for group in texts
            )
            cursor.execute(
                sql.SQL("SELECT count(*) FROM (SELECT t::text AS row FROM {} t) r WHERE {}").format(
                    sql.SQL(table), wanted
                )
            )
            count = cursor.fetchone()[0]
            if count:
                found.append({"table": name, "rows": count})
    yield _place("tables and their search keys", found, looked_at=looked_at)


def _keys(keys: dict[int, UUID]) -> dict[str, Any]:
    left = [str(key_id) for slot, key_id in keys.items() if not is_destroyed(slot, subject=key_id)]
    marked = SubjectKey.objects.filter(id__in=keys.values(), destroyed_at__isnull=False).count()
    return _place("key store", left, destroyed=len(keys) - len(left), marked_destroyed=marked)


def _images(image_ids: Sequence[UUID], files: Sequence[str]) -> dict[str, Any]:
    store = Path(settings.IMAGE_STORE_DIR)
    left = [key for key in files if (store / key).exists()]
    known = CapturedImage.objects.filter(id__in=image_ids, erased_at__isnull=True).count()
    return _place(
        "image store", {"files": len(left), "rows": known} if left or known else {}, looked_at=len(files)
    )


def _galleries(traveler_id: UUID, templates: Sequence[UUID], traces: Traces) -> dict[str, Any]:
    # a sealed file holds each vector in single and in half precision
    needles = tuple(o for octets in traces.octets for o in (octets, _as_half(octets)) if o)
    found: dict[str, Any] = {}
    members = members_left(template_ids=templates, subject_ids=[traveler_id])
    if members:
        found["members"] = members
    found |= {name: count for name, count in in_shared_indexes(template_ids=templates).items() if count}
    vectors = Template.objects.filter(id__in=templates).exclude(vector=b"").count()
    if vectors:
        found["vectors"] = vectors
    files = index_files()
    for path in files:
        with path.open("rb") as file:
            if find_in_stream(_pieces(file), needles):
                found[path.name] = "template"
    return _place("galleries and their indexes", found, looked_at=len(files))


def _folder(
    name: str, folder: Path, traces: Traces, *, part: Callable[[Path], bool] = lambda _: True
) -> dict[str, Any]:
    if not folder.is_dir():
        return {"place": name, "outcome": ABSENT, "found": [], "looked_at": 0}
    found, looked_at, closed = [], 0, 0
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if not part(path):
            continue
        looked_at += 1
        outcome = _search_file(path, traces)
        closed += outcome is None
        if outcome:
            found.append({"file": path.relative_to(folder).as_posix(), **outcome})
    return _place(name, found, looked_at=looked_at, encrypted=closed)


def _newest_backup(
    traces: Traces, keys: dict[int, UUID], erasures: Sequence[Erasure]
) -> Iterator[dict[str, Any]]:
    folder = Path(settings.BACKUP_DIR)
    newest = _find_newest(folder)
    if newest is None:
        yield {"place": "newest backup", "outcome": ABSENT, "found": [], "looked_at": 0}
        return
    # a copy of the key store beside the backups counts as of the newest
    copies = copies_at_hand()
    copies += [p for p in folder.rglob(Path(settings.KEY_STORE_FILE).name) if p.is_file() and p not in copies]
    left = [
        p.as_posix()
        for p in copies
        if any(not is_destroyed(slot, subject=key, path=p) for slot, key in keys.items())
    ]
    yield _place("keys in backups", left, looked_at=len(copies))
    if newest.is_file():
        found = [f for f in [_search_file(newest, traces)] if f]
        inside = _place("newest backup", found, looked_at=1)
    else:
        inside = _folder("newest backup", newest, traces)
    made_at, first = _begin_of(newest)
    archive = getattr(settings, "WAL_ARCHIVE_DIR", None)  # only a system that archives its log has one
    if archive and Path(archive).is_dir():
        # what was archived before the newest backup is no part of restoring it
        yield _folder(
            "archived log since then", Path(archive), traces, part=lambda p: _is_since(p, made_at, first)
        )
    before = [e for e in erasures if e.erased_at > made_at]
    yield inside | {
        "name": newest.name,
        "older_than_the_erasure": bool(before),
        "after_a_restore": "erased again from the register" if erasures else "",
        "advice": "Take a new backup and remove this one." if inside["outcome"] == FOUND else "",
    }


def _find_newest(folder: Path) -> Path | None:
    """Return the newest finished backup; where other means make them (pgBackRest), whatever was changed last."""
    if (newest := newest_backup()) is not None:
        return newest
    entries = [p for p in folder.iterdir() if p.name not in NO_BACKUPS] if folder.is_dir() else []
    return max(entries, key=lambda p: p.stat().st_mtime, default=None)


def _begin_of(backup: Path) -> tuple[datetime, str]:
    """Return when a backup was made, and the first segment of the log that it needs; "" where its manifest does not say.

    Not when its folder was changed: that takes new images every few minutes.
    """
    try:
        manifest = json.loads((backup / "manifest.json").read_text())
        return datetime.fromisoformat(manifest["made_at"]), str(manifest.get("next_segment", ""))
    except (OSError, ValueError, KeyError):
        return datetime.fromtimestamp(backup.stat().st_mtime, UTC), ""


def _is_since(path: Path, made_at: datetime, first: str) -> bool:
    """Tell whether a file of the archive belongs to what a backup needs; by its number where it has one, of any timeline."""
    number = path.name[:24]
    if first and SEGMENT_NAME.fullmatch(number):
        return number[8:] >= first[8:]
    return path.stat().st_mtime >= made_at.timestamp()


def _search_file(path: Path, traces: Traces) -> dict[str, Any] | None:
    """Return what a file holds, opened where it is compressed; None for one that is encrypted."""
    texts = tuple(text.encode() for text in traces.single_texts)
    needles = (*texts, *traces.octets, *(h for o in traces.octets if (h := _as_half(o))))
    hits: set[int] = set()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            if any(entry.flag_bits & 1 for entry in packed.infolist()):
                return None
            for entry in packed.infolist():
                with packed.open(entry) as file:
                    hits |= find_in_stream(_pieces(file), needles)
    else:
        opener = OPENERS.get(path.suffix, open)
        with opener(path, "rb") as file:
            hits = find_in_stream(_pieces(file), needles)
    if not hits:
        return {}
    return {
        "texts": sum(h < len(texts) for h in hits),
        "templates_images_keys": sum(h >= len(texts) for h in hits),
    }


def _pieces(file: BinaryIO | Any) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def _as_half(octets: bytes) -> bytes:
    """Return a vector in half precision; nothing for what is no vector."""
    if len(octets) % 4 or len(octets) == SLOT_BYTES or len(octets) == IMAGE_START:
        return b""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.frombuffer(octets, "<f4").astype("<f2").tobytes()


def _wrapped_keys(keys: Sequence[tuple[int, UUID]]) -> list[bytes]:
    path = Path(settings.KEY_STORE_FILE)
    if not path.exists():
        return []
    found = []
    with path.open("rb") as file:
        for slot, key_id in keys:
            if not is_destroyed(slot, subject=key_id):
                file.seek(slot * SLOT_BYTES)
                found.append(
                    file.read(SLOT_BYTES)[41:89]
                )  # the wrapped key alone: what a destroyed slot has no more
    return found
