"""Pages of lists: what a person may do on them, and what they show to whom."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.core.actor import Role
from audit.models import AuditEntry
from borders.models import Officer, PortOfEntry
from tests.db.conftest import make_officer
from watchlists.core.names import PersonName
from watchlists.core.proposals import ProposedEntry
from watchlists.core.screening import Action
from watchlists.models import ImportRun, Watchlist, WatchlistVersion
from watchlists.services import activate_version, create_watchlist, propose_version

FORM = {
    "source_id": "P-1",
    "names": "Svensson, Brita\nSvenson, Britta",
    "birth_dates": "1980-02-29; about 1981",
    "sex": "F",
    "nationalities": "UTO",
    "document_kind": "PASSPORT",
    "action": "SECOND_LINE",
    "priority": "2",
    "reason": "Summons",
    "legal_basis": "Act, 4",
    "valid_until": "2099-01-01",
}


@pytest.fixture
def dora(airport: PortOfEntry) -> Officer:
    return make_officer("dora", "UT-0004", airport, Role.LIST_OWNER, Role.SUPERVISOR)


@pytest.fixture
def doras_browser(sign_in, dora: Officer) -> Client:
    return sign_in(dora)


@pytest.fixture
def watchlist(bob: Officer, actor_of) -> Watchlist:
    return create_watchlist(
        actor=actor_of(bob),
        at=timezone.now(),
        name="Persons sought",
        kind=Watchlist.Kind.PERSON,
        owner_unit="Police",
        legal_basis="Act",
    )


@pytest.fixture
def propose(bob: Officer, actor_of, watchlist: Watchlist):
    """propose(*(source_id, reason, action)): a version of the list proposed by Bob."""

    def make(*rows: tuple[str, str, Action]) -> WatchlistVersion:
        entries = [
            ProposedEntry(number, action, reason, "Act", "Police", names=(PersonName("Svensson", "Brita"),))
            for number, reason, action in rows
        ]
        return propose_version(
            actor=actor_of(bob), at=timezone.now(), watchlist=watchlist, entries=entries, sha256="0" * 64
        )

    return make


def act_url(version: WatchlistVersion, code: str) -> str:
    return reverse("admin:watchlists_watchlistversion_act", args=(version.id, code))


def test_version_is_put_in_force_by_another_person(
    bobs_browser: Client, doras_browser: Client, propose
) -> None:
    version = propose(("1", "Warrant", Action.SECOND_LINE))

    page = bobs_browser.get(reverse("admin:watchlists_watchlistversion_change", args=(version.id,)))
    assert "You proposed this" in page.content.decode()
    bobs_browser.post(act_url(version, "activate"))
    version.refresh_from_db()
    assert version.state == "PROPOSED"

    doras_browser.post(act_url(version, "activate"), {"reason": "Compared"})
    version.refresh_from_db()
    assert (version.state, version.decision_reason) == ("ACTIVE", "Compared")


def test_rejection_needs_a_reason(doras_browser: Client, propose) -> None:
    version = propose(("1", "Warrant", Action.SECOND_LINE))

    doras_browser.post(act_url(version, "reject"))
    version.refresh_from_db()
    assert version.state == "PROPOSED"
    doras_browser.post(act_url(version, "reject"), {"reason": "Wrong file"})
    version.refresh_from_db()
    assert version.state == "REJECTED"


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_act_is_done_by_post_alone(doras_browser: Client, propose, method: str) -> None:
    version = propose(("1", "Warrant", Action.SECOND_LINE))
    assert getattr(doras_browser, method)(act_url(version, "activate")).status_code == 405


def test_officer_may_do_nothing(sign_in, alice: Officer, propose) -> None:
    version = propose(("1", "Warrant", Action.SECOND_LINE))
    assert sign_in(alice).post(act_url(version, "activate")).status_code == 403


def test_difference_shows_what_changed_and_keeps_the_look(
    doras_browser: Client, propose, dora: Officer, actor_of
) -> None:
    first = propose(("1", "Warrant", Action.SECOND_LINE), ("2", "Gone", Action.SECOND_LINE))
    activate_version(actor=actor_of(dora), at=timezone.now(), version_id=first.id)
    second = propose(("1", "Other warrant", Action.SECOND_LINE), ("3", "New", Action.SECOND_LINE))
    address = reverse("admin:watchlists_watchlistversion_difference", args=(second.id,))

    shown = {
        show: doras_browser.get(f"{address}?show={show}").content.decode()
        for show in ("added", "changed", "removed")
    }

    assert "New" in shown["added"]
    assert "Other warrant" in shown["changed"]
    assert "Gone" in shown["removed"]
    assert AuditEntry.objects.filter(action="watchlist_entry.compared").count() == 3


def test_difference_hides_silent_entries_from_supervisors(sign_in, airport: PortOfEntry, propose) -> None:
    version = propose(("S-1", "Movement notice", Action.SILENT), ("2", "Warrant", Action.SECOND_LINE))
    supervisor = sign_in(make_officer("fritz", "UT-0006", airport, Role.SUPERVISOR))

    page = supervisor.get(reverse("admin:watchlists_watchlistversion_difference", args=(version.id,)))

    assert "Movement notice" not in page.content.decode()
    assert "Warrant" in page.content.decode()


def test_entry_is_proposed_by_form_once_though_it_is_sent_twice(
    bobs_browser: Client, watchlist: Watchlist
) -> None:
    address = reverse("admin:watchlists_watchlist_entry", args=(watchlist.id,))

    for _ in range(2):
        assert bobs_browser.post(address, FORM | {"propose": "1"}).status_code == 302

    version = WatchlistVersion.objects.get()
    entry = version.entries.get()
    assert (version.state, entry.birth_dates, entry.priority) == ("PROPOSED", ["1980-02-29", "1981~"], 2)
    assert entry.names.count() == 2


def test_emergency_entry_is_in_force_at_once(bobs_browser: Client, watchlist: Watchlist) -> None:
    bobs_browser.post(
        reverse("admin:watchlists_watchlist_entry", args=(watchlist.id,)), FORM | {"emergency": "1"}
    )

    version = WatchlistVersion.objects.get()
    assert version.state == "EMERGENCY"
    assert version.effective_until is not None
    assert version.effective_until <= timezone.now() + timedelta(hours=24)


@pytest.mark.parametrize(
    "change",
    [
        {"birth_dates": "soon"},
        {"nationalities": "ZZZ"},
        {"names": ""},
        {"valid_until": ""},
        {"reason": "x\x07y"},
        {"valid_until": "2001-01-01"},
    ],
)
def test_form_that_cannot_stand_is_shown_again_with_its_error(
    bobs_browser: Client, watchlist: Watchlist, change: dict[str, str]
) -> None:
    address = reverse("admin:watchlists_watchlist_entry", args=(watchlist.id,))

    page = bobs_browser.post(address, FORM | {"propose": "1"} | change)

    assert page.status_code == 200
    assert "filter-error" in page.content.decode()
    assert not WatchlistVersion.objects.exists()


def test_running_import_reloads_its_page(bobs_browser: Client, watchlist: Watchlist, bob: Officer) -> None:
    run = ImportRun.objects.create(
        watchlist=watchlist, source_format="un", source_name="un.xml", stage="reading", done=50, total=100,
        started_by=bob.user, started_at=timezone.now(),
    )  # fmt: skip

    page = bobs_browser.get(reverse("admin:watchlists_importrun_change", args=(run.id,)))

    assert page["Refresh"] == "3"
    assert "50&nbsp;%" in page.content.decode()


@pytest.mark.parametrize("model", ["watchlist", "watchlistversion", "importrun", "matchexception"])
def test_page_of_nothing_is_shown(bobs_browser: Client, model: str) -> None:
    assert bobs_browser.get(reverse(f"admin:watchlists_{model}_changelist")).status_code == 200


def test_silent_inbox_is_closed_to_supervisors(sign_in, airport: PortOfEntry) -> None:
    supervisor = sign_in(make_officer("fritz", "UT-0006", airport, Role.SUPERVISOR))
    assert supervisor.get(reverse("admin:watchlists_ownernotice_changelist")).status_code == 403
