"""What a national system may do and see: its scopes, the fields of each kind of record, and which records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType


class Scope(StrEnum):
    """One kind of act that a national system may be allowed. Person's roles and systems' scopes never mix."""

    CROSSINGS_READ = "crossings.read"
    STAYS_READ = "stays.read"
    TRAVELERS_READ = "travelers.read"
    DOCUMENTS_READ = "documents.read"
    MANIFESTS_SEND = "manifests.send"
    SCREENINGS_ASK = "screenings.ask"
    LISTS_PROPOSE = "lists.propose"
    STATISTICS_READ = "statistics.read"


# the kind of record that a scope opens, as view sets name it
OBJECT_OF_SCOPE: Mapping[Scope, str] = MappingProxyType(
    {
        Scope.CROSSINGS_READ: "crossing",
        Scope.STAYS_READ: "stay",
        Scope.TRAVELERS_READ: "traveler",
        Scope.DOCUMENTS_READ: "document",
        Scope.SCREENINGS_ASK: "screening",
        Scope.STATISTICS_READ: "statistics_release",
    }
)


@dataclass(frozen=True, slots=True)
class Sharing:
    """The terms in force between us and one national system, as its profile says.

    partner: short code of the system. state: the State that it belongs to, as in the MRZ; persons of that State who asked for
    protection are never shown to it. fields: kind of record -> names of the fields that are shown. since: earliest time of
    records, None for no limit. nationals_only: records of the State's own nationals alone. lists: names of the watchlists
    whose changes it may propose. legal_basis, profile_version: for the register of disclosures and the audit row.
    """

    partner: str
    state: str
    scopes: frozenset[Scope]
    fields: Mapping[str, frozenset[str]] = field(default_factory=dict)
    since: datetime | None = None
    nationals_only: bool = False
    lists: frozenset[str] = frozenset()
    legal_basis: str = ""
    profile_version: int = 0
