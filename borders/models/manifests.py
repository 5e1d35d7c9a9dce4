"""Who a conveyance says is aboard, as the carrier announced it before arrival or departure."""

from django.db import models

from audit.models import new_id
from borders.models.inspections import Direction
from borders.models.places import PortOfEntry


class AdvancePassengerManifest(models.Model):
    """One conveyance at one port at one time. A later message for the same replaces the earlier one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conveyance = models.CharField(max_length=20, help_text="Without spaces, upper case: UA417")
    port = models.ForeignKey(PortOfEntry, on_delete=models.PROTECT, related_name="manifests")
    direction = models.CharField(max_length=5, choices=Direction)
    scheduled_at = models.DateTimeField()
    carrier = models.CharField(max_length=60, blank=True)
    sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    passenger_count = models.PositiveIntegerField()
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("conveyance", "port", "direction", "scheduled_at"),
                condition=models.Q(replaced_at__isnull=True),
                name="manifest_one_in_force",
            ),
        )

    def __str__(self) -> str:
        return f"{self.conveyance} {self.scheduled_at:%Y-%m-%d %H:%M}"


class ManifestPassenger(models.Model):
    """One passenger as announced."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    manifest = models.ForeignKey(
        AdvancePassengerManifest, on_delete=models.CASCADE, related_name="passengers", db_index=False
    )
    document_number = models.CharField(max_length=24, blank=True)
    issuing_state = models.CharField(max_length=3, blank=True)
    primary_identifier = models.CharField(max_length=120)
    secondary_identifier = models.CharField(max_length=120, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    nationality = models.CharField(max_length=3, blank=True)
    sex = models.CharField(max_length=1, blank=True)
    booking_reference = models.CharField(max_length=20, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("manifest", "document_number"), name="manifest_passenger_document"),
            models.Index(fields=("manifest", "birth_date"), name="manifest_passenger_birth"),
            models.Index(fields=("manifest", "booking_reference"), name="manifest_passenger_booking"),
        )

    def __str__(self) -> str:
        return f"{self.id}"
