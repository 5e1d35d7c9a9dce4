"""Documents and faces that were seen otherwise before."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid5

from borders.core.face_checks import Identity, KnownFace
from tests.documents.forgeries.kinds import Kind, kind, passport, presented
from tests.documents.genuine import (
    Rng,
    facts_of,
)
from tests.documents.presented import NAMESPACE, Presented
from travelers.core.checks import EarlierHolder


def _borrowed_number(rng: Rng) -> Presented:
    paper = passport(rng)
    earlier = EarlierHolder("SORENSEN", "KAREN", paper.birth_date)
    return replace(presented(paper, paper.lines()), earlier=(earlier,))


def _other_birth_before(rng: Rng) -> Presented:
    paper = passport(rng)
    while paper.birth_date is None:
        paper = passport(rng)
    facts = facts_of(paper)
    earlier = EarlierHolder(
        facts.primary_identifier,
        facts.secondary_identifier,
        paper.birth_date - timedelta(days=int(rng.integers(1, 3000))),
    )
    return replace(Presented(facts), earlier=(earlier,))


def _other_face_before(rng: Rng) -> Presented:
    """Scores of other people's faces, drawn from the impostor distribution of the engine in use (mean 0.05, deviation 0.09)."""
    paper = passport(rng)
    scores = tuple(float(s) for s in rng.normal(0.05, 0.09, int(rng.integers(1, 4))))
    return replace(presented(paper, paper.lines()), face_scores=scores)


def _two_identities(rng: Rng) -> Presented:
    """A search among earlier crossings finds the face under another name: what the rule makes of it, not the search itself."""
    paper = passport(rng)
    known = KnownFace(uuid5(NAMESPACE, "other"), Identity("SORENSEN", "KAREN", date(1979, 4, 3)), 0.71)
    return replace(presented(paper, paper.lines()), other_faces=(known,))


HOLDER_KINDS: tuple[Kind, ...] = (
    kind("number that another name used", "holder", "DOCUMENT.HOLDER", _borrowed_number),
    kind("number that another birth date used", "holder", "DOCUMENT.HOLDER", _other_birth_before),
    kind("document that another face used", "holder", "DOCUMENT.FACE", _other_face_before),
    kind("face that another name used", "holder", "FACE.OTHER_IDENTITY", _two_identities),
)
