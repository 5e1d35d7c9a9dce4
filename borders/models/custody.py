"""Data protection: how long what is kept, what may not be erased, what was erased, and to whom data were given."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.models import append_only, new_id
from borders.core.retention import STARTS, RetentionCode
from borders.core.states import ERASURE_REQUEST_STATES
from borders.models.crossings import Crossing, Stay
from borders.models.inspections import Direction
from borders.models.places import PortOfEntry
from travelers.models import Traveler


class RetentionClass(models.Model):
    """How long one kind of data is kept: a versioned row, proposed by one person and approved by another.

    Version 1 is as delivered, after Regulation (EU) 2017/2226, and nobody's proposal.
    """

    class State(models.TextChoices):
        PROPOSED = "PROPOSED", "Proposed"
        ACTIVE = "ACTIVE", "Active"
        RETIRED = "RETIRED", "Retired"
        REJECTED = "REJECTED", "Rejected"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(
        max_length=20, choices=[(c.value, c.replace("_", " ").capitalize()) for c in RetentionCode]
    )
    version = models.PositiveIntegerField()
    years = models.PositiveSmallIntegerField(default=0)
    months = models.PositiveSmallIntegerField(default=0)
    days = models.PositiveSmallIntegerField(default=0)
    start_event = models.CharField(
        max_length=24, choices=[(e.value, e.replace("_", " ").capitalize()) for e in STARTS.values()]
    )
    legal_basis = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State, default=State.PROPOSED)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it was proposed; no personal data")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text="Empty: as delivered",
    )  # fmt: skip
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "retention classes"
        constraints = (
            models.UniqueConstraint(fields=("code", "version"), name="retention_class_version"),
            models.UniqueConstraint(
                fields=("code",), condition=Q(state="ACTIVE"), name="retention_class_one_active"
            ),
            models.CheckConstraint(
                condition=Q(years__gt=0) | Q(months__gt=0) | Q(days__gt=0), name="retention_class_period"
            ),
            models.CheckConstraint(condition=~Q(legal_basis=""), name="retention_class_has_legal_basis"),
            models.CheckConstraint(
                condition=Q(version=1, proposed_by__isnull=True)
                | Q(state="PROPOSED", proposed_by__isnull=False)
                | Q(proposed_by__isnull=False, decided_by__isnull=False),
                name="retention_class_is_decided",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="retention_class_two_persons",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_code_display()} (version {self.version})"


class RetentionFile(models.Model):
    """What a file's period counts from where the records themselves are gone, and whether Article 34 (4) applies."""

    traveler = models.OneToOneField(
        Traveler, primary_key=True, on_delete=models.PROTECT, related_name="retention"
    )
    family = models.BooleanField(
        default=False, help_text="Family member under Article 34 (4): the shorter period"
    )
    family_basis = models.CharField(max_length=200, blank=True, help_text="What shows it; no names")
    latest_at = models.DateTimeField(
        null=True, blank=True, help_text="Latest exit or refusal of records already erased"
    )
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.traveler_id}"


class LegalHold(models.Model):
    """Somebody's data must not be erased for now: placed at once by one person, lifted by another."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    traveler_id = models.UUIDField(null=True, blank=True, db_index=True)
    inspection_id = models.UUIDField(null=True, blank=True, db_index=True)
    reason = models.CharField(max_length=300, help_text="No names")
    authority = models.CharField(max_length=120, help_text="Court or authority that demands it")
    reference = models.CharField(max_length=60, blank=True, help_text="Its file number")
    review_on = models.DateField(help_text="When somebody must look whether it is still needed")
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(traveler_id__isnull=True) ^ Q(inspection_id__isnull=True),
                name="legal_hold_of_one",
            ),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(authority=""), name="legal_hold_has_reason"),
            models.CheckConstraint(
                condition=Q(lifted_by__isnull=True, lifted_at__isnull=True)
                | (Q(lifted_by__isnull=False, lifted_at__isnull=False) & ~Q(lifted_by=F("placed_by"))),
                name="legal_hold_lifted_by_another",
            ),
        )
        indexes = (
            models.Index(
                fields=("review_on",), condition=Q(lifted_at__isnull=True), name="legal_hold_review"
            ),
        )
        triggers = (pgtrigger.Protect(name="legal_hold_never_deleted", operation=pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.authority} {self.placed_at:%Y-%m-%d}"


class OverstayNotice(models.Model):
    """The State is warned three months before an overstayer's data are erased (Article 34 (3))."""

    stay = models.OneToOneField(
        Stay, primary_key=True, on_delete=models.CASCADE, related_name="erasure_notice"
    )
    due_at = models.DateTimeField(help_text="When the data will be erased")
    noticed_at = models.DateTimeField()
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=("due_at",), name="overstay_notice_due"),)

    def __str__(self) -> str:
        return f"{self.due_at:%Y-%m-%d}"


