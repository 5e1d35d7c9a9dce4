"""Record what an officer decides: one wins, and the decision, the crossing, the stay and the trail commit
together.
"""

from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from audit.core.actor import Actor
from audit.queries.prepared import PreparedQuery, PreparedUpdate
from audit.services import one_act, record, store
from biometrics.core.outcomes import Outcome, Route
from borders.core.decision_rules import LINE_OF_STATE, Case, DecisionRefused, Line, Verdict, check_can_decide
from borders.core.protection import Cause
from borders.core.recommendation import Advice
from borders.models import Decision, Inspection, InspectionFinding, Officer, Referral
from borders.services.access import BORDER_ROLES, SECOND_LINE_ROLES, officer_with
from borders.services.crossings import record_crossing
from borders.services.face_truth import settle_face
from borders.services.protection import open_case, standing_cases
from borders.services.referrals import answer_by_decision
from borders.services.reviews import open_review
from borders.services.settlement import UNFINISHED, InspectionNotReady, settle_inspection
from borders.services.training import finish_run
from travelers.models import DocumentReading

REFERRAL_DUE = MappingProxyType({Route.PROTECTION: timedelta(hours=2), Route.SECOND_LINE: timedelta(hours=1)})
REASON_MAX = 500


class AlreadyDecided(RuntimeError):
    """Somebody else has decided, or a correction has begun, since the officer looked."""

    code = "already_decided"


def decide(
    *,
    actor: Actor,
    at: datetime,
    inspection_id: UUID,
    outcome: str,
    reason: str = "",
    seen: Inspection | None = None,
    wrong_picture: bool = False,
) -> Decision:
    """Decide one inspection at the line where it stands: READY at the first, REFERRED at the second.

    wrong_picture: the caller keeps which picture is at fault; the outcome is RETAKEN then, and only then.

    An inspection that no worker finished by its deadline is settled first (open checks UNDETERMINED). Raises
    InspectionNotReady, AlreadyDecided, DecisionRefused (code, field), PermissionDenied,
    Inspection.DoesNotExist. seen: the inspection with its state as the caller has just read it; what has changed since is
    noticed under the lock.
    """
    verdict = _verdict(outcome)
    reason = _clean(reason)
    inspection = seen if seen is not None else _SEEN.first(id=inspection_id)
    if inspection is None:
        raise Inspection.DoesNotExist
    officer, _ = officer_with(actor=actor, port_id=inspection.port_id, roles=BORDER_ROLES, at=at)
    if inspection.state in UNFINISHED:
        if at < inspection.deadline_at:
            raise InspectionNotReady
        # its own transaction: what was not checked in time stays so, even if the decision itself is refused
        inspection = settle_inspection(actor=actor, at=at, inspection_id=inspection_id)
    if inspection.state not in LINE_OF_STATE:
        raise AlreadyDecided
    line = LINE_OF_STATE[inspection.state]
    if line is Line.SECOND:
        officer_with(actor=actor, port_id=inspection.port_id, roles=SECOND_LINE_ROLES, at=at)
    with one_act():
        return _decide(
            actor, at, officer, inspection_id, inspection.state, line, verdict, reason, wrong_picture
        )


def _locked(*, id: UUID, state: str) -> QuerySet[Inspection]:
    return (
        Inspection.objects.select_for_update(no_key=True, of=("self",))
        .select_related("reading", "live_template", "port__country", "booth", "officer", "party")
        .filter(id=id, state=state)
    )


def _alarmed(*, id: UUID) -> QuerySet[Inspection]:
    alarms = InspectionFinding.objects.filter(
        inspection=OuterRef("id"), superseded_at__isnull=True, outcome=Outcome.FAIL, route=Route.PROTECTION
    )
    cases = standing_cases().filter(inspection_id=OuterRef("id"))
    return (
        Inspection.objects.filter(id=id).only("id").annotate(protected=Exists(cases), alarmed=Exists(alarms))
    )


_SEEN = PreparedQuery(
    lambda id: Inspection.objects.filter(id=id).only("id", "port_id", "state", "deadline_at"), id=UUID
)
_LOCKED = PreparedQuery(_locked, id=UUID, state=str)
_ALARMED = PreparedQuery(_alarmed, id=UUID)


