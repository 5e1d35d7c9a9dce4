"""A second opinion raises doubt or agrees; it never changes a character, and its absence has a code."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from biometrics.core.mrz import MrzReading, ReadingStatus, Recogniser, read_page
from biometrics.core.mrz.opinion import OpinionOutcome, add_opinion, compare_opinion
from biometrics.services.mrz_opinion import ask_tesseract
from tests.unit.biometrics.mrz.pages import PASSPORT, photograph

READING = MrzReading(
    ReadingStatus.ACCEPTED, layout="TD3", lines=PASSPORT, lines_read=PASSPORT, doubtful=((1, 3),)
)
OTHERWISE = PASSPORT[0].replace("ANNA", "ANMA")


@pytest.mark.parametrize(
    ("texts", "outcome", "differs"),
    [
        (PASSPORT, OpinionOutcome.AGREES, ()),
        (("PASSPORT", PASSPORT[0], "", PASSPORT[1][:20] + " " + PASSPORT[1][20:]), OpinionOutcome.AGREES, ()),
        ((OTHERWISE, PASSPORT[1]), OpinionOutcome.DIFFERS, ((0, 17),)),
        ((PASSPORT[0],), OpinionOutcome.UNUSABLE, ()),
        ((*PASSPORT, PASSPORT[1]), OpinionOutcome.UNUSABLE, ()),
        ((), OpinionOutcome.UNUSABLE, ()),
    ],
)
def test_lines_are_compared_character_by_character(
    texts: tuple[str, ...], outcome: OpinionOutcome, differs: tuple[tuple[int, int], ...]
) -> None:
    opinion = compare_opinion(READING, texts)
    assert (opinion.outcome, opinion.differs) == (outcome, differs)


def test_a_difference_is_for_review_and_changes_no_character() -> None:
    judged = add_opinion(READING, compare_opinion(READING, (OTHERWISE, PASSPORT[1])))
    assert judged.status is ReadingStatus.REVIEW
    assert judged.doubtful == ((0, 17), (1, 3))
    assert judged.lines == judged.lines_read == PASSPORT


@pytest.mark.parametrize("status", [ReadingStatus.ACCEPTED, ReadingStatus.REVIEW])
def test_agreement_accepts_nothing(status: ReadingStatus) -> None:
    reading = replace(READING, status=status)
    assert add_opinion(reading, compare_opinion(reading, PASSPORT)) == reading


def test_nothing_read_has_no_opinion() -> None:
    assert compare_opinion(MrzReading(ReadingStatus.UNREADABLE), PASSPORT).outcome is OpinionOutcome.UNUSABLE


def test_without_the_weight_the_opinion_is_absent(tmp_path: Path) -> None:
    image = photograph("TD3", PASSPORT)
    opinion = ask_tesseract(image_bgr=image, reading=READING, tessdata=tmp_path)
    assert opinion.outcome is OpinionOutcome.ABSENT


def test_tesseract_agrees_on_a_clean_page(recognise: Recogniser) -> None:
    tessdata = Path(os.environ.get("TESSDATA_PREFIX", "nowhere"))
    image = photograph("TD3", PASSPORT)
    reading = read_page(image, recognise, clock=time.process_time, budget_ms=10_000)
    opinion = ask_tesseract(image_bgr=image, reading=reading, tessdata=tessdata)
    if opinion.outcome is OpinionOutcome.ABSENT:
        pytest.skip("tesseract or mrz.traineddata (in $TESSDATA_PREFIX) is not installed")
    assert opinion.outcome is OpinionOutcome.AGREES
