"""JSON of lists: objects without repeated names, without NaN, not too deep."""

import json
from typing import Any, NoReturn

from watchlists.core.importers.drafts import RowRefused

DEPTH_MAX = 20


def parse_object(text: str) -> dict[str, Any]:
    """Return the object of a JSON text. Raises RowRefused: bad_json, too_deep, not_an_object, repeated_name, bad_text."""
    if _depth(text) > DEPTH_MAX:
        raise RowRefused("too_deep", "row")
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        if isinstance(error, RowRefused):
            raise
        raise RowRefused("bad_json", "row") from None
    if not isinstance(value, dict):
        raise RowRefused("not_an_object", "row")
    # \ud800 alone is valid JSON and no character
    if "\\u" in text and not _is_text(value):
        raise RowRefused("bad_text", "row")
    return value


def _depth(text: str) -> int:
    """Return how deep the brackets of a text go, those in strings counted too: an upper bound for the parser."""
    deepest = depth = 0
    for character in text:
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise RowRefused("repeated_name", "row")
    return found


def _no_constant(_: str) -> NoReturn:
    raise RowRefused("bad_json", "row")


def _is_text(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, dict):
        return all(_is_text(name) and _is_text(inner) for name, inner in value.items())
    if isinstance(value, list):
        return all(_is_text(inner) for inner in value)
    return True
