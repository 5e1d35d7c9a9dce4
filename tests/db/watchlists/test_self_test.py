"""The self-test: passes while the engine fires, fails when it does not, and shows nobody anything."""

from datetime import timedelta

import pytest

from audit.core.actor import system_actor
from biometrics.core.outcomes import Outcome
from biometrics.models import OperatingPoint
from tests.db.watchlists.conftest import entry
from watchlists.core.self_test import CASES
from watchlists.models import EntryKey, Hit
from watchlists.queries import get_active_lists
from watchlists.services import activate_version
from watchlists.services.self_test import is_self_test_due, propose_test_list, run_self_test

SYSTEM = system_actor("self_test")


@pytest.fixture
def test_list(owner, second, at, threshold):
    return activate_version(actor=second, at=at, version_id=propose_test_list(actor=owner, at=at).id)


def test_every_test_entry_is_found_by_its_perturbed_self(test_list, at) -> None:
    run = run_self_test(actor=SYSTEM, at=at)

    assert (run.passed, run.missed, run.reason) == (True, [], "")
    assert run.found == run.screened == 2 * len(CASES)


def test_entry_that_is_not_found_any_more_fails_the_test(test_list, at) -> None:
    lost = test_list.entries.get(source_id="TEST-01")
    EntryKey.objects.filter(entry_id=lost.id).delete()

    run = run_self_test(actor=SYSTEM, at=at)

    assert not run.passed
    assert {one["entry"] for one in run.missed} == {"TEST-01"}


def test_threshold_that_nobody_reaches_fails_the_test(test_list, at) -> None:
    OperatingPoint.objects.filter(purpose="NAME_SCREENING").update(threshold=60.0)

    assert not run_self_test(actor=SYSTEM, at=at).passed


def test_without_a_test_list_the_test_fails_with_its_reason(threshold, at) -> None:
    run = run_self_test(actor=SYSTEM, at=at)

    assert (run.passed, run.reason) == (False, "no_test_list")


def test_test_entries_are_never_searched_for_a_traveller(
    test_list, activate, screen_reading, make_reading
) -> None:
    activate(entry())

    result = screen_reading(
        make_reading(
            primary_identifier="TESTOVSKY",
            secondary_identifier="QUENTINIUS",
            document_number=CASES[0].document_number,
        )
    )

    assert {finding.outcome for finding in result.findings[:2]} == {Outcome.PASS}
    assert not Hit.objects.exists()
    assert str(test_list.watchlist_id) not in get_active_lists().numbers


def test_test_is_due_once_a_day(test_list, at) -> None:
    assert is_self_test_due(at=at)
    run_self_test(actor=SYSTEM, at=at)
    assert not is_self_test_due(at=at + timedelta(hours=23))
    assert is_self_test_due(at=at + timedelta(hours=25))
