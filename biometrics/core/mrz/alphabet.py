"""The 37 characters of the machine readable zone and their check digit.

Source: ICAO Doc 9303-3, sections 4.3 and 4.9.
"""

import itertools
import operator

ALPHABET = "<0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FILLER = "<"
DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WEIGHTS = (7, 3, 1)

VALUES: dict[str, int] = {
    FILLER: 0,
    **{digit: int(digit) for digit in DIGITS},
    **{letter: 10 + index for index, letter in enumerate(LETTERS)},
}


_NO_VALUE = 255
_VALUE_OF_BYTE = bytes(VALUES.get(chr(code), _NO_VALUE) for code in range(256))
# longer than any zone; other texts take the slower way
_WEIGHTS_IN_A_ROW = bytes(WEIGHTS) * 40


def weighted_sum(text: str, first_index: int = 0) -> int:
    """Return the sum of character values times 7, 3, 1 repeating, not yet reduced.

    text: characters of ALPHABET, any length. first_index: how many characters precede text under the same
    digit. Raises KeyError for any other character. Source: Doc 9303-3, section 4.9.
    """
    values = text.encode("ascii", "replace").translate(_VALUE_OF_BYTE)
    if _NO_VALUE in values:
        raise KeyError("a character outside the alphabet")
    weights = _WEIGHTS_IN_A_ROW[first_index % 3 :]
    if len(values) <= len(weights):
        return sum(map(operator.mul, values, weights))
    return sum(map(operator.mul, values, itertools.cycle(weights[:3])))


def digit_of_values(values: bytes) -> str:
    """Return the check digit of character values in order, 0 to 35 each, as one character.

    All characters of one weight are summed together: half the time of a product a character.
    """
    return DIGITS[(7 * sum(values[::3]) + 3 * sum(values[1::3]) + sum(values[2::3])) % 10]


def values_of(text: str) -> bytes:
    """Return the value of each character of text. text: characters of ALPHABET, else the values mean nothing."""
    return text.encode("ascii", "replace").translate(_VALUE_OF_BYTE)


def check_digit(text: str) -> str:
    """Return the check digit of text as one character, "0" to "9".

    text: characters of ALPHABET. Raises KeyError for any other character. Source: Doc 9303-3, section 4.9.
    """
    return DIGITS[weighted_sum(text) % 10]
