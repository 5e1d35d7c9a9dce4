"""What the owner of an entry is told, and nobody at the booth."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.models import new_id
from watchlists.models.hits import Hit


class OwnerNotice(models.Model):
    """The owner unit is to look at a hit: written for silent hits by the sweep, so that the booth waits for nothing."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    hit = models.OneToOneField(Hit, on_delete=models.PROTECT, related_name="notice")
    owner_unit = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes = (models.Index(fields=("owner_unit", "created_at"), name="owner_notice_inbox"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(seen_at__isnull=True) | Q(seen_by__isnull=False), name="owner_notice_seen_by"
            ),
        )

    def __str__(self) -> str:
        return f"{self.owner_unit} {self.created_at:%Y-%m-%d %H:%M}"
