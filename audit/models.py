"""The append-only audit trail, and the primary key that every table of the system uses."""

from uuid import UUID

import pgtrigger
import uuid_utils.compat
from django.conf import settings
from django.db import models


def new_id() -> UUID:
    """Return a UUIDv7: unique without a sequence, and near its neighbours in time (RFC 9562 section 5.7)."""
    return uuid_utils.compat.uuid7()


def append_only(table: str) -> list[pgtrigger.Trigger]:
    """Return the trigger that keeps the rows of a table as they were written, against raw SQL too."""
    return [pgtrigger.Protect(name=f"{table}_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class AuditEntry(models.Model):
    """One act or one look: who, what, on which object, when, why, from where. Holds ids and codes, never personal data."""

    class Kind(models.TextChoices):
        WRITE = "WRITE", "Change"
        READ = "READ", "Look-up"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=5, choices=Kind)
    action = models.CharField(max_length=60)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_constraint=True
    )
    actor_label = models.CharField(max_length=80)
    roles = models.CharField(max_length=120, blank=True)
    purpose = models.CharField(max_length=40)
    origin = models.CharField(max_length=60, blank=True)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=40, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ("-at", "-id")
        indexes = (
            models.Index(fields=("object_type", "object_id", "at"), name="audit_object"),
            models.Index(fields=("actor", "at"), name="audit_actor"),
            models.Index(fields=("at", "id"), name="audit_time"),
        )
        triggers = append_only("audit_entry")

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"
