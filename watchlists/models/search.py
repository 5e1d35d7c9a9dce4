"""What is made from entries and travellers so that one is found for the other: projections, rebuilt at any time."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

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
