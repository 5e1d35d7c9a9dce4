"""Parse the lines of a machine readable zone. Source: Doc 9303-3 to 9303-7, section 4 of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from biometrics.core.mrz.alphabet import ALPHABET, DIGITS, FILLER, LETTERS
from biometrics.core.mrz.checks import CheckDigit, compare_check_digits, long_number
from biometrics.core.mrz.dates import MrzDate, resolve_birth_date, resolve_expiry_date
from biometrics.core.mrz.layouts import FieldName, Layout, LayoutName, select_layout


class MrzFormatErrorCode(StrEnum):
    """Why a text is no machine readable zone."""

    WRONG_SIZE = "wrong_size"
    FOREIGN_CHARACTER = "foreign_character"
    BAD_DOCUMENT_CODE = "bad_document_code"
    CHARACTER_OUT_OF_PLACE = "character_out_of_place"


class MrzFormatError(ValueError):
    """The text is no machine readable zone. code says why, field where (None: the zone as a whole).

    The text itself is never part of the message.
    """

    def __init__(self, code: MrzFormatErrorCode, field: FieldName | None = None) -> None:
        super().__init__(code.value if field is None else f"{code.value}: {field.value}")
        self.code = code
        self.field = field


@dataclass(frozen=True, slots=True)
class Mrz:
    """The data elements of a zone, fillers taken off.

    issuing_state, nationality: as printed, without fillers ("D" for Germany); nationality "" if the layout
    has none. document_number: long numbers of TD1 and TD2 joined. Identifiers: words parted by one space; the
    secondary identifier may be "". names_truncated: the name fills its field, so that it may go on in the
    document. sex: "M", "F", "X" or "" (not specified, a filler in the zone). expiry_date: None if the layout
    has none. optional_data_2: the second optional element of TD1, else "".
    """

    layout: LayoutName
    document_code: str
    issuing_state: str
    document_number: str
    primary_identifier: str
    secondary_identifier: str
    names_truncated: bool
    nationality: str
    birth_date: MrzDate
    sex: str
    expiry_date: MrzDate | None
    optional_data: str
    optional_data_2: str
    check_digits: tuple[CheckDigit, ...]

    @property
    def all_check_digits_hold(self) -> bool:
        """Return whether every check digit holds. This is not acceptance: names and issuer have no digit."""
        return all(digit.holds for digit in self.check_digits)


ALLOWED_CHARACTERS: dict[FieldName, frozenset[str]] = {
    FieldName.ISSUING_STATE: frozenset(LETTERS + FILLER),
    FieldName.NATIONALITY: frozenset(LETTERS + FILLER),
    FieldName.NAMES: frozenset(LETTERS + FILLER),
    FieldName.PRIMARY_IDENTIFIER: frozenset(LETTERS + FILLER),
    FieldName.SECONDARY_IDENTIFIER: frozenset(LETTERS + FILLER),
    FieldName.BIRTH_DATE: frozenset(DIGITS + FILLER),
    FieldName.EXPIRY_DATE: frozenset(DIGITS + FILLER),
    FieldName.SEX: frozenset("MFX" + FILLER),
}
_ALPHABET_SET = frozenset(ALPHABET)


def split_mrz(text: str) -> tuple[str, ...]:
    """Cut a zone without line ends, as data group 1 of a chip holds it, into its lines.

    text: 88, 72 or 90 characters. Raises MrzFormatError for any other length. Source: Doc 9303-10, section
    4.7.1.
    """
    columns = {88: 44, 72: 36, 90: 30}.get(len(text))
    if columns is None:
        raise MrzFormatError(MrzFormatErrorCode.WRONG_SIZE)
    return tuple(text[start : start + columns] for start in range(0, len(text), columns))


def parse_mrz(lines: Sequence[str], *, at: datetime) -> Mrz:
    """Parse the lines of one zone.

    lines: two or three texts, exactly as read or printed, no line ends. at: aware time of capture, which
    settles the century of the dates. Returns Mrz, also where check digits fail or a date does not exist: that
    is for the checks to judge. Raises MrzFormatError if the size fits no layout or a character stands where
    its field cannot hold it.
    """
    zone = tuple(lines)
    if not all(_ALPHABET_SET.issuperset(line) for line in zone):
        raise MrzFormatError(MrzFormatErrorCode.FOREIGN_CHARACTER)
    layout = select_layout(zone)
    if layout is None:
        raise MrzFormatError(MrzFormatErrorCode.WRONG_SIZE)
    if zone[0][0] not in LETTERS:
        raise MrzFormatError(MrzFormatErrorCode.BAD_DOCUMENT_CODE, FieldName.DOCUMENT_CODE)
    for name, allowed in ALLOWED_CHARACTERS.items():
        if not allowed.issuperset(layout.text(zone, name)):
            raise MrzFormatError(MrzFormatErrorCode.CHARACTER_OUT_OF_PLACE, name)
    primary, secondary, truncated = _split_names(layout, zone)
    number, optional_data = _join_document_number(layout, zone)
    expiry = layout.text(zone, FieldName.EXPIRY_DATE)
    return Mrz(
        layout=layout.name,
        document_code=layout.text(zone, FieldName.DOCUMENT_CODE).rstrip(FILLER),
        issuing_state=layout.text(zone, FieldName.ISSUING_STATE).rstrip(FILLER),
        document_number=number,
        primary_identifier=primary,
        secondary_identifier=secondary,
        names_truncated=truncated,
        nationality=layout.text(zone, FieldName.NATIONALITY).rstrip(FILLER),
        birth_date=resolve_birth_date(layout.text(zone, FieldName.BIRTH_DATE), at),
        sex=layout.text(zone, FieldName.SEX).rstrip(FILLER),
        expiry_date=resolve_expiry_date(expiry, at) if expiry else None,
        optional_data=optional_data,
        optional_data_2=layout.text(zone, FieldName.OPTIONAL_DATA_2).rstrip(FILLER),
        check_digits=compare_check_digits(layout, zone),
    )


def _words(text: str) -> str:
    return " ".join(word for word in text.split(FILLER) if word)


def _split_names(layout: Layout, lines: tuple[str, ...]) -> tuple[str, str, bool]:
    """Return primary identifier, secondary identifier, and whether the name fills its field.

    Source: Doc 9303-3, section 4.6; two fillers part the identifiers, one filler parts words.
    """
    if FieldName.NAMES in layout.fields:
        names = layout.text(lines, FieldName.NAMES)
        primary, _, secondary = names.partition(FILLER * 2)
        return _words(primary), _words(secondary), names[-1] != FILLER
    primary = layout.text(lines, FieldName.PRIMARY_IDENTIFIER)
    secondary = layout.text(lines, FieldName.SECONDARY_IDENTIFIER)
    return _words(primary), _words(secondary), FILLER not in (primary[-1], secondary[-1])


def _join_document_number(layout: Layout, lines: tuple[str, ...]) -> tuple[str, str]:
    """Return the whole document number and the optional data without the number's rest."""
    number = layout.text(lines, FieldName.DOCUMENT_NUMBER)
    optional_data = layout.text(lines, FieldName.OPTIONAL_DATA)
    continued = long_number(lines, layout.checks[0])
    if continued is not None:
        number += continued.tail
        optional_data = optional_data[continued.cells_used :]
    return number.rstrip(FILLER), optional_data.rstrip(FILLER)
