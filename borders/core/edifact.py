"""UN/EDIFACT interchanges cut into segments, strictly and within bounds. Source: ISO 9735-1, syntax versions 1 to 4.

Whole segments are split at once: pydifact, which goes character by character, is the reference in the tests.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

OCTETS_MOST = 2 * 1024 * 1024
SEGMENTS_MOST = 80_000
SEGMENT_LONGEST = 2000
_DEFAULT = "+:?'"
_TAG = re.compile(r"[A-Z]{3}")
# level A to C of ISO 9735 in its octets; passengers' names come in these or in UTF-8
_CHARSETS = {"UNOA": "ascii", "UNOB": "ascii", "UNOC": "latin-1", "UNOW": "utf-8", "UNOY": "utf-8"}


class EdifactRefused(ValueError):
    """The interchange cannot be read. code: stable; segment: which, as "14 (DTM)", "" for the whole. Never a value."""

    def __init__(self, code: str, segment: str = ""):
        super().__init__(f"{code}: {segment}" if segment else code)
        self.code = code
        self.segment = segment


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment. number: from 1, UNA not counted. elements: each a tuple of its components, "" where left out."""

    number: int
    tag: str
    elements: tuple[tuple[str, ...], ...]

    @property
    def place(self) -> str:
        """Return how an error names this segment."""
        return f"{self.number} ({self.tag})"

    def at(self, element: int, component: int = 0) -> str:
        """Return a component, "" where the segment ends before it."""
        if element >= len(self.elements) or component >= len(self.elements[element]):
            return ""
        return self.elements[element][component].strip()


def read_segments(content: bytes) -> list[Segment]:
    """Return the segments of an interchange. content: at most OCTETS_MOST, with or without UNA.

    Raises EdifactRefused: too_large, not_edifact, bad_separators, bad_characters, not_terminated, too_many_segments,
    segment_too_long, bad_tag, bad_escape.
    """
    if len(content) > OCTETS_MOST:
        raise EdifactRefused("too_large")
    text = _decode(content)
    element, component, release, end = tuple(_DEFAULT)
    if text.startswith("UNA"):
        if len(text) < 9:
            raise EdifactRefused("bad_separators")
        component, element, _, release, _, end = tuple(text[3:9])
        used = (element, component, end) if release == " " else (element, component, end, release)
        if len(set(used)) != len(used) or any(c.isalnum() or c in " \r\n" for c in used):
            raise EdifactRefused("bad_separators")
        text = text[9:]
    text = text.lstrip("\r\n")
    if not text.startswith("UNB"):
        raise EdifactRefused("not_edifact")
    return list(_cut(text, element, component, release, end))


def _decode(content: bytes) -> str:
    head = content[:64].decode("latin-1")
    level = re.search(r"UN[A-Z]{2}(?=[^A-Z])", head[head.find("UNB") + 3 :] if "UNB" in head else "")
    try:
        return content.decode(_CHARSETS.get(level.group() if level else "", "ascii"))
    except UnicodeDecodeError:
        raise EdifactRefused("bad_characters") from None


def _cut(text: str, element: str, component: str, release: str, end: str) -> Iterator[Segment]:
    released = re.escape(release) if release != " " else ""
    # a released character is whatever follows the release character, itself too
    piece = rf"(?:{released}.|[^{re.escape(end)}{released}])" if released else rf"[^{re.escape(end)}]"
    pattern = re.compile(rf"({piece}{{0,{SEGMENT_LONGEST}}}){re.escape(end)}[\r\n]*", re.DOTALL)
    at = number = 0
    while at < len(text):
        number += 1
        if number > SEGMENTS_MOST:
            raise EdifactRefused("too_many_segments")
        found = pattern.match(text, at)
        if found is None:
            is_long = end in text[at + SEGMENT_LONGEST :]
            raise EdifactRefused("segment_too_long" if is_long else "not_terminated", str(number))
        at = found.end()
        elements = _split(found.group(1), element, release)
        tag = elements[0]
        if not _TAG.fullmatch(tag):
            raise EdifactRefused("bad_tag", str(number))
        parts = tuple(
            tuple(_release(c, release) for c in _split(value, component, release)) for value in elements[1:]
        )
        if any(not c.isprintable() for value in parts for c in value):
            raise EdifactRefused("bad_characters", f"{number} ({tag})")
        yield Segment(number, tag, parts)


def _split(text: str, separator: str, release: str) -> list[str]:
    if release == " " or release not in text:
        return text.split(separator)
    return (
        re.split(rf"(?<!{re.escape(release)}){re.escape(separator)}", text)
        if release * 2 not in text
        else (_split_slowly(text, separator, release))
    )


def _split_slowly(text: str, separator: str, release: str) -> list[str]:
    """Split a text in which the release character releases itself."""
    pieces, begun, at = [], 0, 0
    while at < len(text):
        if text[at] == release:
            at += 1
        elif text[at] == separator:
            pieces.append(text[begun:at])
            begun = at + 1
        at += 1
    return [*pieces, text[begun:]]


def _release(text: str, release: str) -> str:
    return text if release == " " or release not in text else re.sub(rf"{re.escape(release)}(.)", r"\1", text)
