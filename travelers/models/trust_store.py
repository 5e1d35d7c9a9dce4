"""Whose signatures on documents are trusted: versions, proposed by one person and activated by another."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.models import append_only, new_id
from travelers.core.states import TRUST_STORE_STATES


class TrustedCertificate(models.Model):
    """One CSCA, link or seal signer certificate as encoded; the same for every version that holds it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sha256 = models.CharField(max_length=64, unique=True)
    der = models.BinaryField()
    country = models.CharField(max_length=2, blank=True)
    subject = models.CharField(max_length=400)
    issuer = models.CharField(max_length=400)
    is_seal_signer = models.BooleanField(
        default=False, help_text="Signs visible digital seals; no trust anchor"
    )
    is_link = models.BooleanField(help_text="Signed by another key than its own")
    key_name = models.CharField(max_length=40, blank=True, help_text="Empty where the key cannot be used")
    refusal = models.CharField(max_length=40, blank=True, help_text="Why its key cannot be used")
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    added_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=("country", "not_after"), name="trusted_certificate_country"),
            models.Index(fields=("not_after",), name="trusted_certificate_expiry"),
        )
        triggers = append_only("trusted_certificate")

    def __str__(self) -> str:
        return self.subject


class RevocationList(models.Model):
    """One CRL as encoded, whose signature a trusted certificate made."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sha256 = models.CharField(max_length=64, unique=True)
    der = models.BinaryField()
    country = models.CharField(max_length=2, blank=True)
    issuer = models.CharField(max_length=400)
    this_update = models.DateTimeField()
    next_update = models.DateTimeField(null=True, blank=True)
    revoked_count = models.PositiveIntegerField()
    added_at = models.DateTimeField()

    class Meta:
        triggers = append_only("revocation_list")

    def __str__(self) -> str:
        return f"{self.issuer} {self.this_update:%Y-%m-%d}"


class TrustStoreVersion(models.Model):
    """One state of the trust store: what one import makes of the version before."""

    State = models.TextChoices("State", {s: (s, s.capitalize()) for s in TRUST_STORE_STATES.states})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=10, choices=State, default=TRUST_STORE_STATES.initial)
    kind = models.CharField(
        max_length=20, help_text="Master list, LDIF, certificate, seal signer or revocation list"
    )
    source = models.CharField(max_length=120, help_text="Where the file came from")
    sha256 = models.CharField(max_length=64, help_text="Of the imported file")
    signer = models.CharField(max_length=400, blank=True, help_text="Of a master list")
    root_sha256 = models.CharField(max_length=64, blank=True, help_text="The pinned CSCA it chains to")
    diff = models.JSONField(default=dict, help_text="Against the version in force when it was proposed")
    certificates = models.ManyToManyField(
        TrustedCertificate, through="TrustStoreCertificate", related_name="versions"
    )
    revocation_lists = models.ManyToManyField(
        RevocationList, through="TrustStoreRevocationList", related_name="versions"
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: from the command line, where nobody was named; a person must activate it all the same",
    )
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("state",), condition=Q(state="ACTIVE"), name="trust_store_one_active_version"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="trust_store_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("PROPOSED", "REJECTED"))
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="trust_store_active_is_approved",
            ),
        )
        triggers = (
            pgtrigger.FSM(name="trust_store_states", field="state", transitions=TRUST_STORE_STATES.pairs()),
            pgtrigger.Protect(name="trust_store_never_deleted", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"Trust store version {self.number}"


class TrustStoreCertificate(models.Model):
    """One certificate in one version."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    version = models.ForeignKey(TrustStoreVersion, on_delete=models.PROTECT, related_name="+")
    certificate = models.ForeignKey(TrustedCertificate, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("version", "certificate"), name="trust_store_certificate_once"),
        )
        triggers = append_only("trust_store_certificate")

    def __str__(self) -> str:
        return f"{self.version_id} {self.certificate_id}"


class TrustStoreRevocationList(models.Model):
    """One revocation list in one version."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    version = models.ForeignKey(TrustStoreVersion, on_delete=models.PROTECT, related_name="+")
    revocation_list = models.ForeignKey(RevocationList, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("version", "revocation_list"), name="trust_store_crl_once"),
        )
        triggers = append_only("trust_store_revocation_list")

    def __str__(self) -> str:
        return f"{self.version_id} {self.revocation_list_id}"
