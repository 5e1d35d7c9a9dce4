"""An inspection as the booth sees it. Nothing here may differ between a traveller with and without a silent hit."""

import functools
from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from audit.api.schema import named_choices
from biometrics.core.outcomes import Route, Severity
from biometrics.models import Comparison
from borders.api.serializers.records import (
    CheckOutcomeField,
    DecisionOutcomeField,
    ReasonSerializer,
    ReferralSerializer,
)
from borders.core.checks import CHECKS_OF_STEP
from borders.core.explanations import explain
from borders.core.pipeline import shown_ms
from borders.core.recommendation import Advice
from borders.models import Decision, Inspection, InspectionFinding, InspectionStep
from travelers.core.chip import Mechanism, Verdict
from travelers.models import DocumentReading

STATEMENTS = {check.code: check.statement for checks in CHECKS_OF_STEP.values() for check in checks}

InspectionStateField = named_choices("InspectionState", Inspection.State.values)


class ReadingSerializer(serializers.ModelSerializer):
    """What was read from the document, or keyed."""

    class Meta:
        model = DocumentReading
        fields = (
            "id",
            "source",
            "status",
            "reason",
            "layout",
            "lines",
            "doubtful",
            "document_code",
            "issuing_state",
            "document_number",
            "primary_identifier",
            "secondary_identifier",
            "names_truncated",
            "nationality",
            "birth_date",
            "sex",
            "expiry_date",
            "reader_version",
        )
        read_only_fields = fields


class FindingSerializer(serializers.ModelSerializer):
    """One check and how it came out."""

    statement = serializers.SerializerMethodField(help_text="What PASS means")
    explanation = serializers.SerializerMethodField(
        help_text="Why it did not pass and what to ask, in words; empty where the reason says enough"
    )
    outcome = CheckOutcomeField()
    severity = serializers.ChoiceField([s.value for s in Severity])
    route = serializers.ChoiceField([r.value for r in Route])
    detail = serializers.DictField(help_text="The evidence; keys depend on the code")

    class Meta:
        model = InspectionFinding
        fields = ("code", "outcome", "severity", "route", "reason", "statement", "explanation", "detail")
        read_only_fields = fields

    def to_representation(self, finding: Any) -> dict[str, Any]:
        """Return what the fields above would, without asking each of them: an inspection has some seventy findings."""
        return {
            "code": finding.code,
            "outcome": finding.outcome,
            "severity": finding.severity,
            "route": finding.route,
            "reason": finding.reason,
            "statement": self.get_statement(finding),
            "explanation": self.get_explanation(finding),
            "detail": finding.detail,
        }

    def get_explanation(self, finding: InspectionFinding) -> str:
        return explain(finding.code, finding.reason)

    def get_statement(self, finding: InspectionFinding) -> str:
        return STATEMENTS.get(finding.code, "")


class FaceSerializer(serializers.Serializer):
    """The comparison of the live face with the portrait (1:1)."""

    score = serializers.FloatField(allow_null=True, help_text="Higher is more alike")
    threshold = serializers.FloatField(help_text="A score at or above it is a match")
    outcome = CheckOutcomeField()
    engine = serializers.CharField(source="operating_point.engine")


class MechanismSerializer(serializers.Serializer):
    """One mechanism of the chip."""

    mechanism = serializers.ChoiceField([m.value for m in Mechanism])
    result = serializers.ChoiceField([v.value for v in Verdict])
    code = serializers.CharField()
    signer = serializers.CharField(help_text="Subject of the certificate that vouches")
    algorithm = serializers.CharField()
    milliseconds = serializers.FloatField()
    detail = serializers.DictField(help_text="The evidence; keys depend on the mechanism")


class StepSerializer(serializers.ModelSerializer):
    elapsed_ms = serializers.SerializerMethodField()

    class Meta:
        model = InspectionStep
        fields = ("step", "state", "code", "elapsed_ms", "round")
        read_only_fields = fields

    def to_representation(self, row: Any) -> dict[str, Any]:
        """Return what the fields above would, without asking each of them."""
        return {
            "step": row.step,
            "state": row.state,
            "code": row.code,
            "elapsed_ms": self.get_elapsed_ms(row),
            "round": row.round,
        }

    def get_elapsed_ms(self, row: InspectionStep) -> float:
        return shown_ms(row.step, row.elapsed_ms)


