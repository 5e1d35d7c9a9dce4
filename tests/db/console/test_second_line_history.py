"""The history that a second line reads: what the own country recorded and corrected, and no other."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from borders.models import Booth, CorrectionRequest, Country, Crossing, Officer, PortOfEntry, RecordCorrection
from borders.services.row_guard import release
from tests.db.console.conftest import Browser
from tests.db.factories import make_crossing, make_stay


@pytest.fixture
def abroad(land_post: PortOfEntry) -> PortOfEntry:
    """The land post, moved to another country."""
    land_post.country = Country.objects.create(code="XXA", name="Atlantis")
    land_post.save()
    return land_post


@pytest.fixture
def crossing(booth: Booth, alice: Officer, at: datetime) -> Crossing:
    made = make_crossing(booth=booth, officer=alice, at=at)
    make_stay(crossing=made, allowed_until=date(2031, 1, 1))
    return made


def correct(
    crossing: Crossing, port: PortOfEntry, value: str, alice: Officer, bob: Officer, at: datetime
) -> None:
    """Put a correction of the traveller's sex beside the record, granted at a port."""
    asked = CorrectionRequest.objects.create(
        reference=f"C-{value}", port=port, record_type="TRAVELER", record_id=crossing.traveler_id, field="sex",
        asked_value=value, statement="As my passport says", requester="PERSON", language="en", received_at=at,
        received_by=alice.user, due_on=(at + timedelta(days=30)).date(),
    )  # fmt: skip
    RecordCorrection.objects.create(
        request=asked, record_type="TRAVELER", record_id=crossing.traveler_id, field="sex", value=value,
        corrected_at=at, corrected_by=bob.user,
    )  # fmt: skip


@pytest.fixture
def page(browser: Browser, bob: Officer, booth: Booth) -> Client:
    return browser(bob, booth)


def shown(page: Client, crossing: Crossing) -> Any:
    answer = page.get(reverse("console:take-over", args=(crossing.inspection_id,)))
    assert answer.status_code == 200
    return answer.context


def test_stays_of_another_country_are_not_shown(
    page: Client, crossing: Crossing, abroad: PortOfEntry, land_booth: Booth, charlie: Officer, at: datetime
) -> None:
    elsewhere = make_crossing(booth=land_booth, officer=charlie, at=at, number=1)
    make_stay(crossing=elsewhere, traveler=crossing.traveler, country_code="XXA")
    assert [stay.country_code for stay in shown(page, crossing)["stays"]] == ["UTO"]


@pytest.mark.parametrize("guarded", [False, True])
def test_corrections_of_the_own_country_stand_beside_whichever_post_granted_them(
    page: Client, crossing: Crossing, land_post: PortOfEntry, alice: Officer, bob: Officer, at: datetime,
    settings: Any, guarded: bool,
) -> None:  # fmt: skip
    settings.ROW_GUARD = guarded
    correct(crossing, land_post, "M", alice, bob, at)
    try:
        assert [row.value for row in shown(page, crossing)["corrections"]] == ["M"]
    finally:
        release()


def test_corrections_of_another_country_do_not(
    page: Client, crossing: Crossing, abroad: PortOfEntry, alice: Officer, bob: Officer, at: datetime
) -> None:
    correct(crossing, abroad, "M", alice, bob, at)
    assert shown(page, crossing)["corrections"] == []
