"""What leaves the system as a table: plain text of marked-up cells, and no cell that a spreadsheet takes for a formula."""

import html
import re
from datetime import UTC, date, datetime
from typing import Any

CELL_LONGEST = 32_000
# what spreadsheets begin a formula with, in its wide forms too
_FORMULA = frozenset("=+-@＝＋－＠|%")
_SIGN = re.compile(r"<span[^>]*aria-hidden=\"true\"[^>]*>[^<]*</span>")
_BREAK = re.compile(r"<wbr\s*/?>")
_TAG = re.compile(r"<[^>]*>")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SPACE = re.compile(r"\s+")


def plain_text(markup: str) -> str:
    """Return the words of a marked-up cell, without the names of its signs. At most CELL_LONGEST characters."""
    bare = _TAG.sub(" ", _BREAK.sub("", _SIGN.sub("", markup)))
    return _cut(_SPACE.sub(" ", _CONTROL.sub("", html.unescape(bare))).strip())


def cell_of(value: Any, *, marked_up: bool = False) -> str | int | float:
    """Return a value as a cell: times in UTC and named so, numbers as numbers, nothing as an empty cell.

    marked_up: whether a text holds HTML, as the lists draw it.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, int | float):
        return value if value == value and abs(value) != float("inf") else ""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    text = plain_text(text) if marked_up else _cut(_CONTROL.sub("", text))
    return "" if text == "—" else text


def defuse(cell: str | int | float) -> str | int | float:
    """Return a cell for CSV that no spreadsheet runs: a text that begins like a formula gets an apostrophe before it.

    Source: OWASP, CSV injection.
    """
    if not isinstance(cell, str):
        return cell
    begun = cell.lstrip(" \t\r\n\u00a0\ufeff")
    dangerous = (bool(begun) and begun[0] in _FORMULA) or cell[:1] in ("\t", "\r", "\n")
    return f"'{cell}" if dangerous else cell


def _cut(text: str) -> str:
    return text if len(text) <= CELL_LONGEST else text[: CELL_LONGEST - 1] + "…"
