"""What a scene of the story is, and the usual ones: entering, leaving, being refused."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from borders.core.recommendation import Advice
from borders.demo.captures import CaptureKind
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


def enter(
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


def leave(
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


def be_refused(
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
