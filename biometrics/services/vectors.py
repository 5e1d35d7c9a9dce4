"""Vectors of templates, opened with the keys of their subjects: one, or a gallery of them."""

from uuid import UUID

from biometrics.core.envelope import SEALED_OVERHEAD, Belonging, Kind, open_sealed, slot_of
from biometrics.models import Template
from biometrics.services.keys import KeyDestroyed, open_for
from biometrics.services.keys.store import KeyReader


def open_vector(template: Template) -> bytes:
    """Return the octets of a template's vector. Raises KeyDestroyed for one that was erased, KeyMissing, SealBroken."""
    octets = bytes(template.vector)
    if not octets:
        raise KeyDestroyed
    if template.subject_key_id is None:
        return octets
    return open_for(
        octets,
        key_id=template.subject_key_id,
        kind=Kind.TEMPLATE,
        item=template.image_id,
        model=model_of(template.engine, template.engine_version),
    )


def open_with(reader: KeyReader, sealed: bytes, *, key_id: UUID, image_id: UUID, model: str) -> bytes:
    """Return the octets of a vector with a reader that stays open. Raises as open_vector."""
    return open_sealed(
        sealed,
        key=reader.read(slot_of(sealed), subject=key_id),
        belonging=Belonging(key_id, Kind.TEMPLATE, image_id, "", model),
    )


def model_of(engine: str, engine_version: str) -> str:
    """Return the name of a model as it is authenticated with each of its vectors."""
    return f"{engine} {engine_version}"


def sealed_bytes(dimension: int) -> int:
    """Return how many octets a sealed vector has."""
    return 4 * dimension + SEALED_OVERHEAD
