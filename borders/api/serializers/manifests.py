"""Advance passenger manifests, for the description of the API; borders.core.manifests reads what is sent."""

from rest_framework import serializers

from borders.models import AdvancePassengerManifest
from borders.models.inspections import Direction


class ManifestPassengerInputSerializer(serializers.Serializer):
    primary_identifier = serializers.CharField(max_length=120)
    secondary_identifier = serializers.CharField(max_length=120, required=False, allow_blank=True)
    document_number = serializers.CharField(max_length=24, required=False, allow_blank=True)
    issuing_state = serializers.CharField(max_length=3, required=False, allow_blank=True)
    nationality = serializers.CharField(max_length=3, required=False, allow_blank=True)
    birth_date = serializers.DateField(required=False, allow_null=True)
    sex = serializers.CharField(max_length=1, required=False, allow_blank=True)
    booking_reference = serializers.CharField(max_length=20, required=False, allow_blank=True)


class ManifestInputSerializer(serializers.Serializer):
    """One conveyance at one port; sent again with other passengers, it takes the place of the one before."""

    conveyance = serializers.CharField(max_length=20, help_text="Flight or vessel, such as UA 417")
    port = serializers.CharField(max_length=5, help_text="UN/LOCODE of the port of entry")
    direction = serializers.ChoiceField(Direction.choices)
    scheduled_at = serializers.DateTimeField(help_text="With its offset from UTC")
    carrier = serializers.CharField(max_length=60, required=False, allow_blank=True)
    passengers = ManifestPassengerInputSerializer(many=True)


class ManifestSerializer(serializers.ModelSerializer):
    """A manifest that was taken. Who is aboard is not shown again."""

    port = serializers.CharField(source="port.code")

    class Meta:
        model = AdvancePassengerManifest
        fields = ("id", "conveyance", "port", "direction", "scheduled_at", "received_at", "passenger_count")
        read_only_fields = fields
