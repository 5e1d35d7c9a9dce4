"""Remember screened travellers by the keys of entries, so that entries listed later find them."""

from datetime import datetime, timedelta

from django.db import transaction

from watchlists.core.indexing import index_entry
from watchlists.core.keys import KEY_VERSION, document_key
from watchlists.core.score import Identity
from watchlists.models import Screening, TravelerKey, TravelerSearchForm
from watchlists.queries.prepared import prepared_cursor

# how far back a new entry looks; what is older is forgotten here, and stays with the crossing
REMEMBERED = timedelta(days=365)
FORGOTTEN_A_SWEEP = 2_000

_STORE = """
WITH form AS (
    INSERT INTO watchlists_travelersearchform (screening_id, form, born, document_key, key_version, at)
    VALUES (%(screening)s, %(form)s, %(born)s, %(document)s, %(key_version)s, %(at)s)
)
INSERT INTO watchlists_travelerkey (key, screening_id, born)
SELECT key, %(screening)s, %(born)s FROM unnest(%(keys)s::bigint[]) AS asked(key)
"""


def remember_traveler(*, screening: Screening, identity: Identity | None, document_number: str) -> None:
    """Keep a screened traveller as an entry would be kept. Without a name and a number there is nothing to keep."""
    number = document_key(document_number)
    indexed = index_entry(
        names=identity.names if identity else (),
        birth_dates=identity.birth_dates if identity else (),
        sex=identity.sex if identity else "",
        nationalities=identity.nationalities if identity else (),
    )
    if number is None and not indexed.keys:
        return
    with prepared_cursor() as cursor:
        cursor.execute(
            _STORE,
            {
                "screening": screening.id,
                "form": indexed.search_form,
                "born": indexed.born,
                "document": number,
                "key_version": KEY_VERSION,
                "at": screening.at,
                "keys": list(indexed.keys),
            },
        )


@transaction.atomic
def forget_travelers(*, at: datetime, limit: int = FORGOTTEN_A_SWEEP) -> int:
    """Delete keys and forms of travellers screened longer ago than REMEMBERED; return how many travellers."""
    old = list(
        TravelerSearchForm.objects.filter(at__lt=at - REMEMBERED).values_list("screening_id", flat=True)[
            :limit
        ]
    )
    if old:
        TravelerKey.objects.filter(screening_id__in=old).delete()
        TravelerSearchForm.objects.filter(screening_id__in=old).delete()
    return len(old)
