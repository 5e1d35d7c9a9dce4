"""Reviews of adverse identifications: two different persons look, each for themselves, before a face counts against somebody."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from audit.core.actor import Actor, Role
from audit.services import record
from biometrics.core.outcomes import Outcome
from biometrics.core.reviews import Answer, ReviewState, adverse_outcome, settle
from biometrics.models import Comparison, DeduplicationPair, IdentificationOpinion, IdentificationReview

REASON_MAX = 200
REVIEWERS: tuple[Role, ...] = (Role.SECOND_LINE, Role.SUPERVISOR, Role.LIST_OWNER)
WAITING = (ReviewState.OPEN, ReviewState.SECOND_DUE, ReviewState.DISPUTED)


class ReviewUnknown(LookupError):
    """There is no such review for this actor: absent, or at another port."""

    code = "review_unknown"


class ReviewRefused(ValueError):
    """The act on a review cannot be done. code: stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def open_review(
    *, actor: Actor, at: datetime, comparison: Comparison, subject_id: UUID, port_id: UUID | None = None
) -> IdentificationReview:
    """Ask two persons about one candidate of a 1:N search; asking again returns the review there is.

    Raises ReviewRefused: not_a_candidate, when the comparison does not name the subject.
    """
    scores = {UUID(c["subject_id"]): float(c["score"]) for c in comparison.candidates}
    if comparison.kind != Comparison.Kind.IDENTIFICATION or subject_id not in scores:
        raise ReviewRefused("not_a_candidate")
    review, opened = IdentificationReview.objects.get_or_create(
        comparison=comparison,
        subject_id=subject_id,
        defaults={"score": scores[subject_id], "port_id": port_id, "opened_at": at},
    )
    if opened:
        _record(actor, at, review, "review.opened", {"comparison": str(comparison.id)})
    return review


@transaction.atomic
def open_pair_review(*, actor: Actor, at: datetime, pair: DeduplicationPair) -> IdentificationReview:
    """Ask two persons about one pair of a deduplication; asking again returns the review there is."""
    review, opened = IdentificationReview.objects.get_or_create(
        pair=pair, defaults={"subject_id": pair.subject_b, "score": pair.score, "opened_at": at}
    )
    if opened:
        _record(actor, at, review, "review.opened", {"pair": str(pair.id)})
    return review


@transaction.atomic
def give_opinion(
    *, actor: Actor, at: datetime, review_id: UUID, answer: Answer, reason: str
) -> IdentificationReview:
    """Answer a review and return it in its new state. Nobody answers one review twice.

    reason: 1 to REASON_MAX characters, no personal data. Raises ReviewUnknown, ReviewRefused: role_required, reason_required,
    reason_too_long, review_settled, second_person_required.
    """
    if not reason.strip():
        raise ReviewRefused("reason_required")
    if len(reason) > REASON_MAX:
        raise ReviewRefused("reason_too_long")
    visible = reviews_for(actor=actor)
    review = visible.select_for_update().filter(id=review_id).first()
    if review is None:
        raise ReviewUnknown
    if review.state not in WAITING:
        raise ReviewRefused("review_settled")
    try:
        with transaction.atomic():
            IdentificationOpinion.objects.create(
                review=review, answer=Answer(answer), reason=reason, given_by_id=actor.user_id, at=at
            )
    except IntegrityError:
        raise ReviewRefused("second_person_required") from None
    answers = [
        Answer(given) for given in review.opinions.order_by("at", "id").values_list("answer", flat=True)
    ]
    state = settle(answers)
    review.state = state
    review.settled_at = None if state in WAITING else at
    review.save(update_fields=("state", "settled_at"))
    _record(actor, at, review, "review.answered", {"answer": str(answer), "state": state.value})
    return review


def reviews_for(*, actor: Actor) -> QuerySet[IdentificationReview]:
    """Return the reviews in reach of an actor: at their ports, and national ones. Raises ReviewRefused: role_required."""
    if actor.user_id is None or not actor.has(*REVIEWERS):
        raise ReviewRefused("role_required")
    rows = IdentificationReview.objects.all()
    return rows if actor.everywhere else rows.filter(port_id__in=actor.port_ids) | rows.filter(port_id=None)


def queue_for(*, actor: Actor) -> QuerySet[IdentificationReview]:
    """Return what waits for this actor's opinion, oldest first: nothing that they have answered already."""
    waiting = reviews_for(actor=actor).filter(state__in=WAITING)
    return waiting.exclude(opinions__given_by_id=actor.user_id).order_by("opened_at", "id")


def outcome_of(*, comparison: Comparison, subject_id: UUID) -> Outcome:
    """Return what a candidate of a search means for the person.

    FAIL only when two persons have confirmed it, PASS when it was rejected, UNDETERMINED as long as it is not settled
    or nobody was asked, NOT_APPLICABLE for a subject that is no candidate.
    """
    if str(subject_id) not in {c["subject_id"] for c in comparison.candidates}:
        return Outcome.NOT_APPLICABLE
    state = (
        IdentificationReview.objects.filter(comparison=comparison, subject_id=subject_id)
        .values_list("state", flat=True)
        .first()
    )
    return Outcome.UNDETERMINED if state is None else adverse_outcome(ReviewState(state))


def _record(
    actor: Actor, at: datetime, review: IdentificationReview, action: str, detail: dict[str, object]
) -> None:
    record(
        actor=actor,
        at=at,
        action=action,
        object_type="identification_review",
        object_id=review.id,
        detail={"subject": str(review.subject_id), **detail},
    )
