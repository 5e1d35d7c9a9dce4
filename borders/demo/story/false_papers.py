"""Scenes of several people or papers that belong together: chips that lie, and children on false passports."""

from dataclasses import replace
from datetime import date

from borders.core.recommendation import Advice
from borders.demo.cast import Cast
from borders.demo.chips import ChipKind
from borders.demo.story.scenes import (
    AIRPORT,
    LAND_POST,
    SEA_PORT,
    Answer,
    Expected,
    PageSight,
    Scene,
    Verdict,
    be_refused,
)
from borders.models.inspections import Direction


def false_chips(cast: Cast, today: date, address: str) -> tuple[Scene, ...]:
    """Return three passports whose pages are in order: only the chip tells."""
    altered = be_refused(
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
    copied = be_refused(
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
    unknown = be_refused(
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


def false_family(cast: Cast) -> tuple[Scene, ...]:
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
