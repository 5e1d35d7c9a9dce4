"""Changes to a list: proposed as one version, answered row by row, the same answer when sent twice."""

import pytest

from tests.db.watchlists.conftest import entry
from watchlists.core.proposals import ProposalRefused
from watchlists.models import WatchlistEntry, WatchlistVersion
from watchlists.services import ListRefused, activate_version, propose_changes


@pytest.fixture
def change(owner, at, watchlist):
    """change(reference, puts, deletions): propose changes to the list."""

    def run(reference="R-1", puts=(), deletions=()):
        return propose_changes(
            actor=owner, at=at, watchlist=watchlist, reference=reference, puts=puts, deletions=deletions
        )

    return run


def results(made) -> list[tuple[str, str]]:
    return [(row.source_id, row.result) for row in made.rows]


def test_each_row_is_answered(activate, change) -> None:
    activate(entry(), entry(source_id="UT-2"), entry(source_id="UT-3"))

    made = change(
        puts=[
            entry(),
            entry(source_id="UT-2", reason="Other"),
            entry(source_id="UT-9"),
            entry(source_id="UT-8", owner_unit=""),
            ProposalRefused("bad_date", 4, "birth_dates"),
            entry(source_id="UT-9"),
        ],
        deletions=["UT-3", "UT-7"],
    )

    assert results(made) == [
        ("UT-1", "UNCHANGED"),
        ("UT-2", "CHANGED"),
        ("UT-9", "ADDED"),
        ("", "REFUSED"),
        ("", "REFUSED"),
        ("", "REFUSED"),
        ("UT-3", "DELETED"),
        ("UT-7", "ABSENT"),
    ]
    assert [(r.code, r.field) for r in made.rows if r.result == "REFUSED"] == [
        ("required", "owner_unit"),
        ("bad_date", "birth_dates"),
        ("duplicate", "source_id"),
    ]
    held = WatchlistEntry.objects.filter(holdings__version=made.version)
    assert set(held.values_list("source_id", flat=True)) == {"UT-1", "UT-2", "UT-9"}


def test_same_reference_gives_the_same_version(activate, change, second, at) -> None:
    activate(entry())
    first = change(puts=[entry(source_id="UT-2")])
    again = change(puts=[entry(source_id="UT-2")])
    activate_version(actor=second, at=at, version_id=first.version.id)
    later = change(puts=[entry(source_id="UT-2")])

    assert (again.version, again.repeated) == (first.version, True)
    assert (later.version, results(later)) == (first.version, results(first))
    assert WatchlistVersion.objects.count() == 2


def test_same_reference_with_other_rows_is_refused(activate, change) -> None:
    activate(entry())
    change(puts=[entry(source_id="UT-2")])

    with pytest.raises(ListRefused, match="reference_reused"):
        change(puts=[entry(source_id="UT-3")])


def test_changes_that_change_nothing_make_no_version(activate, change) -> None:
    activate(entry())

    assert change(puts=[entry()]).version is None
    assert WatchlistVersion.objects.count() == 1


def test_changes_are_searched_once_another_person_approves(activate, change, owner, second, at) -> None:
    activate(entry())
    made = change(puts=[entry(source_id="UT-2")])

    with pytest.raises(ListRefused, match="second_person_required"):
        activate_version(actor=owner, at=at, version_id=made.version.id)
    assert activate_version(actor=second, at=at, version_id=made.version.id).entry_count == 2


def test_list_without_a_version_begins_with_its_first_changes(change) -> None:
    made = change(puts=[entry()])

    assert made.version.entry_count == 1


@pytest.mark.parametrize("reference", ["", "a b", "x" * 61, "Å"])
def test_reference_is_a_short_code(change, reference: str) -> None:
    with pytest.raises(ListRefused, match="bad_reference"):
        change(reference=reference, puts=[entry()])


def test_officer_changes_no_list(watchlist, alice, actor_of, at) -> None:
    with pytest.raises(ListRefused, match="role_required"):
        propose_changes(actor=actor_of(alice), at=at, watchlist=watchlist, reference="R", puts=[entry()])


def test_activation_asks_for_nothing_that_grows_with_the_list(
    propose, second, at, django_assert_max_num_queries
) -> None:
    version = propose(*(entry(source_id=f"UT-{n}") for n in range(50)))

    with django_assert_max_num_queries(20):
        activate_version(actor=second, at=at, version_id=version.id)
