"""Floors for reading generated pages: fixed seed, and a cut of OCR-B that the network was not trained on.

The floors lie a little under what docs/mrz.md reports for larger sets; 24 pages a level keep the test short.
"""

import time
from dataclasses import dataclass

import pytest

from biometrics.core.mrz import ReadingStatus, Recogniser, read_page
from biometrics.training.pages import Level, generate_page
from tests.unit.biometrics.mrz.pages import FONT, open_recogniser

SEED = 9
PAGES = 24


@dataclass(frozen=True, slots=True)
class Tally:
    exact: int
    accepted: int
    wrong_accepted: int


@pytest.fixture(scope="module")
def recognise() -> Recogniser:
    return open_recogniser()


def tally(level: Level, recognise: Recogniser) -> Tally:
    exact = accepted = wrong_accepted = 0
    for index in range(PAGES):
        page = generate_page(SEED, index, FONT, level=level)
        reading = read_page(page.image_bgr, recognise, clock=time.process_time, budget_ms=1000)
        is_exact = reading.lines == page.lines
        exact += is_exact
        if reading.status is ReadingStatus.ACCEPTED:
            accepted += 1
            wrong_accepted += not is_exact
    return Tally(exact, accepted, wrong_accepted)


@pytest.mark.parametrize(
    ("level", "min_exact", "min_accepted"),
    [(Level.FLATBED, 24, 21), (Level.PHONE, 22, 21), (Level.HARD, 20, 17)],
    ids=["flatbed", "phone", "hard"],
)
def test_generated_pages_are_read(
    recognise: Recogniser, level: Level, min_exact: int, min_accepted: int
) -> None:
    found = tally(level, recognise)
    assert found.exact >= min_exact
    assert found.accepted >= min_accepted
    assert found.wrong_accepted == 0


def test_pages_without_a_zone_are_never_reported(recognise: Recogniser) -> None:
    for index in range(PAGES):
        page = generate_page(SEED, index, FONT, level=Level(index % 3), with_zone=False)
        reading = read_page(page.image_bgr, recognise, clock=time.process_time, budget_ms=1000)
        assert reading.status is ReadingStatus.UNREADABLE
