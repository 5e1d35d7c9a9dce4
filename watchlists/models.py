"""Watchlists as governed data: list, immutable versions, entries and their keys; screenings, hits, adjudications."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.models import append_only, new_id
from biometrics.models import Comparison, Template
from travelers.models import DocumentReading, Sex
from watchlists.core.states import HIT_STATES, VERSION_STATES


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
    active_version = models.OneToOneField(
        "WatchlistVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="active_of"
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(owner_unit=""), name="watchlist_has_owner"),
            models.CheckConstraint(condition=~Q(legal_basis=""), name="watchlist_has_legal_basis"),
        )

    def __str__(self) -> str:
        return self.name


class WatchlistVersion(models.Model):
    """One state of a list. Proposed by one person, activated by another."""

    State = models.TextChoices(
        "State", {s: (s, s.replace("_", " ").capitalize()) for s in VERSION_STATES.states}
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    watchlist = models.ForeignKey(Watchlist, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=VERSION_STATES.initial)
    sha256 = models.CharField(max_length=64, help_text="Of the raw file or of the canonical entries")
    entry_count = models.PositiveIntegerField(default=0)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)

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
                condition=Q(state__in=("PROPOSED", "REJECTED"))
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="watchlist_version_active_is_approved",
            ),
        )
        triggers = (
            pgtrigger.FSM(name="watchlist_version_states", field="state", transitions=VERSION_STATES.pairs()),
        )

    def __str__(self) -> str:
        return f"{self.watchlist} version {self.number}"


class WatchlistEntry(models.Model):
    """One person or document sought. What to do is what the owner asks; an officer decides."""

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
    source_id = models.CharField(max_length=60, help_text="The entry's own number at its source")
    action = models.CharField(max_length=14, choices=Action)
    priority = models.PositiveSmallIntegerField(default=3, help_text="1 highest to 5")
    reason = models.CharField(max_length=200)
    legal_basis = models.CharField(max_length=200)
    owner_unit = models.CharField(max_length=80)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    review_by = models.DateField()
    birth_date = models.DateField(null=True, blank=True)
    sex = models.CharField(max_length=1, choices=Sex, blank=True)
    nationality = models.CharField(max_length=3, blank=True)

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
        triggers = append_only("watchlist_entry")

    def __str__(self) -> str:
        return f"{self.source_id} ({self.get_action_display()})"


class EntryName(models.Model):
    """One name of an entry: primary name or alias, as the source writes it."""

    class Quality(models.TextChoices):
        GOOD = "GOOD", "Good"
        LOW = "LOW", "Low"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.ForeignKey(WatchlistEntry, on_delete=models.PROTECT, related_name="names")
    primary_identifier = models.CharField(max_length=200)
    secondary_identifier = models.CharField(max_length=200, blank=True)
    alias = models.BooleanField(default=False)
    quality = models.CharField(max_length=4, choices=Quality, default=Quality.GOOD)

    class Meta:
        triggers = append_only("entry_name")

    def __str__(self) -> str:
        return f"{self.primary_identifier}, {self.secondary_identifier}".strip(", ")


class EntryDocument(models.Model):
    """One document of an entry: the document sought, or one that the person sought has used."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.ForeignKey(WatchlistEntry, on_delete=models.PROTECT, related_name="documents")
    issuing_state = models.CharField(max_length=3)
    document_number = models.CharField(max_length=24)

    class Meta:
        indexes = (models.Index(fields=("document_number", "issuing_state"), name="entry_document_number"),)
        triggers = append_only("entry_document")

    def __str__(self) -> str:
        return f"{self.issuing_state} {self.document_number}"


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
    """A search key of an entry: a hash, so that one covering b-tree finds every candidate."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.BigIntegerField()
    entry = models.ForeignKey(WatchlistEntry, on_delete=models.PROTECT, related_name="keys", db_index=False)
    key_version = models.PositiveSmallIntegerField()

    class Meta:
        indexes = (
            models.Index(fields=("key",), include=("entry", "key_version"), name="entry_key_candidates"),
        )
        triggers = append_only("entry_key")

    def __str__(self) -> str:
        return str(self.key)


class Screening(models.Model):
    """One look at the lists for one traveller: which lists as of which version, or not checked and why."""

    class Status(models.TextChoices):
        CHECKED = "CHECKED", "Checked"
        NOT_CHECKED = "NOT_CHECKED", "Not checked"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reading = models.ForeignKey(
        DocumentReading, null=True, blank=True, on_delete=models.PROTECT, related_name="screenings"
    )
    port_id = models.UUIDField(help_text="Port of entry where it was made")
    inspection_id = models.UUIDField(db_index=True)
    status = models.CharField(max_length=11, choices=Status)
    reason = models.CharField(max_length=40, blank=True, help_text="Why it was not checked")
    list_versions = models.JSONField(default=dict, help_text="Watchlist id: version number")
    key_version = models.PositiveSmallIntegerField()
    candidate_count = models.PositiveIntegerField(default=0)
    elapsed_ms = models.FloatField()
    at = models.DateTimeField()

    class Meta:
        triggers = append_only("screening")

    def __str__(self) -> str:
        return f"{self.status} {self.at:%Y-%m-%d %H:%M:%S}"


class Hit(models.Model):
    """A candidate above the threshold, waiting for a person. The evidence is frozen as it was found."""

    class Kind(models.TextChoices):
        DOCUMENT = "DOCUMENT", "Document"
        NAME = "NAME", "Name and birth date"
        FACE = "FACE", "Face"

    State = models.TextChoices("State", {s: (s, s.replace("_", " ").capitalize()) for s in HIT_STATES.states})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    screening = models.ForeignKey(Screening, on_delete=models.PROTECT, related_name="hits")
    entry = models.ForeignKey(WatchlistEntry, on_delete=models.PROTECT, related_name="hits")
    kind = models.CharField(max_length=8, choices=Kind)
    silent = models.BooleanField(help_text="Seen by the owner unit only, never at the booth")
    state = models.CharField(max_length=12, choices=State, default=HIT_STATES.initial)
    score = models.FloatField(
        null=True, blank=True, help_text="Bits for a name, score for a face, empty for a document"
    )
    explanation = models.JSONField(default=list, help_text="Each piece of evidence with its weight")
    comparison = models.ForeignKey(
        Comparison, null=True, blank=True, on_delete=models.PROTECT, related_name="hits"
    )
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    found_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("screening", "entry", "kind"), name="hit_once_per_screening"),
            models.CheckConstraint(
                condition=Q(state="OPEN") | Q(claimed_by__isnull=False), name="hit_taken_up_has_claimant"
            ),
        )
        indexes = (models.Index(fields=("state", "found_at"), name="hit_queue"),)
        triggers = (pgtrigger.FSM(name="hit_states", field="state", transitions=HIT_STATES.pairs()),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.state}"


class Adjudication(models.Model):
    """A person's answer to a hit: true match, false match or inconclusive, with the reason."""

    class Answer(models.TextChoices):
        TRUE_MATCH = "TRUE_MATCH", "True match"
        FALSE_MATCH = "FALSE_MATCH", "False match"
        INCONCLUSIVE = "INCONCLUSIVE", "Inconclusive"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    hit = models.ForeignKey(Hit, on_delete=models.PROTECT, related_name="adjudications")
    answer = models.CharField(max_length=12, choices=Answer)
    reason = models.CharField(max_length=200)
    adjudicated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    seconded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(seconded_by__isnull=True) | ~Q(seconded_by=F("adjudicated_by")),
                name="adjudication_two_persons",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="adjudication_has_reason"),
        )
        triggers = append_only("adjudication")

    def __str__(self) -> str:
        return self.get_answer_display()
