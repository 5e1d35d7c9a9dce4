"""The OpenAPI description of every view: its problem documents with their codes come from what the view says about itself."""

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema_field
from rest_framework import serializers

from audit.api.problems import CONTENT_TYPE, get_title

Codes = Mapping[int, Iterable[str]]

BODY_CODES = (
    "invalid",
    "json_malformed",
    "json_too_deep",
    "json_duplicate_key",
    "json_not_finite",
    "json_not_an_object",
)


def named_choices(name: str, values: Iterable[str]) -> type[serializers.ChoiceField]:
    """Return a field class for one set of codes, which the description knows by this name wherever it is used."""
    codes = list(values)

    class NamedChoiceField(serializers.ChoiceField):
        def __init__(self, **options: Any):
            super().__init__(codes, **options)

    return extend_schema_field({"type": "string", "enum": codes}, component_name=name)(NamedChoiceField)


class FieldErrorSerializer(serializers.Serializer):
    field = serializers.CharField(help_text="Dotted path of the field at fault")
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    """RFC 9457 problem document. Programs read `code` (and `errors[].code`); texts may change."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    field = serializers.CharField(required=False, help_text="The part or field at fault")
    errors = FieldErrorSerializer(
        many=True, required=False, help_text="With code `invalid`: every field at fault"
    )


def problem_responses(codes: Codes) -> dict[tuple[int, str], OpenApiResponse]:
    """Return the documented problem responses for extend_schema: one per status, which names every code and shows one."""
    return {
        (status, CONTENT_TYPE): OpenApiResponse(
            ProblemSerializer,
            description=f"{get_title(status)}. Codes: {', '.join(sorted(listed))}",
            examples=[_example(status, min(listed))],
        )
        for status, listed in sorted(codes.items())
        if listed
    }


def _example(status: int, code: str) -> OpenApiExample:
    body = {"type": "about:blank", "title": get_title(status), "status": status, "code": code, "detail": "…"}
    return OpenApiExample(
        code, value=body, status_codes=[str(status)], response_only=True, media_type=CONTENT_TYPE
    )


class ProblemAutoSchema(AutoSchema):
    """Adds to each operation the problems that its base class can answer with, and those of `view.problem_codes`.

    problem_codes: action (or lower-case method of a plain view) -> status -> codes.
    """

    def get_description(self) -> str:
        # the docstring of a base class is for programmers
        return inspect.cleandoc(vars(type(self.view)).get("__doc__") or "")

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        responses = super()._get_response_bodies(direction)
        for (status, media_type), response in problem_responses(self._codes()).items():
            responses[str(status)] = self._get_response_for_code(
                response, str(status), [media_type], direction
            )
        return dict(sorted(responses.items()))

    def _codes(self) -> dict[int, set[str]]:
        view = self.view
        action = getattr(view, "action", None) or self.method.lower()
        codes: dict[int, set[str]] = {}

        def add(status: int, *names: str) -> None:
            codes.setdefault(status, set()).update(names)

        # whatever is asked, and whoever asks
        add(503, "overloaded", "database_unavailable")
        if view.permission_classes:
            add(401, "not_authenticated", "token_invalid")
            if not getattr(view, "while_locked", False):
                add(401, "session_locked")
        if hasattr(view, "scoped_queryset"):
            add(403, "not_assigned")
            add(400, "unknown_parameter")
            if getattr(view, "required_roles", {}).get(action):
                add(403, "role_required")
        if "{" in self.path:
            add(404, "not_found")
        if action == "list":
            add(400, "invalid", "repeated_parameter", "cursor_invalid", "page_size_invalid")
        if self.method == "POST" and self.get_request_serializer() is not None:
            add(400, *BODY_CODES)
            add(413, "body_too_large")
            add(415, "unsupported_media_type")
        for status, names in getattr(view, "problem_codes", {}).get(action, {}).items():
            add(status, *names)
        return codes
