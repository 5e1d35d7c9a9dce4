"""Pictures that a console gives ahead: while the officer takes the face, the page is already there and being read.

Nothing of it is a record. What is not sent with a traveller within minutes is deleted, and so is what was.
"""

import base64
import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.core.actor import Actor
from audit.models import new_id
from audit.services import record
from biometrics.core.envelope import SealBroken
from biometrics.core.images import decode_image, inspect_image
from biometrics.services.keys import destroy_passing_keys, open_in_passing, seal_in_passing
from biometrics.services.mrz import read_page
from biometrics.services.viz import read_printed
from borders.models import Booth, CaptureAhead
from borders.services.access import BORDER_ROLES, officer_with
from borders.services.printed_zone import keep_printed, parse_as_read

KEPT_FOR = timedelta(minutes=10)
# an officer takes a picture anew now and then; more at a time is no officer
MOST_AT_A_BOOTH = 12
LOOK_S = 0.02
# whoever began longer ago has died of it
READ_WITHIN = timedelta(seconds=10)


class CaptureGone(LookupError):
    """A picture that was given ahead is here no more: the console sends it with the traveller instead."""

    code = "capture_gone"


def keep_capture(*, actor: Actor, at: datetime, kind: str, content: bytes) -> CaptureAhead:
    """Keep a picture for minutes, sealed, for the actor's booth alone. The caller has it read after the commit.

    Raises ImageRefused for what is no acceptable picture, PermissionDenied.
    """
    booth = _booth(actor, at)
    inspect_image(content)
    with transaction.atomic():
        known = CaptureAhead.objects.filter(booth=booth)
        # the newest are kept: what was taken anew will not be sent
        surplus = known.order_by("-taken_at", "-id").values_list("id", flat=True)[MOST_AT_A_BOOTH - 1 :]
        known.filter(id__in=list(surplus)).delete()
        capture_id = new_id()
        kept = CaptureAhead.objects.create(
            id=capture_id,
            booth=booth,
            kind=CaptureAhead.Kind(kind),
            content=seal_in_passing(content, item=capture_id, at=at),
            sha256=hashlib.sha256(content).hexdigest(),
            taken_at=at,
        )
        record(
            actor=actor,
            at=at,
            action="capture.kept_ahead",
            object_type="capture_ahead",
            object_id=capture_id,
            detail={"kind": kept.kind},
        )
    return kept


def open_captures(*, actor: Actor, at: datetime, ids: Mapping[str, UUID]) -> dict[str, bytes]:
    """Return the pictures of the actor's booth by kind. ids: kind -> id. Raises CaptureGone, PermissionDenied."""
    if not ids:
        return {}
    booth = _booth(actor, at)
    rows = CaptureAhead.objects.filter(id__in=ids.values(), booth=booth, taken_at__gt=at - KEPT_FOR)
    found = {row.kind: row for row in rows if ids.get(row.kind) == row.id and row.content}
    if set(found) != set(ids):
        raise CaptureGone
    try:
        return {kind: open_in_passing(bytes(row.content), item=row.id) for kind, row in found.items()}
    except SealBroken:
        raise CaptureGone from None


def empty_captures(*, ids: Iterable[UUID]) -> None:
    """Drop the pictures that an inspection has now, and keep what was read of them for its checks."""
    CaptureAhead.objects.filter(id__in=list(ids)).update(content=b"")


def read_ahead(*, capture_id: UUID, at: datetime) -> bool:
    """Read the printed zone of a page that was given ahead; return whether this call did. Safe to run twice."""
    claimed = CaptureAhead.objects.filter(id=capture_id, kind=CaptureAhead.Kind.PAGE, begun_at__isnull=True)
    if not settings.READ_PRINTED_ZONE or not claimed.update(begun_at=at):
        return False
    row = CaptureAhead.objects.filter(id=capture_id).first()
    # sent in the meantime: whoever checks the inspection reads it, with the same engine
    if row is None or not row.content:
        CaptureAhead.objects.filter(id=capture_id).delete()
        return False
    kept = None
    try:
        kept = _read(bytes(row.content), row.id, at)
    finally:
        # where nothing came of it there is nothing to wait for
        answer = {"begun_at": None} if kept is None else {"printed_read": _seal_read(kept, row.id, at)}
        CaptureAhead.objects.filter(id=capture_id).update(**answer)
    return kept is not None


def _read(sealed: bytes, capture_id: UUID, at: datetime) -> dict[str, Any] | None:
    image_bgr = decode_image(open_in_passing(sealed, item=capture_id))
    zone = read_page(image_bgr=image_bgr)
    mrz = parse_as_read(zone, at=at)
    if mrz is None or zone.corners is None:
        return None
    budget_ms = READ_WITHIN.total_seconds() * 500  # nobody waits yet
    found = read_printed(image_bgr=image_bgr, corners=zone.corners, mrz=mrz, at=at, budget_ms=budget_ms)
    # what was cut short is not kept: whoever checks the inspection may have the time
    return keep_printed(found) if found.is_whole else None


def _seal_read(kept: dict[str, Any], capture_id: UUID, at: datetime) -> str:
    """Return what was read as a JSON value that says nothing: names and numbers lie in the database sealed like the picture."""
    return base64.b64encode(seal_in_passing(json.dumps(kept).encode(), item=capture_id, at=at)).decode()


def _open_read(sealed: str, capture_id: UUID) -> dict[str, Any] | None:
    try:
        return dict(json.loads(open_in_passing(base64.b64decode(sealed), item=capture_id)))
    except SealBroken:  # its day is over
        return None


def find_read_ahead(*, booth_id: UUID, sha256: str, at: datetime, wait_s: float) -> dict[str, Any] | None:
    """Return what was read of this very picture when it was given ahead, None where nothing was.

    Where a worker is at it, its answer is waited for: to begin anew would take longer.
    """
    end = time.monotonic() + wait_s
    while True:
        row = (
            CaptureAhead.objects.filter(
                booth_id=booth_id, sha256=sha256, begun_at__gt=at - READ_WITHIN - KEPT_FOR
            )
            .order_by("-taken_at")
            .values("id", "begun_at", "printed_read")
            .first()
        )
        if row is None or row["printed_read"] is not None:
            return _open_read(row["printed_read"], row["id"]) if row is not None else None
        if row["begun_at"] <= at - READ_WITHIN or time.monotonic() >= end:
            return None
        time.sleep(LOOK_S)


def drop_captures(*, at: datetime) -> int:
    """Delete what was kept long enough, and the key of a day whose last capture is gone; return how many were deleted."""
    destroy_passing_keys(before=(at - KEPT_FOR).date())
    return CaptureAhead.objects.filter(taken_at__lte=at - KEPT_FOR).delete()[0]


def _booth(actor: Actor, at: datetime) -> Booth:
    if actor.booth_id is None:
        raise PermissionDenied
    booth = Booth.objects.get(id=actor.booth_id)
    officer_with(actor=actor, port_id=booth.port_id, roles=BORDER_ROLES, at=at)
    return booth
