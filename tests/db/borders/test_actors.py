"""Who a signed-in account is: its roles never count where it does not hold them."""

import pytest

from audit.core.actor import Role
from borders.models import Country, PortOfEntry, PostAssignment
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


def test_a_national_role_counts_at_every_port_of_the_country_and_no_other(
    alice, airport, land_post, actor_of
) -> None:
    abroad = PortOfEntry.objects.create(
        country=Country.objects.create(code="XXA", name="Atlantis"), code="XAAIR", name="Far", kind="AIR"
    )
    PostAssignment.objects.filter(officer=alice).update(port=None, country="UTO", role="SUPERVISOR")
    actor = actor_of(alice)
    assert actor.port_ids == {airport.id, land_post.id}
    assert actor.roles == {Role.SUPERVISOR}
    assert not actor.reaches(abroad.id)
