"""Parse the lines of a machine readable zone. Source: Doc 9303-3 to 9303-7, section 4 of each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from biometrics.core.mrz.alphabet import ALPHABET, DIGITS, FILLER, LETTERS
from biometrics.core.mrz.checks import CheckDigit, compare_check_digits, long_number
from biometrics.core.mrz.dates import MrzDate, resolve_birth_date, resolve_expiry_date
from biometrics.core.mrz.layouts import ALL_LAYOUTS, FieldName, Layout, LayoutName, select_layout


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
    document. birth_date: UNKNOWN with raw "" if the layout has none. sex: "M", "F", "X" or "" (not specified,
    a filler in the zone). expiry_date: None if the layout has none. optional_data_2: the second optional
    element of TD1, else "".
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
        """Return whether there are check digits and every one holds.

        This is not acceptance: names and issuer have no digit.
        """
        return bool(self.check_digits) and all(digit.holds for digit in self.check_digits)


LETTER_OR_FILLER, DIGIT_OR_FILLER = f"[{LETTERS}{FILLER}]", f"[{DIGITS}{FILLER}]"
ALLOWED_CHARACTERS: dict[FieldName, str] = {
    FieldName.ISSUING_STATE: LETTER_OR_FILLER,
    FieldName.NATIONALITY: LETTER_OR_FILLER,
    FieldName.NAMES: LETTER_OR_FILLER,
    FieldName.PRIMARY_IDENTIFIER: LETTER_OR_FILLER,
    FieldName.SECONDARY_IDENTIFIER: LETTER_OR_FILLER,
    FieldName.BIRTH_DATE: DIGIT_OR_FILLER,
    FieldName.EXPIRY_DATE: DIGIT_OR_FILLER,
    FieldName.SEX: f"[MFX{FILLER}]",
}
_ALPHABET_SET = frozenset(ALPHABET)


# the order of the groups in an expression
FIELD_ORDER: tuple[FieldName, ...] = tuple(name for name in FieldName if name is not FieldName.COMPOSITE)


@dataclass(frozen=True, slots=True)
class _Grammar:
    """A layout and the expression that its joined lines match when no character is out of place.

    groups: the numbers of the groups that hold the fields, in FIELD_ORDER; a field that the layout lacks has an
    empty group at the end.
    """

    layout: Layout
    prefix_line: int
    expression: re.Pattern[str]
    groups: tuple[int, ...]


def _compile_grammar(layout: Layout) -> _Grammar:
    cells = [f"[{ALPHABET}]"] * sum(layout.widths)
    first_cells = [sum(layout.widths[:line]) for line in range(layout.rows)]
    starts: dict[int, str] = {}
    stops: set[int] = set()
    for name, span in layout.fields.items():
        start, stop = first_cells[span.line] + span.start, first_cells[span.line] + span.stop
        cells[start:stop] = [ALLOWED_CHARACTERS.get(name, cells[start])] * (stop - start)
        if name is FieldName.DOCUMENT_CODE:
            cells[start] = f"[{LETTERS}]"
        starts[start] = name.value
        stops.add(stop)
    parts = []
    for position, cell in enumerate(cells):
        parts.append(")" if position in stops else "")
        parts.append(f"(?P<{starts[position]}>" if position in starts else "")
        parts.append(cell)
    parts.append(")" if len(cells) in stops else "")
    parts += [f"(?P<{name.value}>)" for name in FIELD_ORDER if name not in layout.fields]
    expression = re.compile("".join(parts))
    code_line = layout.fields[FieldName.DOCUMENT_CODE].line
    return _Grammar(
        layout, code_line, expression, tuple(expression.groupindex[name.value] for name in FIELD_ORDER)
    )


_GRAMMARS: dict[tuple[int, ...], tuple[_Grammar, ...]] = {
    widths: tuple(_compile_grammar(layout) for layout in ALL_LAYOUTS if layout.widths == widths)
    for widths in {layout.widths for layout in ALL_LAYOUTS}
}


def _match(zone: tuple[str, ...]) -> tuple[Layout, tuple[str, ...]] | None:
    """Return the layout of a zone and its fields in FIELD_ORDER, None if it is to be refused."""
    for grammar in _GRAMMARS.get(tuple(map(len, zone)), ()):
        prefixes = grammar.layout.prefixes
        if not prefixes or zone[grammar.prefix_line].startswith(prefixes):
            match = grammar.expression.fullmatch("".join(zone))
            return None if match is None else (grammar.layout, match.group(*grammar.groups))
    return None


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

    lines: one to three texts, exactly as read or printed, no line ends. at: aware time of capture, which
    settles the century of the dates. Returns Mrz, also where check digits fail or a date does not exist: that
    is for the checks to judge. Raises MrzFormatError if the size fits no layout or a character stands where
    its field cannot hold it. The slow plain twin is tests/reference/mrz_parse_plain.py.
    """
    zone = tuple(lines)
    try:
        found = _match(zone)
    except (TypeError, AttributeError):
        # bytes, or something else than texts
        found = None
    if found is None:
        raise _explain_refusal(zone)
    layout, fields = found
    (
        code,
        issuer,
        names,
        primary,
        secondary,
        number,
        nationality,
        birth,
        sex,
        expiry,
        optional,
        optional_2,
    ) = fields
    truncated = primary[-1:] != FILLER and secondary[-1:] != FILLER
    if names:
        # two fillers part the identifiers, one filler parts words. Source: Doc 9303-3, section 4.6
        primary, _, secondary = names.partition(FILLER * 2)
        truncated = names[-1] != FILLER
    # the first rule is the document number's; a layout without digits knows no long numbers
    continued = long_number(zone, layout.checks[0]) if layout.checks else None
    if continued is not None:
        number, optional = number + continued.tail, optional[continued.cells_used :]
    return Mrz(
        layout.name,
        code.rstrip(FILLER),
        issuer.rstrip(FILLER),
        number.rstrip(FILLER),
        _words(primary),
        _words(secondary),
        truncated,
        nationality.rstrip(FILLER),
        resolve_birth_date(birth, at),
        sex.rstrip(FILLER),
        resolve_expiry_date(expiry, at) if expiry else None,
        optional.rstrip(FILLER),
        optional_2.rstrip(FILLER),
        compare_check_digits(layout, zone),
    )


def _explain_refusal(zone: tuple[object, ...]) -> MrzFormatError:
    """Return why a zone is refused: foreign characters first, then size, then the first field at fault."""
    texts = tuple(line for line in zone if isinstance(line, str))
    if len(texts) < len(zone) or not all(_ALPHABET_SET.issuperset(line) for line in texts):
        return MrzFormatError(MrzFormatErrorCode.FOREIGN_CHARACTER)
    layout = select_layout(texts)
    if layout is None:
        return MrzFormatError(MrzFormatErrorCode.WRONG_SIZE)
    if layout.text(texts, FieldName.DOCUMENT_CODE)[0] not in LETTERS:
        return MrzFormatError(MrzFormatErrorCode.BAD_DOCUMENT_CODE, FieldName.DOCUMENT_CODE)
    for name, allowed in ALLOWED_CHARACTERS.items():
        if re.fullmatch(f"{allowed}*", layout.text(texts, name)) is None:
            return MrzFormatError(MrzFormatErrorCode.CHARACTER_OUT_OF_PLACE, name)
    raise AssertionError("a refused zone has a reason")  # the grammar is made of the rules above


def _words(text: str) -> str:
    return " ".join(text.replace(FILLER, " ").split())
