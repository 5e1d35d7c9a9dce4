"""Changes of accounts that two administrators make: who governs the system is nobody's decision alone."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.models import new_id
from borders.core.states import ACCOUNT_CHANGE_STATES
from borders.models.places import Country, Officer, PortOfEntry, PostAssignment


class AccountChange(models.Model):
    """A change of the account of somebody who governs, or is to: proposed by one administrator, approved by another."""

    class Kind(models.TextChoices):
        PASSWORD = "PASSWORD", "New password"
        SECOND_FACTOR = "SECOND_FACTOR", "Second factor taken away"
        REOPENING = "REOPENING", "Account opened again"
        POST = "POST", "Post"

    State = models.TextChoices("State", {s: (s, s.capitalize()) for s in ACCOUNT_CHANGE_STATES.states})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=13, choices=Kind)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="changes")
    port = models.ForeignKey(PortOfEntry, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    country = models.ForeignKey(Country, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, blank=True, choices=PostAssignment._meta.get_field("role").choices)
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, help_text="Why; no names")
    state = models.CharField(max_length=8, choices=State, default=ACCOUNT_CHANGE_STATES.initial)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~Q(kind="POST")
                | (
                    ~Q(role="")
                    & Q(valid_from__isnull=False)
                    & (Q(port__isnull=True) ^ Q(country__isnull=True))
                ),
                name="account_change_post_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(state="PROPOSED") | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="account_change_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state="APPROVED") | ~Q(decided_by=F("proposed_by")),
                name="account_change_two_persons",
            ),
        )
        indexes = (
            models.Index(fields=("-proposed_at", "-id"), name="account_change_time"),
            models.Index(fields=("officer", "state"), name="account_change_officer"),
        )
        triggers = (
            pgtrigger.FSM(
                name="account_change_states", field="state", transitions=ACCOUNT_CHANGE_STATES.pairs()
            ),
            pgtrigger.Protect(name="account_change_never_deleted", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} for {self.officer}"
