"""What to tell the person at the booth so that the next picture can be read."""

from enum import StrEnum

from biometrics.core.mrz.doubt import (
    CheckDigitVerdict,
    MrzReading,
    ReadingStatus,
    UnreadableReason,
)


class CaptureAdvice(StrEnum):
    """Stable keys of advice; ADVICE_TEXTS has the words."""

    SHOW_THE_DATA_PAGE = "show_the_data_page"
    MOVE_CLOSER = "move_closer"
    HOLD_STILL = "hold_still"
    AVOID_REFLECTIONS = "avoid_reflections"
    CLEAR_THE_BACKGROUND = "clear_the_background"
    ONE_DOCUMENT_ONLY = "one_document_only"
    COMPARE_DOUBTFUL_CHARACTERS = "compare_doubtful_characters"
    COMPARE_WRONG_DIGITS = "compare_wrong_digits"


ADVICE_TEXTS: dict[CaptureAdvice, str] = {
    CaptureAdvice.SHOW_THE_DATA_PAGE: "Show the whole page with the lines of letters and < signs, not mirrored.",
    CaptureAdvice.MOVE_CLOSER: "Move closer: the characters are too small in the picture.",
    CaptureAdvice.HOLD_STILL: "Hold the document still and let the camera focus.",
    CaptureAdvice.AVOID_REFLECTIONS: "Tilt the document or move the lamp: a reflection hides characters.",
    CaptureAdvice.CLEAR_THE_BACKGROUND: "Lay the document on a plain background: there was too much else to search.",
    CaptureAdvice.ONE_DOCUMENT_ONLY: "Show one document at a time.",
    CaptureAdvice.COMPARE_DOUBTFUL_CHARACTERS: "Compare the marked characters with the document, or take it again.",
    CaptureAdvice.COMPARE_WRONG_DIGITS: "A check digit is printed wrong: compare it with the document.",
}

REASON_ADVICE: dict[UnreadableReason, tuple[CaptureAdvice, ...]] = {
    UnreadableReason.NO_ZONE_FOUND: (CaptureAdvice.SHOW_THE_DATA_PAGE,),
    UnreadableReason.TOO_SMALL: (CaptureAdvice.MOVE_CLOSER,),
    UnreadableReason.BLURRED: (CaptureAdvice.HOLD_STILL,),
    UnreadableReason.GLARE: (CaptureAdvice.AVOID_REFLECTIONS,),
    UnreadableReason.OUT_OF_TIME: (CaptureAdvice.CLEAR_THE_BACKGROUND,),
}


def capture_advice(reading: MrzReading) -> tuple[CaptureAdvice, ...]:
    """Return what to do before the next picture, most useful first; nothing for an accepted reading."""
    if reading.status is ReadingStatus.ACCEPTED:
        return ()
    if reading.reason is not None:
        return REASON_ADVICE[reading.reason]
    advice = []
    if reading.has_second_zone:
        advice.append(CaptureAdvice.ONE_DOCUMENT_ONLY)
    if any(finding.verdict is CheckDigitVerdict.WRONG_AS_PRINTED for finding in reading.findings):
        advice.append(CaptureAdvice.COMPARE_WRONG_DIGITS)
    if reading.doubtful or not advice:
        advice.append(CaptureAdvice.COMPARE_DOUBTFUL_CHARACTERS)
    return tuple(advice)
