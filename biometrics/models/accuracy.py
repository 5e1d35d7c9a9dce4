"""What became of comparisons in the end, and what a month of them says about the engine."""

from django.db import models
from django.db.models import Q

from audit.models import append_only, new_id
from biometrics.core.error_rates import AGE_BANDS


class AdjudicatedComparison(models.Model):
    """A 1:1 comparison whose truth an officer has settled. Holds groups, never names or birth dates."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    comparison = models.OneToOneField(
        "biometrics.Comparison", on_delete=models.PROTECT, related_name="adjudication"
    )
    subject_id = models.UUIDField(
        null=True, blank=True, help_text="The traveller whom the reference shows; empty when not known"
    )
    mated = models.BooleanField(help_text="Both faces are of one person")
    sex = models.CharField(max_length=1, blank=True)
    age_band = models.CharField(max_length=8, blank=True, choices=[(band, band) for band in AGE_BANDS])
    document_type = models.CharField(max_length=2, blank=True)
    decided_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("decided_at",), name="adjudication_by_time"),)
        triggers = append_only("adjudicated_comparison")

    def __str__(self) -> str:
        return f"{'mated' if self.mated else 'non-mated'} {self.id}"


class AccuracyMeasurement(models.Model):
    """The error rates of one engine version over one month of adjudicated comparisons. Measured again, a row more."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    month = models.DateField(help_text="The first day of the month")
    engine = models.CharField(max_length=30)
    engine_version = models.CharField(max_length=60)
    revision = models.PositiveIntegerField(help_text="Rises when a month is measured again")
    mated = models.PositiveIntegerField()
    non_mated = models.PositiveIntegerField(
        help_text="Adjudicated, and formed of pictures of different travellers"
    )
    figures = models.JSONField()
    alarms = models.JSONField(
        default=list, help_text="Divisions whose groups differ by more than a factor of two"
    )
    measured_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("month", "engine", "engine_version", "revision"), name="accuracy_measurement_revision"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="accuracy_measurement_month_starts"),
        )
        triggers = append_only("accuracy_measurement")

    def __str__(self) -> str:
        return f"{self.engine} {self.month:%Y-%m}"
