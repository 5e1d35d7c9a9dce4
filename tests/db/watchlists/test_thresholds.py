"""Thresholds of lists: two persons, versions, and that the one in force decides."""

import pytest

from audit.models import AuditEntry
from tests.db.watchlists.conftest import THRESHOLD, entry
from watchlists.core.thresholds import threshold_for
from watchlists.models import Hit, ListThreshold
from watchlists.services.thresholds import (
    ThresholdRefused,
    approve_list_threshold,
    propose_list_threshold,
    reject_list_threshold,
)


@pytest.fixture
def propose_bits(owner, at, watchlist):
    def make(bits: float) -> ListThreshold:
        return propose_list_threshold(
            actor=owner,
            at=at,
            watchlist_id=watchlist.id,
            base_bits=bits,
            target="of the tests",
            provenance="of the tests",
        )

    return make


@pytest.mark.parametrize(
    ("entries", "bits"),
    [(100_000, 20.0), (1_000_000, 23.32), (10_000, 16.68), (1_000, 13.36), (3, 13.36), (0, 13.36)],
)
def test_threshold_moves_with_the_size_of_the_list(entries: int, bits: float) -> None:
    assert threshold_for(entries, base_bits=20.0) == bits


def test_list_uses_its_own_threshold_once_it_is_approved(
    activate, propose_bits, second, at, screen_reading, make_reading
) -> None:
    activate(entry())
    proposed = propose_bits(60.0)

    screen_reading(make_reading())
    assert Hit.objects.get().threshold == threshold_for(1, base_bits=THRESHOLD)

    approve_list_threshold(actor=second, at=at, threshold_id=proposed.id)
    screen_reading(make_reading())
    assert Hit.objects.count() == 1


def test_approval_retires_the_threshold_before(propose_bits, second, at) -> None:
    first, other = propose_bits(20.0), propose_bits(22.0)
    approve_list_threshold(actor=second, at=at, threshold_id=first.id)
    approve_list_threshold(actor=second, at=at, threshold_id=other.id)

    states = ListThreshold.objects.order_by("version").values_list("version", "state")
    assert list(states) == [(1, "RETIRED"), (2, "ACTIVE")]
    assert AuditEntry.objects.filter(action="list_threshold.approved").count() == 2


def test_nobody_approves_their_own_threshold(propose_bits, owner, at) -> None:
    with pytest.raises(ThresholdRefused, match="second_person_required"):
        approve_list_threshold(actor=owner, at=at, threshold_id=propose_bits(20.0).id)


def test_rejected_threshold_cannot_be_approved(propose_bits, second, at) -> None:
    threshold = propose_bits(20.0)
    reject_list_threshold(actor=second, at=at, threshold_id=threshold.id)

    with pytest.raises(ThresholdRefused, match="not_proposed"):
        approve_list_threshold(actor=second, at=at, threshold_id=threshold.id)


@pytest.mark.parametrize("bits", [0.0, 4.9, 60.1, float("nan")])
def test_threshold_out_of_range_is_refused(propose_bits, bits: float) -> None:
    with pytest.raises(ThresholdRefused, match="out_of_range"):
        propose_bits(bits)
