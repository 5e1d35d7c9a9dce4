"""Build the lines of a machine readable zone with right check digits, to print specimen pages and for tests.

Source: Doc 9303-4 to 9303-7, section 4.2.
"""

from biometrics.core.mrz.alphabet import ALPHABET, FILLER, check_digit
from biometrics.core.mrz.names import transliterate


class MrzBuildError(ValueError):
    """A value does not fit its field. field names the argument."""

    def __init__(self, field: str) -> None:
        super().__init__(f"the value does not fit the field {field}")
        self.field = field


def _fill(text: str, width: int, field: str) -> str:
    upper = text.upper()
    if len(upper) > width or not set(upper) <= set(ALPHABET):
        raise MrzBuildError(field)
    return upper.ljust(width, FILLER)


def fit_names(primary_identifier: str, secondary_identifier: str, width: int) -> str:
    """Return the name field of width characters, cut where it is too long.

    Identifiers are transliterated. If the whole does not fit, the end is cut, but a secondary identifier
    keeps at least its first letter, and the last cell is a letter. Source: Doc 9303-4, sections 4.2.2 and
    4.2.3.
    """
    primary = transliterate(primary_identifier)
    secondary = transliterate(secondary_identifier)
    if not secondary:
        cut = primary[:width]
        return cut.rstrip(FILLER).ljust(width, FILLER)
    room = width - 3
    primary = primary[:room].rstrip(FILLER)
    return f"{primary}{FILLER * 2}{secondary}".ljust(width, FILLER)[:width]


def _number_cells(document_number: str, optional_data: str, optional_width: int) -> tuple[str, str]:
    """Return the ten cells of number and digit, and the optional data, with a long number continued there.

    Source: Doc 9303-5 and 9303-6, section 4.2.2, note j.
    """
    number = document_number.upper().replace(" ", FILLER)
    if len(number) <= 9:
        cells = _fill(number, 9, "document_number")
        return cells + check_digit(cells), _fill(optional_data, optional_width, "optional_data")
    number = _fill(number, 9 + optional_width - 2, "document_number").rstrip(FILLER)
    tail = number[9:] + check_digit(number) + FILLER
    return number[:9] + FILLER, _fill(tail + optional_data, optional_width, "optional_data")


def _dates(birth_date: str, sex: str, expiry_date: str) -> str:
    birth = _fill(birth_date, 6, "birth_date")
    expiry = _fill(expiry_date, 6, "expiry_date")
    return birth + check_digit(birth) + _fill(sex, 1, "sex") + expiry + check_digit(expiry)


def build_td3(
    *,
    document_code: str,
    issuing_state: str,
    primary_identifier: str,
    secondary_identifier: str,
    document_number: str,
    nationality: str,
    birth_date: str,
    sex: str,
    expiry_date: str,
    optional_data: str = "",
) -> tuple[str, str]:
    """Return the two lines of 44 characters of a passport.

    birth_date, expiry_date: YYMMDD, birth parts not known as fillers. sex: "M", "F" or "" for not specified.
    An empty optional element gets a filler as its digit. Raises MrzBuildError, TransliterationError.
    Source: Doc 9303-4, section 4.2.2.
    """
    line_1 = _fill(document_code, 2, "document_code") + _fill(issuing_state, 3, "issuing_state")
    line_1 += fit_names(primary_identifier, secondary_identifier, 39)
    number = _fill(document_number, 9, "document_number")
    optional = _fill(optional_data, 14, "optional_data")
    optional_digit = check_digit(optional) if optional.strip(FILLER) else FILLER
    line_2 = number + check_digit(number) + _fill(nationality, 3, "nationality")
    line_2 += _dates(birth_date, sex, expiry_date) + optional + optional_digit
    return line_1, line_2 + check_digit(line_2[:10] + line_2[13:20] + line_2[21:43])


