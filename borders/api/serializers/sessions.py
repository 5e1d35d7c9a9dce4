"""Sign-in at a booth."""

from rest_framework import serializers

from audit.api.serializers import StrictSerializer, TextField
from audit.core.actor import Role


class SignInSerializer(StrictSerializer):
    username = TextField(max_length=150)
    password = TextField(max_length=200, trim_whitespace=False, normalise=False)
    port = TextField(max_length=5, help_text="UN/LOCODE of the port of entry")
    booth = TextField(max_length=10, help_text="Code of the booth at this port")


class SessionSerializer(serializers.Serializer):
    token = serializers.CharField(
        help_text="Sent with every request: `Authorization: Bearer <token>`. Shown once."
    )
    expires_at = serializers.DateTimeField()
    badge_number = serializers.CharField()
    roles = serializers.ListField(child=serializers.ChoiceField([r.value for r in Role]))
    port = serializers.CharField()
    booth = serializers.CharField()
