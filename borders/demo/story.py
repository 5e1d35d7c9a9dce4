"""A day at the borders of Utopia: who comes, what the booth sends, what must come of it.

The scenes are played in this order. Whoever was let in leaves again before the day is over, so that the
next run finds the record as this one found it.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from borders.core.recommendation import Advice
from borders.demo.captures import CaptureKind
from borders.demo.cast import IMPOSTOR_FACE, make_cast
from borders.demo.chips import ChipKind
from borders.demo.documents import DemoDocument, Holder
from borders.models import Decision
from borders.models.inspections import Direction

Verdict = Decision.Outcome
AIRPORT, LAND_POST, SEA_PORT = "UTAPT", "UTLND", "UTSEA"


class PageSight(StrEnum):
    """How the page reaches the booth; NONE: there is no document."""

    FLATBED = CaptureKind.FLATBED.value
    HAND_HELD = CaptureKind.HAND_HELD.value
    UNREADABLE = "UNREADABLE"
    NONE = "NONE"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an officer decides and why."""

    outcome: Verdict
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of a scene.

    codes: the findings behind the recommendation, all of them; with more_codes the least of them. state:
    of the inspection in the end. after_correction: the advice once an officer has keyed the document.
    """

    advice: Advice
    codes: frozenset[str]
    state: str
    more_codes: bool = False
    after_correction: Advice | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """One traveller at one booth.

    key: stable, short. party: same for those who travel together. face: whose pictures the camera sees;
    live: which of them. first_line, second_line: the answers of the officers; second_line None: it waits
    there. chip: what the booth reads from it; today: the day of the play, on which the chip's dates hang.
    """

    key: str
    title: str
    port: str
    direction: Direction
    conveyance: str
    holder: Holder
    document: DemoDocument | None
    sight: PageSight
    face: str
    live: int
    expected: Expected
    first_line: Answer
    second_line: Answer | None = None
    purpose: str = ""
    address: str = ""
    party: str = ""
    is_corrected: bool = False
    chip: ChipKind = ChipKind.NONE
    today: date = date.min


def tell_story(today: date) -> tuple[Scene, ...]:
    """Return the scenes of a day, in their order."""
    cast = make_cast(today)
    lodge = "Harbour Lodge, 4 Quay Street, Zenith"
    hotel = "Hotel Meridian, 21 Station Road, Zenith"
    return (
        replace(
            _entry(
                "anna-in",
                "Clean entry, genuine chip",
                AIRPORT,
                "UA 417",
                cast.anna,
                "RESIDENT",
                "12 Larch Lane, Zenith",
            ),
            chip=ChipKind.GENUINE,
            today=today,
        ),
        _entry(
            "bjorn-in",
            "Identity card, by car",
            LAND_POST,
            "HL XB 2047",
            cast.bjorn,
            "BUSINESS",
            hotel,
            sight=_PHONE,
        ),
        _entry(
            "mother-in",
            "Mother with her daughter",
            SEA_PORT,
            "MV Aurelia",
            cast.mother,
            "TOURISM",
            lodge,
            party="family",
        ),
        _entry(
            "daughter-in",
            "The daughter",
            SEA_PORT,
            "MV Aurelia",
            cast.daughter,
            "TOURISM",
            lodge,
            party="family",
        ),
        _refused(
            "expired",
            "Expired document",
            AIRPORT,
            "UA 417",
            cast.expired,
            "BUSINESS",
            hotel,
            {"DOCUMENT.EXPIRED"},
            "The passport is a year past its date; no other document.",
        ),
        _refused(
            "wrong-digit",
            "Wrong check digit",
            SEA_PORT,
            "MV Aurelia",
            cast.wrong_digit,
            "TOURISM",
            lodge,
            {"MRZ.CHECK_DIGITS", "MRZ.COMPOSITE"},
            "Document examiner: the number was overwritten.",
        ),
        _refused(
            "altered-birth",
            "Birth date altered on the page",
            LAND_POST,
            "UTA 8842",
            cast.altered_birth,
            "TOURISM",
            hotel,
            {"VIZ.BIRTH_DATE"},
            "Document examiner: the printed birth date was scratched and changed.",
            sight=_PHONE,
        ),
        _refused(
            "borrowed",
            "Face is not the holder's",
            AIRPORT,
            "NX 92",
            cast.borrowed,
            "TOURISM",
            hotel,
            {"FACE.HOLDER"},
            "The traveller is not the holder of the passport and says so.",
            face=IMPOSTOR_FACE,
        ),
        _refused(
            "stolen",
            "Document reported stolen",
            LAND_POST,
            "UTA 5173",
            cast.stolen,
            "BUSINESS",
            hotel,
            {"SCREEN.DOCUMENT"},
            "The issuing State confirms the theft; the passport is kept.",
        ),
        _refused(
            "banned",
            "Watchlist name, spelled otherwise",
            AIRPORT,
            "NX 92",
            cast.banned,
            "BUSINESS",
            hotel,
            {"SCREEN.NAME"},
            "The owner of the entry confirms the ban; served in writing.",
        ),
        _entry(
            "first-identity-in",
            "One person, first identity",
            SEA_PORT,
            "MV Corvina",
            cast.first_identity,
            "TOURISM",
            lodge,
        ),
        _exit("first-identity-out", "The same, leaving", LAND_POST, "UTA 3391", cast.first_identity, live=0),
        _refused(
            "second-identity",
            "The same person, second identity",
            AIRPORT,
            "UA 431",
            cast.second_identity,
            "TOURISM",
            hotel,
            {"FACE.OTHER_IDENTITY"},
            "Two officers compared the pictures: the traveller crossed under another name.",
            live=1,
        ),
        *_false_chips(cast, today, hotel),
        *_false_family(cast),
        Scene(
            key="undocumented",
            title="Person with no document",
            port=LAND_POST,
            direction=Direction.ENTRY,
            conveyance="On foot",
            holder=cast.undocumented_person,
            document=None,
            sight=PageSight.NONE,
            face=cast.undocumented_person.face,
            live=0,
            purpose="TOURISM",
            address=hotel,
            expected=Expected(Advice.REFER, frozenset({"DOCUMENT.PRESENT"}), "CLEARED"),
            first_line=Answer(Verdict.REFERRED),
            second_line=Answer(
                Verdict.CLEARED, "The consulate confirms the identity; an emergency paper is on its way."
            ),
        ),
        Scene(
            key="unreadable-in",
            title="Unreadable page, keyed by hand",
            port=SEA_PORT,
            direction=Direction.ENTRY,
            conveyance="MV Corvina",
            holder=cast.unreadable.holder,
            document=cast.unreadable,
            sight=PageSight.UNREADABLE,
            face=cast.unreadable.holder.face,
            live=0,
            purpose="STUDY",
            address="University Hall, Zenith",
            is_corrected=True,
            expected=Expected(
                Advice.REFER,
                frozenset({"MRZ.READ"}),
                "CLEARED",
                more_codes=True,
                after_correction=Advice.CLEAR,
            ),
            first_line=Answer(
                Verdict.CLEARED, "Read by eye and keyed; the page is worn, nothing is altered."
            ),
        ),
        _entry("silent-in", "Silent watchlist hit", AIRPORT, "UA 431", cast.silent, "BUSINESS", hotel),
        Scene(
            key="overstayer",
            title="Overstayer on exit",
            port=SEA_PORT,
            direction=Direction.EXIT,
            conveyance="MV Aurelia",
            holder=cast.overstayer.holder,
            document=cast.overstayer,
            sight=PageSight.FLATBED,
            face=cast.overstayer.holder.face,
            live=1,
            expected=Expected(Advice.REFER, frozenset({"STAY.OVERSTAY"}), "REFERRED"),
            first_line=Answer(Verdict.REFERRED),
        ),
        _exit("anna-out", "Exit closing a stay", SEA_PORT, "MV Corvina", cast.anna, live=1),
        _exit("bjorn-out", "Leaves as he came", LAND_POST, "HL XB 2047", cast.bjorn, live=1, sight=_PHONE),
        _exit("mother-out", "Mother leaves", AIRPORT, "UA 418", cast.mother, live=1, party="family-home"),
        _exit(
            "daughter-out", "Daughter leaves", AIRPORT, "UA 418", cast.daughter, live=1, party="family-home"
        ),
        _exit(
            "unreadable-out", "The worn passport, now read", SEA_PORT, "MV Aurelia", cast.unreadable, live=1
        ),
        _exit("silent-out", "Silent hit again, leaving", AIRPORT, "UA 432", cast.silent, live=1),
    )


_PHONE = PageSight.HAND_HELD


def _false_chips(cast, today: date, address: str) -> tuple[Scene, ...]:
    """Return three passports whose pages are in order: only the chip tells."""
    altered = _refused(
        "chip-altered",
        "Chip written over",
        AIRPORT,
        "NX 92",
        cast.altered_chip,
        "BUSINESS",
        address,
        {"CHIP.HASHES"},
        "Document examiner: the zone in the chip was written over; the passport was issued to somebody else.",
    )
    copied = _refused(
        "chip-copied",
        "Chip is a copy",
        SEA_PORT,
        "MV Aurelia",
        cast.copied_chip,
        "TOURISM",
        address,
        {"CHIP.CLONE"},
        "Document examiner: the chip does not hold the key of the original.",
    )
    unknown = _refused(
        "chip-unknown-state",
        "No certificate of the chip's State here",
        LAND_POST,
        "UTA 2216",
        cast.unknown_chip,
        "BUSINESS",
        address,
        {"CHIP.CHAIN", "CHIP.REVOCATION"},
        "",
    )
    unknown = replace(
        unknown,
        expected=replace(unknown.expected, state="REFERRED"),
        second_line=None,
    )
    kinds = (
        (altered, ChipKind.ALTERED),
        (copied, ChipKind.COPIED),
        (unknown, ChipKind.UNKNOWN_STATE),
    )
    return tuple(replace(scene, chip=kind, today=today) for scene, kind in kinds)


def _false_family(cast) -> tuple[Scene, ...]:
    """Return the scene this system exists for: one adult, three minors of other names, false passports.

    Nobody of them is refused, and nobody is sent back: all four go to the protection officer.
    """
    minor = {"PARTY.MINOR_ACCOMPANIED", "PARTY.UNRELATED_MINORS"}
    members = (
        ("escort", "One adult with three minors", cast.escort, {"PARTY.UNRELATED_MINORS"}),
        (
            "first-minor",
            "First minor, forged number",
            cast.first_minor,
            minor | {"MRZ.CHECK_DIGITS", "MRZ.COMPOSITE"},
        ),
        ("second-minor", "Second minor, altered birth date", cast.second_minor, minor | {"VIZ.BIRTH_DATE"}),
        ("third-minor", "Third minor, a missing girl", cast.third_minor, minor | {"SCREEN.FACE"}),
    )
    return tuple(
        Scene(
            key=key,
            title=title,
            port=AIRPORT,
            direction=Direction.ENTRY,
            conveyance="NX 94",
            holder=document.holder,
            document=document,
            sight=PageSight.FLATBED,
            face=document.holder.face,
            live=0,
            purpose="RESIDENT",
            address="Unknown to the children",
            party="four",
            expected=Expected(Advice.REFER, frozenset(codes), "REFERRED"),
            first_line=Answer(Verdict.REFERRED),
        )
        for key, title, document, codes in members
    )


def _entry(
    key: str,
    title: str,
    port: str,
    conveyance: str,
    document: DemoDocument,
    purpose: str,
    address: str,
    *,
    sight: PageSight = PageSight.FLATBED,
    party: str = "",
) -> Scene:
    """Return an entry that is clean and is cleared."""
    return Scene(
        key=key,
        title=title,
        port=port,
        direction=Direction.ENTRY,
        conveyance=conveyance,
        holder=document.holder,
        document=document,
        sight=sight,
        face=document.holder.face,
        live=0,
        purpose=purpose,
        address=address,
        party=party,
        expected=Expected(Advice.CLEAR, frozenset(), "CLEARED"),
        first_line=Answer(Verdict.CLEARED),
    )


def _exit(
    key: str,
    title: str,
    port: str,
    conveyance: str,
    document: DemoDocument,
    *,
    live: int,
    sight: PageSight = PageSight.FLATBED,
    party: str = "",
) -> Scene:
    """Return an exit out of an open stay, clean and cleared."""
    return Scene(
        key=key,
        title=title,
        port=port,
        direction=Direction.EXIT,
        conveyance=conveyance,
        holder=document.holder,
        document=document,
        sight=sight,
        face=document.holder.face,
        live=live,
        party=party,
        expected=Expected(Advice.CLEAR, frozenset(), "CLEARED"),
        first_line=Answer(Verdict.CLEARED),
    )


def _refused(
    key: str,
    title: str,
    port: str,
    conveyance: str,
    document: DemoDocument,
    purpose: str,
    address: str,
    codes: set[str],
    reason: str,
    *,
    sight: PageSight = PageSight.FLATBED,
    face: str = "",
    live: int = 0,
) -> Scene:
    """Return an entry that the first line refers and the second line refuses."""
    return Scene(
        key=key,
        title=title,
        port=port,
        direction=Direction.ENTRY,
        conveyance=conveyance,
        holder=document.holder,
        document=document,
        sight=sight,
        face=face or document.holder.face,
        live=live,
        purpose=purpose,
        address=address,
        expected=Expected(Advice.REFER, frozenset(codes), "REFUSED"),
        first_line=Answer(Verdict.REFERRED),
        second_line=Answer(Verdict.REFUSED, reason),
    )
