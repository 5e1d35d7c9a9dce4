"""Travel documents of the demo as data: what the page shows, and what the machine readable zone says."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from biometrics.core.mrz import build_td1, build_td3


class PageLayout(StrEnum):
    """Which page of which document the booth sees."""

    PASSPORT = "TD3"
    CARD = "TD1"


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody of the demo, as the registry of their State has them.

    primary_identifier, secondary_identifier: in the letters of the page. sex: "M", "F" or "X".
    nationality: as in the MRZ, without fillers. face: name of a set of drawn pictures (portraits.py).
    """

    primary_identifier: str
    secondary_identifier: str
    birth_date: date
    sex: str
    nationality: str
    birth_place: str
    face: str


@dataclass(frozen=True, slots=True)
class DemoDocument:
    """One document. What a forger has done to it stands in the last two fields.

    printed_birth_date: on the page, where it is not the one of the MRZ. changed_mrz: (line, position,
    character) that somebody wrote over another after the digits were computed.
    """

    layout: PageLayout
    issuing_state: str
    document_number: str
    holder: Holder
    issue_date: date
    expiry_date: date
    printed_birth_date: date | None = None
    changed_mrz: tuple[tuple[int, int, str], ...] = ()

    @property
    def document_code(self) -> str:
        return "P" if self.layout is PageLayout.PASSPORT else "I"


def mrz_lines(document: DemoDocument) -> tuple[str, ...]:
    """Return the lines as printed: two of 44 characters for a passport, three of 30 for a card.

    Source: Doc 9303-4 and -5.
    """
    holder = document.holder
    build = build_td3 if document.layout is PageLayout.PASSPORT else build_td1
    lines = build(
        document_code=document.document_code,
        issuing_state=document.issuing_state,
        primary_identifier=holder.primary_identifier,
        secondary_identifier=holder.secondary_identifier,
        document_number=document.document_number,
        nationality=holder.nationality,
        birth_date=f"{holder.birth_date:%y%m%d}",
        sex="" if holder.sex == "X" else holder.sex,
        expiry_date=f"{document.expiry_date:%y%m%d}",
    )
    cells = [list(line) for line in lines]
    for line, position, character in document.changed_mrz:
        cells[line][position] = character
    return tuple("".join(line) for line in cells)


def printed_fields(document: DemoDocument) -> dict[str, str]:
    """Return what the booth's document reader takes from the visual zone, dates as YYYY-MM-DD."""
    holder = document.holder
    return {
        "primary_identifier": holder.primary_identifier,
        "secondary_identifier": holder.secondary_identifier,
        "document_number": document.document_number,
        "birth_date": (document.printed_birth_date or holder.birth_date).isoformat(),
        "expiry_date": document.expiry_date.isoformat(),
        "nationality": holder.nationality,
        "sex": holder.sex,
    }


def keyed_fields(document: DemoDocument) -> dict[str, str]:
    """Return what an officer keys who reads the document by eye, the codes as in the MRZ."""
    return printed_fields(document) | {
        "document_code": document.document_code,
        "issuing_state": document.issuing_state,
    }


def declared_fields(holder: Holder) -> dict[str, str]:
    """Return what a person without a document says about themselves."""
    return {
        "primary_identifier": holder.primary_identifier,
        "secondary_identifier": holder.secondary_identifier,
        "birth_date": holder.birth_date.isoformat(),
        "nationality": holder.nationality,
        "sex": holder.sex,
    }
