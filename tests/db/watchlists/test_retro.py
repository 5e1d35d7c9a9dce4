"""Retro-screening: new entries find travellers of the past; it goes on where it stopped, and stops nobody."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.db.watchlists.conftest import entry
from watchlists.core.names import PersonName
from watchlists.core.proposals import ListedDocument
from watchlists.models import Hit, Lead, RetroScreeningRun, TravelerKey, TravelerSearchForm
from watchlists.services import retro
from watchlists.services.retro import LeadRefused, close_lead, continue_retro_screening
from watchlists.services.travelers import REMEMBERED, forget_travelers


@pytest.fixture
def walk(at):
    """walk(): go through all runs in line an hour later."""

    def make() -> int:
        return continue_retro_screening(clock=lambda: at + timedelta(hours=1), budget_s=20)

    return make


@pytest.fixture
def later(monkeypatch, at, propose, second, threshold):
    """later(*entries): a version activated an hour after the screenings."""
    from watchlists.services import activate_version

    def make(*entries):
        version = propose(*entries)
        return activate_version(actor=second, at=at + timedelta(hours=1), version_id=version.id)

    return make


def test_new_entry_finds_a_traveller_of_the_past_in_another_spelling(
    later, screen_reading, make_reading, walk
) -> None:
    screen_reading(make_reading(primary_identifier="SVENSON", secondary_identifier="BRITA"))
    later(entry())

    assert walk() == 1

    lead = Lead.objects.get()
    assert (lead.kind, lead.state) == ("NAME", "OPEN")
    spelled = [
        (piece["presented"], piece["listed"]) for piece in lead.explanation if piece["about"] == "name"
    ]
    assert sorted(spelled) == [("BRITA", "BRITA"), ("SVENSON", "SVENSSON")]
    assert not Hit.objects.exists()
    run = RetroScreeningRun.objects.get()
    assert (run.state, run.done, run.total, run.leads) == ("DONE", 1, 1, 1)


def test_listed_document_finds_a_traveller_who_presented_it(
    later, screen_reading, make_reading, walk
) -> None:
    screen_reading(
        make_reading(primary_identifier="KOVACS", secondary_identifier="PETER", birth_date=date(1955, 5, 5))
    )
    later(entry(documents=(ListedDocument("P12345678", "UTO"),)))

    walk()

    assert Lead.objects.get().explanation[0]["rule"] == "exact"


def test_only_new_and_changed_entries_are_walked_over(later, screen_reading, make_reading, walk) -> None:
    kept = entry(source_id="UT-9", names=(PersonName("Kovacs", "Peter"),))
    later(kept)
    walk()
    screen_reading(make_reading())
    later(kept, entry())

    assert walk() == 1
    assert Lead.objects.count() == 1


def test_walk_goes_on_where_it_was_interrupted(
    later, screen_reading, make_reading, walk, monkeypatch
) -> None:
    screen_reading(make_reading())
    later(*(entry(source_id=f"UT-{n}") for n in range(5)))
    monkeypatch.setattr(retro, "ENTRIES_A_STEP", 2)
    step, steps = retro._step, []

    def fail_at_the_second(run, at):
        if len(steps) == 1:
            steps.append("failed")
            raise ConnectionError
        steps.append("done")
        return step(run, at)

    monkeypatch.setattr(retro, "_step", fail_at_the_second)
    with pytest.raises(ConnectionError):
        walk()
    assert RetroScreeningRun.objects.get().done == 2

    assert walk() == 3
    assert (RetroScreeningRun.objects.get().state, Lead.objects.count()) == ("DONE", 5)


def test_walking_twice_leaves_each_lead_once(later, screen_reading, make_reading, walk) -> None:
    screen_reading(make_reading())
    version = later(entry())
    walk()
    RetroScreeningRun.objects.update(state="RUNNING", done=0, after_entry=None)

    walk()

    assert Lead.objects.filter(run__version=version).count() == 1


def test_lead_is_closed_by_a_list_owner_with_a_note(
    later, screen_reading, make_reading, walk, owner, at
) -> None:
    screen_reading(make_reading())
    later(entry())
    walk()
    lead = Lead.objects.get()

    with pytest.raises(LeadRefused, match="note_required"):
        close_lead(actor=owner, at=at, lead_id=lead.id, note=" ")
    with pytest.raises(LeadRefused, match="role_required"):
        close_lead(actor=replace(owner, roles=frozenset()), at=at, lead_id=lead.id, note="Left the country")
    assert close_lead(actor=owner, at=at, lead_id=lead.id, note="Left the country").state == "CLOSED"
    with pytest.raises(LeadRefused, match="closed"):
        close_lead(actor=owner, at=at, lead_id=lead.id, note="again")


def test_travellers_of_long_ago_are_forgotten(activate, screen_reading, make_reading, at) -> None:
    activate(entry())
    screen_reading(make_reading())
    assert TravelerKey.objects.exists()

    assert forget_travelers(at=at + REMEMBERED - timedelta(days=1)) == 0
    assert forget_travelers(at=at + REMEMBERED + timedelta(days=1)) == 1
    assert not TravelerKey.objects.exists()
    assert not TravelerSearchForm.objects.exists()