def build_td2(
    *,
    document_code: str,
    issuing_state: str,
    primary_identifier: str,
    secondary_identifier: str,
    document_number: str,
    nationality: str,
    birth_date: str,
    sex: str,
    expiry_date: str,
    optional_data: str = "",
) -> tuple[str, str]:
    """Return the two lines of 36 characters of a TD2 document. Arguments and errors as build_td3.

    A number of more than nine characters goes on in the optional data. Source: Doc 9303-6, section 4.2.2.
    """
    line_1 = _fill(document_code, 2, "document_code") + _fill(issuing_state, 3, "issuing_state")
    line_1 += fit_names(primary_identifier, secondary_identifier, 31)
    number, optional = _number_cells(document_number, optional_data, 7)
    line_2 = number + _fill(nationality, 3, "nationality") + _dates(birth_date, sex, expiry_date) + optional
    return line_1, line_2 + check_digit(line_2[:10] + line_2[13:20] + line_2[21:35])


def build_td1(
    *,
    document_code: str,
    issuing_state: str,
    primary_identifier: str,
    secondary_identifier: str,
    document_number: str,
    nationality: str,
    birth_date: str,
    sex: str,
    expiry_date: str,
    optional_data: str = "",
    optional_data_2: str = "",
) -> tuple[str, str, str]:
    """Return the three lines of 30 characters of a card. Arguments and errors as build_td3.

    A number of more than nine characters goes on in the optional data. Source: Doc 9303-5, section 4.2.2.
    """
    number, optional = _number_cells(document_number, optional_data, 15)
    line_1 = _fill(document_code, 2, "document_code") + _fill(issuing_state, 3, "issuing_state")
    line_1 += number + optional
    line_2 = _dates(birth_date, sex, expiry_date) + _fill(nationality, 3, "nationality")
    line_2 += _fill(optional_data_2, 11, "optional_data_2")
    line_2 += check_digit(line_1[5:] + line_2[:7] + line_2[8:15] + line_2[18:29])
    return line_1, line_2, fit_names(primary_identifier, secondary_identifier, 30)


def _build_visa(
    columns: int,
    document_code: str,
    issuing_state: str,
    names: tuple[str, str],
    document_number: str,
    nationality: str,
    dates: str,
    optional_data: str,
) -> tuple[str, str]:
    line_1 = _fill(document_code, 2, "document_code") + _fill(issuing_state, 3, "issuing_state")
    line_1 += fit_names(*names, columns - 5)
    number = _fill(document_number, 9, "document_number")
    line_2 = number + check_digit(number) + _fill(nationality, 3, "nationality") + dates
    return line_1, line_2 + _fill(optional_data, columns - 28, "optional_data")


def build_mrva(
    *,
    document_code: str,
    issuing_state: str,
    primary_identifier: str,
    secondary_identifier: str,
    document_number: str,
    nationality: str,
    birth_date: str,
    sex: str,
    expiry_date: str,
    optional_data: str = "",
) -> tuple[str, str]:
    """Return the two lines of 44 characters of a visa. Arguments and errors as build_td3.

    Source: Doc 9303-7, 4.2.2.
    """
    names = (primary_identifier, secondary_identifier)
    dates = _dates(birth_date, sex, expiry_date)
    return _build_visa(
        44, document_code, issuing_state, names, document_number, nationality, dates, optional_data
    )


def build_mrvb(
    *,
    document_code: str,
    issuing_state: str,
    primary_identifier: str,
    secondary_identifier: str,
    document_number: str,
    nationality: str,
    birth_date: str,
    sex: str,
    expiry_date: str,
    optional_data: str = "",
) -> tuple[str, str]:
    """Return the two lines of 36 characters of a visa. Arguments and errors as build_td3.

    Source: Doc 9303-7, 5.2.2.
    """
    names = (primary_identifier, secondary_identifier)
    dates = _dates(birth_date, sex, expiry_date)
    return _build_visa(
        36, document_code, issuing_state, names, document_number, nationality, dates, optional_data
    )
