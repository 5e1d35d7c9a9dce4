"""What trainees did with drawn travellers."""

from django.db import models
from django.db.models import Q

from audit.models import new_id
from borders.models.inspections import Decision, Inspection
from borders.models.places import Officer, PortOfEntry


class TrainingRun(models.Model):
    """One drawn traveller, called up by a trainee: the right answer is known before, and compared with the trainee's."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="training_runs")
    port = models.ForeignKey(PortOfEntry, on_delete=models.PROTECT, related_name="training_runs")
    scene = models.CharField(max_length=24)
    right_outcome = models.CharField(max_length=9, choices=Decision.Outcome)
    right_codes = models.JSONField(default=list, help_text="Codes of the findings that speak for it")
    listed = models.BooleanField(default=False, help_text="The document stands on the practice list")
    started_at = models.DateTimeField()
    inspection = models.OneToOneField(
        Inspection, null=True, blank=True, on_delete=models.PROTECT, related_name="training_run"
    )
    outcome = models.CharField(max_length=9, choices=Decision.Outcome, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(outcome="") ^ Q(finished_at__isnull=False), name="training_run_finished"
            ),
        )
        indexes = (models.Index(fields=("officer", "-started_at"), name="training_run_officer"),)

    def __str__(self) -> str:
        return self.scene

    @property
    def is_right(self) -> bool:
        return self.outcome == self.right_outcome

    @property
    def seconds(self) -> float | None:
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None
