"""A protection officer sees what was referred to protection, and nothing else."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from audit.core.actor import Role
from borders.models import Booth, Inspection, Officer, PortOfEntry
from tests.db.conftest import make_officer
from tests.db.factories import make_inspection, make_referral

pytestmark = pytest.mark.django_db


@pytest.fixture
def petras_browser(sign_in, airport: PortOfEntry) -> Client:
    return sign_in(make_officer("petra", "UT-0004", airport, Role.PROTECTION))


@pytest.fixture
def referred(booth: Booth, alice: Officer, at: datetime) -> dict[str, Inspection]:
    """Two inspections of the airport by the route they were referred on."""
    made = {}
    for number, route in enumerate(("PROTECTION", "SECOND_LINE")):
        made[route] = make_inspection(
            booth=booth, officer=alice, at=at, number=number, state="REFERRED", advice="REFER"
        )
        make_referral(inspection=made[route], officer=alice, route=route)
    return made


def listed(browser: Client, model: str) -> list:
    response = browser.get(reverse(f"admin:borders_{model}_changelist"))
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


def test_only_what_was_referred_to_protection_is_listed(petras_browser, referred):
    assert [r.inspection for r in listed(petras_browser, "referral")] == [referred["PROTECTION"]]
    assert listed(petras_browser, "inspection") == [referred["PROTECTION"]]


@pytest.mark.parametrize(("route", "status"), [("PROTECTION", 200), ("SECOND_LINE", 404)])
def test_evidence_opens_for_protection_referrals_only(petras_browser, referred, route, status):
    page = reverse("admin:borders_inspection_change", args=[referred[route].id])
    assert petras_browser.get(page).status_code == status


@pytest.mark.parametrize("model", ["crossing", "stay", "decision"])
def test_other_lists_stay_shut(petras_browser, model):
    assert petras_browser.get(reverse(f"admin:borders_{model}_changelist")).status_code == 403
