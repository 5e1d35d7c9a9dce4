"""A face that would stop somebody counts only when two persons have looked at it, each for themselves."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.models import append_only, new_id
from biometrics.core.reviews import REVIEW_STATES, Answer, ReviewState


class IdentificationReview(models.Model):
    """One question to two persons: is the face of this search, or of this pair, the face of that subject?

    port_id: where the question arose, for the scope of who may answer; empty for a national question.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    comparison = models.ForeignKey(
        "biometrics.Comparison", null=True, blank=True, on_delete=models.PROTECT, related_name="reviews"
    )
    pair = models.ForeignKey(
        "biometrics.DeduplicationPair",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reviews",
    )
    subject_id = models.UUIDField(help_text="The subject found: traveller or watchlist entry")
    score = models.FloatField()
    port_id = models.UUIDField(null=True, blank=True)
    state = models.CharField(
        max_length=12, choices=[(s.value, s.value) for s in ReviewState], default=ReviewState.OPEN
    )
    opened_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(comparison__isnull=False, pair__isnull=True)
                | Q(comparison__isnull=True, pair__isnull=False),
                name="review_of_comparison_or_pair",
            ),
            models.UniqueConstraint(fields=("comparison", "subject_id"), name="review_once_per_candidate"),
            models.UniqueConstraint(
                fields=("pair",), condition=Q(pair__isnull=False), name="review_once_per_pair"
            ),
        )
        indexes = (models.Index(fields=("state", "opened_at"), name="review_queue"),)
        triggers = (
            pgtrigger.FSM(
                name="identification_review_states", field="state", transitions=REVIEW_STATES.pairs()
            ),
        )

    def __str__(self) -> str:
        return f"Review {self.id}"


class IdentificationOpinion(models.Model):
    """What one person answered. A second person never sees the first one's answer before giving their own."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    review = models.ForeignKey(IdentificationReview, on_delete=models.PROTECT, related_name="opinions")
    answer = models.CharField(max_length=12, choices=[(a.value, a.value) for a in Answer])
    reason = models.CharField(max_length=200)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("review", "given_by"), name="opinion_once_per_person"),
        )
        triggers = append_only("identification_opinion")

    def __str__(self) -> str:
        return f"Opinion {self.id}"
