"""The sealed audit trail of a booth's post: its newest head, and the booth's word for the one it keeps."""

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.api.acting import get_actor, get_request_time
from audit.api.negotiation import AlwaysFirstRenderer
from audit.api.parsers import StrictJSONParser
from audit.api.permissions import IsPosted
from audit.api.problems import Problem
from audit.api.schema import ProblemAutoSchema
from audit.api.serializers import StrictSerializer
from audit.queries import blocks_after, header_of, newest_block
from audit.services.witness import HeadRefused, stream_of, witness_head

BLOCKS_AT_ONCE = 1000
NOTE_MAX = 2000
LARGEST_NUMBER = 2**53


class BlockHeaderSerializer(serializers.Serializer):
    """The header whose canonical JSON (RFC 8785) hashes to `block_hash`."""

    stream = serializers.CharField()
    number = serializers.IntegerField()
    first_row = serializers.IntegerField()
    row_count = serializers.IntegerField()
    root = serializers.CharField()
    previous_hash = serializers.CharField()
    sealed_at = serializers.CharField()


class AuditHeadSerializer(serializers.Serializer):
    stream = serializers.CharField(help_text="Id of the port of entry")
    note = serializers.CharField(
        allow_blank=True, help_text="Signed head (C2SP signed-note); empty while nothing is sealed"
    )
    blocks = BlockHeaderSerializer(
        many=True, help_text="Headers after the block asked for: the chain from the head that the booth keeps"
    )


class WitnessSerializer(StrictSerializer):
    note = serializers.CharField(
        max_length=NOTE_MAX,
        trim_whitespace=False,
        help_text="The signed head that the booth keeps, unchanged",
    )


class WitnessedSerializer(serializers.Serializer):
    agrees = serializers.BooleanField(help_text="The trail holds this very block")


class AuditHeadView(APIView):
    """Posts are the witnesses of the audit trail: what they keep shows if it is cut or built anew."""

    schema = ProblemAutoSchema()
    permission_classes = (IsAuthenticated, IsPosted)
    parser_classes = (StrictJSONParser,)
    content_negotiation_class = AlwaysFirstRenderer
    metadata_class = None
    problem_codes = {
        "get": {400: ["after_invalid"], 403: ["not_assigned"]},
        "post": {400: ["note_invalid", "other_stream"], 403: ["not_assigned"], 409: ["head_conflict"]},
    }

    @extend_schema(
        summary="Get the newest head of the post's audit trail",
        operation_id="audit_head_retrieve",
        parameters=[
            OpenApiParameter(
                "after", int, description="Number of the block whose head the booth keeps; 0: none"
            )
        ],
        responses={200: OpenApiResponse(AuditHeadSerializer, description="The head")},
    )
    def get(self, request: Request) -> Response:
        stream = stream_of(get_actor(request))
        newest = newest_block(stream)
        blocks = blocks_after(stream, read_after(request), BLOCKS_AT_ONCE)
        body = {
            "stream": stream,
            "note": newest.note if newest else "",
            "blocks": [header_of(block) for block in blocks],
        }
        return Response(AuditHeadSerializer(body).data, headers={"Cache-Control": "no-store"})

    @extend_schema(
        summary="Say which head the booth keeps",
        operation_id="audit_head_create",
        request=WitnessSerializer,
        responses={200: OpenApiResponse(WitnessedSerializer, description="Kept, and the trail agrees")},
    )
    def post(self, request: Request) -> Response:
        sent = WitnessSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        try:
            agrees = witness_head(
                actor=get_actor(request), at=get_request_time(request), note=sent.validated_data["note"]
            )
        except HeadRefused as refusal:
            raise Problem(
                refusal.code, 400, "This is no signed head of the post's trail.", field="note"
            ) from None
        if not agrees:
            raise Problem(
                "head_conflict", 409, "The trail does not hold this block. Keep the note, and report it."
            )
        return Response(WitnessedSerializer({"agrees": True}).data, status=status.HTTP_200_OK)


def read_after(request: Request) -> int:
    text = request.query_params.get("after", "0")
    if not (text.isascii() and text.isdigit() and len(text) <= 16 and int(text) < LARGEST_NUMBER):
        raise Problem("after_invalid", 400, "The number of a block, from 0.", field="after")
    return int(text)
