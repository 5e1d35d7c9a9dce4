"""The register of disclosures: to whom a traveller's data were given. The subject may ask for it (GDPR Article 15 (1) (c))."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit.core.actor import Actor
from audit.services import record
from borders.models import Disclosure
from borders.services.custody.scope import NOBODY_ID

BATCH = 1000


@transaction.atomic
def record_disclosure(
    *,
    actor: Actor,
    at: datetime,
    traveler_ids: Iterable[UUID],
    recipient: str,
    purpose: str,
    legal_basis: str,
    fields: Sequence[str],
    reference: str = "",
) -> int:
    """Note that data of these travellers were given to somebody outside; return of how many. Called in the act's transaction.

    recipient: an authority or system. fields: names of fields, never values. reference: of the export, message or request.
    """
    travelers = sorted(set(traveler_ids) - {NOBODY_ID})
    Disclosure.objects.bulk_create(
        (
            Disclosure(
                traveler_id=traveler_id,
                recipient=recipient[:120],
                purpose=purpose[:40],
                legal_basis=legal_basis[:200],
                fields=list(fields),
                reference=reference[:60],
                given_by=actor.label,
                given_at=at,
            )
            for traveler_id in travelers
        ),
        batch_size=BATCH,
    )
    if travelers:
        record(
            actor=actor,
            at=at,
            action="data.disclosed",
            object_type="disclosure",
            object_id=travelers[0] if len(travelers) == 1 else "",
            detail={
                "recipient": recipient,
                "purpose": purpose,
                "count": len(travelers),
                "reference": reference,
            },
        )
    return len(travelers)
