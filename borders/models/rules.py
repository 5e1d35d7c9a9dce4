"""Rules: how each check is applied here, proposed by one person, approved by another, and tried on last month's crossings."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.models import new_id
from biometrics.core.outcomes import Severity
from borders.core.states import RULE_STATES


class CheckRule(models.Model):
    """One version of the rule of one check. Without a row the check is applied as delivered with the program (version 0)."""

    State = models.TextChoices("State", {s: (s, s.capitalize()) for s in RULE_STATES.states})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=40, help_text="Of the check")
    version = models.PositiveIntegerField()
    enabled = models.BooleanField(default=True, help_text="Off: the check is NOT_APPLICABLE, and says so")
    severity = models.CharField(
        max_length=6,
        blank=True,
        choices=[(s.value, s.capitalize()) for s in Severity],
        help_text="Empty: as delivered",
    )
    parameters = models.JSONField(default=dict, blank=True, help_text="What is missing is as delivered")
    reason = models.CharField(max_length=500, help_text="Why the rule changes")
    state = models.CharField(max_length=8, choices=State, default=RULE_STATES.initial)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "rule"
        constraints = (
            models.UniqueConstraint(fields=("code", "version"), name="check_rule_version"),
            models.UniqueConstraint(
                fields=("code",), condition=Q(state="ACTIVE"), name="check_rule_one_active"
            ),
            models.CheckConstraint(
                condition=Q(state="PROPOSED") | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="check_rule_decided",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("PROPOSED", "REJECTED")) | ~Q(decided_by=F("proposed_by")),
                name="check_rule_two_persons",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="check_rule_version_from_one"),
        )
        triggers = (
            pgtrigger.FSM(name="check_rule_states", field="state", transitions=RULE_STATES.pairs()),
            pgtrigger.Protect(name="check_rule_never_deleted", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.code} version {self.version}"


class RuleTest(models.Model):
    """What a rule would have done with the crossings of a month. Nothing that was recorded changes by it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    rule = models.ForeignKey(CheckRule, on_delete=models.PROTECT, related_name="tests")
    since = models.DateTimeField()
    until = models.DateTimeField()
    crossings = models.PositiveIntegerField(help_text="In the time asked about")
    examined = models.PositiveIntegerField(help_text="Of them, newest first, as far as the time allowed")
    referred = models.PositiveIntegerField(help_text="Travellers whom this rule would have referred")
    newly = models.PositiveIntegerField(help_text="Of them, those whom nothing else referred")
    referred_before = models.PositiveIntegerField(
        help_text="Travellers whom the rule in force at their time referred"
    )
    informed = models.PositiveIntegerField(default=0, help_text="Shown to the officer, without a referral")
    samples = models.JSONField(default=list, help_text="Inspections to look at, at most five")
    elapsed_ms = models.FloatField()
    run_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    run_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(referred__lte=F("examined")) & Q(examined__lte=F("crossings")),
                name="rule_test_counts",
            ),
        )
        indexes = (models.Index(fields=("rule", "-run_at"), name="rule_test_of_rule"),)

    def __str__(self) -> str:
        return f"{self.referred} of {self.examined}"
