"""Protection: who may open and read a case, what it blocks, how it reaches a service, and what the trail keeps."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from audit.core.actor import Role, system_actor
from audit.models import AuditEntry
from borders.core.decision_rules import DecisionRefused
from borders.core.protection import Cause, ProtectionRefused
from borders.models import FacilitatorCase, ProtectionAnswer, ProtectionCase, ProtectionService, Referral
from borders.services.decisions import decide
from borders.services.protection import (
    acknowledge_case,
    answer_questions,
    ask_protection,
    cases_in_reach,
    close_case,
    hand_over_case,
    latest_answers,
    needs_another_way,
    open_facilitator_case,
    refer_case,
    remind_services,
    take_back_case,
)
from tests.db.conftest import make_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def petra(airport, actor_of):
    """Protection officer at the airport."""
    return actor_of(make_officer("petra", "UT-0004", airport, Role.PROTECTION))


@pytest.fixture
def services(db) -> dict[str, ProtectionService]:
    kinds = ("CHILD_PROTECTION", "ASYLUM", "CONSULATE")
    return {
        kind: ProtectionService.objects.create(
            kind=kind, name=kind, contact="telephone 1", minutes_to_acknowledge=30
        )
        for kind in kinds
    }


@pytest.fixture
def case(ready, outcomes, alice_here, at) -> ProtectionCase:
    """The traveller asks for protection at the booth."""
    outcomes({})
    inspection = ready()
    ask_protection(actor=alice_here, at=at, inspection_id=inspection.id, cause=Cause.CLAIM)
    return ProtectionCase.objects.get(inspection=inspection)


def test_asking_twice_opens_one_case(case, alice_here, at) -> None:
    ask_protection(actor=alice_here, at=at, inspection_id=case.inspection_id, cause=Cause.OFFICER)

    assert ProtectionCase.objects.get().cause == Cause.CLAIM
    assert AuditEntry.objects.filter(action="protection_case.opened").count() == 1


def test_officer_of_another_port_opens_none(case, charlie_there, at) -> None:
    with pytest.raises(PermissionDenied):
        ask_protection(actor=charlie_there, at=at, inspection_id=case.inspection_id, cause=Cause.CLAIM)


def test_case_is_sealed_from_booth_and_supervisor(case, alice_here, bob_here, charlie_there, petra) -> None:
    for actor in (alice_here, bob_here, charlie_there):
        assert not cases_in_reach(actor=actor).exists()
    assert cases_in_reach(actor=petra).get() == case


@pytest.mark.parametrize(
    "act", [refer_case, acknowledge_case, hand_over_case, take_back_case, close_case, answer_questions]
)
def test_nobody_else_acts_on_a_case(case, services, bob_here, at, act) -> None:
    further = {
        refer_case: {"service_id": services["ASYLUM"].id},
        close_case: {"outcome": "NO_NEED"},
        answer_questions: {"answers": {}, "language": "en", "is_minor": False},
    }.get(act, {})

    with pytest.raises(PermissionDenied):
        act(actor=bob_here, at=at, case_id=case.id, **further)


def test_claim_blocks_refusal_and_sends_the_referral_to_protection(case, alice_here, bob_here, at) -> None:
    decide(actor=alice_here, at=at, inspection_id=case.inspection_id, outcome="REFERRED")

    assert "PROTECTION" in Referral.objects.values_list("route", flat=True)
    with pytest.raises(DecisionRefused) as refusal:
        decide(actor=bob_here, at=at, inspection_id=case.inspection_id, outcome="REFUSED", reason="none")
    assert refusal.value.code == "protection_blocks_refusal"


def test_closed_without_need_blocks_nothing(case, alice_here, bob_here, petra, at) -> None:
    decide(actor=alice_here, at=at, inspection_id=case.inspection_id, outcome="REFERRED")
    close_case(actor=petra, at=at, case_id=case.id, outcome="NO_NEED")

    assert (
        decide(
            actor=bob_here, at=at, inspection_id=case.inspection_id, outcome="REFUSED", reason="none"
        ).outcome
        == "REFUSED"
    )


def test_case_goes_to_a_service_and_is_handed_over(case, services, alice_here, petra, at) -> None:
    decide(actor=alice_here, at=at, inspection_id=case.inspection_id, outcome="REFERRED")

    refer_case(actor=petra, at=at, case_id=case.id, service_id=services["ASYLUM"].id)
    acknowledge_case(actor=petra, at=at, case_id=case.id)
    hand_over_case(actor=petra, at=at, case_id=case.id)
    closed = close_case(actor=petra, at=at, case_id=case.id, outcome="HELPED")

    assert (closed.state, closed.outcome) == ("CLOSED", "HELPED")
    assert Referral.objects.get(route="PROTECTION").state == "ACKNOWLEDGED"
    acts = AuditEntry.objects.filter(object_id=str(case.id)).order_by("id").values_list("action", flat=True)
    assert [a.rpartition(".")[2] for a in acts] == [
        "opened",
        "referred",
        "acknowledged",
        "handed_over",
        "closed",
    ]


def test_steps_cannot_be_skipped(case, services, petra, at) -> None:
    for act in (acknowledge_case, hand_over_case, take_back_case):
        with pytest.raises(ProtectionRefused):
            act(actor=petra, at=at, case_id=case.id)
    with pytest.raises(ProtectionRefused):
        close_case(actor=petra, at=at, case_id=case.id, outcome="HELPED")
    with pytest.raises(DatabaseError), transaction.atomic():
        ProtectionCase.objects.update(state="HANDED_OVER")


def test_service_that_cannot_come_leaves_the_case_open_for_another(case, services, petra, at) -> None:
    refer_case(actor=petra, at=at, case_id=case.id, service_id=services["ASYLUM"].id)
    take_back_case(actor=petra, at=at, case_id=case.id)

    again = refer_case(actor=petra, at=at, case_id=case.id, service_id=services["CHILD_PROTECTION"].id)

    assert again.service == services["CHILD_PROTECTION"]


def test_consulate_is_not_asked_for_who_fears_to_go_back(case, services, petra, at) -> None:
    answer_questions(
        actor=petra, at=at, case_id=case.id, answers={"CANNOT_RETURN": "YES"}, language="ar", is_minor=False
    )

    with pytest.raises(ProtectionRefused) as refusal:
        refer_case(actor=petra, at=at, case_id=case.id, service_id=services["CONSULATE"].id)
    assert refusal.value.code == "consulate_excluded"


def test_latest_answer_counts_and_earlier_ones_stay(case, petra, at) -> None:
    for minute, answer in enumerate(("NO", "YES")):
        answer_questions(
            actor=petra,
            at=at + timedelta(minutes=minute),
            case_id=case.id,
            answers={"PAPERS_HELD": answer},
            language="en",
            is_minor=False,
        )

    assert latest_answers(case_id=case.id) == {"PAPERS_HELD": "YES"}
    assert ProtectionAnswer.objects.count() == 2


def test_trail_keeps_which_questions_but_no_answer(case, petra, at) -> None:
    answer_questions(
        actor=petra, at=at, case_id=case.id, answers={"PAPERS_HELD": "YES"}, language="en", is_minor=False
    )

    assert AuditEntry.objects.get(action="protection_case.answered").detail == {"questions": ["PAPERS_HELD"]}


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"NO_SUCH": "YES"}, "unknown_question"),
        ({"PAPERS_HELD": "MAYBE"}, "invalid"),
        ({"NO_SCHOOL": "YES"}, "question_of_minors"),
    ],
)
def test_answers_that_are_not_taken_leave_nothing(case, petra, at, answers, code: str) -> None:
    with pytest.raises(ProtectionRefused) as refusal:
        answer_questions(
            actor=petra,
            at=at,
            case_id=case.id,
            answers={"NEEDS_CARE": "YES"} | answers,
            language="en",
            is_minor=False,
        )

    assert refusal.value.code == code
    assert not ProtectionAnswer.objects.exists()


def test_late_service_is_reminded_of_once(case, services, petra, at) -> None:
    refer_case(actor=petra, at=at, case_id=case.id, service_id=services["ASYLUM"].id)
    late = at + timedelta(minutes=31)

    assert remind_services(actor=system_actor("sweep"), at=at) == 0
    assert [remind_services(actor=system_actor("sweep"), at=late) for _ in range(2)] == [1, 0]


def test_service_that_never_answers_is_reminded_a_few_times_and_then_called(
    case, services, petra, at
) -> None:
    service = services["ASYLUM"]
    referred = refer_case(actor=petra, at=at, case_id=case.id, service_id=service.id)
    each = timedelta(minutes=service.minutes_to_acknowledge)

    reminded = [
        remind_services(actor=system_actor("sweep"), at=referred.due_at + each * half / 2)
        for half in range(9)
    ]

    # at the deadline, and after as long again, and again
    assert reminded == [1, 0, 1, 0, 1, 0, 0, 0, 0]
    assert not needs_another_way(referred, at=referred.due_at)
    assert needs_another_way(referred, at=referred.due_at + each)


def test_facilitator_has_a_case_apart_from_any_victim(case, bob_here, at, ready, outcomes) -> None:
    adult = ready()

    opened = open_facilitator_case(
        actor=bob_here, at=at, inspection_id=adult.id, indicators=("PARTY.UNRELATED_MINORS",)
    )

    assert opened.inspection == adult
    assert not {f.related_model for f in FacilitatorCase._meta.get_fields() if f.is_relation} & {
        ProtectionCase
    }
    with pytest.raises(ProtectionRefused):
        open_facilitator_case(actor=bob_here, at=at, inspection_id=adult.id, indicators=())
