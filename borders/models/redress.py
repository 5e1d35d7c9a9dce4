"""Redress: the notice that a refused person gets, and requests to correct a record, with what came of them."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.models import append_only, new_id
from borders.core.redress import CORRECTION_STATES, RecordType, Requester
from borders.core.refusals import Ground
from borders.models.inspections import Decision
from borders.models.places import Country, PortOfEntry


def _choices(kinds: type) -> list[tuple[str, str]]:
    return [(k.value, k.value.replace("_", " ").capitalize()) for k in kinds]


class RefusalGround(models.Model):
    """A ground on which a country's law lets a person be refused, with the clause that says so."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="refusal_grounds")
    code = models.CharField(max_length=16, choices=_choices(Ground))
    legal_basis = models.CharField(max_length=200)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("country", "code"), name="refusal_ground_once"),
            models.CheckConstraint(condition=~Q(legal_basis=""), name="refusal_ground_has_basis"),
        )

    def __str__(self) -> str:
        return f"{self.country_id} {self.code}"


class RefusalNotice(models.Model):
    """The notice of one refusal, as it was issued: grounds, legal basis and the way to appeal are kept as they stood."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="notice")
    reference = models.CharField(max_length=32, unique=True)
    grounds = models.JSONField(help_text="Code and legal basis of each")
    authority = models.JSONField(help_text="Who issued it, and to whom an appeal goes: names and addresses")
    appeal_until = models.DateField(null=True, blank=True)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()

    class Meta:
        triggers = append_only("refusal_notice")

    def __str__(self) -> str:
        return self.reference


class CorrectionRequest(models.Model):
    """Somebody says that a record about them is wrong. Received by one person, decided by another."""

    State = models.TextChoices("State", {s: (s, s.capitalize()) for s in CORRECTION_STATES.states})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reference = models.CharField(max_length=32, unique=True)
    port = models.ForeignKey(
        PortOfEntry,
        on_delete=models.PROTECT,
        related_name="correction_requests",
        help_text="Whose desk received it",
    )
    record_type = models.CharField(max_length=8, choices=_choices(RecordType))
    record_id = models.UUIDField()
    field = models.CharField(max_length=24)
    recorded_value = models.CharField(max_length=200, blank=True, help_text="When the request came")
    asked_value = models.CharField(max_length=200, blank=True)
    statement = models.CharField(max_length=1000, help_text="What the person says, and which proof was shown")
    requester = models.CharField(max_length=14, choices=_choices(Requester))
    language = models.CharField(max_length=5, help_text="In which the answer is written")
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    state = models.CharField(max_length=8, choices=State, default=CORRECTION_STATES.initial)
    reason = models.CharField(max_length=500, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state="RECEIVED")
                | (Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(reason="")),
                name="correction_request_decided_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("received_by")),
                name="correction_request_two_persons",
            ),
        )
        indexes = (
            models.Index(fields=("due_on",), condition=Q(state="RECEIVED"), name="correction_request_due"),
            models.Index(fields=("record_id",), name="correction_request_record"),
            models.Index(fields=("port", "-received_at", "-id"), name="correction_request_port"),
        )
        triggers = (
            pgtrigger.FSM(
                name="correction_request_states", field="state", transitions=CORRECTION_STATES.pairs()
            ),
            pgtrigger.Protect(name="correction_request_never_deleted", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return self.reference


class RecordCorrection(models.Model):
    """What a granted request changed. It stands beside the record, which stays as it was written; the latest counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.OneToOneField(CorrectionRequest, on_delete=models.PROTECT, related_name="correction")
    record_type = models.CharField(max_length=8, choices=_choices(RecordType))
    record_id = models.UUIDField()
    field = models.CharField(max_length=24)
    was = models.CharField(max_length=200, blank=True)
    value = models.CharField(max_length=200, blank=True)
    corrected_at = models.DateTimeField()
    corrected_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = (
            models.Index(fields=("record_id", "field", "-corrected_at"), name="record_correction_latest"),
        )
        triggers = append_only("record_correction")

    def __str__(self) -> str:
        return f"{self.record_type} {self.field}"
