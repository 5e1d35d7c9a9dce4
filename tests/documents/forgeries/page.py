"""The printed page altered and the zone left, or the other way round."""

from dataclasses import replace
from datetime import date, timedelta

from tests.documents.forgeries.kinds import Kind, kind, other, passport, presented
from tests.documents.genuine import (
    DIGITS,
    Rng,
    pick,
)
from tests.documents.presented import Presented
from travelers.core.data.issuers import ISSUERS


def _rebuilt_number(rng: Rng) -> Presented:
    """Every digit recomputed: only the page tells."""
    paper = passport(rng)
    forged = replace(
        paper, document_number=paper.document_number[:-1] + other(rng, DIGITS, paper.document_number[-1])
    )
    return presented(paper, forged.lines())


def _altered_page_birth(rng: Rng) -> Presented:
    paper = replace(passport(rng))
    born = paper.birth_date or date(1980, 5, 4)
    paper = replace(paper, birth_date=born, birth_raw=f"{born:%y%m%d}")
    shown = born + timedelta(days=int(rng.integers(1, 4000)) * (1 if rng.random() < 0.5 else -1))
    shown = shown if shown.strftime("%y%m%d") != born.strftime("%y%m%d") else shown + timedelta(days=1)
    return presented(paper, paper.lines(), birth_date=shown.isoformat())


def _altered_page_name(rng: Rng) -> Presented:
    paper = replace(passport(rng), surname="Lindqvist", form=("LINDQVIST", "ANNA"), given="Anna")
    return presented(
        paper, paper.lines(), primary_identifier=pick(rng, ("Lindkvist", "Lundqvist", "Ekström", "Lind"))
    )


def _altered_page_expiry(rng: Rng) -> Presented:
    paper = passport(rng)
    later = paper.expiry_date + timedelta(days=int(rng.integers(1, 900)))
    return presented(paper, paper.lines(), expiry_date=later.isoformat())


def _altered_page_nationality(rng: Rng) -> Presented:
    paper = passport(rng)
    other = pick(rng, tuple(s for s in sorted(ISSUERS) if s != paper.nationality))
    return presented(paper, paper.lines(), nationality=other)


def _altered_page_sex(rng: Rng) -> Presented:
    paper = replace(passport(rng), sex=pick(rng, ("M", "F")))
    return presented(paper, paper.lines(), sex="F" if paper.sex == "M" else "M")


PAGE_KINDS: tuple[Kind, ...] = (
    kind("number rebuilt with right digits", "page", "VIZ.DOCUMENT_NUMBER", _rebuilt_number),
    kind("birth date altered on the page", "page", "VIZ.BIRTH_DATE", _altered_page_birth),
    kind("name altered on the page", "page", "VIZ.NAME", _altered_page_name),
    kind("expiry altered on the page", "page", "VIZ.EXPIRY_DATE", _altered_page_expiry),
    kind("nationality altered on the page", "page", "VIZ.NATIONALITY", _altered_page_nationality),
    kind("sex altered on the page", "page", "VIZ.SEX", _altered_page_sex),
)
