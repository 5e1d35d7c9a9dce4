"""Say that data of persons leave the system: the register of disclosures lies further up, and is named in the settings."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from audit.core.actor import Actor


def note_disclosure(
    *,
    actor: Actor,
    at: datetime,
    subject_ids: Iterable[UUID | None],
    recipient: str,
    purpose: str,
    legal_basis: str,
    fields: Sequence[str],
    reference: str = "",
) -> int:
    """Enter a disclosure of these travellers' data into the register (settings.DISCLOSURE_REGISTER); return of how many.

    Called in the transaction of the act, which writes its own audit row. Rows without a traveller count for nobody.
    """
    register = import_string(settings.DISCLOSURE_REGISTER)
    given: int = register(
        actor=actor,
        at=at,
        traveler_ids={i for i in subject_ids if i is not None},
        recipient=recipient,
        purpose=purpose,
        legal_basis=legal_basis,
        fields=fields,
        reference=reference,
    )
    return given
