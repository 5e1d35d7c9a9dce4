"""The append-only audit trail with its seals, and the primary key that every table of the system uses."""

from uuid import UUID

import pgtrigger
import uuid_utils.compat
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


def new_id() -> UUID:
    """Return a UUIDv7: unique without a sequence, and near its neighbours in time (RFC 9562 section 5.7)."""
    return uuid_utils.compat.uuid7()


def append_only(table: str) -> list[pgtrigger.Trigger]:
    """Return the trigger that keeps the rows of a table as they were written, against raw SQL too."""
    return [pgtrigger.Protect(name=f"{table}_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


def never_emptied(table: str) -> pgtrigger.Trigger:
    """Return the trigger that forbids TRUNCATE, which no trigger on rows ever sees."""
    return pgtrigger.Trigger(
        name=f"{table}_never_emptied",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;",
    )


class AuditEntry(models.Model):
    """One act or one look: who, what, on which object, when, why, from where. Holds ids and codes, never personal data."""

    class Kind(models.TextChoices):
        WRITE = "WRITE", "Change"
        READ = "READ", "Look-up"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=5, choices=Kind)
    action = models.CharField(max_length=60)
    # no index of its own: that of actor and time begins with it
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    actor_label = models.CharField(max_length=80)
    roles = models.CharField(max_length=120, blank=True)
    purpose = models.CharField(max_length=40)
    origin = models.CharField(max_length=60, blank=True)
    port_id = models.UUIDField(
        null=True, blank=True, help_text="Port of entry where the actor is posted; its stream holds the row"
    )
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=40, blank=True)
    fields = models.JSONField(
        default=list, blank=True, help_text="Names of the fields that were shown or changed"
    )
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ("-at", "-id")
        indexes = (
            models.Index(fields=("object_type", "object_id", "at"), name="audit_object"),
            models.Index(fields=("actor", "at"), name="audit_actor"),
            models.Index(fields=("at", "id"), name="audit_time"),
        )
        triggers = (
            *append_only("audit_entry"),
            never_emptied("audit_entry"),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"


class WaitingEntry(models.Model):
    """A row of the trail that is in no block yet. Written by a trigger, taken away by the sealing of its row.

    In the transaction of the row itself: a row that is committed late waits from then on, and none is left out. The column
    `written_by`, of which only triggers know, holds that transaction.
    """

    entry_id = models.UUIDField(primary_key=True)

    class Meta:
        verbose_name_plural = "waiting entries"

    def __str__(self) -> str:
        return str(self.entry_id)


class WriteNote(models.Model):
    """What a transaction wrote, and what brings the check of it at its commit (a deferred trigger); gone when the transaction is.

    Written by triggers alone: no account of the application may change it. Part 0 holds a line for each statement; where these
    grow too long, each further statement is a part of its own, without text.
    """

    pk = models.CompositePrimaryKey("written_by", "part")
    written_by = models.BigIntegerField()
    part = models.BigIntegerField()
    notes = models.TextField()

    def __str__(self) -> str:
        return str(self.pk)


class AuditBlock(models.Model):
    """A run of rows of one stream, sealed: what each row hashed to, the root over them, and the block before.

    The leaf hashes stand beside the root so that a verifier can say which row was changed, not only that one was.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    stream = models.CharField(max_length=36, help_text="Id of the port of entry, or central")
    number = models.PositiveBigIntegerField(help_text="Of the block in its stream, from 1")
    first_row = models.PositiveBigIntegerField(help_text="Number in the stream of its first row, from 1")
    row_count = models.PositiveIntegerField()
    root = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64)
    block_hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
    note = models.TextField(help_text="The head after this block, signed")
    entry_ids = ArrayField(models.UUIDField(), help_text="Its rows, in the order of the leaves")
    leaf_hashes = models.BinaryField(help_text="32 bytes a row")

    class Meta:
        ordering = ("stream", "number")
        constraints = (models.UniqueConstraint(fields=("stream", "number"), name="audit_block_number"),)
        triggers = (
            *append_only("audit_block"),
            never_emptied("audit_block"),
        )

    def __str__(self) -> str:
        return f"{self.stream} {self.number}"


class AuditPruning(models.Model):
    """A run of blocks whose rows were removed because their time was over. Their headers and signed heads stay.

    The statement says what was removed, until when it had to be kept and by what rule, and is signed as heads are: a trail
    that was cut without the key does not look like this.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    stream = models.CharField(max_length=36)
    first_block = models.PositiveBigIntegerField()
    final_block = models.PositiveBigIntegerField()
    row_count = models.PositiveBigIntegerField(help_text="How many rows were removed")
    pruned_at = models.DateTimeField()
    note = models.TextField(help_text="The statement, signed")

    class Meta:
        ordering = ("stream", "first_block")
        constraints = (
            models.UniqueConstraint(fields=("stream", "first_block"), name="audit_pruning_once"),
            models.CheckConstraint(
                condition=models.Q(final_block__gte=models.F("first_block")), name="audit_pruning_range"
            ),
        )
        triggers = (
            *append_only("audit_pruning"),
            never_emptied("audit_pruning"),
        )

    def __str__(self) -> str:
        return f"{self.stream} {self.first_block}-{self.final_block}"


class HeadSeen(models.Model):
    """A witness: a booth says which head of its post's stream it was given. Booths keep their own copies besides."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    stream = models.CharField(max_length=36)
    number = models.PositiveBigIntegerField(help_text="Of the block")
    block_hash = models.CharField(max_length=64)
    booth_id = models.UUIDField()
    seen_at = models.DateTimeField()
    agrees = models.BooleanField(help_text="The stream held this very block at that time")

    class Meta:
        verbose_name_plural = "heads seen"
        constraints = (
            models.UniqueConstraint(
                fields=("booth_id", "stream", "number", "block_hash"), name="head_seen_once_a_booth"
            ),
        )
        # the many that agree are asked for by nobody
        indexes = (
            models.Index(fields=("seen_at",), condition=models.Q(agrees=False), name="head_seen_conflict"),
        )
        triggers = (
            *append_only("head_seen"),
            never_emptied("head_seen"),
        )

    def __str__(self) -> str:
        return f"{self.booth_id} saw {self.stream} {self.number}"


class Heartbeat(models.Model):
    """When a process that nobody waits for was last seen at work."""

    name = models.CharField(primary_key=True, max_length=40)
    beaten_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
