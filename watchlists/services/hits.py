"""Hits: claimed by one adjudicator, answered with a reason, confirmed by a second where somebody would be stopped."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from audit.core.actor import Actor, Role
from audit.services import record
from watchlists.core.states import HIT_STATES
from watchlists.models import Adjudication, AdjudicationReview, Hit, WatchlistEntry
from watchlists.queries import ADJUDICATORS, visible_hits
from watchlists.services.exceptions import corrected_of, make_exception, presented_of

REASON_MAX = 200
STOPS = (
    WatchlistEntry.Action.STOP_ARREST,
    WatchlistEntry.Action.REFUSE_ENTRY,
    WatchlistEntry.Action.REFUSE_EXIT,
)


class HitUnknown(LookupError):
    """There is no such hit for this actor: absent, at another port, or silent."""

    code = "hit_unknown"


class HitRefused(ValueError):
    """The act on a hit cannot be done. code: stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def claim_hit(*, actor: Actor, at: datetime, hit_id: UUID) -> Hit:
    """Take up an open or inconclusive hit. Raises HitUnknown, HitRefused: role_required, hit_not_open."""
    hit = _get_hit(actor, hit_id)
    sources = HIT_STATES.sources("CLAIMED")
    claimed = Hit.objects.filter(id=hit.id, state__in=sources).update(
        state="CLAIMED", claimed_by_id=actor.user_id
    )
    if claimed != 1:
        raise HitRefused("hit_not_open")
    _record(actor, at, hit, "hit.claimed")
    return _get_hit(actor, hit_id)


@transaction.atomic
def release_hit(*, actor: Actor, at: datetime, hit_id: UUID) -> Hit:
    """Give a claimed hit back to the queue: one's own, or as a supervisor anybody's.

    Raises HitUnknown, HitRefused: role_required, hit_not_claimed.
    """
    hit = _get_hit(actor, hit_id)
    claimed = Hit.objects.filter(id=hit.id, state="CLAIMED")
    if not actor.has(Role.SUPERVISOR):
        claimed = claimed.filter(claimed_by_id=actor.user_id)
    if claimed.update(state="OPEN", claimed_by_id=None) != 1:
        raise HitRefused("hit_not_claimed")
    _record(actor, at, hit, "hit.released")
    return _get_hit(actor, hit_id)


@transaction.atomic
def adjudicate_hit(
    *, actor: Actor, at: datetime, hit_id: UUID, answer: Adjudication.Answer, reason: str
) -> Adjudication:
    """Answer a hit that the actor has claimed.

    reason: 1 to REASON_MAX characters. A true match that would stop a traveller or that rests on a face is only proposed
    by it: review_match follows, by another person. Raises HitUnknown, HitRefused: role_required, reason_required,
    reason_too_long, hit_not_claimed.
    """
    hit = _get_hit(actor, hit_id)
    answer = Adjudication.Answer(answer)
    _check_reason(reason)
    state = "PROPOSED" if needs_second_person(hit, answer) else answer.value
    claimed = Hit.objects.filter(id=hit.id, state="CLAIMED", claimed_by_id=actor.user_id)
    if claimed.update(state=state) != 1:
        raise HitRefused("hit_not_claimed")
    adjudication = Adjudication.objects.create(
        hit=hit,
        answer=answer,
        reason=reason,
        evidence=freeze_evidence(hit),
        adjudicated_by_id=actor.user_id,
        at=at,
    )
    action = "hit.match_proposed" if state == "PROPOSED" else "hit.adjudicated"
    _record(actor, at, hit, action, answer=answer.value)
    if answer == Adjudication.Answer.FALSE_MATCH:
        make_exception(actor=actor, at=at, hit=hit, adjudication=adjudication)
    return adjudication


