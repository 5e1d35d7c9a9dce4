"""Floors for the document checks on generated documents. The full measurement is manage.py evaluate_documents."""

import numpy as np
import pytest

from tests.documents.evaluation import measure, measure_doubtful, measure_genuine
from tests.documents.forgeries import LOGICAL_KINDS

SEED = 7


def test_genuine_documents_raise_hardly_any_alarm() -> None:
    tally, _ = measure_genuine(np.random.default_rng(SEED), 1500)
    assert tally.referred / tally.count <= 0.005, tally.codes


def test_misread_characters_are_hardly_ever_called_forged() -> None:
    assert measure_doubtful(np.random.default_rng(SEED), 300)["rate"] <= 0.02


@pytest.mark.parametrize("kind", LOGICAL_KINDS, ids=lambda kind: kind.name)
def test_a_kind_of_forgery_is_found(kind) -> None:
    tally = measure(kind, np.random.default_rng(SEED), 40)
    # a date that is rewritten as a whole fits its digits by chance once in some fifty times
    floor = 0.9 if kind.name == "expiry rewritten in zone and page" else 0.99
    assert tally.detected / tally.count >= floor


def test_there_are_at_least_25_kinds_in_many_groups() -> None:
    assert len(LOGICAL_KINDS) >= 25
    assert len({kind.name for kind in LOGICAL_KINDS}) == len(LOGICAL_KINDS)
    assert {kind.group for kind in LOGICAL_KINDS} >= {
        "zone",
        "page",
        "issuer",
        "lists",
        "visa",
        "record",
        "protection",
    }
