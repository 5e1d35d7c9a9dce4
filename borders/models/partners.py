"""National systems that connect to this one, and the terms each works under: governed rows, approved by a second person."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from audit.core.sharing import Scope
from audit.models import new_id
from borders.core.states import PROFILE_STATES


class Partner(models.Model):
    """One national system, e.g. of the police. It signs in with an OAuth2 client of its own and acts as an account of its own."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(
        max_length=20, unique=True, help_text="Short name in the audit trail, e.g. POLICE"
    )
    name = models.CharField(max_length=120, help_text="Of the office that runs the system; not of a person")
    state = models.CharField(
        max_length=3,
        help_text="The State it belongs to, as in the MRZ: its protected nationals are kept from it",
    )
    application = models.OneToOneField(
        settings.OAUTH2_PROVIDER_APPLICATION_MODEL, on_delete=models.PROTECT, related_name="partner"
    )
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="partner")
    certificate_sha256 = models.CharField(
        max_length=64,
        blank=True,
        help_text="Of its client certificate (mutual TLS): no token counts without it. Empty: none is asked for",
    )
    enrolled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    enrolled_at = models.DateTimeField()
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True, help_text="From then on nothing answers to it")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="partner_revoked",
            ),
        )
        triggers = (pgtrigger.Protect(name="partner_never_deleted", operation=pgtrigger.Delete),)

    def __str__(self) -> str:
        return self.code


class PartnerProfile(models.Model):
    """One version of the terms of a partner: what it may do, which fields and which records it sees, why, and until when."""

    State = models.TextChoices("State", {s: (s, s.capitalize()) for s in PROFILE_STATES.states})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="profiles")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=PROFILE_STATES.initial)
    purpose = models.CharField(max_length=40, help_text="Code, written into every audit row of the partner")
    legal_basis = models.CharField(max_length=200, help_text="Act and section")
    scopes = ArrayField(models.CharField(max_length=20, choices=[(s.value, s.value) for s in Scope]))
    fields = models.JSONField(
        default=dict, blank=True, help_text='Fields shown by kind of record, {"crossing": ["id", "port"]}'
    )
    ports = ArrayField(
        models.CharField(max_length=5),
        default=list,
        blank=True,
        help_text="Records of these ports (UN/LOCODE)",
    )
    countries = ArrayField(
        models.CharField(max_length=3),
        default=list,
        blank=True,
        help_text="Records of all ports of these countries, as in the MRZ",
    )
    lists = ArrayField(
        models.CharField(max_length=80),
        default=list,
        blank=True,
        help_text="Watchlists it may propose changes of",
    )
    days_back = models.PositiveIntegerField(
        null=True, blank=True, help_text="Records of the latest days only. Empty: no limit"
    )
    nationals_only = models.BooleanField(
        default=False, help_text="Records of nationals of the partner's State only"
    )
    requests_per_minute = models.PositiveIntegerField(default=60)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("partner", "version"), name="partner_profile_version"),
            models.UniqueConstraint(
                fields=("partner",), condition=Q(state="ACTIVE"), name="partner_profile_one_active"
            ),
            models.CheckConstraint(
                condition=Q(state="PROPOSED") | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="partner_profile_decided",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("PROPOSED", "REJECTED")) | ~Q(decided_by=F("proposed_by")),
                name="partner_profile_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("valid_from")), name="partner_profile_validity"
            ),
            models.CheckConstraint(condition=Q(requests_per_minute__gte=1), name="partner_profile_rate"),
        )
        triggers = (
            pgtrigger.ReadOnly(
                name="partner_profile_terms_stay", exclude=["state", "decided_by", "decided_at"]
            ),
            pgtrigger.FSM(name="partner_profile_states", field="state", transitions=PROFILE_STATES.pairs()),
            pgtrigger.Protect(name="partner_profile_never_deleted", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.partner} version {self.version}"


class PartnerMinute(models.Model):
    """How many requests a partner sent in one minute: the limit holds over all web processes together."""

    pk = models.CompositePrimaryKey("partner_id", "minute")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="minutes")
    minute = models.DateTimeField()
    requests = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.requests} in {self.minute}"
