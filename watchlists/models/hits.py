"""Screenings, the hits they find, and what persons answer to them."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.models import append_only, new_id
from biometrics.models import Comparison
from travelers.models import DocumentReading
from watchlists.core.states import HIT_STATES
from watchlists.models.entries import WatchlistEntry


class Screening(models.Model):
    """One look at the lists for one traveller: which lists as of which version, or not checked and why."""

    class Status(models.TextChoices):
        CHECKED = "CHECKED", "Checked"
        NOT_CHECKED = "NOT_CHECKED", "Not checked"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reading = models.ForeignKey(
        DocumentReading, null=True, blank=True, on_delete=models.PROTECT, related_name="screenings"
    )
    port_id = models.UUIDField(
        null=True, blank=True, help_text="Port of entry where it was made; empty for a national system"
    )
    inspection_id = models.UUIDField(null=True, blank=True, db_index=True)
    presented = models.JSONField(default=dict, help_text="What was looked up, where no reading holds it")
    excepted = models.JSONField(default=list, help_text="Hits left out by an exception: entry and exception")
    withheld = models.JSONField(
        default=list, help_text="Hits on silent entries, as found; the sweep makes hits of them"
    )
    status = models.CharField(max_length=11, choices=Status)
    reason = models.CharField(max_length=40, blank=True, help_text="Why it was not checked")
    list_versions = models.JSONField(default=dict, help_text="Watchlist id: version number")
    key_version = models.PositiveSmallIntegerField()
    candidate_count = models.PositiveIntegerField(default=0)
    keys_dropped = models.PositiveSmallIntegerField(
        default=0, help_text="Search keys left out because too many entries have them"
    )
    elapsed_ms = models.FloatField()
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("at",), condition=~Q(withheld=[]), name="screening_withheld"),)
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
    threshold = models.FloatField(null=True, blank=True, help_text="In force when it was found")
    score_version = models.CharField(max_length=20, blank=True)
    list_version = models.PositiveIntegerField(
        null=True, blank=True, help_text="Number of the version that was searched"
    )
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
    evidence = models.JSONField(default=dict, help_text="What the answer rests on, frozen")
    adjudicated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (models.CheckConstraint(condition=~Q(reason=""), name="adjudication_has_reason"),)
        triggers = append_only("adjudication")

    def __str__(self) -> str:
        return self.get_answer_display()


class AdjudicationReview(models.Model):
    """What a second person, signed in himself, says to a true match that stops a traveller; or its withdrawal by the first."""

    class Verdict(models.TextChoices):
        CONFIRMED = "CONFIRMED", "Confirmed"
        TURNED_DOWN = "TURNED_DOWN", "Turned down"
        WITHDRAWN = "WITHDRAWN", "Withdrawn"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    adjudication = models.OneToOneField(Adjudication, on_delete=models.PROTECT, related_name="review")
    verdict = models.CharField(max_length=11, choices=Verdict)
    reason = models.CharField(max_length=200, blank=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    own_act = models.BooleanField(
        default=True,
        help_text="False: the first person named the second one, as it was done in the beginning",
    )
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(verdict="CONFIRMED") | ~Q(reason=""), name="adjudication_review_has_reason"
            ),
        )
        triggers = (
            *append_only("adjudication_review"),
            pgtrigger.Trigger(
                name="adjudication_review_two_persons",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("proposer", "integer")],
                func=(
                    "SELECT adjudicated_by_id INTO proposer FROM watchlists_adjudication"
                    " WHERE id = NEW.adjudication_id;"
                    " IF (NEW.verdict = 'WITHDRAWN') <> (NEW.reviewed_by_id = proposer) THEN"
                    " RAISE EXCEPTION 'a review is made by another person, a withdrawal by the same';"
                    " END IF; RETURN NEW;"
                ),
            ),
        )

    def __str__(self) -> str:
        return self.get_verdict_display()


class MatchException(models.Model):
    """This traveller is not that entry: left by a false match, and void as soon as either of the two changes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    adjudication = models.OneToOneField(Adjudication, on_delete=models.PROTECT, related_name="exception")
    entry = models.ForeignKey(WatchlistEntry, on_delete=models.PROTECT, related_name="exceptions")
    kind = models.CharField(max_length=8, choices=Hit.Kind)
    presented_hash = models.CharField(
        max_length=64, help_text="SHA-256 of names, birth date, sex, nationality and document as presented"
    )
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(help_text="With the document, or after a year")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes = (models.Index(fields=("presented_hash", "entry"), name="match_exception_search"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_by__isnull=False),
                name="match_exception_ended_by",
            ),
        )

    def __str__(self) -> str:
        return f"{self.entry_id} {self.get_kind_display()}"
