"""What a carrier sends before arrival or departure, as one JSON object a conveyance, and whether it is whole."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from audit.core.times import MomentRefused, read_moment
from travelers.core.numbers import normalise_document_number

PASSENGERS_MOST = 5000
TEXT_LONGEST = 120
_CONVEYANCE = re.compile(r"[A-Z0-9-]{2,20}")
_CODE = re.compile(r"[A-Z]{0,3}")


class ManifestRefused(ValueError):
    """The manifest cannot be taken. code: stable; field: where, such as "passengers[3].birth_date". Never a value."""

    def __init__(self, code: str, field: str = ""):
        super().__init__(f"{code}: {field}" if field else code)
        self.code = code
        self.field = field


@dataclass(frozen=True, slots=True)
class Passenger:
    """One passenger as announced; birth_date None: not given."""

    document_number: str
    issuing_state: str
    primary_identifier: str
    secondary_identifier: str
    birth_date: date | None
    nationality: str
    sex: str
    booking_reference: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One conveyance at one port. conveyance: without spaces, upper case. direction: "ENTRY", "EXIT"; scheduled_at: UTC."""

    conveyance: str
    port: str
    direction: str
    scheduled_at: datetime
    carrier: str
    passengers: tuple[Passenger, ...]


def normalise_conveyance(text: str) -> str:
    """Return a flight, vessel or vehicle without spaces in upper case, leading zeros of a flight number taken off."""
    bare = "".join(text.upper().split())
    flight = re.fullmatch(r"([A-Z0-9]{2}|[A-Z]{3})0*([0-9]{1,4}[A-Z]?)", bare)
    return "".join(flight.groups()) if flight else bare


def parse_manifest(sent: Any) -> Manifest:
    """Return the manifest in a decoded JSON value. Raises ManifestRefused: invalid, required, unknown_field, bad_date, too_long,
    bad_characters, too_many.
    """
    fields = _object(sent, "", {"conveyance", "port", "direction", "scheduled_at", "passengers"}, {"carrier"})
    conveyance = normalise_conveyance(_text(fields["conveyance"], "conveyance", 20))
    if not _CONVEYANCE.fullmatch(conveyance):
        raise ManifestRefused("invalid", "conveyance")
    if fields["direction"] not in ("ENTRY", "EXIT"):
        raise ManifestRefused("invalid", "direction")
    passengers = fields["passengers"]
    if not isinstance(passengers, list):
        raise ManifestRefused("invalid", "passengers")
    if len(passengers) > PASSENGERS_MOST:
        raise ManifestRefused("too_many", "passengers")
    return Manifest(
        conveyance,
        _text(fields["port"], "port", 5).upper(),
        str(fields["direction"]),
        _time(fields["scheduled_at"], "scheduled_at"),
        _text(fields.get("carrier", ""), "carrier", 60),
        tuple(_passenger(p, f"passengers[{i}]") for i, p in enumerate(passengers)),
    )


def _passenger(sent: Any, where: str) -> Passenger:
    allowed = {
        "document_number",
        "issuing_state",
        "secondary_identifier",
        "birth_date",
        "nationality",
        "sex",
        "booking_reference",
    }
    fields = _object(sent, where, {"primary_identifier"}, allowed)

    def text(name: str, longest: int) -> str:
        return _text(fields.get(name) or "", f"{where}.{name}", longest)

    codes = {name: text(name, 3).upper() for name in ("issuing_state", "nationality")}
    for name, code in codes.items():
        if not _CODE.fullmatch(code):
            raise ManifestRefused("invalid", f"{where}.{name}")
    if fields.get("sex", "") not in ("", "M", "F", "X"):
        raise ManifestRefused("invalid", f"{where}.sex")
    surname = text("primary_identifier", TEXT_LONGEST).upper()
    if not surname:
        raise ManifestRefused("required", f"{where}.primary_identifier")
    return Passenger(
        normalise_document_number(text("document_number", 24)),
        codes["issuing_state"],
        surname,
        text("secondary_identifier", TEXT_LONGEST).upper(),
        _date(fields.get("birth_date"), f"{where}.birth_date"),
        codes["nationality"],
        str(fields.get("sex", "")),
        text("booking_reference", 20).upper(),
    )


def _object(sent: Any, where: str, needed: set[str], allowed: set[str]) -> Mapping[str, Any]:
    if not isinstance(sent, dict):
        raise ManifestRefused("invalid", where)
    for name in sorted(needed - sent.keys()):
        raise ManifestRefused("required", f"{where}.{name}".lstrip("."))
    if sent.keys() - needed - allowed:
        raise ManifestRefused("unknown_field", where)
    return sent


def _text(value: Any, where: str, longest: int) -> str:
    if not isinstance(value, str):
        raise ManifestRefused("invalid", where)
    if len(value) > longest:
        raise ManifestRefused("too_long", where)
    if not value.isprintable():
        raise ManifestRefused("bad_characters", where)
    return value.strip()


def _date(value: Any, where: str) -> date | None:
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ManifestRefused("bad_date", where) from None


def _time(value: Any, where: str) -> datetime:
    try:
        return read_moment(value)
    except MomentRefused:
        raise ManifestRefused("bad_date", where) from None
