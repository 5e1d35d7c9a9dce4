"""Travellers, their documents, what was read from them, and the faces enrolled for them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.models import append_only, new_id
from biometrics.models import CapturedImage, Template


class Sex(models.TextChoices):
    """As in the MRZ: M, F, X, or empty for unspecified (Doc 9303-3 section 4.8)."""

    MALE = "M", "Male"
    FEMALE = "F", "Female"
    X = "X", "X"
    UNSPECIFIED = "", "Unspecified"


class Traveler(models.Model):
    """A person who crosses the border, as first recorded. Names are kept as in the MRZ."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    primary_identifier = models.CharField(max_length=120)
    secondary_identifier = models.CharField(max_length=120, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    birth_date_raw = models.CharField(
        max_length=6, blank=True, help_text="YYMMDD as in the MRZ, unknown parts <"
    )
    sex = models.CharField(max_length=1, choices=Sex, blank=True)
    nationality = models.CharField(max_length=3, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=("primary_identifier", "secondary_identifier"), name="traveler_name"),
            models.Index(fields=("birth_date",), name="traveler_birth_date"),
            models.Index(fields=("-created_at", "-id"), name="traveler_time"),
            models.Index(fields=("nationality", "-created_at", "-id"), name="traveler_nationality"),
        )

    def __str__(self) -> str:
        return f"{self.primary_identifier}, {self.secondary_identifier}".strip(", ")


class TravelDocument(models.Model):
    """A travel document that has crossed the border with its holder."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    traveler = models.ForeignKey(Traveler, on_delete=models.PROTECT, related_name="documents")
    document_code = models.CharField(max_length=2)
    issuing_state = models.CharField(max_length=3)
    document_number = models.CharField(max_length=24)
    expiry_date = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("issuing_state", "document_number", "document_code"), name="travel_document_once"
            ),
            models.CheckConstraint(condition=~Q(document_number=""), name="travel_document_has_number"),
        )
        indexes = (
            models.Index(fields=("document_number",), name="travel_document_number"),
            models.Index(fields=("-created_at", "-id"), name="travel_document_time"),
        )

    def __str__(self) -> str:
        return f"{self.document_code} {self.issuing_state} {self.document_number}"


class DocumentReading(models.Model):
    """What one reading gave: from pixels, or keyed by an officer. A correction is a new row that names the old one."""

    class Source(models.TextChoices):
        MRZ = "MRZ", "Read from the page"
        CHIP = "CHIP", "Read from the chip"
        KEYED = "KEYED", "Keyed by an officer"
        DECLARED = "DECLARED", "Declared, no document"

    class Status(models.TextChoices):
        ACCEPTED = "ACCEPTED", "Accepted"
        REVIEW = "REVIEW", "To be reviewed"
        UNREADABLE = "UNREADABLE", "Unreadable"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    image = models.ForeignKey(
        CapturedImage, null=True, blank=True, on_delete=models.PROTECT, related_name="readings"
    )
    source = models.CharField(max_length=8, choices=Source)
    status = models.CharField(max_length=10, choices=Status)
    reason = models.CharField(max_length=40, blank=True, help_text="Why it is unreadable or to be reviewed")
    layout = models.CharField(max_length=8, blank=True)
    lines_read = models.JSONField(default=list, help_text="MRZ lines as recognised")
    lines = models.JSONField(default=list, help_text="MRZ lines after repair or correction")
    confidences = models.JSONField(default=list)
    doubtful = models.JSONField(default=list)
    repairs = models.JSONField(default=list)
    check_digits = models.JSONField(default=list)
    reader_version = models.CharField(max_length=60, blank=True)
    elapsed_ms = models.FloatField(default=0)
    corrects = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrected_by"
    )
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    read_at = models.DateTimeField()

    document_code = models.CharField(max_length=2, blank=True)
    issuing_state = models.CharField(max_length=3, blank=True)
    document_number = models.CharField(max_length=24, blank=True)
    primary_identifier = models.CharField(max_length=120, blank=True)
    secondary_identifier = models.CharField(max_length=120, blank=True)
    names_truncated = models.BooleanField(default=False)
    nationality = models.CharField(max_length=3, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    birth_date_raw = models.CharField(max_length=6, blank=True)
    sex = models.CharField(max_length=1, choices=Sex, blank=True)
    expiry_date = models.DateField(null=True, blank=True)
    expiry_date_raw = models.CharField(max_length=6, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("issuing_state", "document_number"), name="reading_document"),
            models.Index(fields=("primary_identifier", "secondary_identifier"), name="reading_name"),
            models.Index(fields=("document_number",), name="reading_number"),
            models.Index(fields=("-read_at", "-id"), name="reading_time"),
        )
        triggers = append_only("document_reading")

    def __str__(self) -> str:
        return f"{self.source} {self.status}"


class Enrolment(models.Model):
    """A face template that stands for a traveller."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    traveler = models.ForeignKey(Traveler, on_delete=models.PROTECT, related_name="enrolments")
    template = models.OneToOneField(Template, on_delete=models.PROTECT, related_name="enrolment")
    enrolled_at = models.DateTimeField()

    class Meta:
        triggers = append_only("enrolment")

    def __str__(self) -> str:
        return f"{self.traveler_id}"
