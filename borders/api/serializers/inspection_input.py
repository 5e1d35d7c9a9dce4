"""What a booth sends: an inspection, a correction, a decision. Shape only; what it means is checked by the services."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from rest_framework import serializers

from audit.api.serializers import PlainDateField, StrictSerializer, TextField
from borders.api.serializers.records import DecisionOutcomeField
from borders.core.chip_requests import CHIP_PARTS
from borders.core.record_checks import OBSERVATIONS
from borders.models.inspections import Direction
from borders.services.inspections import InspectionRequest
from travelers.core.chip import ActiveAuthenticationEvidence, ChipAuthenticationEvidence, ChipFiles
from travelers.core.chip.active_authentication import CHALLENGE_OCTETS, MAX_RESPONSE_OCTETS
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


class HexField(TextField):
    """Octets as hexadecimal digits; the serializer that holds it makes octets of them."""

    def __init__(self, *, max_octets: int, **kwargs: Any) -> None:
        super().__init__(max_length=2 * max_octets, pattern=r"([0-9A-Fa-f]{2})+", **kwargs)


class ActiveAuthenticationSerializer(StrictSerializer):
    """The booth's challenge and the chip's signature over it."""

    challenge = HexField(max_octets=CHALLENGE_OCTETS, help_text="8 octets")
    response = HexField(max_octets=MAX_RESPONSE_OCTETS)

    def to_internal_value(self, data: Any) -> ActiveAuthenticationEvidence:
        sent = super().to_internal_value(data)
        return ActiveAuthenticationEvidence(bytes.fromhex(sent["challenge"]), bytes.fromhex(sent["response"]))


class ChipAuthenticationSerializer(StrictSerializer):
    """The booth's side of one chip authentication and the chip's first answer under the new keys."""

    protocol = TextField(max_length=40, pattern=r"[0-9.]+", help_text="OID of ChipAuthenticationInfo")
    key_id = serializers.IntegerField(min_value=0, max_value=2**31 - 1, allow_null=True, default=None)
    terminal_private_key = HexField(max_octets=512, help_text="Of the ephemeral key pair")
    response = HexField(max_octets=4096, help_text="Data objects 87 or 85, 99 and 8E of the answer")
    counter = serializers.IntegerField(min_value=1, max_value=2**31 - 1, default=2)

    def to_internal_value(self, data: Any) -> ChipAuthenticationEvidence:
        sent = super().to_internal_value(data)
        octets = {name: bytes.fromhex(sent[name]) for name in ("terminal_private_key", "response")}
        return ChipAuthenticationEvidence(**sent | octets)


class ChipInputSerializer(StrictSerializer):
    """What the booth did with the chip. Its files are parts of their own: ef_sod, ef_com, dg1 to dg16."""

    attempted = serializers.BooleanField(
        default=True, help_text="The booth tried to read a chip, whatever came of it"
    )
    active_authentication = ActiveAuthenticationSerializer(required=False, allow_null=True)
    chip_authentication = ChipAuthenticationSerializer(required=False, allow_null=True)


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

    chip = ChipInputSerializer(required=False, allow_null=True)

    def make_request(
        self,
        *,
        page_image: bytes | None,
        face_image: bytes | None,
        seal: bytes | None = None,
        chip_parts: Mapping[str, bytes] = MappingProxyType({}),
    ) -> InspectionRequest:
        """Return the request to the service from validated input. chip_parts: the chip's files by their part."""
        sent = self.validated_data
        chip = sent.get("chip") or {}
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
            chip=_chip_files(chip, chip_parts),
            chip_attempted=chip.get("attempted", False),
            seal=seal,
        )


def _chip_files(sent: Mapping[str, Any], parts: Mapping[str, bytes]) -> ChipFiles | None:
    """Return what was read from a chip, None if there is no file."""
    if not parts:
        return None
    return ChipFiles(
        sod=parts.get("ef_sod"),
        com=parts.get("ef_com"),
        groups={int(name[2:]): content for name, content in parts.items() if name.startswith("dg")},
        active_authentication=sent.get("active_authentication"),
        chip_authentication=sent.get("chip_authentication"),
    )


class InspectionUploadSerializer(serializers.Serializer):
    """The parts of a multipart body, for the description of the API; borders.api.parsers reads them."""

    inspection = InspectionInputSerializer(help_text="JSON text")
    page_image = serializers.FileField(required=False, help_text="JPEG or PNG of the document page")
    face_image = serializers.FileField(required=False, help_text="JPEG or PNG of the live face")

    seal = serializers.FileField(
        required=False, help_text="Octets of a visible digital seal, as the bar code holds them"
    )

    def get_fields(self) -> dict[str, Any]:
        chip = {
            name: serializers.FileField(
                required=False, help_text=f"{name.upper()} of the chip, at most {limit} octets"
            )
            for name, limit in CHIP_PARTS.items()
        }
        return {**super().get_fields(), **chip}


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
