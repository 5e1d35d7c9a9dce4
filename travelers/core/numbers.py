"""Document numbers in the one form in which they are compared and kept."""

_SEPARATORS = str.maketrans("", "", "< -./\t\n\r\u00a0\u2010\u2011\u2012\u2013")


def normalise_document_number(number: str) -> str:
    """Return the number in upper case without fillers, spaces, hyphens, dots and slashes.

    number: any text. The MRZ writes every separator of the printed number as a filler. Source: Doc 9303-3,
    section 4.1.
    """
    return number.upper().translate(_SEPARATORS)
