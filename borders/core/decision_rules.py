"""What an officer may decide, and when: pure rules over the state, the line, the findings and the persons."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from borders.core.recommendation import Advice


class Line(StrEnum):
    """First line: the booth. Second line: whoever takes over what the booth refers."""

    FIRST = "FIRST"
    SECOND = "SECOND"


class Verdict(StrEnum):
    """How an officer may answer. RETAKEN says nothing of the traveller: a picture was wrong, and another inspection follows."""

    CLEARED = "CLEARED"
    REFERRED = "REFERRED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    RETAKEN = "RETAKEN"


LINE_OF_STATE: Mapping[str, Line] = MappingProxyType({"READY": Line.FIRST, "REFERRED": Line.SECOND})
VERDICTS_OF_LINE: Mapping[Line, frozenset[Verdict]] = MappingProxyType(
    {
        Line.FIRST: frozenset({Verdict.CLEARED, Verdict.REFERRED, Verdict.WITHDRAWN, Verdict.RETAKEN}),
        Line.SECOND: frozenset({Verdict.CLEARED, Verdict.REFUSED, Verdict.WITHDRAWN}),
    }
)


class DecisionRefused(ValueError):
    """The decision may not stand as it is.

    code: stable; field: the part of the request at fault, "" for none.
    """

    def __init__(self, code: str, field: str = ""):
        super().__init__(f"{code}: {field}" if field else code)
        self.code = code
        self.field = field


@dataclass(frozen=True, slots=True)
class Case:
    """What the rules look at.

    protection_alarm: a finding in force is FAIL with route PROTECTION, or protection was
    asked for. identified: there are names to record
    a crossing under. has_reason: the officer gave one. same_person: whoever decides has already decided at
    the first line. wrong_picture: the officer says which picture is at fault.
    """

    line: Line
    verdict: Verdict
    advice: Advice
    protection_alarm: bool
    identified: bool
    has_reason: bool
    same_person: bool
    wrong_picture: bool = False


def check_can_decide(case: Case) -> bool:
    """Return whether the decision overrides the advice: the first line clears although it is REFER.

    Raises DecisionRefused:
    outcome_not_allowed: the line knows no such outcome; only the second line refuses; a traveller is taken anew
    only for a picture at fault.
    second_person_required: the second line is another person than the first, so that no adverse face hit is
    one person's word.
    protection_blocks_refusal: a protection alarm is never answered by a refusal.
    protection_needs_referral: nor by letting somebody turn back unseen: a withdrawal goes through the second
    line.
    reason_required: clearing what the advice refers, and refusing, need a reason.
    identity_missing: a crossing is recorded for somebody.
    """
    is_retaken = case.verdict is Verdict.RETAKEN
    if case.verdict not in VERDICTS_OF_LINE[case.line] or is_retaken is not case.wrong_picture:
        raise DecisionRefused("outcome_not_allowed", "outcome")
    if case.line is Line.SECOND and case.same_person:
        raise DecisionRefused("second_person_required", "outcome")
    if case.protection_alarm:
        if case.verdict is Verdict.REFUSED:
            raise DecisionRefused("protection_blocks_refusal", "outcome")
        if case.verdict in (Verdict.WITHDRAWN, Verdict.RETAKEN) and case.line is Line.FIRST:
            raise DecisionRefused("protection_needs_referral", "outcome")
    against_advice = case.verdict is Verdict.CLEARED and case.advice is Advice.REFER
    if (against_advice or case.verdict is Verdict.REFUSED) and not case.has_reason:
        raise DecisionRefused("reason_required", "reason")
    if case.verdict is Verdict.CLEARED and not case.identified:
        raise DecisionRefused("identity_missing", "outcome")
    return against_advice and case.line is Line.FIRST
