"""Who a signed-in account is: its roles never count where it does not hold them."""

import pytest

from audit.core.actor import Role
from borders.models import PostAssignment
from tests.db.conftest import POSTED_SINCE

pytestmark = pytest.mark.django_db


def test_supervisor_who_is_officer_elsewhere_supervises_one_port(bob, airport, land_post, actor_of):
    PostAssignment.objects.create(officer=bob, port=land_post, role=Role.OFFICER, valid_from=POSTED_SINCE)
    actor = actor_of(bob)
    assert actor.port_ids == {airport.id}
    assert Role.SUPERVISOR in actor.roles


def test_role_held_at_some_of_the_ports_is_left_out(bob, airport, land_post, actor_of):
    PostAssignment.objects.create(officer=bob, port=land_post, role=Role.SUPERVISOR, valid_from=POSTED_SINCE)
    actor = actor_of(bob)
    assert actor.port_ids == {airport.id, land_post.id}
    assert actor.roles == {Role.SUPERVISOR}


def test_assignment_that_has_ended_gives_nothing(alice, at, actor_of):
    PostAssignment.objects.filter(officer=alice).update(valid_until=at)
    actor = actor_of(alice)
    assert (actor.roles, actor.port_ids) == (frozenset(), frozenset())
