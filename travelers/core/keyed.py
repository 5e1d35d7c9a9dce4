"""What an officer keys when a machine could not read it, or when there is no document."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import date

from travelers.core.numbers import normalise_document_number

NAME_MAX = 120
NUMBER_MAX = 24
SEXES = ("M", "F", "X", "")


class KeyedFieldsRefused(ValueError):
    """A keyed value cannot stand in its field.

    code: stable; field: its name. The value is not in the message.
    """

    def __init__(self, code: str, field: str) -> None:
        super().__init__(f"{code}: {field}")
        self.code = code
        self.field = field


@dataclass(frozen=True, slots=True)
class KeyedFields:
    """The holder and, if there is one, the document, as keyed.

    document_code, issuing_state, document_number, expiry_date: empty for a person without a document. Names:
    any script, at most 120 characters. nationality, issuing_state: up to three letters as in the MRZ ("D" for
    Germany), or empty. sex: "M", "F", "X" or "" (unspecified). Source: Doc 9303-3 sections 4 and 5 for the
    values.
    """

    document_code: str = ""
    issuing_state: str = ""
    document_number: str = ""
    primary_identifier: str = ""
    secondary_identifier: str = ""
    nationality: str = ""
    birth_date: date | None = None
    sex: str = ""
    expiry_date: date | None = None


def normalise_keyed(fields: KeyedFields) -> KeyedFields:
    """Return the fields in the form in which they are kept: upper case, single spaces, the number without
    separators.

    Raises KeyedFieldsRefused: required (no name), too_long, bad_characters, bad_code, bad_sex.
    """
    primary = _normalise_name(fields.primary_identifier, "primary_identifier")
    if not primary:
        raise KeyedFieldsRefused("required", "primary_identifier")
    number = normalise_document_number(fields.document_number)
    if len(number) > NUMBER_MAX:
        raise KeyedFieldsRefused("too_long", "document_number")
    if number and not (number.isascii() and number.isalnum()):
        raise KeyedFieldsRefused("bad_characters", "document_number")
    sex = fields.sex.strip().upper()
    if sex not in SEXES:
        raise KeyedFieldsRefused("bad_sex", "sex")
    return replace(
        fields,
        document_code=_normalise_code(fields.document_code, "document_code", 2),
        issuing_state=_normalise_code(fields.issuing_state, "issuing_state", 3),
        document_number=number,
        primary_identifier=primary,
        secondary_identifier=_normalise_name(fields.secondary_identifier, "secondary_identifier"),
        nationality=_normalise_code(fields.nationality, "nationality", 3),
        sex=sex,
    )


def _normalise_name(text: str, field: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", text).upper().split())
    if len(name) > NAME_MAX:
        raise KeyedFieldsRefused("too_long", field)
    if any(unicodedata.category(character) in ("Cc", "Cs", "Cn", "Co") for character in name):
        raise KeyedFieldsRefused("bad_characters", field)
    return name


def _normalise_code(text: str, field: str, width: int) -> str:
    code = text.strip().upper().rstrip("<")
    if len(code) > width:
        raise KeyedFieldsRefused("bad_code", field)
    # the second character of a document code may be a digit (older cards)
    letters = code[:1] if field == "document_code" else code
    if code and not (code.isascii() and code.isalnum() and letters.isalpha()):
        raise KeyedFieldsRefused("bad_code", field)
    return code
