"""Entries: who or what is sought, by which names and documents; the versions that hold them; their search keys."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Q

from audit.models import append_only, new_id
from biometrics.models import Template
from travelers.models import Sex
from watchlists.models.lists import Classification, Watchlist, WatchlistVersion


class WatchlistEntry(models.Model):
    """One person or document sought, as its source describes it. What to do is what the owner asks; an officer decides.

    A row is one content and never changes: every version that holds the same content shares it (VersionEntry).
    `version` is the first that did.
    """

    class Action(models.TextChoices):
        STOP_ARREST = "STOP_ARREST", "Stop and arrest"
        REFUSE_ENTRY = "REFUSE_ENTRY", "Refuse entry"
        REFUSE_EXIT = "REFUSE_EXIT", "Refuse exit"
        SECOND_LINE = "SECOND_LINE", "Second line"
        INQUIRY = "INQUIRY", "Inquiry"
        SILENT = "SILENT", "Silent notice to the owner"
        PROTECT = "PROTECT", "Protect the person"
        SEIZE_DOCUMENT = "SEIZE_DOCUMENT", "Seize the document"
        INFO = "INFO", "Information"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    version = models.ForeignKey(WatchlistVersion, on_delete=models.PROTECT, related_name="entries")
    watchlist = models.ForeignKey(Watchlist, on_delete=models.PROTECT, related_name="+", db_index=False)
    source_id = models.CharField(max_length=60, help_text="The entry's own number at its source")
    content_hash = models.CharField(max_length=64, help_text="SHA-256 of all that the entry says")
    action = models.CharField(max_length=14, choices=Action)
    priority = models.PositiveSmallIntegerField(default=3, help_text="1 highest to 5")
    reason = models.CharField(max_length=500)
    legal_basis = models.CharField(max_length=200)
    owner_unit = models.CharField(max_length=80)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    review_by = models.DateField()
    classification = models.CharField(
        max_length=12, choices=Classification, default=Classification.RESTRICTED
    )
    birth_dates = ArrayField(
        models.CharField(max_length=24),
        default=list,
        blank=True,
        help_text="1980-02-29, 1980-02, 1980, about 1980~, between 1978/1982",
    )
    birth_places = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    sex = models.CharField(max_length=1, choices=Sex, blank=True)
    nationalities = ArrayField(models.CharField(max_length=3), default=list, blank=True)
    listed_on = models.DateField(null=True, blank=True, help_text="By the source")
    remarks = models.TextField(blank=True, help_text="What else the source says, for the adjudicator")

    class Meta:
        verbose_name_plural = "watchlist entries"
        constraints = (
            models.UniqueConstraint(fields=("version", "source_id"), name="watchlist_entry_source_id"),
            models.CheckConstraint(condition=Q(priority__range=(1, 5)), name="watchlist_entry_priority"),
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("valid_from")), name="watchlist_entry_validity"
            ),
            models.CheckConstraint(condition=~Q(owner_unit=""), name="watchlist_entry_has_owner"),
            models.CheckConstraint(condition=~Q(reason=""), name="watchlist_entry_has_reason"),
        )
        indexes = (
            models.Index(fields=("watchlist", "source_id", "content_hash"), name="watchlist_entry_content"),
            models.Index(fields=("review_by",), name="watchlist_entry_review"),
        )
        triggers = append_only("watchlist_entry")

    def __str__(self) -> str:
        return f"{self.source_id} ({self.get_action_display()})"


class VersionEntry(models.Model):
    """A version holds an entry: a million rows of two columns, copied where a version differs little from its base."""

    pk = models.CompositePrimaryKey("version_id", "entry_id")
    version = models.ForeignKey(
        WatchlistVersion, on_delete=models.PROTECT, related_name="holdings", db_index=False
    )
    entry = models.ForeignKey(
        WatchlistEntry, on_delete=models.PROTECT, related_name="holdings", db_index=False, db_constraint=False
    )

    class Meta:
        triggers = append_only("version_entry")

    def __str__(self) -> str:
        return f"{self.version_id} {self.entry_id}"


class EntryName(models.Model):
    """One name of an entry: primary name, alias, or name in its original script, as the source writes it."""

    class Kind(models.TextChoices):
        PRIMARY = "PRIMARY", "Primary name"
        ALIAS = "ALIAS", "Alias"
        ORIGINAL_SCRIPT = "ORIGINAL", "Original script"

    class Quality(models.TextChoices):
        GOOD = "GOOD", "Good"
        LOW = "LOW", "Low"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.ForeignKey(WatchlistEntry, on_delete=models.PROTECT, related_name="names")
    primary_identifier = models.CharField(max_length=200)
    secondary_identifier = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.PRIMARY)
    script = models.CharField(max_length=4, blank=True, help_text="ISO 15924, e.g. Latn, Arab, Cyrl")
    quality = models.CharField(max_length=4, choices=Quality, default=Quality.GOOD)

    class Meta:
        triggers = append_only("entry_name")

    def __str__(self) -> str:
        return f"{self.primary_identifier}, {self.secondary_identifier}".strip(", ")


class DocumentKind(models.TextChoices):
    PASSPORT = "PASSPORT", "Passport"
    ID_CARD = "ID_CARD", "Identity card"
    VISA = "VISA", "Visa"
    RESIDENCE = "RESIDENCE", "Residence permit"
    OTHER = "OTHER", "Other document"


class DocumentStatus(models.TextChoices):
    STOLEN = "STOLEN", "Stolen"
    LOST = "LOST", "Lost"
    STOLEN_BLANK = "STOLEN_BLANK", "Stolen blank"
    REVOKED = "REVOKED", "Revoked"
    INVALIDATED = "INVALIDATED", "Invalidated"


class EntryDocument(models.Model):
    """One document of an entry: the document sought, or one that the person sought has used."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.ForeignKey(WatchlistEntry, on_delete=models.PROTECT, related_name="documents")
    issuing_state = models.CharField(max_length=3, blank=True)
    document_number = models.CharField(max_length=24)
    kind = models.CharField(max_length=9, choices=DocumentKind, default=DocumentKind.OTHER)
    status = models.CharField(max_length=13, choices=DocumentStatus, blank=True)

    class Meta:
        indexes = (models.Index(fields=("document_number", "issuing_state"), name="entry_document_number"),)
        triggers = append_only("entry_document")

    def __str__(self) -> str:
        return f"{self.issuing_state} {self.document_number}"


