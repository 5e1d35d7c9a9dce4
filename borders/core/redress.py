"""Requests to correct a record: which fields, until when to answer, who may decide, and in which order."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from audit.core.states import StateTable, Transition
from audit.core.times import is_in_range


class RecordType(StrEnum):
    """What a request is about."""

    TRAVELER = "TRAVELER"
    DOCUMENT = "DOCUMENT"
    STAY = "STAY"
    CROSSING = "CROSSING"


class Requester(StrEnum):
    """From whom a request comes. PARTNER: an authority or organisation that speaks for the person."""

    PERSON = "PERSON"
    REPRESENTATIVE = "REPRESENTATIVE"
    PARTNER = "PARTNER"


class CorrectionOutcome(StrEnum):
    """How a request ends."""

    GRANTED = "GRANTED"
    REFUSED = "REFUSED"


CORRECTION_STATES = StateTable(
    name="CorrectionRequest",
    states=("RECEIVED", "GRANTED", "REFUSED"),
    transitions=(
        Transition(
            "RECEIVED", "GRANTED", "a second person grants it: a correction is written beside the record"
        ),
        Transition("RECEIVED", "REFUSED", "a second person refuses it, with a reason"),
    ),
)

_NAME, _CODE, _DATE, _SEX, _TEXT = "name", "code", "date", "sex", "text"
# what may be asked to be changed, and what kind of value it takes
FIELDS: Mapping[RecordType, Mapping[str, str]] = MappingProxyType(
    {
        RecordType.TRAVELER: MappingProxyType(
            {
                "primary_identifier": _NAME,
                "secondary_identifier": _NAME,
                "birth_date": _DATE,
                "sex": _SEX,
                "nationality": _CODE,
            }
        ),
        RecordType.DOCUMENT: MappingProxyType({"expiry_date": _DATE}),
        RecordType.STAY: MappingProxyType({"exited_at": _DATE, "entered_at": _DATE, "allowed_until": _DATE}),
        RecordType.CROSSING: MappingProxyType(
            {"conveyance": _TEXT, "purpose_of_travel": _TEXT, "address_of_stay": _TEXT}
        ),
    }
)
MAX_LENGTH: Mapping[str, int] = MappingProxyType({_NAME: 120, _CODE: 3, _DATE: 10, _SEX: 1, _TEXT: 200})
STATEMENT_MAX, REASON_MAX = 1000, 500
# what the fields are called in a letter
FIELD_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "primary_identifier": "Surname",
        "secondary_identifier": "Given names",
        "birth_date": "Birth date",
        "sex": "Sex",
        "nationality": "Nationality",
        "expiry_date": "Expires",
        "entered_at": "Day of entry",
        "exited_at": "Day of exit",
        "allowed_until": "Stay allowed until",
        "conveyance": "Flight, vessel or vehicle",
        "purpose_of_travel": "Purpose of travel",
        "address_of_stay": "Address of stay",
    }
)
LETTER_TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "letter_title": "Answer to your request to correct a record",
        "letter_received": "Date of your request",
        "letter_about": "What your request is about",
        "letter_was": "Recorded so far",
        "letter_asked": "Asked for",
        "letter_granted": "Your request is granted. The correction stands beside the record and counts from now on.",
        "letter_refused": "Your request is refused. The record stays as it is.",
        "letter_reason": "Reason",
        "letter_decided": "Date of the decision (UTC)",
        "letter_appeal": "If you do not agree, you may appeal in writing until and including",
    }
)


class CorrectionRefused(ValueError):
    """A request cannot be taken, or not be decided so.

    code: record_unknown, field_unknown, bad_value, unchanged (the record says so already), required, too_long, bad_characters,
    bad_date (of the future), not_received (decided meanwhile), second_person_required, reason_required, invalid,
    not_decided; field: or "".
    """

    def __init__(self, code: str, field: str = ""):
        super().__init__(f"{code}: {field}" if field else code)
        self.code = code
        self.field = field


def clean_asked(*, record_type: str, field: str, value: str) -> str:
    """Return the asked value in the form in which it is kept; "" asks for an empty field.

    Names and codes in capitals, dates as ISO 8601. Raises CorrectionRefused field_unknown, too_long, bad_characters, bad_value.
    """
    if record_type not in set(RecordType):
        raise CorrectionRefused("invalid", "record_type")
    kind = FIELDS[RecordType(record_type)].get(field)
    if kind is None:
        raise CorrectionRefused("field_unknown", "field")
    text = clean_text(value, longest=MAX_LENGTH[kind], name="asked_value", required=False)
    if kind == _DATE:
        if not text:
            raise CorrectionRefused("required", "asked_value")
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise CorrectionRefused("bad_value", "asked_value") from None
        if not is_in_range(day):
            raise CorrectionRefused("bad_value", "asked_value")
        return day.isoformat()
    if kind in (_NAME, _CODE, _SEX):
        text = text.upper()
    if kind == _CODE and text and not (text.isascii() and text.isalpha()):
        raise CorrectionRefused("bad_value", "asked_value")
    if kind == _SEX and text not in ("", "F", "M", "X"):
        raise CorrectionRefused("bad_value", "asked_value")
    if field == "primary_identifier" and not text:
        raise CorrectionRefused("required", "asked_value")
    return text


def clean_text(text: str, *, longest: int, name: str, required: bool) -> str:
    """Return a text without needless space. Raises CorrectionRefused required, too_long, bad_characters."""
    kept = " ".join(text.split())
    if required and not kept:
        raise CorrectionRefused("required", name)
    if len(kept) > longest:
        raise CorrectionRefused("too_long", name)
    if "\x00" in kept:
        raise CorrectionRefused("bad_characters", name)
    return kept


def due_date(*, received_at: datetime, days: int) -> date:
    """Return the last day to answer. days: of the country's law, 1 or more."""
    return (received_at + timedelta(days=days)).date()