@transaction.atomic
def review_match(
    *, actor: Actor, at: datetime, hit_id: UUID, verdict: AdjudicationReview.Verdict, reason: str = ""
) -> AdjudicationReview:
    """Confirm or turn down a proposed true match as the second person, or withdraw it as the first.

    reason: needed unless it is confirmed. Turned down or withdrawn, the hit is the first person's to answer again.
    Raises HitUnknown, HitRefused: role_required, reason_required, reason_too_long, hit_not_proposed,
    second_person_required, first_person_required.
    """
    hit = _get_hit(actor, hit_id)
    verdict = AdjudicationReview.Verdict(verdict)
    if verdict != AdjudicationReview.Verdict.CONFIRMED or reason:
        _check_reason(reason)
    # the lock orders two verdicts at once; the second finds the hit proposed no more
    hit = Hit.objects.select_for_update().get(id=hit.id)
    if hit.state != "PROPOSED":
        raise HitRefused("hit_not_proposed")
    adjudication = hit.adjudications.filter(review__isnull=True).latest("at")
    is_proposer = adjudication.adjudicated_by_id == actor.user_id
    if verdict == AdjudicationReview.Verdict.WITHDRAWN and not is_proposer:
        raise HitRefused("first_person_required")
    if verdict != AdjudicationReview.Verdict.WITHDRAWN and is_proposer:
        raise HitRefused("second_person_required")
    confirmed = verdict == AdjudicationReview.Verdict.CONFIRMED
    Hit.objects.filter(id=hit.id).update(state="TRUE_MATCH" if confirmed else "CLAIMED")
    review = AdjudicationReview.objects.create(
        adjudication=adjudication, verdict=verdict, reason=reason, reviewed_by_id=actor.user_id, at=at
    )
    _record(actor, at, hit, f"hit.match_{verdict.value.lower()}", adjudication=str(adjudication.id))
    return review


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise HitRefused("reason_required")
    if len(reason) > REASON_MAX:
        raise HitRefused("reason_too_long")


def freeze_evidence(hit: Hit) -> dict[str, Any]:
    """Return what an answer rests on: what was presented, what the list said, how it was weighed, by which versions."""
    screening, entry = hit.screening, hit.entry
    return {
        "presented": asdict(presented_of(screening)),
        **({"corrected": asdict(corrected)} if (corrected := corrected_of(screening)) else {}),
        "entry": {
            "id": str(entry.id),
            "source_id": entry.source_id,
            "content_hash": entry.content_hash,
            "action": entry.action,
            "names": [str(name) for name in entry.names.all()],
            "birth_dates": entry.birth_dates,
            "sex": entry.sex,
            "nationalities": entry.nationalities,
            "documents": [str(document) for document in entry.documents.all()],
        },
        "kind": hit.kind,
        "score": hit.score,
        "threshold": hit.threshold,
        "explanation": hit.explanation,
        "list": str(entry.version.watchlist_id),
        "list_version": hit.list_version or screening.list_versions.get(str(entry.version.watchlist_id)),
        "key_version": screening.key_version,
        "score_version": hit.score_version,
        "comparison": str(hit.comparison_id) if hit.comparison_id else None,
        "found_at": hit.found_at.isoformat(),
    }


def needs_second_person(hit: Hit, answer: Adjudication.Answer) -> bool:
    """Tell whether two persons must stand behind an answer."""
    stops = hit.entry.action in STOPS or hit.kind == Hit.Kind.FACE
    return stops and answer == Adjudication.Answer.TRUE_MATCH


def _get_hit(actor: Actor, hit_id: UUID) -> Hit:
    if actor.user_id is None or not actor.has(*ADJUDICATORS):
        raise HitRefused("role_required")
    hit = visible_hits(actor=actor).filter(id=hit_id).first()
    if hit is None:
        raise HitUnknown
    return hit


def _record(actor: Actor, at: datetime, hit: Hit, action: str, **detail: object) -> None:
    kept = {"entry": str(hit.entry_id), "inspection": str(hit.screening.inspection_id), **detail}
    record(actor=actor, at=at, action=action, object_type="hit", object_id=hit.id, detail=kept)
