"""Entries, hits and adjudications as the API shows and takes them."""

from rest_framework import serializers

from audit.api.serializers import StrictSerializer, TextField
from travelers.models import DocumentReading
from watchlists.models import Adjudication, EntryDocument, EntryName, Hit, WatchlistEntry
from watchlists.services.hits import REASON_MAX


class EntryNameSerializer(serializers.ModelSerializer):
    class Meta:
        model = EntryName
        fields = ("primary_identifier", "secondary_identifier", "alias", "quality")
        read_only_fields = fields


class EntryDocumentSerializer(serializers.ModelSerializer):
    class Meta:
        model = EntryDocument
        fields = ("issuing_state", "document_number")
        read_only_fields = fields


class WatchlistEntrySerializer(serializers.ModelSerializer):
    watchlist_id = serializers.UUIDField(source="version.watchlist_id")
    watchlist = serializers.CharField(source="version.watchlist.name")
    version = serializers.IntegerField(source="version.number")
    names = EntryNameSerializer(many=True)
    documents = EntryDocumentSerializer(many=True)

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
            "names",
            "birth_date",
            "sex",
            "nationality",
            "documents",
        )
        read_only_fields = fields


class PresentedSerializer(serializers.ModelSerializer):
    """What the traveller presented, beside the entry."""

    class Meta:
        model = DocumentReading
        fields = (
            "document_code",
            "issuing_state",
            "document_number",
            "primary_identifier",
            "secondary_identifier",
            "birth_date",
            "sex",
            "nationality",
        )
        read_only_fields = fields


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


class AdjudicationSerializer(serializers.ModelSerializer):
    adjudicated_by = serializers.CharField(
        source="adjudicated_by.officer.badge_number", help_text="Badge number"
    )
    seconded_by = serializers.CharField(
        source="seconded_by.officer.badge_number", allow_null=True, default=None, help_text="Badge number"
    )

    class Meta:
        model = Adjudication
        fields = ("id", "answer", "reason", "adjudicated_by", "seconded_by", "at")
        read_only_fields = fields


class HitSerializer(serializers.ModelSerializer):
    inspection_id = serializers.UUIDField(source="screening.inspection_id")
    port_id = serializers.UUIDField(source="screening.port_id")
    entry = WatchlistEntrySerializer()
    presented = PresentedSerializer(source="screening.reading", allow_null=True)
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


class AdjudicationInputSerializer(StrictSerializer):
    answer = serializers.ChoiceField(Adjudication.Answer.choices)
    reason = TextField(max_length=REASON_MAX)
    seconded_by = TextField(max_length=20, required=False, help_text="Badge number of a second adjudicator")
