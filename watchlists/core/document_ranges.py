"""Ranges of consecutive document numbers, mostly of stolen blanks: a prefix, then digits of one width."""

import re
from dataclasses import dataclass

from travelers.core.numbers import normalise_document_number

NUMBER_MAX = 24
# what fits into eight bytes with its sign
DIGITS_MOST = 18
DOCUMENT_KINDS = ("PASSPORT", "ID_CARD", "VISA", "RESIDENCE", "OTHER")
DOCUMENT_STATUSES = ("STOLEN", "LOST", "STOLEN_BLANK", "REVOKED", "INVALIDATED", "")
_SPLIT = re.compile(r"(.*?)([0-9]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class DocumentRange:
    """Numbers prefix + `width` digits, from first to latest, both included. issuing_state: as in the MRZ."""

    issuing_state: str
    prefix: str
    width: int
    first: int
    latest: int
    kind: str = "OTHER"
    status: str = "STOLEN_BLANK"

    def holds(self, document_number: str, issuing_state: str) -> bool:
        """Tell whether a presented number lies in the range. An unknown State, "", contradicts nothing."""
        parts = split_number(document_number)
        if parts is None or (issuing_state and self.issuing_state and issuing_state != self.issuing_state):
            return False
        prefix, width, value = parts
        return (prefix, width) == (self.prefix, self.width) and self.first <= value <= self.latest


class RangeRefused(ValueError):
    """Two numbers span no range. code: bad_number, different_prefix, different_length, reversed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def split_number(document_number: str) -> tuple[str, int, int] | None:
    """Return (prefix, count of final digits, their value) of a number; None where it ends in no digit or is too long."""
    number = normalise_document_number(document_number)
    found = _SPLIT.fullmatch(number)
    if found is None or len(number) > NUMBER_MAX or len(found.group(2)) > DIGITS_MOST:
        return None
    return found.group(1), len(found.group(2)), int(found.group(2))


def range_of(
    first: str, latest: str, *, issuing_state: str, kind: str = "OTHER", status: str = "STOLEN_BLANK"
) -> DocumentRange:
    """Return the range from one number to another, both included. Raises RangeRefused."""
    begin, end = split_number(first), split_number(latest)
    if begin is None or end is None:
        raise RangeRefused("bad_number")
    if begin[0] != end[0]:
        raise RangeRefused("different_prefix")
    if begin[1] != end[1]:
        raise RangeRefused("different_length")
    if end[2] < begin[2]:
        raise RangeRefused("reversed")
    return DocumentRange(issuing_state, begin[0], begin[1], begin[2], end[2], kind, status)
