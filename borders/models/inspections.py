"""An inspection from the first image to the decision, with everything found on the way."""

from datetime import datetime

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.models import append_only, new_id
from biometrics.core.outcomes import Outcome, Route, Severity
from biometrics.models import CapturedImage, Comparison, Template
from borders.core.pipeline import Step, StepState, shown_ready_at
from borders.core.recommendation import Advice
from borders.core.states import INSPECTION_STATES, REFERRAL_STATES
from borders.models.places import Booth, Officer, PortOfEntry
from travelers.models import ChipReading, ChipVerification, DocumentReading, TravelDocument, Traveler
from watchlists.models import Screening


class Direction(models.TextChoices):
    ENTRY = "ENTRY", "Entry"
    EXIT = "EXIT", "Exit"


def with_port(table: str) -> pgtrigger.Trigger:
    """Return the trigger that writes the port of the inspection beside it, so that an index can begin with it."""
    return pgtrigger.Trigger(
        name=f"{table}_port",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func="SELECT port_id INTO NEW.port_id FROM borders_inspection WHERE id = NEW.inspection_id; RETURN NEW;",
    )


class TravelParty(models.Model):
    """People who travel together, as the booth groups them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    port = models.ForeignKey(PortOfEntry, on_delete=models.PROTECT, related_name="parties")
    reference = models.CharField(max_length=64)
    opened_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "travel parties"
        constraints = (models.UniqueConstraint(fields=("port", "reference"), name="travel_party_reference"),)

    def __str__(self) -> str:
        return self.reference


class Inspection(models.Model):
    """The examination of one traveller at one booth. Created once per (booth, client_reference), sent as often as need be."""

    State = models.TextChoices("State", {s: (s, s.capitalize()) for s in INSPECTION_STATES.states})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # each row is written four times on its way, and each time into every index: those that begin with the same column, or
    # have only rows with images, are enough
    port = models.ForeignKey(
        PortOfEntry, on_delete=models.PROTECT, related_name="inspections", db_index=False
    )
    booth = models.ForeignKey(Booth, on_delete=models.PROTECT, related_name="inspections", db_index=False)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="inspections")
    client_reference = models.CharField(max_length=64)
    request_sha256 = models.CharField(
        max_length=64, help_text="Of the whole request, so that a changed repeat is refused"
    )
    direction = models.CharField(max_length=5, choices=Direction)
    conveyance = models.CharField(
        max_length=20, blank=True, help_text="Flight, vessel or vehicle registration"
    )
    purpose_of_travel = models.CharField(max_length=20, blank=True)
    address_of_stay = models.CharField(max_length=200, blank=True)
    party = models.ForeignKey(
        TravelParty,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="inspections",
        db_index=False,
    )
    printed = models.JSONField(
        default=dict, help_text="Printed fields that the booth's reader took from the page (VIZ)"
    )
    printed_read = models.JSONField(
        default=dict,
        blank=True,
        help_text="Printed fields that were read from the page image; empty: not tried",
    )
    visa_lines = models.JSONField(default=list, help_text="Zone of the visa or permit, as the booth read it")
    observations = models.JSONField(default=list, help_text="What the officer saw of the party, as codes")
    page_image = models.OneToOneField(
        CapturedImage, null=True, blank=True, on_delete=models.PROTECT, related_name="page_of"
    )
    face_image = models.OneToOneField(
        CapturedImage, null=True, blank=True, on_delete=models.PROTECT, related_name="face_of"
    )

    chip = models.OneToOneField(
        ChipReading, null=True, blank=True, on_delete=models.PROTECT, related_name="inspection"
    )
    seal = models.BinaryField(null=True, blank=True, help_text="Octets of a visible digital seal")
    chip_attempted = models.BooleanField(default=False, help_text="The booth tried to read a chip")

    state = models.CharField(max_length=10, choices=State, default=INSPECTION_STATES.initial)
    opened_at = models.DateTimeField()
    deadline_at = models.DateTimeField(help_text="When the booth stops waiting")
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True, help_text="A worker holds it until then")
    ready_at = models.DateTimeField(null=True, blank=True)

    reading = models.ForeignKey(
        DocumentReading, null=True, blank=True, on_delete=models.PROTECT, related_name="inspections"
    )
    live_template = models.ForeignKey(
        Template, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    portrait_template = models.ForeignKey(
        Template, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    chip_verification = models.ForeignKey(
        ChipVerification,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="inspections",
        db_index=False,
    )
    chip_template = models.ForeignKey(
        Template, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    screening = models.ForeignKey(
        Screening, null=True, blank=True, on_delete=models.PROTECT, related_name="inspections"
    )
    traveler = models.ForeignKey(
        Traveler,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="inspections",
        db_index=False,
    )
    document = models.ForeignKey(
        TravelDocument,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="inspections",
        db_index=False,
    )
    advice = models.CharField(max_length=5, choices=[(a.value, a.value) for a in Advice], blank=True)
    reasons = models.JSONField(default=list, help_text="Codes of the findings behind the advice")
    crossing_id = models.UUIDField(null=True, blank=True, unique=True)
    erased_at = models.DateTimeField(
        null=True, blank=True, help_text="Nothing of the person is left since then"
    )
    training = models.BooleanField(default=False, help_text="Of a drawn traveller at a training post")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("booth", "client_reference"), name="inspection_client_reference"),
            models.CheckConstraint(
                condition=Q(state__in=("RECEIVED", "PROCESSING")) | ~Q(advice=""),
                name="inspection_ready_has_advice",
            ),
            models.CheckConstraint(
                condition=Q(training=True, crossing_id__isnull=True)
                | (Q(training=False) & (Q(state="CLEARED") ^ Q(crossing_id__isnull=True))),
                name="inspection_cleared_has_crossing",
            ),
            models.CheckConstraint(condition=Q(deadline_at__gte=F("opened_at")), name="inspection_deadline"),
        )
        indexes = (
            models.Index(fields=("port", "-opened_at", "-id"), name="inspection_port_time"),
            models.Index(fields=("-opened_at", "-id"), name="inspection_time"),
            models.Index(fields=("port", "state", "-opened_at", "-id"), name="inspection_port_state"),
            models.Index(
                fields=("port", "-opened_at", "-id"),
                condition=Q(advice="REFER"),
                name="inspection_port_refer",
            ),
            models.Index(
                fields=("opened_at",),
                condition=Q(state__in=("RECEIVED", "PROCESSING")),
                name="inspection_unfinished",
            ),
            models.Index(fields=("traveler", "-opened_at"), name="inspection_traveler"),
            *(
                models.Index(
                    fields=(name,), condition=Q(**{f"{name}__isnull": False}), name=f"inspection_{name}"
                )
                for name in (
                    *("party", "document", "chip_verification"),
                    *("live_template", "portrait_template", "chip_template"),
                )
            ),
        )
        triggers = (
            pgtrigger.FSM(name="inspection_states", field="state", transitions=INSPECTION_STATES.pairs()),
            pgtrigger.Protect(name="inspection_never_deleted", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.direction} {self.state} {self.id}"

    @property
    def shown_ready_at(self) -> datetime | None:
        """When the answer was there, as anybody but an auditor is shown it."""
        return None if self.ready_at is None else shown_ready_at(self.opened_at, self.ready_at)


class InspectionStep(models.Model):
    """One step of the pipeline for one inspection: done with its milliseconds, or failed with a code."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # no index of its own: the unique one begins with it
    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="steps", db_index=False)
    step = models.CharField(max_length=16, choices=[(s.value, s.value) for s in Step])
    round = models.PositiveSmallIntegerField(
        default=1, help_text="Rises when a corrected reading is checked again"
    )
    state = models.CharField(max_length=8, choices=[(s.value, s.value) for s in StepState])
    code = models.CharField(max_length=40, blank=True, help_text="Why it failed")
    elapsed_ms = models.FloatField()
    finished_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("inspection", "step", "round"), name="inspection_step_once"),
        )
        triggers = append_only("inspection_step")

    def __str__(self) -> str:
        return f"{self.step} {self.state}"


