"""Protection cases: open one, ask in private, turn to a named service, hand over, close; each act by who has that purpose."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet

from audit.core.actor import Actor, Role
from audit.services import record
from biometrics.core.outcomes import Route
from borders.core.protection import (
    QUESTION_OF,
    Answer,
    CaseOutcome,
    Cause,
    ProtectionRefused,
    ServiceKind,
    excludes_consulate,
)
from borders.models import (
    FacilitatorCase,
    Inspection,
    OutboxMessage,
    ProtectionAnswer,
    ProtectionCase,
    ProtectionService,
    Referral,
)
from borders.services.access import BORDER_ROLES, officer_with
from borders.services.notifications import can_be_told
from borders.services.row_guard import past_guard

# nobody else reads or writes a case: not the booth, not the supervisor
SEALED_ROLES = frozenset({Role.PROTECTION})
FACILITATOR_ROLES = frozenset({Role.PROTECTION, Role.SECOND_LINE})
BLOCKING = Q(state__in=("OPEN", "REFERRED", "ACKNOWLEDGED", "HANDED_OVER")) | Q(outcome=CaseOutcome.HELPED)
MINOR_PARTY = ("PARTY.UNRELATED_MINORS", "PARTY.MINOR_ACCOMPANIED")


def ask_protection(*, actor: Actor, at: datetime, inspection_id: UUID, cause: Cause) -> None:
    """Open a protection case because an officer sees a sign or the traveller asks. A second time changes nothing.

    Returns nothing, so that the booth learns nothing of a case that was there already. Raises PermissionDenied,
    Inspection.DoesNotExist.
    """
    inspection = Inspection.objects.get(id=inspection_id)
    officer_with(actor=actor, port_id=inspection.port_id, roles=BORDER_ROLES | SEALED_ROLES, at=at)
    open_case(actor=actor, at=at, inspection=inspection, cause=cause)


@transaction.atomic
def open_case(*, actor: Actor, at: datetime, inspection: Inspection, cause: Cause) -> ProtectionCase:
    """Return the protection case of an inspection, opened now if there is none. Called by decisions too, within theirs."""
    case, created = ProtectionCase.objects.get_or_create(
        inspection=inspection,
        defaults={"cause": cause, "opened_by_id": actor.user_id, "opened_at": at},
    )
    if created:
        record(
            actor=actor,
            at=at,
            action="protection_case.opened",
            object_type="protection_case",
            object_id=case.id,
            detail={"cause": cause.value},
        )
    return case


def is_protected(*, inspection_id: UUID) -> bool:
    """Tell whether a protection case stands: it blocks refusal, and any word to the State of origin."""
    # asked for whoever decides or prints, who need not be shown the case
    with past_guard():
        return standing_cases().filter(inspection_id=inspection_id).exists()


def standing_cases() -> QuerySet[ProtectionCase]:
    """Return the cases that block."""
    return ProtectionCase.objects.filter(BLOCKING)


def cases_in_reach(*, actor: Actor) -> QuerySet[ProtectionCase]:
    """Return the cases that the actor may read: none without the role of protection."""
    if not actor.has(*SEALED_ROLES):
        return ProtectionCase.objects.none()
    return ProtectionCase.objects.filter(inspection__port_id__in=actor.port_ids)


@transaction.atomic
def answer_questions(
    *, actor: Actor, at: datetime, case_id: UUID, answers: Mapping[str, str], language: str, is_minor: bool
) -> None:
    """Keep what was answered. Raises ProtectionRefused, PermissionDenied, ProtectionCase.DoesNotExist."""
    case = _reach(actor, at, case_id)
    if case.state == ProtectionCase.State.CLOSED:
        raise ProtectionRefused("not_open")
    for code, answer in answers.items():
        if code not in QUESTION_OF:
            raise ProtectionRefused("unknown_question", code[:24])
        if QUESTION_OF[code].of_minors and not is_minor:
            raise ProtectionRefused("question_of_minors", code)
        if answer not in set(Answer):
            raise ProtectionRefused("invalid", code)
    ProtectionAnswer.objects.bulk_create(
        ProtectionAnswer(
            case=case, question=code, answer=answer, language=language, asked_by_id=actor.user_id, asked_at=at
        )
        for code, answer in answers.items()
    )
    # which questions, not what was said: the trail is read by more people than the case
    _note(actor, at, case, "answered", {"questions": sorted(answers)})


def latest_answers(*, case_id: UUID) -> dict[str, Answer]:
    """Return the latest answer to each question."""
    rows = ProtectionAnswer.objects.filter(case_id=case_id).order_by("asked_at", "id")
    return {code: Answer(answer) for code, answer in rows.values_list("question", "answer")}


def services_for(*, port_id: UUID) -> QuerySet[ProtectionService]:
    """Return the services that may be asked at a port."""
    return ProtectionService.objects.filter(Q(port__isnull=True) | Q(port_id=port_id), active=True).order_by(
        "kind", "name"
    )


@transaction.atomic
def refer_case(*, actor: Actor, at: datetime, case_id: UUID, service_id: UUID) -> ProtectionCase:
    """Turn to a named service; it has its minutes to say that it comes.

    Raises ProtectionRefused (not_open, service_unknown, consulate_excluded), PermissionDenied, ProtectionCase.DoesNotExist.
    """
    case = _reach(actor, at, case_id)
    service = services_for(port_id=case.inspection.port_id).filter(id=service_id).first()
    if service is None:
        raise ProtectionRefused("service_unknown", "service")
    if service.kind == ServiceKind.CONSULATE and excludes_consulate(latest_answers(case_id=case.id)):
        raise ProtectionRefused("consulate_excluded", "service")
    due_at = at + timedelta(minutes=service.minutes_to_acknowledge)
    _move(
        case,
        "OPEN",
        "not_open",
        state="REFERRED",
        service=service,
        referred_at=at,
        due_at=due_at,
        reminded_at=None,
    )
    _tell(case, service, OutboxMessage.Topic.SERVICE_ASKED, at)
    return _note(actor, at, case, "referred", {"service": str(service.id), "kind": service.kind})


@transaction.atomic
def acknowledge_case(*, actor: Actor, at: datetime, case_id: UUID) -> ProtectionCase:
    """Record that the service comes; the booth's referral to protection counts as taken over. Raises as refer_case."""
    case = _reach(actor, at, case_id)
    _move(case, "REFERRED", "not_referred", state="ACKNOWLEDGED", acknowledged_at=at)
    Referral.objects.filter(
        inspection_id=case.inspection_id, route=Route.PROTECTION, state=Referral.State.OPEN
    ).update(state=Referral.State.ACKNOWLEDGED, acknowledged_by_id=actor.user_id, acknowledged_at=at)
    return _note(actor, at, case, "acknowledged", {})


