"""What is made from entries and travellers so that one is found for the other: projections, rebuilt at any time."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from watchlists.models.entries import WatchlistEntry
from watchlists.models.hits import Screening
from watchlists.models.lists import WatchlistVersion


class EntrySearchForm(models.Model):
    """All that the score needs of an entry, in one row: names taken apart, birth dates, sex, nationalities."""

    entry = models.OneToOneField(
        WatchlistEntry,
        primary_key=True,
        on_delete=models.PROTECT,
        related_name="search_form",
        db_constraint=False,
    )
    form = models.TextField(help_text="Compact JSON (watchlists/core/indexing.py)")
    counted = ArrayField(models.TextField(), default=list, help_text="Words and codes that count for rarity")
    nationality = models.CharField(max_length=3, blank=True)
    key_version = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"{self.entry_id}"


class NameFrequencies(models.Model):
    """How rare the names of a version are; only what is common enough to matter."""

    version = models.OneToOneField(
        WatchlistVersion, primary_key=True, on_delete=models.PROTECT, related_name="name_frequencies"
    )
    people = models.PositiveIntegerField()
    rarities = models.JSONField(default=dict, help_text="Word or code: bits overall, bits at home")
    key_version = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name_plural = "name frequencies"

    def __str__(self) -> str:
        return f"{self.version_id}"


class KeyRules(models.Model):
    """By which rules the keys of all entries and travellers are made, in one row; none while none were ever made.

    Where the rules of this release are others, nobody would be found: screening is "not checked" until all are made anew
    (services/rekeying.py), and the row says how far that is.
    """

    class Stage(models.IntegerChoices):
        DROPPING = 0, "Old keys are taken out"
        ENTRIES = 1, "Names of entries"
        DOCUMENTS = 2, "Documents of entries"
        TRAVELERS = 3, "Travellers of the past"
        FREQUENCIES = 4, "How rare names are"

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name_version = models.PositiveSmallIntegerField()
    document_version = models.PositiveSmallIntegerField()
    next_name_version = models.PositiveSmallIntegerField(help_text="To which the keys are being made anew")
    next_document_version = models.PositiveSmallIntegerField()
    stage = models.PositiveSmallIntegerField(choices=Stage, default=Stage.DROPPING)
    part = models.PositiveSmallIntegerField(default=0, help_text="Of the table of keys, the next to look at")
    after = models.UUIDField(null=True, blank=True, help_text="The latest row of this stage that is done")

    class Meta:
        verbose_name_plural = "key rules"
        constraints = (models.CheckConstraint(condition=Q(id=1), name="key_rules_one_row"),)

    def __str__(self) -> str:
        return f"names {self.name_version}, documents {self.document_version}"


class TravelerSearchForm(models.Model):
    """A screened traveller as an entry would be stored, so that later entries find past crossings."""

    screening = models.OneToOneField(
        Screening, primary_key=True, on_delete=models.PROTECT, related_name="search_form", db_constraint=False
    )
    form = models.TextField()
    born = models.IntegerField(default=0)
    document_key = models.BigIntegerField(null=True, blank=True)
    key_version = models.PositiveSmallIntegerField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = (models.Index(fields=("document_key",), name="traveler_document_key"),)

    def __str__(self) -> str:
        return f"{self.screening_id}"


class TravelerKey(models.Model):
    """A search key of a screened traveller. Leaves with the screening when its time is over."""

    pk = models.CompositePrimaryKey("key", "screening_id")
    key = models.BigIntegerField()
    screening = models.ForeignKey(
        Screening, on_delete=models.PROTECT, related_name="keys", db_index=False, db_constraint=False
    )
    born = models.IntegerField(default=0)

    def __str__(self) -> str:
        return str(self.key)
