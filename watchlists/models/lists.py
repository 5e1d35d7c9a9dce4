"""A list with its owner, and its versions: proposed by one person, activated by another."""

from datetime import timedelta

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.models import new_id
from watchlists.core.screening import Action
from watchlists.core.states import VERSION_STATES


class Classification(models.TextChoices):
    """How far the content of an entry may travel."""

    OPEN = "OPEN", "Open"
    RESTRICTED = "RESTRICTED", "Restricted"
    CONFIDENTIAL = "CONFIDENTIAL", "Confidential"
    SECRET = "SECRET", "Secret"


class Watchlist(models.Model):
    """One list with its owner. `active_version` is the pointer that activation swaps."""

    class Kind(models.TextChoices):
        PERSON = "PERSON", "Persons"
        DOCUMENT = "DOCUMENT", "Lost, stolen, revoked documents"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=8, choices=Kind)
    owner_unit = models.CharField(max_length=80)
    legal_basis = models.CharField(max_length=200)
    owner_state = models.CharField(
        max_length=3,
        blank=True,
        help_text="State that alone may list its documents here; empty: any State its own",
    )
    action = models.CharField(
        max_length=14,
        choices=[(action.value, action.value) for action in Action],
        default=Action.SECOND_LINE.value,
        help_text="What imported entries ask for",
    )
    priority = models.PositiveSmallIntegerField(default=3, help_text="Of imported entries, 1 highest to 5")
    classification = models.CharField(
        max_length=12, choices=Classification, default=Classification.RESTRICTED
    )
    review_days = models.PositiveSmallIntegerField(
        default=365, help_text="After so many days an entry is due for review"
    )
    keep_versions = models.PositiveSmallIntegerField(
        default=5, help_text="So many superseded versions stay whole for a roll-back, whatever their age"
    )
    keep_days = models.PositiveSmallIntegerField(
        default=1095, help_text="Other ended versions stay whole for so many days"
    )
    active_version = models.OneToOneField(
        "WatchlistVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="active_of"
    )
    is_test = models.BooleanField(
        default=False, help_text="Made-up entries for the daily self-test: never shown, never counted"
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(owner_unit=""), name="watchlist_has_owner"),
            models.CheckConstraint(condition=~Q(legal_basis=""), name="watchlist_has_legal_basis"),
            models.CheckConstraint(condition=Q(priority__range=(1, 5)), name="watchlist_priority"),
        )

    def __str__(self) -> str:
        return self.name


class WatchlistVersion(models.Model):
    """One state of a list, immutable. Proposed by one person, activated by another.

    An emergency version holds one entry besides the active version, by one person, for a day.
    """

    class Kind(models.TextChoices):
        FULL = "FULL", "Whole list"
        CHANGES = "CHANGES", "Changes to the version in force"
        EMERGENCY = "EMERGENCY", "One emergency entry"

    State = models.TextChoices(
        "State", {s: (s, s.replace("_", " ").capitalize()) for s in VERSION_STATES.states}
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    watchlist = models.ForeignKey(Watchlist, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=9, choices=Kind, default=Kind.FULL)
    base = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The version in force when this one was proposed: what it is compared with",
    )
    state = models.CharField(max_length=10, choices=State, default=VERSION_STATES.initial)
    sha256 = models.CharField(max_length=64, help_text="Of the raw file or of the canonical entries")
    source_format = models.CharField(max_length=16, blank=True)
    source_name = models.CharField(
        max_length=120, blank=True, help_text="Name of the raw file, without its folder"
    )
    source_bytes = models.PositiveBigIntegerField(default=0)
    source_date = models.DateTimeField(
        null=True, blank=True, help_text="When the source says it made the file"
    )
    reference = models.CharField(max_length=60, blank=True, help_text="Of the system that sent the changes")
    entry_count = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict, help_text="Rows read, left out, added, changed, removed, kept")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    fall_accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Second person who let in a file with far fewer rows",
    )
    decision_reason = models.CharField(max_length=200, blank=True)
    effective_from = models.DateTimeField(null=True, blank=True)
    effective_until = models.DateTimeField(null=True, blank=True)
    pruned_at = models.DateTimeField(
        null=True, blank=True, help_text="Since then it is not known which entries it held"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("watchlist", "number"), name="watchlist_version_number"),
            models.UniqueConstraint(
                fields=("watchlist",), condition=Q(state="ACTIVE"), name="watchlist_one_active_version"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="watchlist_version_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("PROPOSED", "REJECTED", "EMERGENCY", "LAPSED"))
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="watchlist_version_active_is_approved",
            ),
            models.CheckConstraint(
                condition=Q(pruned_at__isnull=True)
                | Q(state__in=("SUPERSEDED", "REJECTED", "LAPSED", "CONFIRMED")),
                name="watchlist_version_pruned_has_ended",
            ),
            models.CheckConstraint(
                condition=Q(fall_accepted_by__isnull=True) | ~Q(fall_accepted_by=F("proposed_by")),
                name="watchlist_version_fall_two_persons",
            ),
            models.CheckConstraint(
                condition=~Q(state="EMERGENCY")
                | Q(
                    kind="EMERGENCY",
                    effective_until__isnull=False,
                    effective_until__lte=F("proposed_at") + timedelta(hours=24),
                ),
                name="watchlist_version_emergency_is_short",
            ),
            models.UniqueConstraint(
                fields=("watchlist", "reference"),
                condition=~Q(reference=""),
                name="watchlist_version_reference",
            ),
        )
        indexes = (
            models.Index(
                fields=("proposed_at",), condition=Q(state="EMERGENCY"), name="watchlist_emergencies"
            ),
        )
        triggers = (
            pgtrigger.FSM(name="watchlist_version_states", field="state", transitions=VERSION_STATES.pairs()),
        )

    def __str__(self) -> str:
        return f"{self.watchlist} version {self.number}"
