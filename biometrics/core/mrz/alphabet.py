"""The 37 characters of the machine readable zone and their check digit.

Source: ICAO Doc 9303-3, sections 4.3 and 4.9.
"""

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


def weighted_sum(text: str, first_index: int = 0) -> int:
    """Return the sum of character values times 7, 3, 1 repeating, not yet reduced.

    text: characters of ALPHABET, any length. first_index: how many characters precede text under the same
    digit. Raises KeyError for any other character. Source: Doc 9303-3, section 4.9.
    """
    return sum(VALUES[character] * WEIGHTS[(first_index + i) % 3] for i, character in enumerate(text))


def check_digit(text: str) -> str:
    """Return the check digit of text as one character, "0" to "9".

    text: characters of ALPHABET. Raises KeyError for any other character. Source: Doc 9303-3, section 4.9.
    """
    return DIGITS[weighted_sum(text) % 10]
