"""The description of the API itself, and the answer to addresses that it does not have."""

from django.http import Http404
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.api.negotiation import AlwaysFirstRenderer


class SchemaView(SpectacularAPIView):
    """OpenAPI 3 in YAML, the same text as the committed openapi.yaml. Signed in only."""

    permission_classes = (IsAuthenticated,)
    renderer_classes = (OpenApiYamlRenderer,)
    metadata_class = None

    def handle_exception(self, exc: Exception) -> Response:
        """Refuse in JSON, as everywhere: the description alone is YAML."""
        response = super().handle_exception(exc)
        self.request.accepted_renderer = JSONRenderer()
        self.request.accepted_media_type = JSONRenderer.media_type
        return response


class UnknownAddressView(APIView):
    """A problem document in place of Django's page, and nothing at all to those who are not signed in."""

    permission_classes = (IsAuthenticated,)
    content_negotiation_class = AlwaysFirstRenderer
    metadata_class = None

    @extend_schema(exclude=True)
    def get(self, request: Request, **_: str) -> Response:
        raise Http404

    @extend_schema(exclude=True)
    def post(self, request: Request, **_: str) -> Response:
        raise Http404
