"""Pages of thresholds, leads and self-tests: who may do what, and what raises an alarm."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.core.actor import Role
from audit.models import AuditEntry
from borders.admin.dashboard import figures
from borders.models import Officer, PortOfEntry
from tests.db.conftest import make_officer
from travelers.models import DocumentReading
from watchlists.core.names import PersonName
from watchlists.core.proposals import ProposedEntry
from watchlists.core.screening import Action
from watchlists.models import (
    Lead,
    ListThreshold,
    RetroScreeningRun,
    Screening,
    SelfTestRun,
    Watchlist,
    WatchlistVersion,
)
from watchlists.services import activate_version, create_watchlist, propose_version
from watchlists.services.thresholds import propose_list_threshold

PROPOSE = reverse("admin:watchlists_listthreshold_propose")


@pytest.fixture
def dora(airport: PortOfEntry) -> Officer:
    return make_officer("dora", "UT-0004", airport, Role.LIST_OWNER, Role.SUPERVISOR)


@pytest.fixture
def doras_browser(sign_in, dora: Officer) -> Client:
    return sign_in(dora)


@pytest.fixture
def version(bob: Officer, dora: Officer, actor_of) -> WatchlistVersion:
    """A list in force with one silent entry."""
    now = timezone.now()
    watchlist = create_watchlist(
        actor=actor_of(bob), at=now, name="Movements", kind=Watchlist.Kind.PERSON, owner_unit="Police", legal_basis="Act"
    )  # fmt: skip
    entry = ProposedEntry(
        "M-1", Action.SILENT, "Notice", "Act", "Police", names=(PersonName("Svensson", "Brita"),)
    )
    made = propose_version(actor=actor_of(bob), at=now, watchlist=watchlist, entries=[entry], sha256="0" * 64)
    return activate_version(actor=actor_of(dora), at=now, version_id=made.id)


@pytest.fixture
def threshold(version: WatchlistVersion, bob: Officer, actor_of) -> ListThreshold:
    return propose_list_threshold(
        actor=actor_of(bob), at=timezone.now(), watchlist_id=version.watchlist_id, base_bits=21.0,
        target="1 in 1,000", provenance="Own travellers of May",
    )  # fmt: skip


@pytest.fixture
def lead(version: WatchlistVersion, airport: PortOfEntry) -> Lead:
    now = timezone.now()
    reading = DocumentReading.objects.create(
        source="MRZ", status="ACCEPTED", layout="TD3", document_code="P", issuing_state="UTO", document_number="X1",
        primary_identifier="SVENSSON", secondary_identifier="BRITA", nationality="UTO", birth_date=date(1980, 2, 29),
        birth_date_raw="800229", sex="F", read_at=now,
    )  # fmt: skip
    screening = Screening.objects.create(
        reading=reading, port_id=airport.id, status="CHECKED", key_version=1, elapsed_ms=1.0, at=now
    )
    run, _ = RetroScreeningRun.objects.get_or_create(
        version=version, defaults={"since": now, "until": now, "total": 1, "started_at": now}
    )
    return Lead.objects.create(
        run=run, entry=version.entries.get(), screening=screening, kind="NAME", score=23.0, found_at=now,
        explanation=[{"about": "name", "rule": "exact", "bits": 11.0, "presented": "SVENSSON", "listed": "SVENSSON"}],
    )  # fmt: skip


def act_url(row: Any, code: str) -> str:
    return reverse(f"admin:watchlists_{row._meta.model_name}_act", args=(row.id, code))


def page_of(row: Any) -> str:
    return reverse(f"admin:watchlists_{row._meta.model_name}_change", args=(row.id,))


# thresholds


def test_threshold_is_proposed_by_form(bobs_browser: Client, version: WatchlistVersion) -> None:
    given = {
        "watchlist": version.watchlist_id,
        "base_bits": "21.5",
        "target": "1 in 1,000",
        "provenance": "May",
    }
    answer = bobs_browser.post(PROPOSE, given)

    made = ListThreshold.objects.get()
    assert (answer.status_code, answer.url) == (302, page_of(made))
    assert (made.state, made.base_bits) == ("PROPOSED", 21.5)


@pytest.mark.parametrize(
    "change",
    [{"base_bits": "4.9"}, {"base_bits": "nan"}, {"target": " "}, {"provenance": ""}, {"watchlist": "x"}],
)
def test_threshold_that_cannot_stand_is_shown_again_with_its_error(
    bobs_browser: Client, version: WatchlistVersion, change: dict[str, str]
) -> None:
    given = {
        "watchlist": version.watchlist_id,
        "base_bits": "21.5",
        "target": "1 in 1,000",
        "provenance": "May",
    }
    page = bobs_browser.post(PROPOSE, given | change)

    assert "filter-error" in page.content.decode()
    assert not ListThreshold.objects.exists()


def test_threshold_is_approved_by_another_person_alone(
    bobs_browser: Client, doras_browser: Client, threshold: ListThreshold
) -> None:
    assert "You proposed this" in bobs_browser.get(page_of(threshold)).content.decode()
    bobs_browser.post(act_url(threshold, "approve"))
    threshold.refresh_from_db()
    assert threshold.state == "PROPOSED"

    doras_browser.post(act_url(threshold, "approve"))
    threshold.refresh_from_db()
    assert threshold.state == "ACTIVE"
    shown = doras_browser.get(reverse("admin:watchlists_listthreshold_changelist")).content.decode()
    assert "21.0" in shown


def test_threshold_is_turned_down(doras_browser: Client, threshold: ListThreshold) -> None:
    doras_browser.post(act_url(threshold, "reject"))
    threshold.refresh_from_db()
    assert threshold.state == "REJECTED"


def test_officer_may_not_see_or_propose_thresholds(sign_in, alice: Officer, threshold: ListThreshold) -> None:
    browser = sign_in(alice)
    assert browser.get(page_of(threshold)).status_code == 403
    assert browser.post(PROPOSE, {}).status_code == 403


# leads


def test_lead_is_shown_to_its_owner_and_the_look_is_kept(bobs_browser: Client, lead: Lead) -> None:
    shown = bobs_browser.get(page_of(lead)).content.decode()

    assert "SVENSSON" in shown
    assert "+11.0" in shown
    assert AuditEntry.objects.filter(object_type="lead", object_id=str(lead.id), kind="READ").exists()


@pytest.mark.parametrize(("query", "count"), [("state=OPEN", 1), ("state=CLOSED", 0), ("kind=DOCUMENT", 0)])
def test_leads_are_filtered(bobs_browser: Client, lead: Lead, query: str, count: int) -> None:
    for further in ("", f"&watchlist={lead.entry.watchlist_id}"):
        page = bobs_browser.get(f"{reverse('admin:watchlists_lead_changelist')}?{query}{further}")
        assert len(page.context["cl"].result_list) == count


def test_lead_is_closed_once_with_what_came_of_it(bobs_browser: Client, lead: Lead, bob: Officer) -> None:
    bobs_browser.post(act_url(lead, "close"))
    lead.refresh_from_db()
    assert lead.state == "OPEN"

    bobs_browser.post(act_url(lead, "close"), {"reason": "Another person"})
    lead.refresh_from_db()
    assert (lead.state, lead.closing_note, lead.closed_by_id) == ("CLOSED", "Another person", bob.user_id)
    assert bobs_browser.post(act_url(lead, "close"), {"reason": "Again"}).status_code == 404


def test_leads_are_closed_to_supervisors(sign_in, airport: PortOfEntry, lead: Lead) -> None:
    supervisor = sign_in(make_officer("fritz", "UT-0006", airport, Role.SUPERVISOR))
    assert supervisor.get(page_of(lead)).status_code == 403


def test_lead_of_another_port_is_not_found(sign_in, land_post: PortOfEntry, lead: Lead) -> None:
    other = sign_in(make_officer("fritz", "UT-0006", land_post, Role.LIST_OWNER))
    assert other.get(page_of(lead)).status_code == 404


# self-tests


def make_run(at: datetime, **changes: Any) -> SelfTestRun:
    given = {"at": at, "passed": True, "screened": 26, "found": 26, "slowest_ms": 7.0}
    return SelfTestRun.objects.create(**given | changes)


@pytest.mark.parametrize(
    ("age", "changes", "alarm"),
    [
        (timedelta(hours=1), {}, ""),
        (timedelta(hours=24, minutes=30), {}, ""),
        (timedelta(hours=26), {}, "not tested since"),
        (
            timedelta(hours=1),
            {"passed": False, "found": 25, "missed": [{"entry": "TEST-01", "kind": "document"}]},
            "missed 1",
        ),
        (
            timedelta(hours=1),
            {"passed": False, "found": 0, "screened": 0, "reason": "no_test_list"},
            "no test list",
        ),
    ],
)
def test_first_page_alarms_when_the_self_test_missed_or_is_late(
    bob: Officer, at: datetime, actor_of: Any, age: timedelta, changes: dict[str, Any], alarm: str
) -> None:
    make_run(at - timedelta(days=3))
    make_run(at - age, **changes)

    (shown,) = [f for f in figures(actor=actor_of(bob), at=at) if f.title == "Screening self-test"]

    assert shown.alarm == bool(alarm)
    assert alarm in shown.note


def test_first_page_alarms_when_nothing_was_ever_tested(bob: Officer, at: datetime, actor_of: Any) -> None:
    (shown,) = [f for f in figures(actor=actor_of(bob), at=at) if f.title == "Screening self-test"]
    assert (shown.alarm, shown.value) == (True, "—")


def test_self_tests_are_listed_with_what_they_missed(bobs_browser: Client) -> None:
    now = timezone.now()
    make_run(now - timedelta(days=1))
    run = make_run(now, passed=False, found=25, missed=[{"entry": "TEST-07", "kind": "document"}])

    shown = bobs_browser.get(reverse("admin:watchlists_selftestrun_changelist")).content.decode()
    page = bobs_browser.get(page_of(run)).content.decode()

    assert "25 of 26" in shown
    assert "TEST-07" in shown
    assert "screening does not find whom it must" in page


def test_failed_self_tests_are_filtered(bobs_browser: Client) -> None:
    make_run(timezone.now())
    address = reverse("admin:watchlists_selftestrun_changelist")
    pages = [bobs_browser.get(f"{address}?passed={value}") for value in ("True", "False")]
    assert [len(page.context["cl"].result_list) for page in pages] == [1, 0]
