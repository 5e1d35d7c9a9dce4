"""A person asks what is kept of them: the whole record as one file, for the data protection officer."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from audit.api.serializers import StrictSerializer, TextField
from audit.api.views import AuditedReadViewSet
from audit.core.actor import Actor, Role
from borders.services.custody import export_subject
from borders.services.custody.scope import NOBODY_ID
from travelers.models import Traveler

PASSPHRASE_SHORTEST = 12
ZIP = {(200, "application/zip"): OpenApiTypes.BINARY}


class SubjectRecordInputSerializer(StrictSerializer):
    reference = TextField(max_length=60, help_text="File number of the person's request; no names")
    passphrase = TextField(
        max_length=128,
        min_length=PASSPHRASE_SHORTEST,
        required=False,
        trim_whitespace=False,
        normalise=False,
        help_text="The file is encrypted with it (AES-256, as WinZip and 7-Zip open it). Left out: it is not encrypted",
    )


class SubjectRecordSerializer(serializers.Serializer):
    """Nothing but the file goes out."""


class SubjectViewSet(AuditedReadViewSet):
    """National: whoever asks is answered by one officer, whichever ports they crossed at."""

    object_type = "traveler"
    serializer_class = SubjectRecordSerializer
    required_roles = {"record": frozenset({Role.DATA_PROTECTION})}

    def scoped_queryset(self, actor: Actor) -> QuerySet[Traveler]:
        return Traveler.objects.exclude(id=NOBODY_ID)

    @extend_schema(
        summary="Give all that is kept of a traveller: a zip with record.json and the images",
        request=SubjectRecordInputSerializer,
        responses=ZIP,
    )
    def record(self, request: Request, id: Any = None) -> HttpResponse:
        traveler = self.get_object()
        serializer = SubjectRecordInputSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        made = export_subject(
            actor=self.actor,
            at=self.at,
            traveler_id=traveler.id,
            reference=serializer.validated_data["reference"],
            passphrase=serializer.validated_data.get("passphrase"),
        )
        return HttpResponse(
            made.content,
            content_type="application/zip",
            headers={"Content-Disposition": f'attachment; filename="{traveler.id}.zip"'},
        )
