"""Who acts: the one description of a person or a process that every service receives."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What an actor may do; where they may do it is `Actor.port_ids`.

    ADJUDICATOR: the second person behind a watchlist hit. DATA_PROTECTION: the data protection officer, who reads logs and
    answers subjects. ADMINISTRATOR: accounts, devices, settings; no case data. INTEGRATOR: connections of national systems.
    """

    OFFICER = "OFFICER"
    SECOND_LINE = "SECOND_LINE"
    SUPERVISOR = "SUPERVISOR"
    LIST_OWNER = "LIST_OWNER"
    PROTECTION = "PROTECTION"
    ADJUDICATOR = "ADJUDICATOR"
    DATA_PROTECTION = "DATA_PROTECTION"
    ADMINISTRATOR = "ADMINISTRATOR"
    INTEGRATOR = "INTEGRATOR"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at a post, or a process of the system.

    user_id: primary key of the account, None for a process. label: badge number or process name, never a person's name.
    port_ids: ports of entry in reach; `everywhere` lifts that limit (processes only). booth_id: the booth signed in to, if any.
    purpose: why the data is used, written into every audit row. origin: address or host the act came from.
    """

    label: str
    user_id: int | None = None
    roles: frozenset[Role] = frozenset()
    port_ids: frozenset[UUID] = frozenset()
    everywhere: bool = False
    booth_id: UUID | None = None
    purpose: str = "border_control"
    origin: str = field(default="")

    @property
    def post_id(self) -> UUID | None:
        """The one port of entry that the actor is posted to; None with several or none. Its stream takes the audit rows."""
        return next(iter(self.port_ids)) if len(self.port_ids) == 1 else None

    def has(self, *roles: Role) -> bool:
        """Tell whether the actor holds at least one of the roles."""
        return not self.roles.isdisjoint(roles)

    def reaches(self, port_id: UUID) -> bool:
        """Tell whether the port of entry lies within the actor's reach."""
        return self.everywhere or port_id in self.port_ids


def system_actor(name: str) -> Actor:
    """Return the actor for a process of the system, e.g. "pipeline" or "sweep"."""
    return Actor(label=f"system:{name}", roles=frozenset({Role.SYSTEM}), everywhere=True)
