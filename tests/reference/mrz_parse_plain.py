"""The plain parser that parse_mrz is compared with: field by field, digit by digit, no shortcut."""

from collections.abc import Sequence
from datetime import datetime

from biometrics.core.mrz.alphabet import ALPHABET, DIGITS, FILLER, LETTERS, VALUES, WEIGHTS
from biometrics.core.mrz.checks import CheckDigit, long_number
from biometrics.core.mrz.dates import resolve_birth_date, resolve_expiry_date
from biometrics.core.mrz.layouts import ALL_LAYOUTS, CheckRule, FieldName, Layout
from biometrics.core.mrz.parse import Mrz, MrzFormatError, MrzFormatErrorCode

LETTER_FIELDS = (
    FieldName.ISSUING_STATE,
    FieldName.NATIONALITY,
    FieldName.NAMES,
    FieldName.PRIMARY_IDENTIFIER,
    FieldName.SECONDARY_IDENTIFIER,
)
ALLOWED: dict[FieldName, str] = {
    **dict.fromkeys(LETTER_FIELDS, LETTERS + FILLER),
    FieldName.BIRTH_DATE: DIGITS + FILLER,
    FieldName.EXPIRY_DATE: DIGITS + FILLER,
    FieldName.SEX: "MFX" + FILLER,
}


def check_digit_plain(text: str) -> str:
    """Return the check digit of text. Source: Doc 9303-3, section 4.9."""
    return str(sum(VALUES[text[i]] * WEIGHTS[i % 3] for i in range(len(text))) % 10)


def compare_plain(lines: tuple[str, ...], rule: CheckRule) -> CheckDigit:
    """Return one check digit, printed and computed."""
    printed = lines[rule.cell[0]][rule.cell[1]]
    covered = "".join(lines[line][position] for line, position in rule.covered_cells())
    continued = long_number(lines, rule)
    if continued is not None:
        printed, covered = continued.digit, covered + continued.tail
    computed = check_digit_plain(covered)
    holds = printed == computed
    if printed == FILLER and rule.filler_if_empty:
        holds = set(covered) == {FILLER}
    return CheckDigit(rule.field, printed, computed, holds)


def select_plain(lines: tuple[str, ...]) -> Layout | None:
    """Return the first layout of the lines' size whose prefix they have."""
    for layout in ALL_LAYOUTS:
        sizes = [len(mask) for mask in layout.masks]
        if [len(line) for line in lines] != sizes:
            continue
        begun = lines[layout.fields[FieldName.DOCUMENT_CODE].line]
        if not layout.prefixes or any(begun.startswith(prefix) for prefix in layout.prefixes):
            return layout
    return None


def words(text: str) -> str:
    """Return the words between fillers, parted by one space."""
    return " ".join(word for word in text.split(FILLER) if word)


def parse_plain(given: Sequence[str], *, at: datetime) -> Mrz:
    """Parse a zone as parse_mrz does, slowly."""
    lines = tuple(given)
    if any(character not in list(ALPHABET) for line in lines for character in line):
        raise MrzFormatError(MrzFormatErrorCode.FOREIGN_CHARACTER)
    layout = select_plain(lines)
    if layout is None:
        raise MrzFormatError(MrzFormatErrorCode.WRONG_SIZE)
    if layout.text(lines, FieldName.DOCUMENT_CODE)[0] not in LETTERS:
        raise MrzFormatError(MrzFormatErrorCode.BAD_DOCUMENT_CODE, FieldName.DOCUMENT_CODE)
    for name, allowed in ALLOWED.items():
        if any(character not in allowed for character in layout.text(lines, name)):
            raise MrzFormatError(MrzFormatErrorCode.CHARACTER_OUT_OF_PLACE, name)

    def text(name: FieldName) -> str:
        return layout.text(lines, name).rstrip(FILLER)

    names = layout.text(lines, FieldName.NAMES)
    if names:
        primary, _, secondary = names.partition("<<")
        truncated = not names.endswith(FILLER)
    else:
        primary = layout.text(lines, FieldName.PRIMARY_IDENTIFIER)
        secondary = layout.text(lines, FieldName.SECONDARY_IDENTIFIER)
        truncated = not primary.endswith(FILLER) and not secondary.endswith(FILLER)
    number = layout.text(lines, FieldName.DOCUMENT_NUMBER)
    optional_data = layout.text(lines, FieldName.OPTIONAL_DATA)
    continued = long_number(lines, layout.checks[0]) if layout.checks else None
    if continued is not None:
        number, optional_data = number + continued.tail, optional_data[continued.cells_used :]
    expiry = layout.text(lines, FieldName.EXPIRY_DATE)
    return Mrz(
        layout=layout.name,
        document_code=text(FieldName.DOCUMENT_CODE),
        issuing_state=text(FieldName.ISSUING_STATE),
        document_number=number.rstrip(FILLER),
        primary_identifier=words(primary),
        secondary_identifier=words(secondary),
        names_truncated=truncated,
        nationality=text(FieldName.NATIONALITY),
        birth_date=resolve_birth_date(layout.text(lines, FieldName.BIRTH_DATE), at),
        sex=text(FieldName.SEX),
        expiry_date=resolve_expiry_date(expiry, at) if expiry else None,
        optional_data=optional_data.rstrip(FILLER),
        optional_data_2=text(FieldName.OPTIONAL_DATA_2),
        check_digits=tuple(compare_plain(lines, rule) for rule in layout.checks),
    )
