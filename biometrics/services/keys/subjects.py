"""Data keys of subjects: one for each inspection, chip or image of its own; seal and open what belongs to them."""

import secrets
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from audit.models import new_id
from biometrics.core.envelope import NONCE_BYTES, Belonging, Kind, open_sealed, seal, slot_of
from biometrics.models import SubjectKey
from biometrics.services.keys.store import read_key, write_new_key


def make_key(*, kind: SubjectKey.Kind, subject_id: UUID, at: datetime) -> SubjectKey:
    """Make the key of a subject that has none, because it was made just now. Its slot is on disk before the row can commit."""
    key_id = new_id()
    slot = write_new_key(subject=key_id)
    return SubjectKey.objects.create(id=key_id, kind=kind, subject_id=subject_id, slot=slot, created_at=at)


def take_key(*, kind: SubjectKey.Kind, subject_id: UUID, at: datetime) -> SubjectKey:
    """Return the key of a subject, made on first use."""
    known = SubjectKey.objects.filter(kind=kind, subject_id=subject_id).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return make_key(kind=kind, subject_id=subject_id, at=at)
    except IntegrityError:  # another process was quicker: its key counts, this slot stays unused
        return SubjectKey.objects.get(kind=kind, subject_id=subject_id)


def seal_for(
    content: bytes, *, key: SubjectKey, kind: Kind, item: UUID, purpose: str = "", model: str = ""
) -> bytes:
    """Return content sealed under a subject's key. Raises KeyDestroyed, KeyMissing."""
    return seal(
        content,
        key=read_key(key.slot, subject=key.id),
        slot=key.slot,
        nonce=secrets.token_bytes(NONCE_BYTES),
        belonging=Belonging(key.id, kind, item, purpose, model),
    )


def open_for(
    sealed: bytes, *, key_id: UUID, kind: Kind, item: UUID, purpose: str = "", model: str = ""
) -> bytes:
    """Return what was sealed under a subject's key. Raises KeyDestroyed, KeyMissing, SealBroken."""
    return open_sealed(
        sealed,
        key=read_key(slot_of(sealed), subject=key_id),
        belonging=Belonging(key_id, kind, item, purpose, model),
    )
