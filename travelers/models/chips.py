"""What a booth read from a chip, and what was found in it."""

from django.db import models

from audit.models import append_only, new_id
from biometrics.models import CapturedImage
from travelers.models.trust_store import TrustStoreVersion


class ChipReading(models.Model):
    """The files of one chip as a booth sent them. attempted without files: it tried, and nothing came."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    evidence = models.JSONField(
        default=dict, help_text="Challenge and answers of active and chip authentication"
    )
    read_at = models.DateTimeField()
    subject_key = models.ForeignKey(
        "biometrics.SubjectKey",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="chips",
        help_text="Whose key sealed the files; empty: not sealed yet",
    )

    class Meta:
        triggers = append_only("chip_reading")

    def __str__(self) -> str:
        return f"Chip {self.id}"


class ChipFile(models.Model):
    """One file of a chip. Kept whole, so that the same question can be asked again with a later trust store."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    chip = models.ForeignKey(ChipReading, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=8, help_text="EF_SOD, EF_COM, DG1 to DG16")
    content = models.BinaryField(help_text="Sealed under the key of the chip's subject; empty once erased")
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("chip", "name"), name="chip_file_once"),)
        triggers = append_only("chip_file")

    def __str__(self) -> str:
        return self.name


class ChipVerification(models.Model):
    """What one look at a chip's files found, with the trust store in force then."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    chip = models.ForeignKey(ChipReading, on_delete=models.PROTECT, related_name="verifications")
    trust_store = models.ForeignKey(
        TrustStoreVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    mechanisms = models.JSONField(
        help_text="Result, code, signer, algorithm, milliseconds and evidence of each mechanism"
    )
    groups_presented = models.JSONField(default=list)
    groups_in_sod = models.JSONField(null=True)
    groups_in_com = models.JSONField(null=True)
    dg1_lines = models.JSONField(default=list, help_text="The MRZ of data group 1")
    issue_date = models.DateField(null=True, blank=True)
    portrait = models.ForeignKey(
        CapturedImage, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    portrait_refusal = models.CharField(
        max_length=40, blank=True, help_text="Why the image of data group 2 is not used"
    )
    elapsed_ms = models.FloatField()
    verified_at = models.DateTimeField()

    class Meta:
        triggers = append_only("chip_verification")

    def __str__(self) -> str:
        return f"Chip verification {self.id}"
