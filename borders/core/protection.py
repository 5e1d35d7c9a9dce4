"""An alarm as a question about protection: what is asked, what the answers point to, whom to turn to.

Answers are codes about circumstances, never diagnoses, and nothing here looks at nationality, ethnicity or belief. The questions
follow the determinants of vulnerability of IOM (Handbook on Protection and Assistance for Migrants Vulnerable to Violence,
Exploitation and Abuse, 2019: individual, household and family, community, structural) and the indicators of trafficking of UNODC
(general indicators, children). They are asked in private, in the traveller's language, and only of people whom an indicator or an
officer points to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from audit.core.states import StateTable, Transition


class Factor(StrEnum):
    """Where a circumstance lies."""

    INDIVIDUAL = "INDIVIDUAL"
    HOUSEHOLD = "HOUSEHOLD"
    COMMUNITY = "COMMUNITY"
    STRUCTURAL = "STRUCTURAL"
    TRAFFICKING = "TRAFFICKING"
    CHILD = "CHILD"


class ServiceKind(StrEnum):
    """Who helps."""

    CHILD_PROTECTION = "CHILD_PROTECTION"
    COUNTER_TRAFFICKING = "COUNTER_TRAFFICKING"
    ASYLUM = "ASYLUM"
    HEALTH = "HEALTH"
    CONSULATE = "CONSULATE"


class Answer(StrEnum):
    """What was answered. NOT_ANSWERED: asked, and the traveller would rather not say; it counts as nothing."""

    YES = "YES"
    NO = "NO"
    UNSURE = "UNSURE"
    NOT_ANSWERED = "NOT_ANSWERED"


class Cause(StrEnum):
    """Why a case was opened."""

    ALARM = "ALARM"
    OFFICER = "OFFICER"
    CLAIM = "CLAIM"


class CaseOutcome(StrEnum):
    """How a case ended."""

    HELPED = "HELPED"
    DECLINED = "DECLINED"
    NO_NEED = "NO_NEED"


@dataclass(frozen=True, slots=True)
class Question:
    """One short neutral question. code: stable. of_minors: asked of children only. points_to: services that a YES speaks for."""

    code: str
    factor: Factor
    text: str
    points_to: tuple[ServiceKind, ...] = ()
    of_minors: bool = False


_CHILD, _TRAFFICKING, _ASYLUM = (
    ServiceKind.CHILD_PROTECTION,
    ServiceKind.COUNTER_TRAFFICKING,
    ServiceKind.ASYLUM,
)
QUESTIONS: tuple[Question, ...] = (
    Question("FEELS_SAFE_NOT", Factor.INDIVIDUAL, "Is there anything that makes you feel unsafe now?"),
    Question(
        "NEEDS_CARE",
        Factor.INDIVIDUAL,
        "Do you need a doctor, medicine or rest today?",
        (ServiceKind.HEALTH,),
    ),
    Question("SPEAKS_ALONE_NOT", Factor.INDIVIDUAL, "Would you like somebody with you while we talk?"),
    Question("NOBODY_KNOWS", Factor.HOUSEHOLD, "Is there nobody at home who knows where you are?"),
    Question(
        "FAMILY_DEBT", Factor.HOUSEHOLD, "Does your family owe money for your journey?", (_TRAFFICKING,)
    ),
    Question(
        "SENT_BY_OTHERS", Factor.HOUSEHOLD, "Did somebody else decide that you travel?", (_TRAFFICKING,)
    ),
    Question("NOBODY_MEETS", Factor.COMMUNITY, "Is there nobody you know where you are going?"),
    Question("HAS_NO_PLACE", Factor.COMMUNITY, "Are you without a place to sleep tonight?"),
    Question(
        "CANNOT_RETURN", Factor.STRUCTURAL, "Are you afraid to go back to where you come from?", (_ASYLUM,)
    ),
    Question(
        "WANTS_OWN_CONSULATE",
        Factor.STRUCTURAL,
        "Would you like to speak to your own consulate?",
        (ServiceKind.CONSULATE,),
    ),
    Question(
        "PAPERS_HELD",
        Factor.TRAFFICKING,
        "Does somebody else keep your documents or your telephone?",
        (_TRAFFICKING,),
    ),
    Question(
        "WORK_UNKNOWN",
        Factor.TRAFFICKING,
        "Are you promised work that you know little about?",
        (_TRAFFICKING,),
    ),
    Question(
        "MAY_NOT_LEAVE",
        Factor.TRAFFICKING,
        "Has somebody told you that you may not leave or speak?",
        (_TRAFFICKING,),
    ),
    Question(
        "OWES_FOR_JOURNEY", Factor.TRAFFICKING, "Must you pay somebody back by working?", (_TRAFFICKING,)
    ),
    Question(
        "TAUGHT_ANSWERS", Factor.TRAFFICKING, "Did somebody tell you what to say here?", (_TRAFFICKING,)
    ),
    Question(
        "NOT_WITH_PARENTS",
        Factor.CHILD,
        "Are you travelling without your mother or father?",
        (_CHILD,),
        of_minors=True,
    ),
    Question(
        "KNOWS_ADULT_NOT",
        Factor.CHILD,
        "Did you meet the adult you travel with only for this journey?",
        (_CHILD, _TRAFFICKING),
        of_minors=True,
    ),
    Question("NO_SCHOOL", Factor.CHILD, "Are you going away from your school?", (_CHILD,), of_minors=True),
)
QUESTION_OF: Mapping[str, Question] = {question.code: question for question in QUESTIONS}

PROTECTION_STATES = StateTable(
    name="ProtectionCase",
    states=("OPEN", "REFERRED", "ACKNOWLEDGED", "HANDED_OVER", "CLOSED"),
    transitions=(
        Transition("OPEN", "REFERRED", "a named service is asked"),
        Transition("OPEN", "CLOSED", "no need found, or help declined"),
        Transition("REFERRED", "ACKNOWLEDGED", "the service says that it comes"),
        Transition("REFERRED", "OPEN", "the service cannot: ask another"),
        Transition("ACKNOWLEDGED", "HANDED_OVER", "the traveller is with the service"),
        Transition("HANDED_OVER", "CLOSED", "what came of it is recorded"),
    ),
)


class ProtectionRefused(ValueError):
    """The act does not fit the case.

    code: not_open, not_referred, not_acknowledged, not_handed_over, unknown_question, question_of_minors, invalid,
    service_unknown, outcome_required, consulate_excluded, already_open; field: or "".
    """

    def __init__(self, code: str, field: str = ""):
        super().__init__(f"{code}: {field}" if field else code)
        self.code = code
        self.field = field


def questions_for(*, is_minor: bool) -> tuple[Question, ...]:
    """Return what may be asked of this person, children's questions first for a child."""
    asked = [q for q in QUESTIONS if is_minor or not q.of_minors]
    return tuple(sorted(asked, key=lambda q: not q.of_minors))


def suggest_services(answers: Mapping[str, Answer], *, is_minor: bool) -> tuple[ServiceKind, ...]:
    """Return the services that the answers speak for, the most pressing first; a person chooses.

    answers: the latest of each question. A child always has child protection first. The consulate is never suggested to
    somebody who fears to go back: it is the State they fear, or may be.
    """
    wanted = {
        service
        for code, answer in answers.items()
        if answer is Answer.YES and code in QUESTION_OF
        for service in QUESTION_OF[code].points_to
    }
    if is_minor:
        wanted.add(ServiceKind.CHILD_PROTECTION)
    if excludes_consulate(answers):
        wanted.discard(ServiceKind.CONSULATE)
    return tuple(kind for kind in ServiceKind if kind in wanted)


def excludes_consulate(answers: Mapping[str, Answer]) -> bool:
    """Tell whether the State of origin must not learn of this person: a fear of return is said, or not denied."""
    return answers.get("CANNOT_RETURN") in (Answer.YES, Answer.UNSURE)
