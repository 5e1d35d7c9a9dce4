"""Sign-in at a booth."""

from rest_framework import serializers

from audit.api.serializers import StrictSerializer, TextField
from audit.core.actor import Role


class SignInSerializer(StrictSerializer):
    username = TextField(max_length=150)
    password = TextField(max_length=200, trim_whitespace=False, normalise=False)
    port = TextField(max_length=5, help_text="UN/LOCODE of the port of entry")
    booth = TextField(max_length=10, help_text="Code of the booth at this port")
    device = serializers.UUIDField(
        required=False, help_text="Of the enrolled terminal, where terminals are required"
    )
    challenge = TextField(max_length=200, required=False, help_text="From devices/challenge/")
    signature = TextField(
        max_length=120,
        required=False,
        help_text="Base64 of r and s (ECDSA, P-256, SHA-256) over `bmis-sign-in`, device and challenge, a line each",
    )


class DeviceEnrolmentSerializer(StrictSerializer):
    code = TextField(max_length=40, help_text="The enrolment code that an administrator gave out")
    public_key = TextField(max_length=400, help_text="P-256, SubjectPublicKeyInfo in Base64")


class DeviceSerializer(serializers.Serializer):
    device = serializers.UUIDField(source="id")
    port = serializers.CharField(source="booth.port.code")
    booth = serializers.CharField(source="booth.code")


class ChallengeSerializer(serializers.Serializer):
    challenge = serializers.CharField()


class SessionSerializer(serializers.Serializer):
    token = serializers.CharField(
        help_text="Sent with every request: `Authorization: Bearer <token>`. Shown once."
    )
    expires_at = serializers.DateTimeField()
    badge_number = serializers.CharField()
    roles = serializers.ListField(child=serializers.ChoiceField([r.value for r in Role]))
    port = serializers.CharField()
    booth = serializers.CharField()
