"""Who acts: the one description of a person or a process that every service receives."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from uuid import UUID

from audit.core.sharing import Scope, Sharing


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


# who works with the records of crossings: the rest of the roles have no business there
RECORD_READERS = frozenset({Role.OFFICER, Role.SECOND_LINE, Role.SUPERVISOR})
# which of several roles a person acts in, first to last
SENIORITY = (
    Role.SUPERVISOR,
    Role.LIST_OWNER,
    Role.PROTECTION,
    Role.DATA_PROTECTION,
    Role.ADMINISTRATOR,
    Role.INTEGRATOR,
    Role.ADJUDICATOR,
    Role.SECOND_LINE,
    Role.OFFICER,
)


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at a post, or a process of the system.

    user_id: primary key of the account, None for a process. label: badge number or process name, never a person's name.
    port_ids: ports of entry in reach; `everywhere` lifts that limit (processes only). booth_id: the booth signed in to, if any.
    officer_id: of the officer signed in there, whose roles were then asked for at that booth's port.
    purpose: why the data is used, written into every audit row. origin: address or host the act came from.
    posts: (port, role) of a person in the browser, who may hold one role here and another there. sharing: the terms of a
    national system, None for persons and our own processes.
    """

    label: str
    user_id: int | None = None
    roles: frozenset[Role] = frozenset()
    port_ids: frozenset[UUID] = frozenset()
    everywhere: bool = False
    booth_id: UUID | None = None
    purpose: str = "border_control"
    origin: str = field(default="")
    posts: frozenset[tuple[UUID, Role]] = frozenset()
    sharing: Sharing | None = None
    officer_id: UUID | None = None

    @property
    def post_id(self) -> UUID | None:
        """The one port of entry that the actor is posted to; None with several or none. Its stream takes the audit rows."""
        return next(iter(self.port_ids)) if len(self.port_ids) == 1 else None

    def has(self, *roles: Role) -> bool:
        """Tell whether the actor holds at least one of the roles."""
        return not self.roles.isdisjoint(roles)

    def may(self, scope: Scope) -> bool:
        """Tell whether the actor is a national system with this scope."""
        return self.sharing is not None and scope in self.sharing.scopes

    def acting_as(self, roles: frozenset[Role]) -> "Actor":
        """Return the same person on a page that asks for one of `roles`: at the ports where such a role is held, and with
        the roles held at all of these; nowhere, and without a role, where none is.

        Who holds several of the roles acts in the first of SENIORITY, at its ports: a role held at one port never counts at
        another. Processes and persons without `posts` stay as they are.
        """
        if not self.posts:
            return self
        senior = next((r for r in SENIORITY if r in roles and any(r == held for _, held in self.posts)), None)
        ports = frozenset(port for port, role in self.posts if role == senior)
        at_ports = [frozenset(r for p, r in self.posts if p == port) for port in ports]
        held = frozenset.intersection(*at_ports) if at_ports else frozenset()
        return replace(self, roles=held, port_ids=ports)

    def reaches(self, port_id: UUID) -> bool:
        """Tell whether the port of entry lies within the actor's reach."""
        return self.everywhere or port_id in self.port_ids


def system_actor(name: str) -> Actor:
    """Return the actor for a process of the system, e.g. "pipeline" or "sweep"."""
    return Actor(label=f"system:{name}", roles=frozenset({Role.SYSTEM}), everywhere=True)
