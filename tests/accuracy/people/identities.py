"""Rows of lists and queries as the engine takes them."""

from watchlists.core.birth_dates import parse_birth_date
from watchlists.core.names import PersonName
from watchlists.core.score import Identity

FULL_FIELDS = frozenset((19, 20, 29, 30, 38, 39))


def identity_of(row: dict[str, str]) -> Identity:
    """Return the person of a row; a name that fills a field of the zone may be cut."""
    born = parse_birth_date(row["birth_date"])
    return Identity(
        names=(PersonName(row["name"]),),
        birth_dates=(born,) if born else (),
        sex=row["sex"],
        nationalities=(row["nationality"],) if row["nationality"] else (),
        names_truncated="query_id" in row and len(row["name"]) in FULL_FIELDS,
    )
