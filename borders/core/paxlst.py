"""PAXLST, the passenger list of airlines and ships, read into the form of a manifest.

Source: UN/EDIFACT PAXLST D.02B to D.12B as in the WCO/IATA/ICAO guidelines on advance passenger information, appendix II.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from audit.core.times import in_utc
from borders.core.edifact import EdifactRefused, Segment, read_segments
from borders.core.manifests import PASSENGERS_MOST

PASSENGER_LIST, CREW_LIST = "745", "250"
PASSENGER, CREW = "FL", "FM"
ARRIVAL, DEPARTURE = ("87", "232"), ("125", "189")
_SEXES = {"M": "M", "F": "F", "U": "", "X": "X"}


@dataclass(frozen=True, slots=True)
class PassengerList:
    """One message. departure, arrival: place codes as sent; departs_at, arrives_at: aware, None where not sent.

    passengers: each in the form in which borders.core.manifests takes one.
    """

    conveyance: str
    carrier: str
    departure: str
    arrival: str
    departs_at: datetime | None
    arrives_at: datetime | None
    passengers: tuple[dict[str, Any], ...]


@dataclass(slots=True)
class _Reading:
    """What has been read of a message so far."""

    conveyance: str = ""
    carrier: str = ""
    places: dict[str, str] = field(default_factory=dict)
    times: dict[str, datetime] = field(default_factory=dict)
    passengers: list[dict[str, Any]] = field(default_factory=list)
    is_crew: bool = False
    in_document: bool = False


def read_passenger_list(content: bytes, *, at: datetime) -> PassengerList:
    """Return the passenger list of an interchange with exactly one message. at: aware; settles the century of birth dates.

    Crew are left out. Local times without an offset are taken as UTC: conveyances are told apart by a day and a half.
    Raises EdifactRefused: those of read_segments, and required, wrong_message, several_messages, wrong_count, bad_date,
    invalid, too_many, out_of_order; the segment is named.
    """
    segments = read_segments(content)
    begun = [i for i, s in enumerate(segments) if s.tag == "UNH"]
    ended = [i for i, s in enumerate(segments) if s.tag == "UNT"]
    if not begun or not ended:
        raise EdifactRefused("required", "UNT" if begun else "UNH")
    if len(begun) > 1 or len(ended) > 1:
        raise EdifactRefused("several_messages", segments[(begun + ended)[-1]].place)
    if segments[-1].tag != "UNZ":
        raise EdifactRefused("required", "UNZ")
    message = segments[begun[0] : ended[0] + 1]
    if not message:
        raise EdifactRefused("out_of_order", segments[ended[0]].place)
    _check_envelope(message, segments)
    found = _Reading()
    for segment in message[1:-1]:
        _take(found, segment, at)
    if not found.conveyance:
        raise EdifactRefused("required", "TDT")
    return PassengerList(
        found.conveyance,
        found.carrier,
        found.places.get(DEPARTURE[0], ""),
        found.places.get(ARRIVAL[0], ""),
        found.times.get(DEPARTURE[1]),
        found.times.get(ARRIVAL[1]),
        tuple(found.passengers),
    )


def _check_envelope(message: Sequence[Segment], segments: Sequence[Segment]) -> None:
    head, tail = message[0], message[-1]
    if head.at(1, 0) != "PAXLST":
        raise EdifactRefused("wrong_message", head.place)
    if tail.at(0) != str(len(message)):
        raise EdifactRefused("wrong_count", tail.place)
    if tail.at(1) != head.at(0):
        raise EdifactRefused("invalid", tail.place)
    first, final = segments[0], segments[-1]
    if final.at(1) != first.at(4):
        raise EdifactRefused("invalid", final.place)


def _take(found: _Reading, segment: Segment, at: datetime) -> None:
    if segment.tag == "NAD" and segment.at(0) in (PASSENGER, CREW):
        _begin_person(found, segment)
        return
    if found.passengers or found.is_crew:
        if not found.is_crew:
            _take_of_passenger(found, segment, at)
        return
    if segment.tag == "BGM" and segment.at(0) not in (PASSENGER_LIST, CREW_LIST):
        raise EdifactRefused("wrong_message", segment.place)
    if segment.tag == "TDT" and segment.at(0) == "20":
        found.conveyance = segment.at(1) or segment.at(7, 3)
        found.carrier = segment.at(4)
        if not found.conveyance:
            raise EdifactRefused("required", segment.place)
    elif segment.tag == "LOC" and segment.at(0) in (ARRIVAL[0], DEPARTURE[0]):
        found.places[segment.at(0)] = segment.at(1).upper()
    elif segment.tag == "DTM" and segment.at(0, 0) in (ARRIVAL[1], DEPARTURE[1]):
        found.times[segment.at(0, 0)] = _time(segment)


def _begin_person(found: _Reading, segment: Segment) -> None:
    found.is_crew = segment.at(0) == CREW
    found.in_document = False
    if found.is_crew:
        return
    if len(found.passengers) >= PASSENGERS_MOST:
        raise EdifactRefused("too_many", segment.place)
    # C080: surname, given names; older senders put the names into C058
    names = segment.elements[3] if len(segment.elements) > 3 and any(segment.elements[3]) else ()
    names = names or (segment.elements[2] if len(segment.elements) > 2 else ())
    if not names or not names[0].strip():
        raise EdifactRefused("required", segment.place)
    given = " ".join(part.strip() for part in names[1:3] if part.strip())
    found.passengers.append({"primary_identifier": names[0].strip(), "secondary_identifier": given})


def _take_of_passenger(found: _Reading, segment: Segment, at: datetime) -> None:
    person = found.passengers[-1]
    kind = segment.at(0)
    if segment.tag == "ATT" and kind == "2":
        sex = segment.at(2)
        if sex not in _SEXES:
            raise EdifactRefused("invalid", segment.place)
        person["sex"] = _SEXES[sex]
    elif segment.tag == "DTM" and segment.at(0, 0) == "329":
        person["birth_date"] = _birth_date(segment, at).isoformat()
    elif segment.tag == "NAT":
        person["nationality"] = segment.at(1).upper()
    elif segment.tag == "RFF" and segment.at(0, 0) == "AVF":
        person["booking_reference"] = segment.at(0, 1)
    elif segment.tag == "DOC":
        # the first travel document counts; visas and further ones follow it
        is_first = "document_number" not in person
        found.in_document = is_first and segment.at(0, 0) in ("P", "I", "A", "C", "")
        if found.in_document:
            person["document_number"] = segment.at(1, 0)
    elif segment.tag == "LOC" and kind == "91" and found.in_document:
        person["issuing_state"] = segment.at(1).upper()


def _time(segment: Segment) -> datetime:
    """Return the time of a DTM segment; format 205 has its offset, the others are taken as UTC."""
    text, form = segment.at(0, 1), segment.at(0, 2) or "201"
    if form == "205":
        text = f"{text[:12]}{text[12:].replace('UTC', '').replace('Z', '') or '+0000'}"
    shapes = {"201": "%y%m%d%H%M", "203": "%Y%m%d%H%M", "101": "%y%m%d", "102": "%Y%m%d"}
    try:
        if form == "205":
            return in_utc(datetime.strptime(text, "%Y%m%d%H%M%z"))
        return in_utc(datetime.strptime(text, shapes[form]).replace(tzinfo=UTC))
    except (KeyError, ValueError):
        raise EdifactRefused("bad_date", segment.place) from None


def _birth_date(segment: Segment, at: datetime) -> date:
    """Return the birth date of a DTM segment; two digits of a year mean the latest such day that has been."""
    text, form = segment.at(0, 1), segment.at(0, 2)
    digits = 8 if form == "102" or (not form and len(text) == 8) else 6
    try:
        if len(text) != digits or not (text.isascii() and text.isdecimal()):
            raise ValueError
        if digits == 8:
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        year = at.year - at.year % 100 + int(text[:2])
        born = date(year, int(text[2:4]), int(text[4:6]))
        return born if born <= at.date() else date(year - 100, born.month, born.day)
    except ValueError:
        raise EdifactRefused("bad_date", segment.place) from None
