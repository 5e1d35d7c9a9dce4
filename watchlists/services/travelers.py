"""Remember screened travellers by the keys of entries, so that entries listed later find them."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from watchlists.core.indexing import index_entry
from watchlists.core.keys import document_key
from watchlists.core.score import Identity
from watchlists.models import TravelerKey, TravelerSearchForm

# how far back a new entry looks; what is older is forgotten here, and stays with the crossing
REMEMBERED = timedelta(days=365)
FORGOTTEN_A_SWEEP = 2_000


def remembered_of(*, identity: Identity | None, document_number: str) -> dict[str, Any]:
    """Return a screened traveller as an entry would be kept, by the names of the values that store_screening takes.

    Without a name and a number there is nothing to keep.
    """
    number = document_key(document_number)
    indexed = index_entry(
        names=identity.names if identity else (),
        birth_dates=identity.birth_dates if identity else (),
        sex=identity.sex if identity else "",
        nationalities=identity.nationalities if identity else (),
    )
    return {
        "remembered": number is not None or bool(indexed.keys),
        "form": indexed.search_form,
        "born": indexed.born,
        "document": number,
        "keys": list(indexed.keys),
    }


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
