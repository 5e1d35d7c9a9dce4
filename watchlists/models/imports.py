"""Imports: what was read when by whom, how far it came, and what was wrong with it."""

from django.conf import settings
from django.db import models

from audit.models import new_id
from watchlists.models.lists import Watchlist, WatchlistVersion


class ImportRun(models.Model):
    """One reading of a file. Its rows of progress are committed while the import itself is not, so that it can be watched."""

    class State(models.TextChoices):
        QUEUED = "QUEUED", "Waiting"
        RUNNING = "RUNNING", "Running"
        CHECKED = "CHECKED", "Checked"
        DONE = "DONE", "Done"
        REFUSED = "REFUSED", "Refused"
        FAILED = "FAILED", "Failed"

    class Aim(models.TextChoices):
        CHECK = "CHECK", "Say what would change"
        PROPOSE = "PROPOSE", "Propose a version"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    watchlist = models.ForeignKey(Watchlist, on_delete=models.PROTECT, related_name="imports")
    source_format = models.CharField(max_length=16)
    source_name = models.CharField(max_length=120)
    source_sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=7, choices=State, default=State.RUNNING)
    stage = models.CharField(max_length=20, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    code = models.CharField(max_length=40, blank=True, help_text="Why it was refused")
    counts = models.JSONField(default=dict)
    errors = models.JSONField(default=list, help_text="Malformed rows: line, field, code")
    aim = models.CharField(max_length=7, choices=Aim, default=Aim.PROPOSE)
    uploaded = models.BooleanField(
        default=False, help_text="In the browser; its file waits in parts, for a day at most"
    )
    allow_malformed = models.PositiveIntegerField(default=0)
    fall_accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    preview = models.JSONField(
        default=list, help_text="Of a check, until its file goes: the first entries added, changed, removed"
    )
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    version = models.OneToOneField(
        WatchlistVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="import_run"
    )

    class Meta:
        indexes = (models.Index(fields=("started_at",), name="import_run_time"),)

    def __str__(self) -> str:
        return f"{self.source_name} {self.state}"


class UploadPart(models.Model):
    """A piece of an uploaded file, until it is imported or a day has passed. kind: main, or of a companion file."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="parts")
    kind = models.CharField(max_length=10)
    name = models.CharField(max_length=120)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("run", "kind", "number"), name="upload_part_number"),)

    def __str__(self) -> str:
        return f"{self.name} {self.number}"
