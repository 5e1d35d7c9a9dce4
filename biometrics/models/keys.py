"""Whose data key lies in which slot of the key store. No key material: that is outside the database."""

from django.db import models
from django.db.models import Q

from audit.models import new_id


class SubjectKey(models.Model):
    """The data key of one subject. Everything sealed under it is unreadable for ever once it is destroyed."""

    class Kind(models.TextChoices):
        INSPECTION = "INSPECTION", "Person at an inspection"
        CHIP = "CHIP", "Holder of a chip"
        IMAGE = "IMAGE", "Person of a single image, as of a watchlist entry"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=15, choices=Kind)
    subject_id = models.UUIDField(help_text="Inspection, chip or image")
    slot = models.PositiveBigIntegerField(help_text="In the key store")
    created_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("kind", "subject_id"), name="subject_key_once"),
            models.CheckConstraint(condition=Q(slot__gte=0), name="subject_key_slot"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"
