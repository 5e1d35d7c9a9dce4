"""A role held at one port counts at no other."""

from uuid import UUID

import pytest

from audit.core.actor import SENIORITY, Actor, Role
from audit.core.sharing import OBJECT_OF_SCOPE, Scope, Sharing

HERE, THERE = UUID(int=1), UUID(int=2)
MIXED = Actor(
    label="UT-1",
    user_id=1,
    posts=frozenset({(HERE, Role.SUPERVISOR), (HERE, Role.OFFICER), (THERE, Role.LIST_OWNER)}),
)


def test_every_role_of_a_person_has_its_rank() -> None:
    assert set(SENIORITY) == set(Role) - {Role.SYSTEM}


@pytest.mark.parametrize(
    ("asked", "ports", "roles"),
    [
        ({Role.SUPERVISOR}, {HERE}, {Role.SUPERVISOR, Role.OFFICER}),
        ({Role.LIST_OWNER}, {THERE}, {Role.LIST_OWNER}),
        ({Role.SUPERVISOR, Role.LIST_OWNER}, {HERE}, {Role.SUPERVISOR, Role.OFFICER}),
        ({Role.PROTECTION}, set(), set()),
    ],
)
def test_a_page_is_read_at_the_ports_of_the_role_that_it_asks_for(
    asked: set[Role], ports: set[UUID], roles: set[Role]
) -> None:
    acting = MIXED.acting_as(frozenset(asked))
    assert (acting.port_ids, acting.roles) == (ports, roles)


def test_roles_held_at_some_of_the_ports_only_are_left_out() -> None:
    posts = {(HERE, Role.SUPERVISOR), (HERE, Role.PROTECTION), (THERE, Role.SUPERVISOR)}
    acting = Actor(label="UT-1", user_id=1, posts=frozenset(posts)).acting_as(frozenset({Role.SUPERVISOR}))
    assert acting.port_ids == {HERE, THERE}
    assert acting.roles == {Role.SUPERVISOR}


def test_a_person_has_no_scope_and_a_system_those_of_its_terms() -> None:
    terms = Sharing(partner="POLICE", state="UTO", scopes=frozenset({Scope.STAYS_READ}))
    system = Actor(label="partner:POLICE", sharing=terms)
    assert [s for s in Scope if system.may(s)] == [Scope.STAYS_READ]
    assert not any(MIXED.may(s) for s in Scope)


def test_every_scope_that_reads_names_what_it_reads() -> None:
    assert {s for s in Scope if s.endswith(".read")} <= set(OBJECT_OF_SCOPE)
