"""Capture advice: one answer for every outcome."""

from dataclasses import replace

import pytest

from biometrics.core.mrz import (
    ADVICE_TEXTS,
    CaptureAdvice,
    CheckDigit,
    CheckDigitFinding,
    CheckDigitVerdict,
    FieldName,
    MrzReading,
    ReadingStatus,
    UnreadableReason,
    capture_advice,
)

REVIEW = MrzReading(ReadingStatus.REVIEW, layout="TD3", lines=("P", "L"))
WRONG = CheckDigitFinding(
    CheckDigit(FieldName.BIRTH_DATE, "1", "2", False), CheckDigitVerdict.WRONG_AS_PRINTED
)


def test_every_advice_has_words() -> None:
    assert set(ADVICE_TEXTS) == set(CaptureAdvice)
    assert all(text.endswith(".") for text in ADVICE_TEXTS.values())


@pytest.mark.parametrize("reason", list(UnreadableReason))
def test_every_reason_has_advice(reason: UnreadableReason) -> None:
    assert capture_advice(MrzReading(ReadingStatus.UNREADABLE, reason))


def test_an_accepted_reading_needs_none() -> None:
    assert capture_advice(replace(REVIEW, status=ReadingStatus.ACCEPTED)) == ()


@pytest.mark.parametrize(
    ("reading", "advice"),
    [
        (REVIEW, (CaptureAdvice.COMPARE_DOUBTFUL_CHARACTERS,)),
        (replace(REVIEW, has_second_zone=True), (CaptureAdvice.ONE_DOCUMENT_ONLY,)),
        (replace(REVIEW, findings=(WRONG,)), (CaptureAdvice.COMPARE_WRONG_DIGITS,)),
        (
            replace(REVIEW, findings=(WRONG,), doubtful=((0, 3),)),
            (CaptureAdvice.COMPARE_WRONG_DIGITS, CaptureAdvice.COMPARE_DOUBTFUL_CHARACTERS),
        ),
    ],
)
def test_a_review_says_what_to_look_at(reading: MrzReading, advice: tuple[CaptureAdvice, ...]) -> None:
    assert capture_advice(reading) == advice
