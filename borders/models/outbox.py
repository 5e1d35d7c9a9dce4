"""Facts that somebody must act on: written with the fact itself, found again until the act is done."""

from django.db import models
from django.db.models import Q

from audit.models import new_id
from borders.core.notifications import Notice


class OutboxMessage(models.Model):
    """One message. `published_at` is a hint (handed to the broker); `done_at` says that its effect is in the database."""

    class Topic(models.TextChoices):
        INSPECTION_RECEIVED = "inspection.received", "Inspection received"
        SERVICE_ASKED = Notice.SERVICE_ASKED.value, "Protection service asked"
        SERVICE_REMINDED = Notice.SERVICE_REMINDED.value, "Protection service reminded"
        SERVICE_SILENT = Notice.SERVICE_SILENT.value, "Nobody answers to a protection case"
        OWNER_NOTICE = Notice.OWNER_NOTICE.value, "List owner told"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    topic = models.CharField(max_length=30, choices=Topic)
    object_id = models.UUIDField()
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=60, blank=True, help_text="Code of the latest failure")
    dead = models.BooleanField(default=False, help_text="Given up: a person must look")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(dead=False) | Q(done_at__isnull=True), name="outbox_dead_is_not_done"
            ),
        )
        indexes = (
            models.Index(
                fields=("next_attempt_at",), condition=Q(done_at__isnull=True, dead=False), name="outbox_due"
            ),
            models.Index(fields=("topic", "object_id"), name="outbox_object"),
        )

    def __str__(self) -> str:
        return f"{self.topic} {self.object_id}"
