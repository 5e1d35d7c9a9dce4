"""Recorded entries and exits, and the stays that they open and close."""

from django.db import models
from django.db.models import F, Q

from audit.models import append_only, new_id
from borders.models.inspections import Direction, Inspection, TravelParty
from borders.models.places import Booth, Officer, PortOfEntry
from travelers.models import TravelDocument, Traveler


class Crossing(models.Model):
    """One recorded entry or exit. Never changed. The table is partitioned by month of `occurred_at`.

    The database key is (occurred_at, id), as partitions demand; Django is told of `id` alone, which is unique in itself (UUIDv7),
    so that admin and foreign keys work.
    """

    class TransportMode(models.TextChoices):
        AIR = "AIR", "Air"
        LAND = "LAND", "Land"
        SEA = "SEA", "Sea"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    occurred_at = models.DateTimeField(help_text="When the traveller crossed")
    received_at = models.DateTimeField(help_text="When the record reached this system")
    direction = models.CharField(max_length=5, choices=Direction)
    transport_mode = models.CharField(max_length=4, choices=TransportMode)
    conveyance = models.CharField(max_length=20, blank=True)
    purpose_of_travel = models.CharField(max_length=20, blank=True)
    address_of_stay = models.CharField(max_length=200, blank=True)
    port = models.ForeignKey(PortOfEntry, on_delete=models.PROTECT, related_name="crossings", db_index=False)
    booth = models.ForeignKey(Booth, on_delete=models.PROTECT, related_name="crossings", db_index=False)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="crossings", db_index=False)
    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="crossings")
    traveler = models.ForeignKey(Traveler, on_delete=models.PROTECT, related_name="crossings", db_index=False)
    document = models.ForeignKey(
        TravelDocument,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="crossings",
        db_index=False,
    )
    party = models.ForeignKey(
        TravelParty,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="crossings",
        db_index=False,
    )

    class Meta:
        indexes = (
            models.Index(fields=("port", "-occurred_at", "-id"), name="crossing_port_time"),
            models.Index(fields=("traveler", "-occurred_at"), name="crossing_traveler"),
            models.Index(fields=("document", "-occurred_at"), name="crossing_document"),
            models.Index(fields=("id",), name="crossing_id"),
            models.Index(
                fields=("party", "-occurred_at"), condition=Q(party__isnull=False), name="crossing_party"
            ),
        )
        triggers = append_only("crossing")

    def __str__(self) -> str:
        return f"{self.direction} {self.occurred_at:%Y-%m-%d %H:%M}"


class Stay(models.Model):
    """An entry paired with its exit. An end without its other end stays visible as an anomaly."""

    class Anomaly(models.TextChoices):
        EXIT_MISSING = "EXIT_MISSING", "Entered again without a recorded exit"
        ENTRY_MISSING = "ENTRY_MISSING", "Left without a recorded entry"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    traveler = models.ForeignKey(Traveler, on_delete=models.PROTECT, related_name="stays")
    country_code = models.CharField(max_length=3)
    entry_id = models.UUIDField(null=True, blank=True, unique=True)
    entered_at = models.DateTimeField(null=True, blank=True)
    entry_port = models.ForeignKey(
        PortOfEntry, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    exit_id = models.UUIDField(null=True, blank=True, unique=True)
    exited_at = models.DateTimeField(null=True, blank=True)
    exit_port = models.ForeignKey(
        PortOfEntry, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    allowed_until = models.DateField(
        null=True, blank=True, help_text="Last day of the stay allowed; empty for own nationals"
    )
    anomaly = models.CharField(max_length=13, choices=Anomaly, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("traveler", "country_code"),
                condition=Q(exit_id__isnull=True, anomaly=""),
                name="stay_one_open_per_traveler",
            ),
            models.CheckConstraint(
                condition=Q(entry_id__isnull=False) | Q(exit_id__isnull=False), name="stay_has_an_end"
            ),
            models.CheckConstraint(
                condition=Q(entry_id__isnull=True) ^ Q(entered_at__isnull=False), name="stay_entry_has_time"
            ),
            models.CheckConstraint(
                condition=Q(exit_id__isnull=True) ^ Q(exited_at__isnull=False), name="stay_exit_has_time"
            ),
            models.CheckConstraint(
                condition=Q(exited_at__isnull=True)
                | Q(entered_at__isnull=True)
                | Q(exited_at__gte=F("entered_at")),
                name="stay_exit_after_entry",
            ),
            models.CheckConstraint(
                condition=Q(entry_id__isnull=False) | Q(anomaly="ENTRY_MISSING"),
                name="stay_unpaired_exit_is_anomaly",
            ),
        )
        indexes = (
            models.Index(
                fields=("allowed_until",), condition=Q(exit_id__isnull=True), name="stay_open_until"
            ),
            models.Index(
                fields=("-allowed_until", "-id"),
                condition=Q(exit_id__isnull=True, anomaly=""),
                name="stay_overstayed",
            ),
            models.Index(fields=("-entered_at", "-id"), name="stay_entered"),
            models.Index(fields=("-id",), condition=Q(exit_id__isnull=True, anomaly=""), name="stay_open"),
            models.Index(fields=("-id",), condition=~Q(anomaly=""), name="stay_anomalies"),
            models.Index(
                fields=("-exited_at", "-id"),
                condition=Q(exit_id__isnull=False, anomaly=""),
                name="stay_closed",
            ),
            models.Index(fields=("entry_port", "-id"), name="stay_entry_port"),
            models.Index(
                fields=("exit_port", "-id"), condition=Q(exit_port__isnull=False), name="stay_exit_port"
            ),
        )

    def __str__(self) -> str:
        return (
            f"{self.entered_at:%Y-%m-%d} – {self.exited_at:%Y-%m-%d}"
            if self.entered_at and self.exited_at
            else "open"
        )