class EntryDocumentRange(models.Model):
    """Consecutive document numbers, mostly stolen blanks: a prefix, then `width` digits from `first` to `latest`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.ForeignKey(WatchlistEntry, on_delete=models.PROTECT, related_name="document_ranges")
    issuing_state = models.CharField(max_length=3, blank=True)
    kind = models.CharField(max_length=9, choices=DocumentKind, default=DocumentKind.OTHER)
    status = models.CharField(max_length=13, choices=DocumentStatus, blank=True)
    prefix = models.CharField(max_length=24, blank=True)
    width = models.PositiveSmallIntegerField()
    first = models.BigIntegerField()
    latest = models.BigIntegerField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(latest__gte=F("first")), name="entry_document_range_order"),
        )
        indexes = (
            models.Index(
                fields=("issuing_state", "prefix", "width", "latest", "first"),
                name="entry_document_range_search",
            ),
            GistIndex(
                models.Func("first", "latest", models.Value("[]"), function="int8range"),
                name="entry_document_range_span",
            ),
        )
        triggers = append_only("entry_document_range")

    def __str__(self) -> str:
        return f"{self.issuing_state} {self.prefix}{self.first:0{self.width}d}–{self.latest:0{self.width}d}"


class EntryFace(models.Model):
    """One face of an entry."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.ForeignKey(WatchlistEntry, on_delete=models.PROTECT, related_name="faces")
    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="watchlist_faces")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("entry", "template"), name="entry_face_once"),)
        triggers = append_only("entry_face")

    def __str__(self) -> str:
        return f"{self.entry_id}"


class EntryKey(models.Model):
    """A search key of an entry: a hash, so that one covering b-tree finds every candidate.

    Made from the entry and replaced when the rules of keys change (their version is part of what is hashed); hence
    without a constraint on the entry, which would cost a look-up for each of a dozen rows an entry.
    """

    pk = models.CompositePrimaryKey("key", "entry_id")
    key = models.BigIntegerField()
    entry = models.ForeignKey(
        WatchlistEntry, on_delete=models.PROTECT, related_name="keys", db_index=False, db_constraint=False
    )
    born = models.IntegerField(
        default=0, help_text="YYYYMMDD, YYYY0000 for a year, 0 unknown, -1 several: most candidates end here"
    )

    class Meta:
        triggers = (pgtrigger.Protect(name="entry_key_not_updated", operation=pgtrigger.Update),)

    def __str__(self) -> str:
        return str(self.key)
