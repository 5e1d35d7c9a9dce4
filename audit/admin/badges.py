"""Small marks that say the same in a word, a sign and a colour, so that nobody depends on one of them."""

from enum import StrEnum
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString


class Tone(StrEnum):
    """How a mark looks. Its word and its sign carry the meaning."""

    GOOD = "good"
    BAD = "bad"
    WARN = "warn"
    NOTE = "note"
    QUIET = "quiet"


SIGNS = {
    Tone.GOOD: "check_circle",
    Tone.BAD: "flag",
    Tone.WARN: "error",
    Tone.NOTE: "info",
    Tone.QUIET: "remove",
}


def badge(word: Any, tone: Tone, sign: str = "") -> SafeString:
    """Return a mark. sign: name of a Material Symbol, by default that of the tone."""
    return format_html(
        '<span class="mark mark-{}"><span class="material-symbols-outlined" aria-hidden="true">{}</span>{}</span>',
        tone.value,
        sign or SIGNS[tone],
        word,
    )
