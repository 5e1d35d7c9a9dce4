"""Documents that somebody has reported."""

from dataclasses import replace

from tests.documents.forgeries.kinds import Kind, kind, known_passport, passport, presented
from tests.documents.genuine import (
    DIGITS,
    Rng,
    characters,
    pick,
)
from tests.documents.presented import Presented
from travelers.core.data.issuers import ISSUERS


def _listed_exact(rng: Rng) -> Presented:
    paper = passport(rng)
    return replace(presented(paper, paper.lines()), listed=((paper.document_number, paper.issuing_state),))


def _listed_near(rng: Rng) -> Presented:
    paper = replace(passport(rng), document_number="B" + characters(rng, DIGITS, 4) + "08")
    forged = replace(paper, document_number=paper.document_number[:-2] + pick(rng, ("O8", "0B", "OB", "Q8")))
    return replace(presented(forged, forged.lines()), listed=((paper.document_number, paper.issuing_state),))


def _listed_other_issuer(rng: Rng) -> Presented:
    paper = known_passport(rng)
    other = pick(rng, tuple(s for s in sorted(ISSUERS) if s != paper.issuing_state))
    return replace(presented(paper, paper.lines()), listed=((paper.document_number, other),))


LISTS_KINDS: tuple[Kind, ...] = (
    kind("lost or stolen, exact", "lists", "SCREEN.DOCUMENT", _listed_exact),
    kind("lost or stolen, a misread character away", "lists", "SCREEN.DOCUMENT", _listed_near),
    kind("lost or stolen, number of another issuer", "lists", "SCREEN.DOCUMENT", _listed_other_issuer),
)
