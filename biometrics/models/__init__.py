"""Captured images, templates, galleries, comparisons, and the operating points that turn a score into an answer."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.models import append_only, new_id
from biometrics.core.outcomes import Outcome


class CapturedImage(models.Model):
    """One image as the booth sent it. The bytes lie in the image store under `key`; everything else refers to the row."""

    class Kind(models.TextChoices):
        PAGE = "PAGE", "Document page"
        FACE = "FACE", "Live face"
        PORTRAIT = "PORTRAIT", "Portrait cut from a document"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8, choices=Kind)
    key = models.CharField(max_length=80, unique=True)
    sha256 = models.CharField(max_length=64, db_index=True)
    media_type = models.CharField(max_length=20)
    byte_count = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    captured_at = models.DateTimeField()
    subject_key = models.ForeignKey(
        "biometrics.SubjectKey",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="images",
        help_text="Whose key sealed the file; empty: not sealed yet",
    )
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        triggers = append_only("captured_image")

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class OperatingPoint(models.Model):
    """The threshold of one engine for one purpose: a versioned row, proposed by one person and approved by another."""

    class Purpose(models.TextChoices):
        VERIFICATION = "VERIFICATION", "Face 1:1"
        WATCHLIST_IDENTIFICATION = "WATCHLIST_IDENTIFICATION", "Face 1:N against watchlists"
        CROSSINGS_IDENTIFICATION = "CROSSINGS_IDENTIFICATION", "Face 1:N against earlier crossings"
        NAME_SCREENING = "NAME_SCREENING", "Name screening"

    class State(models.TextChoices):
        PROPOSED = "PROPOSED", "Proposed"
        ACTIVE = "ACTIVE", "Active"
        RETIRED = "RETIRED", "Retired"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    purpose = models.CharField(max_length=30, choices=Purpose)
    engine = models.CharField(max_length=30)
    engine_version = models.CharField(max_length=60)
    threshold = models.FloatField(help_text="A score at or above it is a match")
    target = models.CharField(max_length=80, help_text='The error rate aimed at, e.g. "FMR 1e-4"')
    provenance = models.TextField(help_text="The measurement it rests on")
    calibrated_size = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="1:N: templates enrolled where it was measured; empty: it stays as it is",
    )
    calibrated_fpir = models.FloatField(
        null=True, blank=True, help_text="1:N: the false positive rate of a search there"
    )
    score_spread = models.FloatField(
        null=True, blank=True, help_text="1:N: standard deviation of the non-mated scores' tail"
    )
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("purpose", "engine", "engine_version", "version"), name="operating_point_version"
            ),
            models.UniqueConstraint(
                fields=("purpose", "engine", "engine_version"),
                condition=Q(state="ACTIVE"),
                name="operating_point_one_active",
            ),
            models.CheckConstraint(
                condition=Q(calibrated_size=None, calibrated_fpir=None, score_spread=None)
                | Q(
                    calibrated_size__isnull=False,
                    calibrated_fpir__isnull=False,
                    score_spread__isnull=False,
                    calibrated_size__gte=1,
                    calibrated_fpir__gt=0,
                    calibrated_fpir__lt=1,
                    score_spread__gt=0,
                ),
                name="operating_point_follows_size_or_not",
            ),
            models.CheckConstraint(
                condition=Q(state="PROPOSED") | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="operating_point_active_is_approved",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="operating_point_two_persons",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.engine} ≥ {self.threshold:g} (version {self.version})"


class Template(models.Model):
    """The face template of one image by one engine. Vectors of different engines or versions never meet."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    image = models.ForeignKey(CapturedImage, on_delete=models.PROTECT, related_name="templates")
    engine = models.CharField(max_length=30)
    engine_version = models.CharField(max_length=60)
    vector = models.BinaryField(
        help_text="float32, little endian, sealed under the subject's key; empty once erased"
    )
    subject_key = models.ForeignKey(
        "biometrics.SubjectKey",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="templates",
        help_text="Whose key sealed the vector; empty: not sealed yet",
    )
    dimension = models.PositiveSmallIntegerField()
    face_count = models.PositiveSmallIntegerField(
        help_text="Faces in the image; the template is of the main one"
    )
    box = models.JSONField(help_text="x0, y0, x1, y1 in pixels")
    quality = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("image", "engine", "engine_version"), name="template_once_per_image_and_engine"
            ),
        )
        triggers = append_only("template")

    def __str__(self) -> str:
        return f"{self.engine} {self.id}"


