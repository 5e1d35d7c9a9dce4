"""Emergency entries: in force at once by one person, for a day, and looked at by a second one."""

from datetime import timedelta

import pytest

from audit.models import AuditEntry
from tests.db.watchlists.conftest import entry
from watchlists.core.screening import Action
from watchlists.models import Hit, WatchlistEntry, WatchlistVersion
from watchlists.queries import visible_entries
from watchlists.services import (
    ListRefused,
    activate_version,
    confirm_emergency,
    end_emergency,
    lapse_emergencies,
    raise_emergency,
    screen,
)
from watchlists.services.tending import tend


@pytest.fixture
def emergency(owner, at, watchlist, threshold) -> WatchlistVersion:
    return raise_emergency(actor=owner, at=at, watchlist=watchlist, entry=entry(action=Action.SECOND_LINE))


def hits_at(moment, owner, airport, make_reading):
    screening = screen(
        actor=owner,
        at=moment,
        inspection_id=airport.id,
        port_id=airport.id,
        reading=make_reading(),
        face=None,
    ).screening
    return Hit.objects.filter(screening=screening)


def test_emergency_entry_fires_at_once_and_for_24_hours(emergency, owner, airport, make_reading, at) -> None:
    assert hits_at(at + timedelta(minutes=1), owner, airport, make_reading).exists()
    assert hits_at(at + timedelta(hours=23, minutes=59), owner, airport, make_reading).exists()
    assert not hits_at(at + timedelta(hours=24), owner, airport, make_reading).exists()


def test_emergency_entry_stands_besides_the_version_in_force(activate, owner, at, watchlist) -> None:
    version = activate(entry())
    raise_emergency(actor=owner, at=at, watchlist=watchlist, entry=entry(source_id="UT-9"))

    watchlist.refresh_from_db()
    assert watchlist.active_version_id == version.id
    numbers = visible_entries(actor=owner, at=at).values_list("source_id", flat=True)
    assert set(numbers) == {"UT-1", "UT-9"}


def test_its_author_may_neither_confirm_nor_end_it(emergency, owner, at) -> None:
    for act in (confirm_emergency, end_emergency):
        with pytest.raises(ListRefused, match="second_person_required"):
            act(actor=owner, at=at, version_id=emergency.id)


def test_confirmed_entry_is_in_the_list_for_as_long_as_was_asked(
    activate, owner, second, at, watchlist
) -> None:
    activate(entry())
    wanted = entry(source_id="UT-9")
    emergency = raise_emergency(actor=owner, at=at, watchlist=watchlist, entry=wanted)

    version = confirm_emergency(
        actor=second, at=at + timedelta(hours=1), version_id=emergency.id, reason="Checked"
    )

    emergency.refresh_from_db()
    stored = WatchlistEntry.objects.get(holdings__version=version, source_id="UT-9")
    assert (emergency.state, version.state, version.entry_count) == ("CONFIRMED", "ACTIVE", 2)
    assert (version.proposed_by_id, version.approved_by_id) == (owner.user_id, second.user_id)
    assert stored.valid_until == wanted.valid_until


def test_ended_entry_fires_no_more(emergency, owner, second, airport, make_reading, at) -> None:
    end_emergency(actor=second, at=at + timedelta(hours=1), version_id=emergency.id, reason="Wrong person")

    assert not hits_at(at + timedelta(hours=2), owner, airport, make_reading).exists()


def test_emergency_is_not_activated_as_a_version(emergency, second, at) -> None:
    with pytest.raises(ListRefused, match="not_proposed"):
        activate_version(actor=second, at=at, version_id=emergency.id)


def test_entry_that_nobody_looked_at_lapses(emergency, second, at) -> None:
    assert lapse_emergencies(at=at + timedelta(hours=23)) == []
    assert lapse_emergencies(at=at + timedelta(hours=24)) == [emergency.id]

    emergency.refresh_from_db()
    assert emergency.state == "LAPSED"
    with pytest.raises(ListRefused, match="not_proposed"):
        confirm_emergency(actor=second, at=at + timedelta(hours=25), version_id=emergency.id)


def test_officer_raises_no_emergency(watchlist, alice, actor_of, at) -> None:
    with pytest.raises(ListRefused, match="role_required"):
        raise_emergency(actor=actor_of(alice), at=at, watchlist=watchlist, entry=entry())


def test_every_act_on_an_emergency_writes_audit(emergency, second, owner, watchlist, at) -> None:
    end_emergency(actor=second, at=at, version_id=emergency.id)
    raise_emergency(actor=owner, at=at, watchlist=watchlist, entry=entry())
    tend(at=at + timedelta(days=2))

    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {
        "watchlist_version.emergency_raised",
        "watchlist_version.emergency_ended",
        "watchlist_version.emergency_lapsed",
    }
