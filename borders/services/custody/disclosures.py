"""The register of disclosures: to whom a traveller's data were given. The subject may ask for it (GDPR Article 15 (1) (c))."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from audit.core.actor import Actor
from audit.models import new_id
from audit.services import record
from borders.services.custody.scope import NOBODY_ID

# one statement for however many: a national system reads 500 records at once, and waits for this
ENTER = """
INSERT INTO borders_disclosure
  (id, traveler_id, recipient, purpose, legal_basis, fields, reference, given_by, given_at)
SELECT new.id, new.traveler_id, %s, %s, %s, %s::jsonb, %s, %s, %s
FROM unnest(%s::uuid[], %s::uuid[]) AS new (id, traveler_id)
"""


def enter_disclosure(
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
    """Enter that data of these travellers were given to somebody; return of how many.

    Called in the transaction of an act that writes its own audit row. recipient: an authority or system. fields: names of
    fields, never values. reference: of the export, message, request or terms.
    """
    travelers = sorted(set(traveler_ids) - {NOBODY_ID})
    if travelers:
        told = (recipient[:120], purpose[:40], legal_basis[:200], json.dumps(list(fields)), reference[:60])
        ids = [new_id() for _ in travelers]
        with connection.cursor() as cursor:
            cursor.execute(ENTER, [*told, actor.label, at, ids, travelers])
    return len(travelers)


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
    """Enter a disclosure that is an act of its own, with its audit row; return of how many travellers."""
    travelers = sorted(set(traveler_ids) - {NOBODY_ID})
    count = enter_disclosure(
        actor=actor,
        at=at,
        traveler_ids=travelers,
        recipient=recipient,
        purpose=purpose,
        legal_basis=legal_basis,
        fields=fields,
        reference=reference,
    )
    if travelers:
        record(
            actor=actor,
            at=at,
            action="data.disclosed",
            object_type="disclosure",
            object_id=travelers[0] if len(travelers) == 1 else "",
            detail={"recipient": recipient, "purpose": purpose, "count": count, "reference": reference},
        )
    return count
