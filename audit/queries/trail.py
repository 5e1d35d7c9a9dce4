"""Which rows of the trail a person may be shown: what tells that somebody is silently sought is for the owners of lists."""

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    UUIDField,
    Value,
    When,
)
from django.db.models.functions import Cast

from audit.core.actor import Actor, Role
from audit.models import AuditEntry
from audit.queries.places import objects_at

# what the trail says of these would tell that somebody is silently sought
SEALED_OBJECT_TYPES = (
    *("hit", "screening", "adjudication", "match_exception", "watchlist_entry", "owner_notice", "lead"),
    *("comparison", "biometrics_comparison"),
)
# writes that nobody announced go by the name of their table
SEALED_TABLES = "watchlists_"
# of these the whole history belongs to their posts
OF_POSTS = ("inspection", "crossing", "stay")
UUID_TEXT = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
# an owner who looks at a traveller would tell that there is a reason to
LOOKS_OF_OWNERS = Q(kind=AuditEntry.Kind.READ, roles__contains=Role.LIST_OWNER.value)


def trail_of_posts(rows: QuerySet[AuditEntry], *, actor: Actor) -> QuerySet[AuditEntry]:
    """Return what was done at the actor's posts, and with objects of these posts, wherever and by whom: processes act without a
    post, and an officer elsewhere may look at what is ours. The own acts too, which have no post where the actor has several.

    Data protection officers answer for all of it, and are shown all of it.
    """
    if actor.everywhere or actor.has(Role.DATA_PROTECTION):
        return rows
    ours = [
        When(
            # in this order: the pattern costs most of such a search, and rows of other types need not meet it
            Q(object_type=object_type) & Q(object_id__regex=UUID_TEXT),
            then=Exists(
                objects_at(object_type, actor.port_ids).filter(id=Cast(OuterRef("object_id"), UUIDField()))
            ),
        )
        for object_type in OF_POSTS
    ]
    done_there = Q(port_id__in=actor.port_ids) | Q(actor_id=actor.user_id)
    # a case, so that an id is read as one only where it is one
    return rows.filter(done_there | Q(Case(*ours, default=Value(False), output_field=BooleanField())))


def shown_trail(rows: QuerySet[AuditEntry], *, actor: Actor) -> QuerySet[AuditEntry]:
    """Return the rows that an actor may be shown.

    Owners of lists are shown all. Data protection officers, who answer for every look, are shown those of the owners at
    travellers and inspections too, and nobody else is.
    """
    if actor.has(Role.LIST_OWNER):
        return rows
    rows = rows.exclude(object_type__in=SEALED_OBJECT_TYPES).exclude(object_type__startswith=SEALED_TABLES)
    return rows if actor.has(Role.DATA_PROTECTION) else rows.exclude(LOOKS_OF_OWNERS)