class DecisionSerializer(serializers.ModelSerializer):
    outcome = DecisionOutcomeField()
    advice = serializers.ChoiceField([a.value for a in Advice])
    decided_by = serializers.CharField(
        source="decided_by.officer.badge_number", default="", help_text="Badge number"
    )

    class Meta:
        model = Decision
        fields = ("id", "line", "outcome", "advice", "override", "reason", "decided_by", "decided_at")
        read_only_fields = fields


class InspectionSummarySerializer(serializers.ModelSerializer):
    """One line of the list."""

    state = InspectionStateField()
    port = serializers.CharField(source="port.code")
    booth = serializers.CharField(source="booth.code")
    officer = serializers.CharField(source="officer.badge_number", help_text="Badge number")
    advice = serializers.ChoiceField(
        ["", *(a.value for a in Advice)], help_text="Empty until the checks are done"
    )
    ready_at = serializers.DateTimeField(source="shown_ready_at", read_only=True, allow_null=True)

    class Meta:
        model = Inspection
        fields = (
            "id",
            "client_reference",
            "state",
            "direction",
            "port",
            "booth",
            "officer",
            "opened_at",
            "deadline_at",
            "ready_at",
            "advice",
            "traveler_id",
            "document_id",
            "crossing_id",
        )
        read_only_fields = fields


class InspectionSerializer(InspectionSummarySerializer):
    """The whole inspection."""

    party_reference = serializers.SerializerMethodField()
    images = serializers.SerializerMethodField(help_text="Which images can be fetched from images/<kind>/")
    reading = ReadingSerializer(allow_null=True)
    findings = FindingSerializer(many=True, source="findings_in_force")
    face = serializers.SerializerMethodField()
    chip = serializers.SerializerMethodField(help_text="Each mechanism of the chip; null if none was read")
    steps = StepSerializer(many=True, source="steps_in_order")
    reasons = ReasonSerializer(many=True, help_text="Why to refer, protection first; empty for CLEAR")
    decisions = DecisionSerializer(many=True, source="decisions_in_order")
    referrals = ReferralSerializer(many=True, source="referrals_in_order")

    class Meta(InspectionSummarySerializer.Meta):
        fields = (
            *InspectionSummarySerializer.Meta.fields,
            "conveyance",
            "purpose_of_travel",
            "address_of_stay",
            "party_reference",
            "images",
            "reading",
            "findings",
            "face",
            "chip",
            "steps",
            "reasons",
            "decisions",
            "referrals",
        )
        read_only_fields = fields

    def get_party_reference(self, inspection: Inspection) -> str:
        return inspection.party.reference if inspection.party else ""

    @extend_schema_field(
        serializers.ListField(child=serializers.ChoiceField(["page", "face", "portrait", "chip"]))
    )
    def get_images(self, inspection: Inspection) -> list[str]:
        return [kind for kind, image in images_of(inspection).items() if image is not None]

    @extend_schema_field(MechanismSerializer(many=True, allow_null=True))
    def get_chip(self, inspection: Inspection) -> list[dict[str, Any]] | None:
        verification = inspection.chip_verification
        if verification is None:
            return None
        return [
            {"mechanism": m.value, **verification.mechanisms[m]}
            for m in Mechanism
            if m in verification.mechanisms
        ]

    @extend_schema_field(FaceSerializer(allow_null=True))
    def get_face(self, inspection: Inspection) -> dict[str, Any] | None:
        comparison = find_verification(inspection.findings_in_force)
        return None if comparison is None else FaceSerializer(comparison).data


@functools.cache
def shared_serializer() -> InspectionSerializer:
    """Return one serializer for all answers of this process: what it shows lies in its fields, and they never change."""
    return InspectionSerializer()


def images_of(inspection: Inspection) -> dict[str, Any]:
    """Return the images of an inspection by the name that the API gives them; None where there is none."""
    portrait = inspection.portrait_template
    return {
        "page": inspection.page_image,
        "face": inspection.face_image,
        "portrait": portrait.image if portrait else None,
        "chip": inspection.chip_verification.portrait if inspection.chip_verification else None,
    }


def find_verification(findings: Iterable[InspectionFinding]) -> Comparison | None:
    """Return the 1:1 comparison among the evidence. The 1:N ones are never shown: their scores speak of other people."""
    compared = (f.comparison for f in findings if f.comparison is not None)
    return next((c for c in compared if c.kind == Comparison.Kind.VERIFICATION), None)