def _decide(
    actor: Actor,
    at: datetime,
    officer: Officer,
    inspection_id: UUID,
    seen_state: str,
    line: Line,
    verdict: Verdict,
    reason: str,
    wrong_picture: bool,
) -> Decision:
    # whoever locks the row first wins; the others find another state than the one they looked at
    inspection = _LOCKED.first(id=inspection_id, state=seen_state)
    if inspection is None:
        raise AlreadyDecided
    # asked under the lock: a claim for protection may have come while this waited for it
    alarms = _ALARMED.all(id=inspection.id)[0]
    protected = alarms.protected
    alarm = protected or alarms.alarmed
    case = _case(
        actor, inspection, line, verdict, reason, protection_alarm=alarm, wrong_picture=wrong_picture
    )
    override = check_can_decide(case)
    decision = Decision(
        inspection=inspection,
        line=line,
        outcome=verdict,
        advice=inspection.advice,
        override=override,
        reason=reason,
        decided_by_id=actor.user_id,
        decided_at=at,
    )
    store(decision)
    changes: dict[str, object] = {"state": verdict.value}
    if inspection.training and verdict is Verdict.RETAKEN:
        pass  # the trainee takes the picture again, which is no answer
    elif inspection.training:
        finish_run(at=at, inspection=inspection, outcome=verdict.value)
    elif verdict is Verdict.CLEARED:
        crossing = record_crossing(actor=actor, at=at, inspection=inspection, officer=officer)
        changes |= {
            "crossing_id": crossing.id,
            "traveler_id": crossing.traveler_id,
            "document_id": crossing.document_id,
        }
    if verdict is Verdict.REFERRED:
        _refer(actor, at, inspection, protected)
    if line is Line.SECOND:
        answer_by_decision(actor=actor, at=at, inspection_id=inspection.id, answer=reason or verdict.value)
    if _settle(inspection.id, seen_state, changes) != 1:
        raise AlreadyDecided
    for name, value in changes.items():
        setattr(inspection, name, value)
    if not inspection.training:
        open_review(actor=actor, at=at, decision=decision, inspection=inspection)
        settle_face(
            actor=actor, at=at, inspection=inspection, verdict=verdict, traveler_id=changes.get("traveler_id")
        )
    record(
        actor=actor,
        at=at,
        action="inspection.decided",
        object_type="inspection",
        object_id=inspection.id,
        detail={
            "line": line.value,
            "outcome": verdict.value,
            "advice": inspection.advice,
            "override": override,
            "crossing": str(changes["crossing_id"]) if "crossing_id" in changes else None,
        },
    )
    return decision


_CLEARED = PreparedUpdate(
    lambda id, seen, **changes: (Inspection.objects.filter(id=id, state=seen), changes),
    id=UUID,
    seen=str,
    state=str,
    crossing_id=UUID,
    traveler_id=UUID,
    document_id=UUID,
)


def _settle(inspection_id: UUID, seen_state: str, changes: dict[str, object]) -> int:
    if "crossing_id" in changes:
        return _CLEARED.run(id=inspection_id, seen=seen_state, **changes)
    return Inspection.objects.filter(id=inspection_id, state=seen_state).update(**changes)


def _case(
    actor: Actor,
    inspection: Inspection,
    line: Line,
    verdict: Verdict,
    reason: str,
    *,
    protection_alarm: bool,
    wrong_picture: bool,
) -> Case:
    reading = inspection.reading
    return Case(
        line=line,
        verdict=verdict,
        advice=Advice(inspection.advice),
        protection_alarm=protection_alarm,
        wrong_picture=wrong_picture,
        identified=(
            reading is not None
            and bool(reading.primary_identifier)
            and reading.status != DocumentReading.Status.UNREADABLE
        ),
        has_reason=bool(reason),
        same_person=line is Line.SECOND
        and Decision.objects.filter(
            inspection=inspection, line=Line.FIRST, decided_by_id=actor.user_id
        ).exists(),
    )


def _refer(actor: Actor, at: datetime, inspection: Inspection, protected: bool) -> None:
    """Open one referral for each route of the recommendation; to the second line when it names none."""
    routes = {Route(r["route"]) for r in inspection.reasons} or {Route.SECOND_LINE}
    if Route.PROTECTION in routes:
        open_case(actor=actor, at=at, inspection=inspection, cause=Cause.ALARM)
    elif protected:
        routes.add(Route.PROTECTION)
    referrals = Referral.objects.bulk_create(
        Referral(
            inspection=inspection,
            route=route,
            reasons=[r for r in inspection.reasons if r["route"] == route],
            opened_by_id=actor.user_id,
            opened_at=at,
            due_at=at + REFERRAL_DUE[route],
        )
        for route in sorted(routes)
    )
    for referral in referrals:
        record(
            actor=actor,
            at=at,
            action="referral.opened",
            object_type="referral",
            object_id=referral.id,
            detail={"inspection": str(inspection.id), "route": referral.route},
        )


def _verdict(outcome: str) -> Verdict:
    try:
        return Verdict(outcome)
    except ValueError:
        raise DecisionRefused("invalid", "outcome") from None


def _clean(reason: str) -> str:
    text = reason.strip()
    if len(text) > REASON_MAX:
        raise DecisionRefused("too_long", "reason")
    if "\x00" in text:
        raise DecisionRefused("bad_characters", "reason")
    return text


__all__ = [
    "AlreadyDecided",
    "DecisionRefused",
    "InspectionNotReady",
    "decide",
]
