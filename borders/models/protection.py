"""Protection: services that help, cases of people who may need it, their answers; and, apart, the suspected facilitator."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.models import append_only, new_id
from borders.core.protection import PROTECTION_STATES, Answer, CaseOutcome, Cause, ServiceKind
from borders.models.inspections import Inspection
from borders.models.places import PortOfEntry


def choices_of(kinds: type) -> list[tuple[str, str]]:
    return [(k.value, k.value.replace("_", " ").capitalize()) for k in kinds]


class ProtectionService(models.Model):
    """Somebody who helps: an office with a name and a line that is answered, never a private person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    port = models.ForeignKey(
        PortOfEntry,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="protection_services",
        help_text="Empty: for all ports",
    )
    kind = models.CharField(max_length=20, choices=choices_of(ServiceKind))
    name = models.CharField(max_length=120)
    contact = models.CharField(max_length=200, help_text="How the office is reached at any hour")
    minutes_to_acknowledge = models.PositiveSmallIntegerField(default=60)
    email = models.EmailField(
        blank=True, help_text="Of the office; told when it is asked and when it is late"
    )
    webhook_url = models.URLField(blank=True, help_text="Of its system, https; messages are signed")
    escalation_email = models.EmailField(
        blank=True, db_default="", help_text="Of whoever answers for the office; told when it stays silent"
    )
    active = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("port", "name"), name="protection_service_once", nulls_distinct=False
            ),
        )

    def __str__(self) -> str:
        return self.name


class OwnerContact(models.Model):
    """Where the owner unit of watchlist entries is told that a notice waits for it. An office, never a private person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_unit = models.CharField(max_length=80, unique=True)
    email = models.EmailField(blank=True)
    telephone = models.CharField(
        max_length=60, blank=True, help_text="At any hour; shown to the second line beside a hit"
    )
    webhook_url = models.URLField(blank=True, help_text="Of its system, https; messages are signed")

    def __str__(self) -> str:
        return self.owner_unit


class ProtectionCase(models.Model):
    """One person who may need help. Sealed: nobody without the purpose of protection reads it, the booth included."""

    State = models.TextChoices(
        "State", {s: (s, s.replace("_", " ").capitalize()) for s in PROTECTION_STATES.states}
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    inspection = models.OneToOneField(Inspection, on_delete=models.PROTECT, related_name="protection_case")
    cause = models.CharField(max_length=7, choices=choices_of(Cause))
    state = models.CharField(max_length=12, choices=State, default=PROTECTION_STATES.initial)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: the system, after an alarm",
    )
    opened_at = models.DateTimeField()
    service = models.ForeignKey(
        ProtectionService, null=True, blank=True, on_delete=models.PROTECT, related_name="cases"
    )
    referred_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True, help_text="When the service is to have answered")
    reminded_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(
        null=True, blank=True, help_text="When others were told that nobody answers"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    handed_over_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=8, choices=choices_of(CaseOutcome), blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=("OPEN", "CLOSED"))
                | Q(service__isnull=False, referred_at__isnull=False, due_at__isnull=False),
                name="protection_case_referred_to_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="CLOSED") ^ (Q(outcome="") & Q(closed_at__isnull=True)),
                name="protection_case_closed_has_outcome",
            ),
        )
        indexes = (
            models.Index(fields=("due_at",), condition=Q(state="REFERRED"), name="protection_case_due"),
            models.Index(
                fields=("-opened_at",), condition=~Q(state="CLOSED"), name="protection_case_unfinished"
            ),
        )
        triggers = (
            pgtrigger.FSM(
                name="protection_case_states", field="state", transitions=PROTECTION_STATES.pairs()
            ),
            pgtrigger.Protect(name="protection_case_never_deleted", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.state} {self.id}"


class ProtectionAnswer(models.Model):
    """One answer to one question. A question asked again has a second row; the latest counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(ProtectionCase, on_delete=models.PROTECT, related_name="answers")
    question = models.CharField(max_length=24)
    answer = models.CharField(max_length=12, choices=choices_of(Answer))
    language = models.CharField(max_length=5, help_text="In which it was asked")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("case", "question", "-asked_at"), name="protection_answer_latest"),)
        triggers = append_only("protection_answer")

    def __str__(self) -> str:
        return f"{self.question} {self.answer}"


class FacilitatorCase(models.Model):
    """An adult suspected of bringing others against their good. A case of its own, with no way from it to any victim."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    inspection = models.OneToOneField(Inspection, on_delete=models.PROTECT, related_name="facilitator_case")
    indicators = models.JSONField(default=list, help_text="Codes of what was noticed")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()

    class Meta:
        triggers = append_only("facilitator_case")

    def __str__(self) -> str:
        return str(self.id)
