"""Travellers and documents as the API shows them."""

from rest_framework import serializers

from travelers.models import TravelDocument, Traveler


class TravelerSerializer(serializers.ModelSerializer):
    document_ids = serializers.SerializerMethodField(help_text="Documents in the reader's reach")

    class Meta:
        model = Traveler
        fields = (
            "id",
            "primary_identifier",
            "secondary_identifier",
            "birth_date",
            "sex",
            "nationality",
            "created_at",
            "document_ids",
        )
        read_only_fields = fields

    def get_document_ids(self, traveler: Traveler) -> list[str]:
        return [str(document.id) for document in traveler.reachable_documents]


class TravelDocumentSerializer(serializers.ModelSerializer):
    class Meta:
        model = TravelDocument
        fields = (
            "id",
            "traveler_id",
            "document_code",
            "issuing_state",
            "document_number",
            "expiry_date",
            "created_at",
        )
        read_only_fields = fields
