"""The data protection officer's desk: finds who asks, gives and erases with a second officer, and lists nobody."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from audit.core.actor import Role
from audit.models import AuditEntry
from borders.models import Erasure, ErasureRequest, LegalHold, OverstayNotice, RetentionClass
from tests.db.conftest import make_officer
from tests.db.factories import make_crossing, make_stay
from travelers.models import Traveler

pytestmark = pytest.mark.django_db
SUBJECTS = reverse("admin:borders_datasubject_changelist")


@pytest.fixture(autouse=True)
def _stores_of_this_test(settings, tmp_path) -> None:
    settings.MASTER_KEY_FILE = tmp_path / "keys" / "master"
    settings.KEY_STORE_FILE = tmp_path / "keys" / "subjects"
    settings.ERASURE_REGISTER_FILE = tmp_path / "keys" / "erasures.jsonl"
    settings.EXPORT_DIR = tmp_path / "exports"


@pytest.fixture
def dora(sign_in, airport) -> Client:
    return sign_in(make_officer("dora", "UT-0090", airport, Role.DATA_PROTECTION))


@pytest.fixture
def david(sign_in, airport) -> Client:
    return sign_in(make_officer("david", "UT-0091", airport, Role.DATA_PROTECTION))


@pytest.fixture
def anna(booth, alice, at) -> Traveler:
    return make_crossing(booth=booth, officer=alice, at=at).traveler


def act(browser: Client, row: object, code: str, **given: str):
    name = f"admin:borders_{row._meta.model_name}_act"
    return browser.post(reverse(name, args=(row.pk, code)), given, follow=True)


def subject(traveler: Traveler):
    from borders.models import DataSubject

    return DataSubject.objects.get(id=traveler.id)


def test_nobody_is_listed_until_somebody_is_looked_for(dora, anna):
    assert not list(dora.get(SUBJECTS).context["cl"].result_list)
    dora.post(f"{SUBJECTS}find/", {"term": anna.primary_identifier})
    assert [row.id for row in dora.get(SUBJECTS).context["cl"].result_list] == [anna.id]


def test_nobody_is_exported_until_somebody_is_looked_for(dora, anna):
    wanted = {"purpose": "redress", "file_format": "csv"}
    export = reverse("admin:borders_datasubject_export")
    assert len(b"".join(dora.post(export, wanted).streaming_content).splitlines()) == 1
    dora.post(f"{SUBJECTS}find/", {"term": anna.primary_identifier})
    assert len(b"".join(dora.post(export, wanted).streaming_content).splitlines()) == 2


@pytest.mark.parametrize("page", ["datasubject", "legalhold", "erasure", "erasurerequest", "disclosure"])
def test_a_supervisor_does_not_reach_the_desk(bobs_browser, page):
    assert bobs_browser.get(reverse(f"admin:borders_{page}_changelist")).status_code == 403


def test_the_passphrase_goes_through_no_cookie(dora, anna):
    row = subject(anna)
    address = reverse("admin:borders_datasubject_act", args=(row.pk, "export"))
    answer = dora.post(address, {"reason": "DP 1/2026"})
    assert answer.status_code == 302
    assert set(answer.cookies) <= {"sessionid", "csrftoken"}
    assert "Passphrase: " in dora.get(answer["Location"]).content.decode()


def test_the_record_is_given_as_a_file_to_the_officer_who_made_it(dora, david, anna, settings):
    page = act(dora, subject(anna), "export", reason="DP 1/2026")
    said = str(next(iter(page.context["messages"])))
    address = said.split("file: ")[1].split()[0]
    assert "Passphrase: " in said
    assert david.get(address).status_code == 404
    taken = dora.get(address)
    assert b"".join(taken.streaming_content)[:2] == b"PK"
    look = AuditEntry.objects.get(action="traveler.export_taken", object_id=str(anna.id))
    assert (look.actor_label, look.purpose, look.origin) == ("UT-0090", "border_control", "127.0.0.1")
    assert {"travelers.Traveler.primary_identifier", "borders.Crossing.conveyance", "images"} <= set(
        look.fields
    )
    assert "borders.Crossing.officer" not in look.fields


def test_a_person_is_erased_once_another_officer_has_approved_it(dora, david, anna):
    act(dora, subject(anna), "erase", reason="DP 2/2026", choice="REQUEST")
    asked = ErasureRequest.objects.get()
    act(dora, subject(anna), "erase", reason="DP 3/2026", choice="ORDER")
    assert ErasureRequest.objects.count() == 1
    act(dora, asked, "approve")
    act(dora, asked, "erase")
    assert Traveler.objects.filter(id=anna.id).exists()
    act(david, asked, "approve")
    assert Traveler.objects.filter(id=anna.id).exists()
    act(david, asked, "erase")
    assert not Traveler.objects.filter(id=anna.id).exists()
    erasure = Erasure.objects.get()
    assert (erasure.ground, erasure.reason, erasure.erased_by) == ("REQUEST", "DP 2/2026", "UT-0091")
    assert erasure.seconded_by.officer.badge_number == "UT-0090"
    asked.refresh_from_db()
    assert (asked.state, asked.erasure_id) == ("DONE", erasure.id)
    for row in (erasure, asked):
        page = reverse(f"admin:borders_{row._meta.model_name}_change", args=(row.id,))
        assert dora.get(page).status_code == 200


def test_an_approved_request_may_still_be_turned_down(dora, david, anna):
    act(dora, subject(anna), "erase", reason="DP 2/2026", choice="REQUEST")
    asked = ErasureRequest.objects.get()
    act(david, asked, "approve")
    act(dora, asked, "reject")
    act(david, asked, "erase")
    assert Traveler.objects.filter(id=anna.id).exists()


def test_a_hold_is_placed_and_lifted_by_two_officers(dora, david, anna):
    act(dora, subject(anna), "hold", reason="Court of Utopia: appeal", choice="90")
    hold = LegalHold.objects.get()
    assert (hold.authority, hold.reason) == ("Court of Utopia", "appeal")
    act(dora, hold, "lift")
    assert LegalHold.objects.filter(lifted_at__isnull=True).exists()
    act(david, hold, "lift")
    assert not LegalHold.objects.filter(lifted_at__isnull=True).exists()


def test_a_period_is_proposed_and_approved_by_two_officers(dora, david):
    row = RetentionClass.objects.get(code="UNDECIDED")
    act(dora, row, "propose", reason="Act 5: shorter", second="6 months")
    made = RetentionClass.objects.get(code="UNDECIDED", version=2)
    assert (made.years, made.months, made.days) == (0, 6, 0)
    act(dora, made, "approve")
    act(david, made, "approve")
    made.refresh_from_db()
    assert made.state == "ACTIVE"


@pytest.mark.parametrize("period", ["", "soon", "3 weeks", "0 years"])
def test_a_period_that_is_none_is_refused(dora, period):
    act(dora, RetentionClass.objects.get(code="CROSSING"), "propose", reason="Act 5", second=period)
    assert RetentionClass.objects.filter(code="CROSSING").count() == 1


def test_a_supervisor_sees_the_overstayers_of_the_own_port(bobs_browser, charlies_browser, booth, alice, at):
    stay = make_stay(
        crossing=make_crossing(booth=booth, officer=alice, at=at), allowed_until=at.date() - timedelta(days=1)
    )
    OverstayNotice.objects.create(stay=stay, due_at=at + timedelta(days=80), noticed_at=at)
    address = reverse("admin:borders_overstaynotice_changelist")
    assert len(bobs_browser.get(address).context["cl"].result_list) == 1
    assert len(charlies_browser.get(address).context["cl"].result_list) == 0
    act(bobs_browser, stay.erasure_notice, "see")
    assert OverstayNotice.objects.get().seen_at is not None
