"""Pictures on their way: taken at a booth, and not sent with a traveller yet."""

from django.db import models

from audit.models import new_id
from borders.models.places import Booth


class CaptureAhead(models.Model):
    """One picture that a console gave ahead while the officer is still busy with the traveller.

    No record of anybody: it belongs to no inspection, no page shows it, and it is deleted within minutes, sent or not.
    What was read of it (`printed_read`) is sealed as the picture is; the master key wraps the key of the day for both.
    """

    class Kind(models.TextChoices):
        PAGE = "PAGE", "Page"
        FACE = "FACE", "Face"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    booth = models.ForeignKey(Booth, on_delete=models.CASCADE, related_name="captures_ahead")
    kind = models.CharField(max_length=4, choices=Kind)
    content = models.BinaryField(help_text="Sealed under a key that the master key gives; emptied once sent")
    sha256 = models.CharField(max_length=64)
    taken_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True, blank=True, help_text="A worker reads it since then")
    printed_read = models.JSONField(null=True, blank=True, help_text="As of an inspection; empty: not read")

    class Meta:
        verbose_name_plural = "captures ahead"
        indexes = (models.Index(fields=("booth", "taken_at"), name="capture_ahead_booth"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.taken_at:%H:%M:%S}"