class Erasure(models.Model):
    """What was erased, when and why: ids and counts, nothing of the person. `finished_at`: keys, files, indexes are done."""

    class Subject(models.TextChoices):
        TRAVELER = "TRAVELER", "Whole file of a traveller"
        RECORD = "RECORD", "Records of a traveller"
        IMAGES = "IMAGES", "Images and templates"
        ENTRY = "ENTRY", "Faces of a watchlist entry"

    class Ground(models.TextChoices):
        RETENTION = "RETENTION", "Retention period over"
        REQUEST = "REQUEST", "Request of the subject"
        ORDER = "ORDER", "Order of a court or authority"
        RESTORE = "RESTORE", "Applied again after a restore"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject = models.CharField(max_length=8, choices=Subject)
    subject_id = models.UUIDField(db_index=True, help_text="Traveller, inspection or watchlist entry")
    ground = models.CharField(max_length=9, choices=Ground)
    retention = models.CharField(
        max_length=20, blank=True, help_text="Class and version under which it was due"
    )
    reason = models.CharField(
        max_length=200, blank=True, help_text="File number of request or order; no names"
    )
    inspections = models.JSONField(default=list, help_text="Ids")
    keys = models.JSONField(default=list, help_text="Slot and id of each data key")
    files = models.JSONField(default=list, help_text="Keys of the image files")
    galleries = models.JSONField(default=list, help_text="Ids")
    counts = models.JSONField(default=dict, help_text="Rows by table")
    erased_by = models.CharField(max_length=80)
    seconded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    erased_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("erased_at",), condition=Q(finished_at__isnull=True), name="erasure_unfinished"
            ),
        )
        triggers = (pgtrigger.Protect(name="erasure_never_deleted", operation=pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_id}"


class ErasureRequest(models.Model):
    """Somebody asked to be erased, or a court ordered it: proposed by one data protection officer, approved by another."""

    class Ground(models.TextChoices):
        REQUEST = "REQUEST", "Request of the subject"
        ORDER = "ORDER", "Order of a court or authority"

    State = models.TextChoices("State", {s: (s, s.capitalize()) for s in ERASURE_REQUEST_STATES.states})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    traveler_id = models.UUIDField(db_index=True)
    ground = models.CharField(max_length=7, choices=Ground)
    reason = models.CharField(max_length=200, help_text="File number of request or order; no names")
    state = models.CharField(max_length=8, choices=State, default=ERASURE_REQUEST_STATES.initial)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    erasure_id = models.UUIDField(null=True, blank=True, help_text="The act, once it is done")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("traveler_id",),
                condition=Q(state__in=("PROPOSED", "APPROVED")),
                name="erasure_request_one_open",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="erasure_request_has_reason"),
            models.CheckConstraint(
                condition=Q(state="PROPOSED") | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="erasure_request_decided",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("PROPOSED", "REJECTED")) | ~Q(decided_by=F("proposed_by")),
                name="erasure_request_two_persons",
            ),
        )
        indexes = (models.Index(fields=("-proposed_at", "-id"), name="erasure_request_time"),)
        triggers = (
            pgtrigger.FSM(
                name="erasure_request_states", field="state", transitions=ERASURE_REQUEST_STATES.pairs()
            ),
            pgtrigger.Protect(name="erasure_request_never_deleted", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.get_ground_display()} {self.reason}"


class ErasedCrossingCount(models.Model):
    """What statistics keep of crossings whose traveller is erased: one attribute at a time, so that no two ever meet again."""

    class Dimension(models.TextChoices):
        ALL = "ALL", "All"
        SEX = "SEX", "Sex"
        AGE = "AGE", "Age band"
        NATIONALITY = "NATIONALITY", "Nationality"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    month = models.DateField(help_text="The first day of the month")
    port = models.ForeignKey(PortOfEntry, on_delete=models.PROTECT, related_name="+")
    direction = models.CharField(max_length=5, choices=Direction)
    transport_mode = models.CharField(max_length=4, choices=Crossing.TransportMode)
    dimension = models.CharField(max_length=11, choices=Dimension)
    value = models.CharField(max_length=12, blank=True)
    count = models.PositiveBigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("month", "port", "direction", "transport_mode", "dimension", "value"),
                name="erased_crossing_count_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.dimension} {self.value}"


class DataSubject(Traveler):
    """A traveller as the data protection officer sees one: somebody who asks. No table of its own."""

    class Meta:
        proxy = True


class Disclosure(models.Model):
    """To whom a traveller's data were given, why, and which fields: part of the record that the subject may ask for."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    traveler_id = models.UUIDField(db_index=True)
    recipient = models.CharField(
        max_length=120, help_text="Authority or system, never a private person's name"
    )
    purpose = models.CharField(max_length=40)
    legal_basis = models.CharField(max_length=200)
    fields = models.JSONField(default=list, help_text="Names of the fields, not their values")
    reference = models.CharField(max_length=60, blank=True, help_text="Of the export, message or request")
    given_by = models.CharField(max_length=80)
    given_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("recipient", "given_at"), name="disclosure_recipient"),)
        triggers = append_only("disclosure")

    def __str__(self) -> str:
        return f"{self.recipient} {self.given_at:%Y-%m-%d}"