@transaction.atomic
def take_back_case(*, actor: Actor, at: datetime, case_id: UUID) -> ProtectionCase:
    """Record that the service cannot come, so that another is asked. Raises as refer_case."""
    case = _reach(actor, at, case_id)
    _move(case, "REFERRED", "not_referred", state="OPEN")
    return _note(actor, at, case, "taken_back", {})


@transaction.atomic
def hand_over_case(*, actor: Actor, at: datetime, case_id: UUID) -> ProtectionCase:
    """Record that the traveller is with the service. Raises as refer_case."""
    case = _reach(actor, at, case_id)
    _move(case, "ACKNOWLEDGED", "not_acknowledged", state="HANDED_OVER", handed_over_at=at)
    return _note(actor, at, case, "handed_over", {})


@transaction.atomic
def close_case(*, actor: Actor, at: datetime, case_id: UUID, outcome: str) -> ProtectionCase:
    """Close a case: handed over and helped, or open and without need, or declined. Raises as refer_case."""
    case = _reach(actor, at, case_id)
    if outcome not in set(CaseOutcome):
        raise ProtectionRefused("outcome_required", "outcome")
    source, code = (
        ("HANDED_OVER", "not_handed_over") if outcome == CaseOutcome.HELPED else ("OPEN", "not_open")
    )
    _move(case, source, code, state="CLOSED", outcome=outcome, closed_at=at)
    return _note(actor, at, case, "closed", {"outcome": outcome})


@transaction.atomic
def open_facilitator_case(
    *, actor: Actor, at: datetime, inspection_id: UUID, indicators: tuple[str, ...]
) -> FacilitatorCase:
    """Open a case against a suspected facilitator. It names this adult's inspection alone, and nobody travelling with them.

    Raises PermissionDenied, ProtectionRefused already_open, Inspection.DoesNotExist.
    """
    inspection = Inspection.objects.get(id=inspection_id)
    officer_with(actor=actor, port_id=inspection.port_id, roles=FACILITATOR_ROLES, at=at)
    case, created = FacilitatorCase.objects.get_or_create(
        inspection=inspection,
        defaults={"indicators": sorted(indicators), "opened_by_id": actor.user_id, "opened_at": at},
    )
    if not created:
        raise ProtectionRefused("already_open")
    record(
        actor=actor,
        at=at,
        action="facilitator_case.opened",
        object_type="facilitator_case",
        object_id=case.id,
        detail={"indicators": sorted(indicators)},
    )
    return case


def remind_services(*, actor: Actor, at: datetime) -> int:
    """Mark the cases whose service has not answered in time, once each, and have the service reminded; return how many.

    They head the desk's list.
    """
    late = ProtectionCase.objects.filter(
        state=ProtectionCase.State.REFERRED,
        due_at__lte=at,
        reminded_at__isnull=True,
        inspection__training=False,
    )
    reminded = 0
    for case in late.select_related("service", "inspection").order_by("due_at")[:200]:
        with transaction.atomic():
            if late.filter(id=case.id).update(reminded_at=at):
                _tell(case, case.service, OutboxMessage.Topic.SERVICE_REMINDED, at)
                _note(actor, at, case, "overdue", {"service": str(case.service_id)})
                reminded += 1
    return reminded


def _tell(
    case: ProtectionCase, service: ProtectionService | None, topic: OutboxMessage.Topic, at: datetime
) -> None:
    """Have a service told that a case waits for it, if it can be told, and the case is no training."""
    if not case.inspection.training and can_be_told(service):
        OutboxMessage.objects.create(topic=topic, object_id=case.id, created_at=at, next_attempt_at=at)


def _reach(actor: Actor, at: datetime, case_id: UUID) -> ProtectionCase:
    if not actor.has(*SEALED_ROLES):
        raise PermissionDenied
    case = ProtectionCase.objects.select_for_update(of=("self",)).select_related("inspection").get(id=case_id)
    officer_with(actor=actor, port_id=case.inspection.port_id, roles=SEALED_ROLES, at=at)
    return case


def _move(case: ProtectionCase, source: str, code: str, **changes: object) -> None:
    if not ProtectionCase.objects.filter(id=case.id, state=source).update(**changes):
        raise ProtectionRefused(code)


def _note(
    actor: Actor, at: datetime, case: ProtectionCase, act: str, detail: Mapping[str, object]
) -> ProtectionCase:
    record(
        actor=actor,
        at=at,
        action=f"protection_case.{act}",
        object_type="protection_case",
        object_id=case.id,
        detail=detail,
    )
    case.refresh_from_db()
    return case
