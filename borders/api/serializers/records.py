"""Crossings, stays and referrals."""

from rest_framework import serializers

from audit.api.schema import named_choices
from audit.api.serializers import StrictSerializer, TextField
from biometrics.core.outcomes import Outcome, Route
from borders.models import Crossing, Decision, Referral, Stay


class CrossingSerializer(serializers.ModelSerializer):
    port = serializers.CharField(source="port.code")
    booth = serializers.CharField(source="booth.code")
    officer = serializers.CharField(source="officer.badge_number", help_text="Badge number")

    class Meta:
        model = Crossing
        fields = (
            "id",
            "occurred_at",
            "received_at",
            "direction",
            "transport_mode",
            "conveyance",
            "purpose_of_travel",
            "address_of_stay",
            "port",
            "booth",
            "officer",
            "inspection_id",
            "traveler_id",
            "document_id",
        )
        read_only_fields = fields


class StaySerializer(serializers.ModelSerializer):
    entry_port = serializers.CharField(source="entry_port.code", allow_null=True, default=None)
    exit_port = serializers.CharField(source="exit_port.code", allow_null=True, default=None)
    anomaly = serializers.ChoiceField(["", *Stay.Anomaly.values], help_text="Empty: both ends are there")

    class Meta:
        model = Stay
        fields = (
            "id",
            "traveler_id",
            "country_code",
            "entry_id",
            "entered_at",
            "entry_port",
            "exit_id",
            "exited_at",
            "exit_port",
            "allowed_until",
            "anomaly",
        )
        read_only_fields = fields


DecisionOutcomeField = named_choices("DecisionOutcome", Decision.Outcome.values)
CheckOutcomeField = named_choices("CheckOutcome", (o.value for o in Outcome))


class ReasonSerializer(serializers.Serializer):
    """Code of a finding that speaks for a referral, how it came out, and whose question it is."""

    code = serializers.CharField()
    outcome = CheckOutcomeField()
    route = serializers.ChoiceField([r.value for r in Route])


class ReferralSerializer(serializers.ModelSerializer):
    route = serializers.ChoiceField([r.value for r in Route])
    reasons = ReasonSerializer(many=True)
    opened_by = serializers.CharField(
        source="opened_by.officer.badge_number", default="", help_text="Badge number"
    )
    acknowledged_by = serializers.SerializerMethodField(help_text="Badge number")

    class Meta:
        model = Referral
        fields = (
            "id",
            "inspection_id",
            "route",
            "reasons",
            "state",
            "opened_by",
            "opened_at",
            "due_at",
            "acknowledged_by",
            "acknowledged_at",
            "closed_at",
            "answer",
        )
        read_only_fields = fields

    def get_acknowledged_by(self, referral: Referral) -> str | None:
        return referral.acknowledged_by.officer.badge_number if referral.acknowledged_by else None


class ClosureSerializer(StrictSerializer):
    answer = TextField(max_length=500, help_text="What the service found")
