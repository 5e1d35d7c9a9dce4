"""Where a port lies is set by an administrator, in a form, with an audit row."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from borders.models import Booth, Officer, PortOfEntry, PostAssignment
from borders.services.places import PlaceRefused, place_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(bob: Officer, booth: Booth) -> Officer:
    """Bob as administrator of his port, and nothing else."""
    PostAssignment.objects.filter(officer=bob).exclude(role="SUPERVISOR", port=booth.port).delete()
    PostAssignment.objects.filter(officer=bob).update(role="ADMINISTRATOR")
    return bob


@pytest.fixture
def browser(sign_in, administrator: Officer) -> Client:
    return sign_in(administrator)


def address(booth: Booth) -> str:
    return reverse("admin:borders_portofentry_place", args=(booth.port_id,))


def test_an_administrator_sets_the_place_and_it_is_audited(browser: Client, booth: Booth) -> None:
    assert browser.get(address(booth)).status_code == 200
    answer = browser.post(address(booth), {"latitude": "59,65", "longitude": "17.92"})
    assert answer.status_code == 302
    port = PortOfEntry.objects.get(id=booth.port_id)
    assert (port.latitude, port.longitude) == (59.65, 17.92)
    entry = AuditEntry.objects.get(action="port.placed")
    assert entry.detail["after"] == [59.65, 17.92]
    page = browser.get(reverse("admin:borders_portofentry_change", args=(booth.port_id,))).content.decode()
    assert "59.6500, 17.9200" in page


def test_a_supervisor_sees_the_place_and_changes_none(bobs_browser: Client, booth: Booth) -> None:
    assert bobs_browser.get(address(booth)).status_code == 404
    page = bobs_browser.get(reverse("admin:borders_portofentry_change", args=(booth.port_id,)))
    assert "Latitude, longitude" in page.content.decode()


@pytest.mark.parametrize(
    ("latitude", "longitude", "code", "field"),
    [
        ("91", "0", "out_of_range", "latitude"),
        ("1", "-180.5", "out_of_range", "longitude"),
        ("north", "1", "bad_value", "latitude"),
        ("nan", "1", "bad_value", "latitude"),
        ("1", "", "required", "longitude"),
    ],
)
def test_what_is_no_place_is_refused_and_nothing_kept(
    administrator, actor_of, booth, at, latitude, longitude, code, field
) -> None:
    before = PortOfEntry.objects.filter(id=booth.port_id).values_list("latitude", "longitude").get()
    with pytest.raises(PlaceRefused) as refused:
        place_port(
            actor=actor_of(administrator),
            at=at,
            port_id=booth.port_id,
            latitude=latitude,
            longitude=longitude,
        )
    assert (refused.value.code, refused.value.field) == (code, field)
    assert PortOfEntry.objects.filter(id=booth.port_id).values_list("latitude", "longitude").get() == before


def test_nobody_else_sets_a_place(bob: Officer, actor_of, booth, at) -> None:
    with pytest.raises(PermissionDenied):
        place_port(actor=actor_of(bob), at=at, port_id=booth.port_id, latitude="1", longitude="1")
