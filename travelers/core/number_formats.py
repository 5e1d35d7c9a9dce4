"""Formats of document numbers, written so that people can read them."""

import functools
import re

_CLASSES = {"A": "[A-Z]", "9": "[0-9]", "X": "[A-Z0-9]"}
_TOKEN = re.compile(r"\[[A-Z0-9-]+\](?:\{[0-9]+\})?|[A9X]|[B-WYZ]")


class NumberFormatError(ValueError):
    """A format that is none."""


@functools.cache
def compile_format(written: str) -> re.Pattern[str]:
    """Return the pattern of a format: A letter, 9 digit, X either, another letter itself, [SET] and [SET]{n}.

    written: such as "AA9999999" or "[CFGHJK0-9]{9}". Raises NumberFormatError.
    """
    tokens = _TOKEN.findall(written)
    if not tokens or "".join(tokens) != written:
        raise NumberFormatError
    return re.compile("".join(_CLASSES.get(token, token) for token in tokens))


def fits_any(document_number: str, formats: tuple[str, ...]) -> bool:
    """Tell whether a number without separators fits one of the formats."""
    return any(compile_format(written).fullmatch(document_number) for written in formats)


def number_key(document_number: str) -> tuple[int, str, int]:
    """Return the order of a number within its series: length, letters and other text before the last digits, digits.

    document_number: without separators. Numbers of one series differ in their last digits.
    """
    match = re.fullmatch(r"(.*?)([0-9]*)", document_number)
    prefix, digits = match.groups() if match else (document_number, "")
    return len(document_number), prefix, int(digits or 0)


def lies_between(document_number: str, first: str, last: str) -> bool:
    """Tell whether a number lies in a range of numbers of the same length and the same letters.

    All without separators. A range whose ends differ in length or letters holds the two ends alone.
    """
    number, low, high = number_key(document_number), number_key(first), number_key(last)
    if low[:2] != high[:2]:
        return document_number in (first, last)
    return number[:2] == low[:2] and low[2] <= number[2] <= high[2]
