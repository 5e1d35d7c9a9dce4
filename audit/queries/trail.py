"""Which rows of the trail a person may be shown: what tells that somebody is silently sought is for the owners of lists."""

from django.db.models import Q, QuerySet

from audit.core.actor import Actor, Role
from audit.models import AuditEntry

# what the trail says of these would tell that somebody is silently sought
SEALED_OBJECT_TYPES = (
    *("hit", "screening", "adjudication", "match_exception", "watchlist_entry", "owner_notice", "lead"),
    *("comparison", "biometrics_comparison"),
)
# writes that nobody announced go by the name of their table
SEALED_TABLES = "watchlists_"
# an owner who looks at a traveller would tell that there is a reason to
LOOKS_OF_OWNERS = Q(kind=AuditEntry.Kind.READ, roles__contains=Role.LIST_OWNER.value)


def shown_trail(rows: QuerySet[AuditEntry], *, actor: Actor) -> QuerySet[AuditEntry]:
    """Return the rows that an actor may be shown.

    Owners of lists are shown all. Data protection officers, who answer for every look, are shown those of the owners at
    travellers and inspections too, and nobody else is.
    """
    if actor.has(Role.LIST_OWNER):
        return rows
    rows = rows.exclude(object_type__in=SEALED_OBJECT_TYPES).exclude(object_type__startswith=SEALED_TABLES)
    return rows if actor.has(Role.DATA_PROTECTION) else rows.exclude(LOOKS_OF_OWNERS)
