"""Notices of refusal and requests to correct a record."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from audit.api.schema import named_choices
from audit.api.serializers import StrictSerializer, TextField
from borders.core.redress import FIELDS, REASON_MAX, STATEMENT_MAX, CorrectionOutcome, RecordType, Requester
from borders.core.refusals import Ground
from borders.models import CorrectionRequest, RefusalNotice

LANGUAGES = tuple(code for code, _ in settings.LANGUAGES)
RefusalGroundField = named_choices("RefusalGround", (g.value for g in Ground))
RecordTypeField = named_choices("CorrectableRecord", (t.value for t in RecordType))
RecordFieldField = named_choices(
    "CorrectableField", dict.fromkeys(f for fields in FIELDS.values() for f in fields)
)
RequesterField = named_choices("Requester", (r.value for r in Requester))
LanguageField = named_choices("LetterLanguage", LANGUAGES)
CorrectionOutcomeField = named_choices("CorrectionOutcome", (o.value for o in CorrectionOutcome))
CorrectionStateField = named_choices("CorrectionState", CorrectionRequest.State.values)


class NoticeInputSerializer(StrictSerializer):
    grounds = serializers.ListField(
        child=RefusalGroundField(), max_length=len(Ground), help_text="Named by the officer, at least one"
    )


class NoticeGroundSerializer(serializers.Serializer):
    code = RefusalGroundField()
    legal_basis = serializers.CharField()


class NoticeSerializer(serializers.ModelSerializer):
    grounds = NoticeGroundSerializer(many=True)
    issued_by = serializers.CharField(source="issued_by.officer.badge_number", help_text="Badge number")

    class Meta:
        model = RefusalNotice
        fields = ("reference", "grounds", "appeal_until", "issued_at", "issued_by")
        read_only_fields = fields


class RedressRequestInputSerializer(StrictSerializer):
    record_type = RecordTypeField()
    record_id = serializers.UUIDField()
    field = RecordFieldField(help_text="Of the record; each kind of record has its own")
    asked_value = TextField(
        max_length=200, allow_blank=True, help_text="Dates as YYYY-MM-DD, names and codes as in the zone"
    )
    statement = TextField(max_length=STATEMENT_MAX, help_text="What the person says, which proof was shown")
    requester = RequesterField()
    language = LanguageField(help_text="Of the answer")


class RedressDecisionSerializer(StrictSerializer):
    outcome = CorrectionOutcomeField()
    reason = TextField(max_length=REASON_MAX, help_text="Stands in the answer to the person")


class RedressRequestSerializer(serializers.ModelSerializer):
    port = serializers.CharField(source="port.code")
    record_type = RecordTypeField()
    field = RecordFieldField()
    requester = RequesterField()
    language = LanguageField()
    state = CorrectionStateField()
    received_by = serializers.CharField(source="received_by.officer.badge_number", help_text="Badge number")
    decided_by = serializers.CharField(
        source="decided_by.officer.badge_number", allow_null=True, default=None, help_text="Badge number"
    )
    correction_id = serializers.SerializerMethodField(
        help_text="Of the correction that was written, if granted"
    )

    class Meta:
        model = CorrectionRequest
        fields = (
            "id",
            "reference",
            "port",
            "record_type",
            "record_id",
            "field",
            "recorded_value",
            "asked_value",
            "statement",
            "requester",
            "language",
            "received_at",
            "received_by",
            "due_on",
            "state",
            "reason",
            "decided_at",
            "decided_by",
            "correction_id",
        )
        read_only_fields = fields

    def get_correction_id(self, row: Any) -> str | None:
        correction = getattr(row, "correction", None)
        return str(correction.id) if correction is not None else None
