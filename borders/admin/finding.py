"""What is typed into the search of crossings and inspections besides names and documents. It never stands in an address."""

import re
from uuid import UUID

from django.db.models import Q

from borders.core.manifests import normalise_conveyance

FIND_LABEL = "Name, birth date, document, flight or reference"
FLIGHT = re.compile(r"([A-Z0-9]{2}|[A-Z]{3}) ?0*([0-9]{1,4}[A-Z]?)")


def reference_term(term: str) -> UUID | None:
    """Return a term as the id of an inspection or a crossing, as it stands in the trail, in exports and in addresses."""
    bare = term.strip().lower()
    if not re.fullmatch(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", bare):
        return None
    return UUID(bare)


def travelling_on(term: str) -> Q:
    """Return the condition for a flight, a vessel or a vehicle, with and without the space and the zeros that officers type."""
    typed = " ".join(term.upper().split())
    forms = {typed, typed.replace(" ", ""), normalise_conveyance(term)}
    flight = FLIGHT.fullmatch(typed)
    if flight is not None:
        carrier, number = flight.groups()
        digits = re.match(r"[0-9]+", number)
        letters = number[digits.end() :] if digits else ""
        for width in range(1, 5):
            padded = (digits[0] if digits else "").zfill(width) + letters
            forms |= {f"{carrier}{padded}", f"{carrier} {padded}"}
    return Q(conveyance__in=sorted(forms))
