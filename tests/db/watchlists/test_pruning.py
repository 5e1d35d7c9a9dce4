"""Ended versions are taken out when the list's own period is over, and nothing that somebody still points at."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from audit.models import AuditEntry
from audit.services import record_read
from tests.db.watchlists.conftest import ENTRY
from watchlists.core.birth_dates import BirthDate
from watchlists.core.keys import DOCUMENT_KEY_VERSION, KEY_VERSION, document_key, hash_key
from watchlists.core.names import PersonName
from watchlists.models import (
    EntryKey,
    EntryName,
    EntrySearchForm,
    NameFrequencies,
    VersionEntry,
    Watchlist,
    WatchlistEntry,
)
from watchlists.services import activate_version
from watchlists.services.lists import ListRefused
from watchlists.services.pruning import find_prunable, prune_watchlist, set_retention

pytestmark = pytest.mark.django_db


def entry(number: int):
    born = (BirthDate(1960 + number, 3, 4),)
    return replace(
        ENTRY, source_id=f"S{number}", names=(PersonName(f"Person{'ABCDEFGH'[number]}"),), birth_dates=born
    )


def keep(watchlist: Watchlist, *, days: int) -> None:
    Watchlist.objects.filter(id=watchlist.id).update(keep_days=days, keep_versions=1)
    watchlist.refresh_from_db()


@pytest.fixture
def versions(activate, watchlist, at):
    """Three versions of which the third is in force; entry 0 is in all, each has one of its own."""
    made = [activate(entry(0), entry(number)) for number in (1, 2, 3)]
    keep(watchlist, days=30)
    for version in made:
        version.refresh_from_db()
    return made


@pytest.fixture
def later(at):
    return at + timedelta(days=31)


def test_version_past_its_period_loses_what_no_other_holds(versions, watchlist, owner, later) -> None:
    done = prune_watchlist(actor=owner, at=later, watchlist=watchlist)

    assert (done.versions, done.holdings, done.entries) == ((1,), 2, 1)
    assert done.keys > 5
    assert set(WatchlistEntry.objects.values_list("source_id", flat=True)) == {"S0", "S2", "S3"}
    assert not EntryName.objects.filter(primary_identifier="PersonB").exists()
    held = set(WatchlistEntry.objects.values_list("id", flat=True))
    assert set(EntryKey.objects.values_list("entry_id", flat=True)) == held
    assert set(EntrySearchForm.objects.values_list("entry_id", flat=True)) == held
    versions[0].refresh_from_db()
    assert (versions[0].state, versions[0].pruned_at) == ("SUPERSEDED", later)
    assert not NameFrequencies.objects.filter(version=versions[0]).exists()


def test_pruning_is_audited_and_done_once(versions, watchlist, owner, later) -> None:
    prune_watchlist(actor=owner, at=later, watchlist=watchlist)
    again = prune_watchlist(actor=owner, at=later, watchlist=watchlist)

    assert (again.versions, again.holdings, again.entries) == ((), 0, 0)
    rows = AuditEntry.objects.filter(action__in=("watchlist.pruned", "watchlist_version.pruned"))
    assert sorted(rows.values_list("action", flat=True)) == ["watchlist.pruned", "watchlist_version.pruned"]


def test_dry_run_counts_and_takes_nothing_out(versions, watchlist, owner, later) -> None:
    before = VersionEntry.objects.count()
    done = prune_watchlist(actor=owner, at=later, watchlist=watchlist, dry_run=True)

    assert (done.versions, done.holdings, done.entries) == ((1,), 2, 1)
    assert VersionEntry.objects.count() == before


def test_nothing_goes_before_its_period_is_over(versions, watchlist, at) -> None:
    assert find_prunable(watchlist=watchlist, at=at + timedelta(days=29)) == []


def test_newest_superseded_versions_stay_for_a_roll_back(versions, watchlist, later) -> None:
    assert [version.number for version in find_prunable(watchlist=watchlist, at=later)] == [1]
    watchlist.keep_versions = 2
    assert find_prunable(watchlist=watchlist, at=later) == []


def test_entry_that_somebody_looked_at_stays(versions, watchlist, owner, at, later) -> None:
    looked_at = WatchlistEntry.objects.get(source_id="S1")
    record_read(
        actor=owner, at=at, object_type="watchlist_entry", object_ids=[looked_at.id], fields=["names"]
    )

    done = prune_watchlist(actor=owner, at=later, watchlist=watchlist)

    assert (done.entries, done.kept) == (0, 1)
    assert looked_at.names.get().primary_identifier == "PersonB"


def test_entry_with_a_hit_stays(activate, watchlist, owner, later, screen_reading, make_reading) -> None:
    activate(ENTRY)
    hit = screen_reading(make_reading()).screening.hits.get()
    activate(entry(1))
    activate(entry(2))
    keep(watchlist, days=0)

    done = prune_watchlist(actor=owner, at=later, watchlist=watchlist)

    assert (done.versions, done.entries, done.kept) == ((1,), 0, 1)
    assert hit.entry.names.exists()


def test_pruned_version_is_never_in_force_again(versions, watchlist, owner, second, later) -> None:
    prune_watchlist(actor=owner, at=later, watchlist=watchlist)
    with pytest.raises(ListRefused, match="version_pruned"):
        activate_version(actor=second, at=later, version_id=versions[0].id)


def test_content_that_was_pruned_comes_back_with_its_keys(
    versions, watchlist, owner, later, activate
) -> None:
    prune_watchlist(actor=owner, at=later, watchlist=watchlist)
    activate(entry(1))

    back = WatchlistEntry.objects.get(source_id="S1")
    assert EntryKey.objects.filter(entry_id=back.id).count() > 5


def test_period_is_changed_by_two_persons(watchlist, owner, second, at) -> None:
    with pytest.raises(ListRefused, match="second_person_required"):
        set_retention(
            actor=owner, at=at, watchlist_id=watchlist.id, keep_days=9, keep_versions=2, approved_by=owner
        )
    with pytest.raises(ListRefused, match="bad_retention"):
        set_retention(
            actor=owner, at=at, watchlist_id=watchlist.id, keep_days=9, keep_versions=0, approved_by=second
        )
    changed = set_retention(
        actor=owner, at=at, watchlist_id=watchlist.id, keep_days=9, keep_versions=2, approved_by=second
    )
    assert (changed.keep_days, changed.keep_versions) == (9, 2)
    assert AuditEntry.objects.filter(action="watchlist.retention_set").count() == 1


def test_command_prunes_and_says_so(versions, watchlist, bob, dora, capsys) -> None:
    name = {"actor": bob.user.username, "list": watchlist.name}
    call_command("prune_watchlists", **name, keep_days=0, approved_by=dora.user.username, json=True)

    (one,) = json.loads(capsys.readouterr().out)["lists"]
    assert (one["keep_days"], one["versions"], one["entries"]) == (0, [1], 1)
    with pytest.raises(CommandError, match="second_person_required"):
        call_command("prune_watchlists", **name, keep_days=5, approved_by=bob.user.username)


def test_rule_of_document_numbers_has_a_version_of_its_own() -> None:
    """Lists of documents hold millions and no names: they are not made anew when the rules of names change."""
    assert document_key("P1234567") == hash_key("D|P1234567", DOCUMENT_KEY_VERSION)
    assert document_key("P1234567") != hash_key("D|P1234567", KEY_VERSION)
