"""The terminals of booths: each signs in with a key that never leaves it."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.models import new_id
from borders.models.places import Booth


class BoothDevice(models.Model):
    """One terminal of one booth: invited by an administrator, enrolled by the terminal itself, revoked at once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    booth = models.ForeignKey(Booth, on_delete=models.PROTECT, related_name="devices")
    name = models.CharField(
        max_length=60, help_text="Of the terminal, e.g. its inventory number; not of a person"
    )
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    code_sha256 = models.CharField(
        max_length=64, unique=True, help_text="Of the enrolment code, which is good once"
    )
    code_expires_at = models.DateTimeField()
    public_key = models.TextField(
        blank=True, help_text="P-256, SubjectPublicKeyInfo in Base64. Empty: not enrolled yet"
    )
    enrolled_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True, help_text="Latest sign-in")
    challenge_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Time of the latest challenge that was answered: none is answered twice",
    )
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(enrolled_at__isnull=True, public_key="")
                | Q(enrolled_at__isnull=False) & ~Q(public_key=""),
                name="booth_device_enrolled",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="booth_device_revoked",
            ),
        )
        triggers = (pgtrigger.Protect(name="booth_device_never_deleted", operation=pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.name} ({self.booth})"