class InspectionFinding(models.Model):
    """One check applied to one inspection, with its evidence."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="findings")
    step = models.CharField(max_length=16, choices=[(s.value, s.value) for s in Step])
    code = models.CharField(max_length=40)
    outcome = models.CharField(
        max_length=14, choices=[(o.value, o.replace("_", " ").capitalize()) for o in Outcome]
    )
    severity = models.CharField(max_length=6, choices=[(s.value, s.capitalize()) for s in Severity])
    route = models.CharField(
        max_length=11, choices=[(r.value, r.replace("_", " ").capitalize()) for r in Route]
    )
    reason = models.CharField(max_length=40, blank=True)
    rule_version = models.PositiveIntegerField(default=0, help_text="Of the rule; 0: as delivered")
    detail = models.JSONField(default=dict)
    comparison = models.ForeignKey(
        Comparison,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="findings",
        db_index=False,
    )
    found_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True, help_text="Checked again since then")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("inspection", "code"),
                condition=Q(superseded_at__isnull=True),
                name="finding_once_per_code",
            ),
        )
        indexes = (
            models.Index(fields=("code", "outcome", "found_at"), name="finding_code_outcome"),
            models.Index(
                fields=("comparison",), condition=Q(comparison__isnull=False), name="finding_comparison"
            ),
        )
        triggers = (pgtrigger.Protect(name="finding_never_deleted", operation=pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.code} {self.outcome}"


class Decision(models.Model):
    """What an officer decided, on which recommendation, and why. One per line: first line, second line."""

    class Outcome(models.TextChoices):
        CLEARED = "CLEARED", "Cleared to cross"
        REFERRED = "REFERRED", "Referred"
        REFUSED = "REFUSED", "Refused"
        WITHDRAWN = "WITHDRAWN", "Traveller withdrew"
        RETAKEN = "RETAKEN", "Wrong picture, taken anew"

    class Line(models.TextChoices):
        FIRST = "FIRST", "First line"
        SECOND = "SECOND", "Second line"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # no index of its own: the unique one begins with it
    inspection = models.ForeignKey(
        Inspection, on_delete=models.PROTECT, related_name="decisions", db_index=False
    )
    port = models.ForeignKey(
        PortOfEntry,
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="Of the inspection, written by the database",
    )
    line = models.CharField(max_length=6, choices=Line)
    outcome = models.CharField(max_length=9, choices=Outcome)
    advice = models.CharField(max_length=5, choices=[(a.value, a.value) for a in Advice])
    override = models.BooleanField(help_text="The officer cleared although the advice was to refer")
    reason = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("inspection", "line"), name="decision_once_per_line"),
            models.CheckConstraint(
                condition=Q(override=False) | ~Q(reason=""), name="decision_override_has_reason"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="REFUSED") | (~Q(reason="") & Q(line="SECOND")),
                name="decision_refusal_is_second_line_with_reason",
            ),
        )
        indexes = (
            models.Index(
                fields=("-decided_at", "-id"),
                include=("inspection",),
                condition=Q(override=True),
                name="decision_overridden",
            ),
            models.Index(
                fields=("outcome", "-decided_at", "-id"),
                include=("inspection",),
                name="decision_outcome_time",
            ),
            models.Index(fields=("port", "-decided_at", "-id"), name="decision_port_time"),
            models.Index(fields=("-decided_at", "-id"), name="decision_time"),
            models.Index(
                fields=("port", "-decided_at", "-id"), condition=Q(line="SECOND"), name="decision_port_second"
            ),
        )
        triggers = (*append_only("decision"), with_port("decision"))

    def __str__(self) -> str:
        return f"{self.get_line_display()}: {self.get_outcome_display()}"


class Referral(models.Model):
    """A hand-over to the second line or to a protection service, until somebody has taken it and answered."""

    State = models.TextChoices("State", {s: (s, s.capitalize()) for s in REFERRAL_STATES.states})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="referrals")
    port = models.ForeignKey(
        PortOfEntry,
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="Of the inspection, written by the database",
    )
    route = models.CharField(
        max_length=11, choices=[(r.value, r.replace("_", " ").capitalize()) for r in Route]
    )
    reasons = models.JSONField(default=list)
    state = models.CharField(max_length=12, choices=State, default=REFERRAL_STATES.initial)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("inspection", "route"), name="referral_once_per_route"),
            models.CheckConstraint(
                condition=Q(state="OPEN") | Q(acknowledged_by__isnull=False, acknowledged_at__isnull=False),
                name="referral_acknowledged_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="CLOSED") | (Q(closed_at__isnull=False) & ~Q(answer="")),
                name="referral_closed_has_answer",
            ),
        )
        indexes = (
            models.Index(fields=("state", "due_at"), name="referral_due"),
            models.Index(
                fields=("port", "due_at", "id"), condition=~Q(state="CLOSED"), name="referral_port_open"
            ),
            models.Index(fields=("port", "due_at", "id"), name="referral_port_due"),
            models.Index(fields=("due_at", "id"), name="referral_time"),
            models.Index(fields=("-opened_at", "-id"), name="referral_opened"),
        )
        triggers = (
            with_port("referral"),
            pgtrigger.FSM(name="referral_states", field="state", transitions=REFERRAL_STATES.pairs()),
            pgtrigger.Protect(name="referral_never_deleted", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.get_route_display()} {self.state}"
