"""Lists, versions, changes to lists and screenings as the API shows and takes them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from audit.api.serializers import PlainDateField, StrictSerializer, TextField
from travelers.core.codes import normalise_code
from travelers.models import Sex
from watchlists.api.fields import (
    ListedDocumentKindField,
    ListedDocumentStatusField,
    RowResultField,
    WatchlistKindField,
    WatchlistVersionKindField,
    WatchlistVersionStateField,
)
from watchlists.core.birth_dates import BirthDate
from watchlists.core.importers.dates import read_birth_date
from watchlists.core.names import PersonName
from watchlists.core.proposals import ListedDocument, ProposedEntry
from watchlists.core.screening import Action
from watchlists.models import Screening, Watchlist, WatchlistEntry, WatchlistVersion
from watchlists.models.lists import Classification
from watchlists.services.changes import ROWS_MOST
from watchlists.services.lists import REASON_MAX

ROWS_A_REQUEST = 1_000
REFERENCE = r"[A-Za-z0-9._:-]+"


class WatchlistSerializer(serializers.ModelSerializer):
    kind = WatchlistKindField(read_only=True)
    active_version = serializers.IntegerField(
        source="active_version.number",
        allow_null=True,
        default=None,
        help_text="Number of the version in force",
    )
    active_version_id = serializers.UUIDField(allow_null=True)
    entry_count = serializers.IntegerField(source="active_version.entry_count", allow_null=True, default=None)

    class Meta:
        model = Watchlist
        fields = (
            "id",
            "name",
            "kind",
            "owner_unit",
            "legal_basis",
            "owner_state",
            "active_version",
            "active_version_id",
            "entry_count",
            "created_at",
        )
        read_only_fields = fields


class WatchlistVersionSerializer(serializers.ModelSerializer):
    kind = WatchlistVersionKindField(read_only=True)
    state = WatchlistVersionStateField(read_only=True)
    watchlist = serializers.CharField(source="watchlist.name")
    proposed_by = serializers.CharField(
        source="proposed_by.officer.badge_number", allow_null=True, default=None, help_text="Badge number"
    )
    approved_by = serializers.CharField(
        source="approved_by.officer.badge_number", allow_null=True, default=None, help_text="Badge number"
    )
    counts = serializers.SerializerMethodField()

    class Meta:
        model = WatchlistVersion
        fields = (
            "id",
            "watchlist_id",
            "watchlist",
            "number",
            "kind",
            "state",
            "base_id",
            "entry_count",
            "counts",
            "sha256",
            "source_format",
            "source_name",
            "source_date",
            "reference",
            "proposed_by",
            "proposed_at",
            "approved_by",
            "approved_at",
            "decision_reason",
            "effective_from",
            "effective_until",
        )
        read_only_fields = fields

    def get_counts(self, version: WatchlistVersion) -> dict[str, int]:
        return {name: count for name, count in version.counts.items() if isinstance(count, int)}


class NameInputSerializer(StrictSerializer):
    primary_identifier = TextField(max_length=200)
    secondary_identifier = TextField(max_length=200, required=False, default="", allow_blank=True)
    low_quality = serializers.BooleanField(required=False, default=False)


class DocumentInputSerializer(StrictSerializer):
    document_number = TextField(max_length=24)
    issuing_state = TextField(max_length=3, required=False, default="", allow_blank=True)
    kind = ListedDocumentKindField(required=False, default="OTHER")
    status = ListedDocumentStatusField(required=False, default="", allow_blank=True)


class EntryInputSerializer(StrictSerializer):
    """One entry as it shall stand in the list."""

    source_id = TextField(max_length=60)
    action = serializers.ChoiceField(WatchlistEntry.Action.choices)
    reason = TextField(max_length=500)
    legal_basis = TextField(max_length=200)
    owner_unit = TextField(max_length=80, required=False)
    priority = serializers.IntegerField(min_value=1, max_value=5, required=False, default=3)
    classification = serializers.ChoiceField(Classification.choices, required=False, default="RESTRICTED")
    valid_from = serializers.DateTimeField(required=False, allow_null=True, default=None)
    valid_until = serializers.DateTimeField(required=False, allow_null=True, default=None)
    review_by = PlainDateField(required=False, allow_null=True, default=None)
    names = NameInputSerializer(many=True, required=False, default=list)
    birth_dates = serializers.ListField(
        child=TextField(max_length=40), required=False, default=list, max_length=60,
        help_text="1980-02-29, 1980-02, 1980, about 1980~, between 1978/1982",
    )  # fmt: skip
    birth_places = serializers.ListField(
        child=TextField(max_length=200), required=False, default=list, max_length=60
    )
    sex = serializers.ChoiceField(Sex.choices, required=False, default="", allow_blank=True)
    nationalities = serializers.ListField(
        child=TextField(max_length=3), required=False, default=list, max_length=20
    )
    documents = DocumentInputSerializer(many=True, required=False, default=list)
    listed_on = PlainDateField(required=False, allow_null=True, default=None)
    remarks = TextField(max_length=8000, required=False, default="", allow_blank=True)

    def validate_birth_dates(self, texts: list[str]) -> tuple[BirthDate, ...]:
        found = [read_birth_date(text) for text in texts]
        if None in found:
            raise serializers.ValidationError("This is no birth date.", "bad_date")
        return tuple(born for born in found if born is not None)

    def entry(self, watchlist: Watchlist) -> ProposedEntry:
        """Return the entry that was given, once it is valid."""
        given: dict[str, Any] = self.validated_data
        return ProposedEntry(
            source_id=given["source_id"],
            action=Action(given["action"]),
            reason=given["reason"],
            legal_basis=given["legal_basis"],
            owner_unit=given.get("owner_unit", watchlist.owner_unit),
            valid_from=given["valid_from"],
            valid_until=given["valid_until"],
            review_by=given["review_by"],
            names=tuple(PersonName(**name) for name in given["names"]),
            documents=tuple(ListedDocument(**document) for document in given["documents"]),
            birth_dates=given["birth_dates"],
            birth_places=tuple(given["birth_places"]),
            sex=given["sex"],
            nationalities=tuple(normalise_code(code) for code in given["nationalities"]),
            priority=given["priority"],
            classification=given["classification"],
            listed_on=given["listed_on"],
            remarks=given["remarks"],
        )


@extend_schema_field(EntryInputSerializer(many=True))
class RowsField(serializers.ListField):
    """Rows that are read one by one, so that each is answered for itself."""


class ChangesInputSerializer(StrictSerializer):
    reference = TextField(
        max_length=60,
        pattern=REFERENCE,
        help_text="The sender's own; sent again, it answers with the same version",
    )
    entries = RowsField(
        child=serializers.DictField(), required=False, default=list, max_length=ROWS_A_REQUEST,
        help_text="Entries to put; a row that cannot stand is answered REFUSED, the others are proposed",
    )  # fmt: skip
    deletions = serializers.ListField(
        child=TextField(max_length=60), required=False, default=list, max_length=ROWS_A_REQUEST,
        help_text="source_id of entries to take off",
    )  # fmt: skip


assert ROWS_A_REQUEST * 2 <= ROWS_MOST


class RowResultSerializer(serializers.Serializer):
    index = serializers.IntegerField(help_text="Place in entries; deletions follow behind them")
    source_id = serializers.CharField()
    result = RowResultField()
    code = serializers.CharField(help_text="Why it was refused")
    field = serializers.CharField(help_text="Field at fault")


class ChangesSerializer(serializers.Serializer):
    version = WatchlistVersionSerializer(
        allow_null=True, help_text="The proposed version; null where nothing would change"
    )
    repeated = serializers.BooleanField(help_text="The reference was known")
    rows = RowResultSerializer(many=True)


class VersionDecisionInputSerializer(StrictSerializer):
    reason = TextField(max_length=REASON_MAX, required=False, default="", allow_blank=True)


class EmergencyInputSerializer(StrictSerializer):
    entry = EntryInputSerializer()


class ScreeningInputSerializer(StrictSerializer):
    """A person, a document, or both."""

    primary_identifier = TextField(max_length=120, required=False, default="", allow_blank=True)
    secondary_identifier = TextField(max_length=120, required=False, default="", allow_blank=True)
    birth_date = TextField(
        max_length=10, required=False, default="", allow_blank=True, pattern=r"([0-9]{4}(-[0-9]{2}-[0-9]{2})?)?",
        help_text="YYYY-MM-DD, or YYYY",
    )  # fmt: skip
    sex = serializers.ChoiceField(Sex.choices, required=False, default="", allow_blank=True)
    nationality = TextField(max_length=3, required=False, default="", allow_blank=True)
    document_number = TextField(max_length=24, required=False, default="", allow_blank=True)
    issuing_state = TextField(max_length=3, required=False, default="", allow_blank=True)

    def validate_birth_date(self, text: str) -> str:
        if text and read_birth_date(text) is None:
            raise serializers.ValidationError("This is no birth date.", "invalid")
        return text

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if not given["primary_identifier"].strip() and not given["document_number"].strip():
            raise serializers.ValidationError(
                {"primary_identifier": [serializers.ErrorDetail("Name a person or a document.", "required")]}
            )
        return given


class ScreenedListSerializer(serializers.Serializer):
    watchlist_id = serializers.UUIDField()
    version = serializers.IntegerField()


class ScreenedHitSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    score = serializers.FloatField(allow_null=True)
    threshold = serializers.FloatField(allow_null=True)
    action = serializers.CharField(source="entry.action")
    watchlist_id = serializers.UUIDField(source="entry.watchlist_id")
    source_id = serializers.CharField(source="entry.source_id")
    explanation = serializers.JSONField()


class ScreeningSerializer(serializers.ModelSerializer):
    """Hits are at their own address: here a silent one would show in a count."""

    lists = serializers.SerializerMethodField()

    class Meta:
        model = Screening
        fields = ("id", "status", "reason", "lists", "port_id", "inspection_id", "at")
        read_only_fields = fields

    @extend_schema_field(ScreenedListSerializer(many=True))
    def get_lists(self, screening: Screening) -> list[dict[str, Any]]:
        return [{"watchlist_id": i, "version": n} for i, n in sorted(screening.list_versions.items())]


class CheckSerializer(serializers.Serializer):
    code = serializers.CharField(help_text="SCREEN.DOCUMENT, SCREEN.NAME or SCREEN.FACE")
    outcome = serializers.CharField(help_text="PASS, FAIL, UNDETERMINED (not checked) or NOT_APPLICABLE")
    reason = serializers.CharField()


class ScreeningAnswerSerializer(serializers.Serializer):
    """checked is never true for a search that was not done to its end."""

    id = serializers.UUIDField()
    status = serializers.CharField(help_text="CHECKED or NOT_CHECKED")
    reason = serializers.CharField(help_text="Why it was not checked")
    lists = ScreenedListSerializer(many=True)
    checks = CheckSerializer(many=True)
    hits = ScreenedHitSerializer(many=True)
    at = serializers.DateTimeField()
