"""What a booth sends: an inspection, a correction, a decision. Shape only; what it means is checked by the services."""

from typing import Any

from rest_framework import serializers

from audit.api.serializers import PlainDateField, StrictSerializer, TextField
from borders.api.serializers.records import DecisionOutcomeField
from borders.core.record_checks import OBSERVATIONS
from borders.models.inspections import Direction
from borders.services.inspections import InspectionRequest
from travelers.core.keyed import KeyedFields
from travelers.models import Sex

REFERENCE = r"[A-Za-z0-9._:/-]+"
STATE_CODE = r"[A-Z<]*"
DOCUMENT_CODE = r"([A-Z][A-Z0-9<]?)?"
DOCUMENT_NUMBER = r"[A-Za-z0-9< /-]*"


class PrintedFieldsSerializer(StrictSerializer):
    """Printed fields that the booth's document reader took from the visual zone (VIZ); any of them."""

    primary_identifier = TextField(max_length=120, required=False)
    secondary_identifier = TextField(max_length=120, required=False, allow_blank=True)
    document_number = TextField(max_length=24, pattern=DOCUMENT_NUMBER, required=False)
    birth_date = PlainDateField(required=False)
    expiry_date = PlainDateField(required=False)
    nationality = TextField(max_length=3, pattern=STATE_CODE, required=False)
    sex = serializers.ChoiceField(Sex.choices, required=False, allow_blank=True)
    issue_date = PlainDateField(required=False)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        fields = super().to_internal_value(data)
        return {
            name: value if isinstance(value, str) else value.isoformat() for name, value in fields.items()
        }


class KeyedFieldsSerializer(StrictSerializer):
    """What an officer keys in: from a document that cannot be read, or as the person without a document declares it."""

    document_code = TextField(max_length=2, pattern=DOCUMENT_CODE, allow_blank=True, default="")
    issuing_state = TextField(max_length=3, pattern=STATE_CODE, allow_blank=True, default="")
    document_number = TextField(max_length=24, pattern=DOCUMENT_NUMBER, allow_blank=True, default="")
    primary_identifier = TextField(max_length=120)
    secondary_identifier = TextField(max_length=120, allow_blank=True, default="")
    nationality = TextField(max_length=3, pattern=STATE_CODE, allow_blank=True, default="")
    birth_date = PlainDateField(allow_null=True, default=None)
    sex = serializers.ChoiceField(Sex.choices, allow_blank=True, default="")
    expiry_date = PlainDateField(allow_null=True, default=None)

    def to_internal_value(self, data: Any) -> KeyedFields:
        return KeyedFields(**super().to_internal_value(data))


class InspectionInputSerializer(StrictSerializer):
    client_reference = TextField(
        max_length=64,
        pattern=REFERENCE,
        help_text="The booth's own number; sent again, it answers the same inspection",
    )
    direction = serializers.ChoiceField(Direction.choices)
    conveyance = TextField(
        max_length=20, allow_blank=True, default="", help_text="Flight, vessel or vehicle registration"
    )
    purpose_of_travel = TextField(max_length=20, allow_blank=True, default="")
    address_of_stay = TextField(max_length=200, allow_blank=True, default="")
    party_reference = TextField(
        max_length=64,
        pattern=REFERENCE,
        allow_blank=True,
        default="",
        help_text="The same for people who travel together",
    )
    printed = PrintedFieldsSerializer(required=False)
    keyed = KeyedFieldsSerializer(required=False, allow_null=True)
    visa_lines = serializers.ListField(
        child=TextField(max_length=44, pattern=r"[A-Z0-9<]+"),
        max_length=3,
        required=False,
        help_text="Lines of the zone of a visa or permit",
    )
    observations = serializers.ListField(
        child=serializers.ChoiceField([(code, code) for code in OBSERVATIONS]),
        max_length=len(OBSERVATIONS),
        required=False,
        help_text="What the officer saw of the party",
    )

    def make_request(self, *, page_image: bytes | None, face_image: bytes | None) -> InspectionRequest:
        """Return the request to the service from validated input."""
        sent = self.validated_data
        return InspectionRequest(
            client_reference=sent["client_reference"],
            direction=sent["direction"],
            conveyance=sent["conveyance"],
            purpose_of_travel=sent["purpose_of_travel"],
            address_of_stay=sent["address_of_stay"],
            party_reference=sent["party_reference"],
            printed=sent.get("printed", {}),
            keyed=sent.get("keyed"),
            visa_lines=tuple(sent.get("visa_lines", ())),
            observations=tuple(sent.get("observations", ())),
            page_image=page_image,
            face_image=face_image,
        )


class InspectionUploadSerializer(serializers.Serializer):
    """The parts of a multipart body, for the description of the API; borders.api.parsers reads them."""

    inspection = InspectionInputSerializer(help_text="JSON text")
    page_image = serializers.FileField(required=False, help_text="JPEG or PNG of the document page")
    face_image = serializers.FileField(required=False, help_text="JPEG or PNG of the live face")


class CorrectionSerializer(StrictSerializer):
    """`fields`: every field of the document, as the officer reads it."""

    def get_fields(self) -> dict[str, Any]:
        # `fields` itself is taken by the framework
        return {"fields": KeyedFieldsSerializer(help_text="Every field, as the officer reads it")}


class DecisionInputSerializer(StrictSerializer):
    outcome = DecisionOutcomeField()
    reason = TextField(
        max_length=500,
        allow_blank=True,
        default="",
        help_text="Needed to clear against the advice, and to refuse",
    )
