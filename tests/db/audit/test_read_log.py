"""What a row of a look says of the fields. That each page leaves one, tests/db/permissions asks of every page there is."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from tests.db.factories import make_crossing

pytestmark = pytest.mark.django_db


@pytest.fixture
def crossing(booth, alice):
    return make_crossing(booth=booth, officer=alice, at=timezone.now())


def test_row_says_which_fields_were_shown(crossing, api_client, bob, booth):
    api_client(bob, booth).get(f"/api/v1/crossings/{crossing.id}/")
    look = AuditEntry.objects.get(action="crossing.read")
    assert {"occurred_at", "direction", "traveler_id"} <= set(look.fields)
    assert look.port_id == booth.port_id


def test_row_of_an_admin_list_names_its_columns(crossing, bob):
    bob.user.is_staff = True
    bob.user.save(update_fields=("is_staff",))
    client = Client()
    client.force_login(bob.user)
    client.get(reverse("admin:borders_crossing_changelist"))
    assert AuditEntry.objects.get(action="crossing.listed").fields
