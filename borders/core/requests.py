"""What a booth may send for one inspection, and whether it is whole."""

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date

from audit.core.times import is_in_range
from biometrics.core.mrz.alphabet import ALPHABET
from borders.core.chip_requests import SEAL_OCTETS, SEAL_PART, canonical_chip, find_chip_fault
from borders.core.record_checks.protection import OBSERVATIONS
from travelers.core.chip import ChipFiles
from travelers.core.keyed import KeyedFields

PRINTED_KEYS = (
    "primary_identifier",
    "secondary_identifier",
    "document_number",
    "birth_date",
    "expiry_date",
    "nationality",
    "sex",
    "issue_date",
)
PRINTED_DATES = ("birth_date", "expiry_date", "issue_date")
VISA_LINES_MOST, VISA_LINE_LONGEST = 3, 44
PRINTED_MAX = 120
TEXT_MAX = {
    "client_reference": 64,
    "conveyance": 20,
    "purpose_of_travel": 20,
    "address_of_stay": 200,
    "party_reference": 64,
}
DIRECTIONS = ("ENTRY", "EXIT")
SINCE_FIRST_VERSION = frozenset({"visa_lines", "observations", "chip", "chip_attempted", "seal"})


class RequestRefused(ValueError):
    """The request cannot be taken. code: stable; field: its name, "" for the whole.

    Values are never in the message.
    """

    def __init__(self, code: str, field: str = ""):
        super().__init__(f"{code}: {field}" if field else code)
        self.code = code
        self.field = field


@dataclass(frozen=True, slots=True)
class InspectionRequest:
    """One traveller at one booth.

    client_reference: the booth's own, 1 to 64 characters, unique per booth. direction: "ENTRY" or "EXIT".
    conveyance: flight, vessel or vehicle. party_reference: same for all who travel together, "" for one
    alone. printed: what the booth's reader took from the visual zone, any of PRINTED_KEYS. keyed: typed by
    the officer; without a document number it is the declaration of a person without a document. visa_lines:
    of the zone of a visa or permit. observations: what the officer saw of the party, any of OBSERVATIONS.
    page_image, face_image: image files as captured. chip: its files, any subset; chip_attempted: the booth
    tried to read one, whatever came of it. seal: octets of a visible digital seal.
    """

    client_reference: str
    direction: str
    conveyance: str = ""
    purpose_of_travel: str = ""
    address_of_stay: str = ""
    party_reference: str = ""
    printed: Mapping[str, str] = field(default_factory=dict)
    keyed: KeyedFields | None = None
    visa_lines: tuple[str, ...] = ()
    observations: tuple[str, ...] = ()
    page_image: bytes | None = None
    face_image: bytes | None = None
    chip: ChipFiles | None = None
    chip_attempted: bool = False
    seal: bytes | None = None


@dataclass(frozen=True, slots=True)
class Demands:
    """What a port asks for.

    needs_conveyance: flight or vessel; asks_purpose, asks_address: of those who enter.
    """

    needs_conveyance: bool
    asks_purpose: bool
    asks_address: bool


def check_reference(client_reference: str) -> None:
    """Raise RequestRefused unless the reference may stand in the database and in an address."""
    _check_text("client_reference", client_reference)
    if (
        not client_reference
        or not client_reference.isprintable()
        or client_reference != client_reference.strip()
    ):
        raise RequestRefused("invalid", "client_reference")


def check_request(request: InspectionRequest, demands: Demands) -> None:
    """Raise RequestRefused for the first thing that is missing or wrong.

    Codes: invalid, too_long, bad_characters, unknown_field, bad_date, required, identity_required.
    """
    for name in TEXT_MAX:
        _check_text(name, getattr(request, name))
    if request.direction not in DIRECTIONS:
        raise RequestRefused("invalid", "direction")
    if demands.needs_conveyance and not request.conveyance.strip():
        raise RequestRefused("required", "conveyance")
    if request.direction == "ENTRY":
        if demands.asks_purpose and not request.purpose_of_travel.strip():
            raise RequestRefused("required", "purpose_of_travel")
        if demands.asks_address and not request.address_of_stay.strip():
            raise RequestRefused("required", "address_of_stay")
    # data group 1 of the chip holds the zone of the page
    has_zone_in_chip = request.chip is not None and 1 in request.chip.groups
    if request.page_image is None and request.keyed is None and not has_zone_in_chip:
        raise RequestRefused("identity_required", "page_image")
    _check_printed(request.printed)
    _check_visa(request.visa_lines)
    if request.seal is not None and not 0 < len(request.seal) <= SEAL_OCTETS:
        raise RequestRefused("chip_file_too_large" if request.seal else "chip_file_empty", SEAL_PART)
    fault = find_chip_fault(request.chip) if request.chip is not None else None
    if fault is not None:
        raise RequestRefused(*fault)
    if not set(request.observations) <= set(OBSERVATIONS):
        raise RequestRefused("invalid", "observations")


def fingerprint(request: InspectionRequest) -> str:
    """Return the SHA-256 of a request, 64 hexadecimal digits: the same for the same fields and images, and
    for nothing else.
    """
    canonical: dict[str, object] = {}
    for item in fields(request):
        value = getattr(request, item.name)
        if isinstance(value, bytes):
            value = hashlib.sha256(value).hexdigest()
        elif isinstance(value, KeyedFields):
            value = {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
        elif isinstance(value, ChipFiles):
            value = canonical_chip(value)
        elif isinstance(value, Mapping):
            value = dict(value)
        if item.name in SINCE_FIRST_VERSION and not value:
            continue  # a request that was opened before the field was there has the fingerprint it had
        canonical[item.name] = value
    return hashlib.sha256(json.dumps(canonical, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def printed_of_keyed(keyed: KeyedFields) -> dict[str, str]:
    """Return keyed fields as what the officer saw printed on the page, empty ones left out."""
    seen = {name: _plain(getattr(keyed, name, "")) for name in PRINTED_KEYS}
    return {name: text for name, text in seen.items() if text}


def _plain(value: str | date | None) -> str:
    return value.isoformat() if isinstance(value, date) else (value or "")


def _check_text(name: str, text: str, longest: int | None = None) -> None:
    if len(text) > (longest or TEXT_MAX[name]):
        raise RequestRefused("too_long", name)
    # NUL and lone surrogates cannot be stored; other control characters are nobody's name or address
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise RequestRefused("bad_characters", name)


def _check_printed(printed: Mapping[str, str]) -> None:
    for name, text in printed.items():
        if name not in PRINTED_KEYS:
            raise RequestRefused("unknown_field", "printed")
        where = f"printed.{name}"
        _check_text(where, text, PRINTED_MAX)
        if name in PRINTED_DATES:
            try:
                day = date.fromisoformat(text)
            except ValueError:
                raise RequestRefused("bad_date", where) from None
            if not is_in_range(day):
                raise RequestRefused("bad_date", where)


def _check_visa(lines: Sequence[str]) -> None:
    if len(lines) > VISA_LINES_MOST or any(len(line) > VISA_LINE_LONGEST for line in lines):
        raise RequestRefused("too_long", "visa_lines")
    if any(not set(line) <= set(ALPHABET) for line in lines):
        raise RequestRefused("bad_characters", "visa_lines")
