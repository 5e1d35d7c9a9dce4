"""Visas that do not go with the passport."""

from dataclasses import replace
from datetime import timedelta

from tests.documents.forgeries.kinds import Kind, kind, other_digit, passport, put
from tests.documents.genuine import (
    AT,
    DIGITS,
    LETTERS,
    Rng,
    characters,
    facts_of,
    visa_lines,
)
from tests.documents.presented import Presented
from travelers.core.checks import VisaFacts


def _with_visa(rng: Rng, **changes: str) -> Presented:
    paper = passport(rng)
    facts = replace(facts_of(paper), visa=VisaFacts(visa_lines(paper, **changes)))
    return Presented(facts)


def _visa_of_other_passport(rng: Rng) -> Presented:
    other = characters(rng, LETTERS, 2) + characters(rng, DIGITS, 7)
    return _with_visa(rng, document_number=characters(rng, DIGITS, 9), optional_data=other)


def _visa_of_other_holder(rng: Rng) -> Presented:
    return _with_visa(rng, primary_identifier="LINDQVIST", secondary_identifier="KAREN")


def _expired_visa(rng: Rng) -> Presented:
    return _with_visa(rng, expiry_date=f"{AT - timedelta(days=int(rng.integers(1, 900))):%y%m%d}")


def _visa_digit(rng: Rng) -> Presented:
    given = _with_visa(rng)
    assert given.facts.visa is not None
    lines = given.facts.visa.lines
    forged = put(lines, 1, 21, other_digit(rng, lines[1][21]))
    return replace(given, facts=replace(given.facts, visa=VisaFacts(forged)))


VISA_KINDS: tuple[Kind, ...] = (
    kind("visa of another passport", "visa", "VISA.PASSPORT", _visa_of_other_passport),
    kind("visa of another holder", "visa", "VISA.HOLDER", _visa_of_other_holder),
    kind("expired visa", "visa", "VISA.EXPIRED", _expired_visa),
    kind("visa with a wrong digit", "visa", "VISA.ZONE", _visa_digit),
)
