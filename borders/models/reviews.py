"""Reviews: an override or a refusal waits for a second person, who says whether it was right."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.models import new_id
from borders.core.states import DECISION_REVIEW_STATES
from borders.models.inspections import Decision
from borders.models.places import PortOfEntry


class DecisionReview(models.Model):
    """One decision that a second person looks at. Opened with the decision itself, answered once."""

    class Cause(models.TextChoices):
        OVERRIDE = "OVERRIDE", "Override"
        REFUSAL = "REFUSAL", "Refusal"

    State = models.TextChoices(
        "State", {s: (s, s.replace("_", " ").capitalize()) for s in DECISION_REVIEW_STATES.states}
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="review")
    inspection = models.ForeignKey(
        "borders.Inspection", on_delete=models.PROTECT, related_name="decision_reviews"
    )
    port = models.ForeignKey(PortOfEntry, on_delete=models.PROTECT, related_name="+", db_index=False)
    cause = models.CharField(max_length=8, choices=Cause)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=State, default=DECISION_REVIEW_STATES.initial)
    reason = models.CharField(
        max_length=500, blank=True, help_text="Why the reviewer says so; may name nobody"
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state="WAITING", reviewed_by__isnull=True, reviewed_at__isnull=True, reason="")
                | (
                    ~Q(state="WAITING")
                    & Q(reviewed_by__isnull=False, reviewed_at__isnull=False)
                    & ~Q(reason="")
                ),
                name="decision_review_answered_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("decided_by")),
                name="decision_review_by_another_person",
            ),
        )
        indexes = (
            models.Index(
                fields=("port", "due_at", "id"), condition=Q(state="WAITING"), name="decision_review_waiting"
            ),
            models.Index(fields=("port", "-opened_at", "-id"), name="decision_review_port_time"),
        )
        triggers = (
            pgtrigger.FSM(
                name="decision_review_states", field="state", transitions=DECISION_REVIEW_STATES.pairs()
            ),
            pgtrigger.Protect(name="decision_review_never_deleted", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.get_cause_display()}: {self.get_state_display()}"
