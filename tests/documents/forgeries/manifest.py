"""Travellers whom the carrier announced otherwise or not at all."""

from dataclasses import replace
from datetime import timedelta

from tests.documents.forgeries.kinds import Kind, kind, passport
from tests.documents.forgeries.record import plain
from tests.documents.genuine import (
    DIGITS,
    Rng,
    characters,
    facts_of,
)
from tests.documents.presented import Presented, announced_of


def _announced_otherwise(rng: Rng) -> Presented:
    paper = passport(rng)
    while paper.birth_date is None:
        paper = passport(rng)
    facts = facts_of(paper)
    said = replace(
        announced_of(facts), birth_date=paper.birth_date + timedelta(days=int(rng.integers(1, 2000)))
    )
    return Presented(facts, manifest=(said,))


def _other_document_announced(rng: Rng) -> Presented:
    given = plain(rng)
    said = replace(announced_of(given.facts), document_number=characters(rng, DIGITS, 9))
    return replace(given, manifest=(said,))


def _not_announced(rng: Rng) -> Presented:
    return replace(plain(rng), manifest=())


MANIFEST_KINDS: tuple[Kind, ...] = (
    kind("announced otherwise", "manifest", "MANIFEST.LISTED", _announced_otherwise),
    kind("announced with another document", "manifest", "MANIFEST.LISTED", _other_document_announced),
    kind("not announced", "manifest", "MANIFEST.LISTED", _not_announced),
)
