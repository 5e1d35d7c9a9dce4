"""Booths as witnesses: each may ask for the head of its post's stream, keep it, and later say what it was given."""

from collections.abc import Iterable
from datetime import datetime

import structlog
from django.conf import settings
from django.db import transaction

from audit.core.actor import Actor
from audit.core.notes import NoteInvalid, is_signed, parse_head
from audit.core.sealing import CENTRAL
from audit.models import AuditBlock, HeadSeen
from audit.services.keys import announced_keys
from audit.services.trail import record

log = structlog.get_logger(__name__)


class HeadRefused(ValueError):
    """The note is not a head of this post's stream, or no known key signed it. code: note_invalid, other_stream."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def stream_of(actor: Actor) -> str:
    return str(actor.post_id) if actor.post_id else CENTRAL


def conflicts(*, since: datetime, streams: Iterable[str] | None = None) -> int:
    """Return how many heads booths have handed back since then that the trail did not hold. streams: of these alone."""
    rows = HeadSeen.objects.filter(agrees=False, seen_at__gte=since)
    return (rows if streams is None else rows.filter(stream__in=streams)).count()


@transaction.atomic
def witness_head(*, actor: Actor, at: datetime, note: str) -> bool:
    """Keep that a booth holds this head, and return whether the stream has that very block. Saying it again changes nothing.

    False means that the trail was cut, built anew, or put back to an earlier time: it is logged, and the row stays. Raises
    HeadRefused.
    """
    try:
        head = parse_head(note)
    except NoteInvalid as error:
        raise HeadRefused("note_invalid") from error
    if head.stream != stream_of(actor):
        raise HeadRefused("other_stream")
    if not is_signed(note, announced_keys(settings.AUDIT_HEADS_DIR)):
        raise HeadRefused("note_invalid")
    held = AuditBlock.objects.filter(stream=head.stream, number=head.block_number)
    agrees = held.filter(block_hash=head.block_hash).exists()
    _, created = HeadSeen.objects.get_or_create(
        booth_id=actor.booth_id,
        stream=head.stream,
        number=head.block_number,
        block_hash=head.block_hash,
        defaults={"seen_at": at, "agrees": agrees},
    )
    if not agrees and created:
        log.error("audit.head_conflict", stream=head.stream, block=head.block_number)
        record(
            actor=actor,
            at=at,
            action="audit.head_conflict",
            object_type="audit_block",
            object_id="",
            detail={"stream": head.stream, "block": head.block_number, "hash": head.block_hash},
        )
    return agrees
