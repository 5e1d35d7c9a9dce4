"""The history that a second line reads: what the own country recorded and corrected, and no other."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from borders.models import Booth, CorrectionRequest, Country, Crossing, Officer, PortOfEntry, RecordCorrection
from borders.services.row_guard import release
from tests.db.console.conftest import Browser
from tests.db.factories import make_crossing, make_inspection, make_stay


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


def looks_at(kind: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(kind="READ", object_type=kind, detail__contains={"as": "history"}))


def test_every_record_of_the_history_is_named_in_the_trail_with_what_was_shown(
    page: Client, crossing: Crossing, booth: Booth, alice: Officer, bob: Officer, at: datetime
) -> None:
    before = make_crossing(
        booth=booth, officer=alice, at=at - timedelta(days=9), number=1, traveler=crossing.traveler
    )
    stay = crossing.traveler.stays.get()
    correct(crossing, booth.port, "M", alice, bob, at)
    shown(page, crossing)
    (crossings,), (stays,), (earlier,), (corrected,) = (
        looks_at(kind) for kind in ("crossing", "stay", "inspection", "record_correction")
    )
    assert set(crossings.detail["ids"]) == {str(crossing.id), str(before.id)}
    assert stays.object_id == str(stay.id)
    assert earlier.object_id == str(before.inspection_id)
    assert corrected.object_id == str(RecordCorrection.objects.get().id)
    assert crossings.fields == ["direction", "occurred_at", "port"]
    assert stays.fields == ["allowed_until", "entered_at", "exited_at"]
    assert earlier.fields == ["opened_at", "state"]
    assert corrected.fields == ["corrected_at", "field", "value", "was"]
    for row in (crossings, stays, earlier, corrected):
        assert (row.actor, row.port_id) == (bob.user, booth.port_id)
        assert row.roles
        assert row.origin == "127.0.0.1"
    panel = AuditEntry.objects.get(action="inspection.read")
    assert (panel.object_id, panel.detail["as"]) == (str(crossing.inspection_id), "second_line")
    assert "allowed_until" not in panel.fields


def test_without_a_history_no_row_speaks_of_one(
    page: Client, booth: Booth, alice: Officer, at: datetime
) -> None:
    alone = make_inspection(booth=booth, officer=alice, at=at)
    assert page.get(reverse("console:take-over", args=(alone.id,))).status_code == 200
    assert AuditEntry.objects.filter(detail__contains={"as": "history"}).count() == 0


def test_a_history_that_cannot_be_noted_is_not_shown(
    page: Client, crossing: Crossing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise DatabaseError("no room")

    monkeypatch.setattr("audit.services.trail.store_rows", refuse)
    with pytest.raises(DatabaseError):
        page.get(reverse("console:take-over", args=(crossing.inspection_id,)))
