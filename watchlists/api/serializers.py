"""Entries, hits and adjudications as the API shows and takes them."""

from dataclasses import asdict

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from audit.api.serializers import StrictSerializer, TextField
from watchlists.api.fields import EntryNameKindField, ListedDocumentKindField, ListedDocumentStatusField
from watchlists.models import (
    Adjudication,
    AdjudicationReview,
    EntryDocument,
    EntryDocumentRange,
    EntryName,
    Hit,
    WatchlistEntry,
)
from watchlists.services.exceptions import presented_of
from watchlists.services.hits import REASON_MAX


class EntryNameSerializer(serializers.ModelSerializer):
    kind = EntryNameKindField(read_only=True)

    class Meta:
        model = EntryName
        fields = ("primary_identifier", "secondary_identifier", "kind", "script", "quality")
        read_only_fields = fields


class EntryDocumentSerializer(serializers.ModelSerializer):
    kind = ListedDocumentKindField(read_only=True)
    status = ListedDocumentStatusField(read_only=True)

    class Meta:
        model = EntryDocument
        fields = ("issuing_state", "document_number", "kind", "status")
        read_only_fields = fields


class EntryDocumentRangeSerializer(serializers.ModelSerializer):
    kind = ListedDocumentKindField(read_only=True)
    status = ListedDocumentStatusField(read_only=True)

    class Meta:
        model = EntryDocumentRange
        fields = ("issuing_state", "prefix", "width", "first", "latest", "kind", "status")
        read_only_fields = fields


class WatchlistEntrySerializer(serializers.ModelSerializer):
    watchlist_id = serializers.UUIDField()
    watchlist = serializers.CharField(source="version.watchlist.name")
    version = serializers.IntegerField(
        source="version.number", help_text="The first version that held the entry as it is"
    )
    names = EntryNameSerializer(many=True)
    documents = EntryDocumentSerializer(many=True)
    document_ranges = EntryDocumentRangeSerializer(many=True)
    birth_dates = serializers.ListField(
        child=serializers.CharField(),
        help_text="1980-02-29, 1980-02, 1980, about 1980~, between 1978/1982",
    )
    nationalities = serializers.ListField(child=serializers.CharField())
    birth_places = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = WatchlistEntry
        fields = (
            "id",
            "watchlist_id",
            "watchlist",
            "version",
            "source_id",
            "action",
            "priority",
            "reason",
            "legal_basis",
            "owner_unit",
            "valid_from",
            "valid_until",
            "review_by",
            "classification",
            "content_hash",
            "names",
            "birth_dates",
            "birth_places",
            "sex",
            "nationalities",
            "documents",
            "document_ranges",
            "listed_on",
            "remarks",
        )
        read_only_fields = fields


class PresentedSerializer(serializers.Serializer):
    """What the traveller presented, beside the entry. Texts are empty where nothing was presented."""

    issuing_state = serializers.CharField()
    document_number = serializers.CharField()
    primary_identifier = serializers.CharField()
    secondary_identifier = serializers.CharField()
    birth_date = serializers.CharField(
        allow_null=True, help_text="ISO 8601, or as in the machine readable zone where it is not whole"
    )
    sex = serializers.CharField()
    nationality = serializers.CharField()


class EvidenceSerializer(serializers.Serializer):
    """One piece of evidence, frozen as it was found."""

    about = serializers.CharField(help_text="name, birth_date, sex, nationality, alias, document or face")
    rule = serializers.CharField(help_text="How the two agree or differ")
    bits = serializers.FloatField(
        required=False, help_text="Weight: above 0 for the same person, below against"
    )
    presented = serializers.CharField(required=False)
    listed = serializers.CharField(required=False)
    score = serializers.FloatField(required=False)
    threshold = serializers.FloatField(required=False)


class AdjudicationReviewSerializer(serializers.ModelSerializer):
    reviewed_by = serializers.CharField(source="reviewed_by.officer.badge_number", help_text="Badge number")

    class Meta:
        model = AdjudicationReview
        fields = ("verdict", "reason", "reviewed_by", "own_act", "at")
        read_only_fields = fields


class AdjudicationSerializer(serializers.ModelSerializer):
    adjudicated_by = serializers.CharField(
        source="adjudicated_by.officer.badge_number", help_text="Badge number"
    )
    review = AdjudicationReviewSerializer(
        allow_null=True,
        default=None,
        help_text="Of a true match that needs a second person, once there is one",
    )

    class Meta:
        model = Adjudication
        fields = ("id", "answer", "reason", "adjudicated_by", "at", "review")
        read_only_fields = fields


class HitSerializer(serializers.ModelSerializer):
    inspection_id = serializers.UUIDField(source="screening.inspection_id", allow_null=True)
    port_id = serializers.UUIDField(source="screening.port_id", allow_null=True)
    entry = WatchlistEntrySerializer()
    presented = serializers.SerializerMethodField()
    explanation = EvidenceSerializer(many=True)
    claimed_by = serializers.CharField(
        source="claimed_by.officer.badge_number", allow_null=True, default=None, help_text="Badge number"
    )
    adjudications = AdjudicationSerializer(many=True)

    class Meta:
        model = Hit
        fields = (
            "id",
            "kind",
            "state",
            "silent",
            "score",
            "threshold",
            "list_version",
            "explanation",
            "found_at",
            "inspection_id",
            "port_id",
            "presented",
            "entry",
            "claimed_by",
            "adjudications",
        )
        read_only_fields = fields

    @extend_schema_field(PresentedSerializer)
    def get_presented(self, hit: Hit) -> dict[str, str | None]:
        presented = asdict(presented_of(hit.screening))
        return presented | {"birth_date": presented["birth_date"] or None}


class AdjudicationInputSerializer(StrictSerializer):
    answer = serializers.ChoiceField(Adjudication.Answer.choices)
    reason = TextField(max_length=REASON_MAX)


class ReviewInputSerializer(StrictSerializer):
    verdict = serializers.ChoiceField(AdjudicationReview.Verdict.choices)
    reason = TextField(max_length=REASON_MAX, required=False, help_text="Needed unless it is confirmed")
