"""Retro-screening: new and changed entries against travellers already screened. Leads, never stops."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.models import new_id
from watchlists.models.entries import WatchlistEntry
from watchlists.models.hits import Hit, Screening
from watchlists.models.lists import WatchlistVersion


class RetroScreeningRun(models.Model):
    """One walk over the entries that a version adds or changes. It goes on where it stopped."""

    class State(models.TextChoices):
        RUNNING = "RUNNING", "Running"
        DONE = "DONE", "Done"
        FAILED = "FAILED", "Failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    version = models.ForeignKey(WatchlistVersion, on_delete=models.PROTECT, related_name="retro_screenings")
    base = models.ForeignKey(
        WatchlistVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=7, choices=State, default=State.RUNNING)
    reason = models.CharField(max_length=40, blank=True)
    since = models.DateTimeField(help_text="Travellers screened before this are left alone")
    until = models.DateTimeField(
        help_text="Travellers screened later were screened against the version itself"
    )
    total = models.PositiveIntegerField(help_text="Entries to walk over")
    done = models.PositiveIntegerField(default=0)
    leads = models.PositiveIntegerField(default=0)
    after_entry = models.UUIDField(null=True, blank=True, help_text="The latest entry done")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("version",), condition=Q(state="RUNNING"), name="retro_screening_one_running"
            ),
        )
        indexes = (models.Index(fields=("state", "started_at"), name="retro_screening_queue"),)

    def __str__(self) -> str:
        return f"{self.version} {self.done}/{self.total}"


class Lead(models.Model):
    """A traveller of the past who may be a person now sought. For the owner of the list; it stops nobody."""

    class State(models.TextChoices):
        OPEN = "OPEN", "Open"
        CLOSED = "CLOSED", "Closed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(RetroScreeningRun, on_delete=models.PROTECT, related_name="found")
    entry = models.ForeignKey(WatchlistEntry, on_delete=models.PROTECT, related_name="leads")
    screening = models.ForeignKey(Screening, on_delete=models.PROTECT, related_name="leads")
    kind = models.CharField(max_length=8, choices=Hit.Kind)
    score = models.FloatField(null=True, blank=True)
    explanation = models.JSONField(default=list)
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    closing_note = models.CharField(max_length=200, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    found_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("entry", "screening", "kind"), name="lead_once"),
            models.CheckConstraint(
                condition=Q(state="OPEN") | Q(closed_by__isnull=False, closed_at__isnull=False),
                name="lead_closed_by_somebody",
            ),
        )
        indexes = (models.Index(fields=("state", "found_at"), name="lead_queue"),)

    def __str__(self) -> str:
        return f"{self.entry_id} {self.state}"
