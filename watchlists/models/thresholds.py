"""Thresholds of lists of their own: proposed by one person, approved by another, kept for every old decision."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.models import append_only, new_id
from watchlists.models.lists import Watchlist


class ListThreshold(models.Model):
    """The operating point of one list: bits at 100,000 entries, from which the threshold follows the list's size.

    A list without one uses the operating point of name screening.
    """

    class State(models.TextChoices):
        PROPOSED = "PROPOSED", "Proposed"
        ACTIVE = "ACTIVE", "Active"
        RETIRED = "RETIRED", "Retired"
        REJECTED = "REJECTED", "Rejected"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    watchlist = models.ForeignKey(Watchlist, on_delete=models.PROTECT, related_name="thresholds")
    score_version = models.CharField(max_length=20)
    version = models.PositiveIntegerField()
    base_bits = models.FloatField(help_text="Threshold of a list of 100,000 entries")
    target = models.CharField(max_length=200, help_text="The error rate aimed at")
    provenance = models.CharField(max_length=500, help_text="The measurement it rests on")
    state = models.CharField(max_length=8, choices=State, default=State.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("watchlist", "score_version", "version"), name="list_threshold_version"
            ),
            models.UniqueConstraint(
                fields=("watchlist", "score_version"),
                condition=Q(state="ACTIVE"),
                name="list_threshold_one_active",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="list_threshold_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("PROPOSED", "REJECTED"))
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="list_threshold_active_is_approved",
            ),
            models.CheckConstraint(condition=Q(base_bits__range=(0.0, 60.0)), name="list_threshold_range"),
        )

    def __str__(self) -> str:
        return f"{self.watchlist} {self.base_bits:g} bits"


class SelfTestRun(models.Model):
    """One look whether the engine still fires: made-up entries, screened by their perturbed selves."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(db_index=True)
    passed = models.BooleanField()
    reason = models.CharField(max_length=40, blank=True, help_text="Why nothing could be tested")
    screened = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    missed = models.JSONField(default=list, help_text="Test entry and kind of difference")
    slowest_ms = models.FloatField(null=True, blank=True)

    class Meta:
        triggers = append_only("self_test_run")

    def __str__(self) -> str:
        return f"{'passed' if self.passed else 'FAILED'} {self.at:%Y-%m-%d %H:%M}"