class Gallery(models.Model):
    """A named set of templates to search in. `version` rises by one with every change, under a lock on the row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.SlugField(max_length=40)
    engine = models.CharField(max_length=30)
    engine_version = models.CharField(max_length=60)
    version = models.PositiveBigIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0, help_text="Templates enrolled now")
    purged_version = models.PositiveBigIntegerField(
        default=0, help_text="Erased up to this version: an index sealed before is made anew at once"
    )

    class Meta:
        verbose_name_plural = "galleries"
        constraints = (
            models.UniqueConstraint(
                fields=("name", "engine", "engine_version"), name="gallery_once_per_engine"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.engine})"


class GalleryMember(models.Model):
    """One template in one gallery, from one version to another. subject_id: the traveller or watchlist entry it stands for."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    gallery = models.ForeignKey(Gallery, on_delete=models.PROTECT, related_name="members")
    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="memberships")
    subject_id = models.UUIDField()
    enrolled_version = models.PositiveBigIntegerField()
    removed_version = models.PositiveBigIntegerField(null=True)
    valid_from = models.DateTimeField(null=True, blank=True, help_text="Not found before; empty: no limit")
    valid_until = models.DateTimeField(
        null=True, blank=True, help_text="Not found from then on; empty: no limit"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("gallery", "template", "subject_id"),
                condition=Q(removed_version__isnull=True),
                name="gallery_member_once",
            ),
            models.CheckConstraint(
                condition=Q(removed_version__isnull=True) | Q(removed_version__gt=F("enrolled_version")),
                name="gallery_member_removed_after_enrolled",
            ),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_until__isnull=True)
                | Q(valid_until__gt=F("valid_from")),
                name="gallery_member_valid_in_order",
            ),
        )
        indexes = (
            models.Index(fields=("gallery", "enrolled_version"), name="gallery_member_enrolled"),
            models.Index(fields=("gallery", "removed_version"), name="gallery_member_removed"),
            models.Index(fields=("subject_id",), name="gallery_member_subject"),
        )

    def __str__(self) -> str:
        return f"{self.gallery_id} {self.subject_id}"


class Comparison(models.Model):
    """One answer of a face engine: 1:1 against a reference, or 1:N against a gallery. Kept as evidence, never changed."""

    class Kind(models.TextChoices):
        VERIFICATION = "VERIFICATION", "1:1"
        IDENTIFICATION = "IDENTIFICATION", "1:N"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=14, choices=Kind)
    probe = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="probe_comparisons")
    reference = models.ForeignKey(
        Template, null=True, on_delete=models.PROTECT, related_name="reference_comparisons"
    )
    gallery = models.ForeignKey(Gallery, null=True, on_delete=models.PROTECT, related_name="+")
    gallery_version = models.PositiveBigIntegerField(null=True)
    operating_point = models.ForeignKey(OperatingPoint, on_delete=models.PROTECT, related_name="+")
    threshold = models.FloatField()
    score = models.FloatField(null=True, help_text="Higher is more alike; empty when the gallery is empty")
    candidates = models.JSONField(
        default=list, help_text="1:N: subject_id and score at or above the threshold"
    )
    outcome = models.CharField(max_length=14, choices=[(o.value, o.value) for o in Outcome])
    elapsed_ms = models.FloatField()
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(kind="VERIFICATION", reference__isnull=False, gallery__isnull=True)
                | Q(kind="IDENTIFICATION", reference__isnull=True, gallery__isnull=False),
                name="comparison_against_reference_or_gallery",
            ),
        )
        triggers = append_only("comparison")

    def __str__(self) -> str:
        return f"{self.kind} {self.score}"


from biometrics.models.accuracy import AccuracyMeasurement, AdjudicatedComparison  # noqa: E402
from biometrics.models.deduplication import DeduplicationPair, DeduplicationRun  # noqa: E402
from biometrics.models.indexes import GalleryIndex  # noqa: E402
from biometrics.models.keys import SubjectKey  # noqa: E402
from biometrics.models.reviews import IdentificationOpinion, IdentificationReview  # noqa: E402

__all__ = [
    "AccuracyMeasurement",
    "AdjudicatedComparison",
    "CapturedImage",
    "Comparison",
    "DeduplicationPair",
    "DeduplicationRun",
    "Gallery",
    "GalleryIndex",
    "GalleryMember",
    "IdentificationOpinion",
    "IdentificationReview",
    "OperatingPoint",
    "SubjectKey",
    "Template",
]
