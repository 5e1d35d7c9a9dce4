"""JSON read strictly: small, shallow, each key once, no NaN. Anything else is refused with a code before it is built."""

import codecs
import json
import re
from typing import IO, Any, NoReturn

from rest_framework.parsers import BaseParser

from audit.api.problems import Problem

MAX_JSON_BYTES = 64 * 1024
MAX_JSON_DEPTH = 12
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


def parse_json(content: bytes, *, limit: int = MAX_JSON_BYTES) -> Any:
    """Return the value of a JSON text.

    content: UTF-8, at most limit bytes, nested at most MAX_JSON_DEPTH. Raises Problem: body_too_large (413), or 400 with
    json_malformed, json_too_deep, json_duplicate_key, json_not_finite. Source: RFC 8259 sections 4, 6 and 8.1.
    """
    if len(content) > limit:
        raise Problem("body_too_large", 413, "The JSON is larger than allowed.", limit_bytes=limit)
    if _depth(content) > MAX_JSON_DEPTH:
        raise Problem("json_too_deep", 400, "The JSON is nested deeper than allowed.", limit=MAX_JSON_DEPTH)
    try:
        # a text with a lone half of a surrogate pair parses, and is refused field by field
        return json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except ValueError as error:
        raise Problem("json_malformed", 400, "The text is not JSON in UTF-8.") from error


def _depth(content: bytes) -> int:
    deepest = depth = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", content)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    built = dict(pairs)
    if len(built) != len(pairs):
        raise Problem("json_duplicate_key", 400, "A key occurs twice in one object.")
    return built


def _refuse_constant(name: str) -> NoReturn:
    raise Problem("json_not_finite", 400, "NaN and infinities are not JSON.")


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise Problem("json_not_finite", 400, "A number is too large.")
    return value


def read_bounded(stream: IO[bytes], *, declared: int, limit: int) -> bytes:
    """Return the whole body, or refuse it: unread when its declared length is over the limit."""
    if declared > limit:
        raise Problem("body_too_large", 413, "The body is larger than allowed.", limit_bytes=limit)
    return stream.read(limit + 1)


def declared_length(parser_context: dict[str, Any] | None) -> int:
    """Return the Content-Length of the request; 0 when it is missing or no number."""
    text = parser_context["request"].META.get("CONTENT_LENGTH", "") if parser_context else ""
    return int(text) if text.isdecimal() else 0


class StrictJSONParser(BaseParser):
    """`application/json` by parse_json. The value must be an object."""

    media_type = "application/json"
    max_bytes = MAX_JSON_BYTES

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None
    ) -> dict[str, Any]:
        content = read_bounded(stream, declared=declared_length(parser_context), limit=self.max_bytes)
        value = parse_json(content.removeprefix(codecs.BOM_UTF8), limit=self.max_bytes)
        if not isinstance(value, dict):
            raise Problem("json_not_an_object", 400, "The body must be a JSON object.")
        return value
