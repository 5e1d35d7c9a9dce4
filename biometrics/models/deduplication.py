"""Looking through a whole gallery for one person under two identities: the run, and what it found."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.models import new_id


class DeduplicationRun(models.Model):
    """One comparison of every template of a gallery with every other, as the gallery was at one version.

    Members are taken block by block in the order of their ids. `cursor` is the latest member that is done: whoever takes the
    next block moves it on in the same transaction as the pairs, so a run goes on where a killed worker left it.
    """

    class State(models.TextChoices):
        RUNNING = "RUNNING", "Running"
        FINISHED = "FINISHED", "Finished"
        STOPPED = "STOPPED", "Stopped"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    gallery = models.ForeignKey("biometrics.Gallery", on_delete=models.PROTECT, related_name="+")
    gallery_version = models.PositiveBigIntegerField()
    operating_point = models.ForeignKey(
        "biometrics.OperatingPoint", on_delete=models.PROTECT, related_name="+"
    )
    threshold = models.FloatField(help_text="A pair at or above it is listed")
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    cursor = models.UUIDField(null=True)
    member_count = models.PositiveBigIntegerField()
    done_count = models.PositiveBigIntegerField(default=0)
    pair_count = models.PositiveBigIntegerField(default=0)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    started_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("gallery",), condition=Q(state="RUNNING"), name="deduplication_one_running"
            ),
            models.CheckConstraint(
                condition=Q(done_count__lte=F("member_count")), name="deduplication_done_within_members"
            ),
            models.CheckConstraint(
                condition=Q(state="RUNNING", ended_at__isnull=True)
                | (~Q(state="RUNNING") & Q(ended_at__isnull=False)),
                name="deduplication_ended_has_time",
            ),
        )

    def __str__(self) -> str:
        return f"Deduplication {self.id}"


class DeduplicationPair(models.Model):
    """Two subjects of a gallery whose faces are alike: a question for two persons, not an answer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(DeduplicationRun, on_delete=models.PROTECT, related_name="pairs")
    subject_a = models.UUIDField(help_text="The smaller id of the two")
    subject_b = models.UUIDField()
    template_a = models.ForeignKey("biometrics.Template", on_delete=models.PROTECT, related_name="+")
    template_b = models.ForeignKey("biometrics.Template", on_delete=models.PROTECT, related_name="+")
    score = models.FloatField(help_text="Of their two most alike templates")
    found_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("run", "subject_a", "subject_b"), name="deduplication_pair_once"),
            models.CheckConstraint(
                condition=Q(subject_a__lt=F("subject_b")), name="deduplication_pair_ordered"
            ),
        )
        indexes = (models.Index(fields=("run", "-score"), name="deduplication_pair_score"),)

    def __str__(self) -> str:
        return f"Pair {self.id}"
