"""The machine readable zone overwritten."""

from dataclasses import replace
from datetime import date, timedelta

from biometrics.core.mrz.alphabet import check_digit
from tests.documents.forgeries.kinds import Kind, kind, other_digit, passport, presented, put
from tests.documents.genuine import (
    LETTERS,
    Rng,
    pick,
)
from tests.documents.presented import Presented


def _overwritten_number(rng: Rng) -> Presented:
    paper = passport(rng)
    lines = paper.lines()
    places = [i for i in range(9) if lines[1][i].isdigit()]
    place = places[int(rng.integers(len(places)))]
    forged = put(lines, 1, place, other_digit(rng, lines[1][place]))
    return presented(paper, forged, document_number=forged[1][:9].rstrip("<"))


def _overwritten_birth(rng: Rng) -> Presented:
    paper = passport(rng)
    lines = paper.lines()
    return presented(paper, put(lines, 1, 14, other_digit(rng, lines[1][14])))


def _overwritten_expiry(rng: Rng) -> Presented:
    """One digit of the year, in the zone and on the page alike."""
    paper = passport(rng)
    later = paper.expiry_date.replace(day=min(paper.expiry_date.day, 28))
    later = later.replace(year=later.year + (1 if later.year % 10 < 9 else 10))
    raw = f"{paper.expiry_date:%y%m%d}"
    return presented(paper, put(paper.lines(), 1, 21, f"{later:%y}{raw[2:]}"), expiry_date=later.isoformat())


def _rewritten_expiry(rng: Rng) -> Presented:
    """A whole date, in the zone and on the page alike: the digits then fit by chance once in some fifty times."""
    paper = passport(rng)
    lines = paper.lines()
    later = paper.expiry_date + timedelta(days=int(rng.integers(40, 700)))
    return presented(paper, put(lines, 1, 21, f"{later:%y%m%d}"), expiry_date=later.isoformat())


def _digit_but_not_composite(rng: Rng) -> Presented:
    """The forger knows the digit of the field and forgets the composite."""
    paper = passport(rng)
    lines = paper.lines()
    while True:
        born = date(int(rng.integers(1945, 2005)), int(rng.integers(1, 13)), int(rng.integers(1, 29)))
        raw = f"{born:%y%m%d}"
        forged = put(lines, 1, 13, raw + check_digit(raw))
        if (
            forged[1] != lines[1]
            and check_digit(forged[1][:10] + forged[1][13:20] + forged[1][21:43]) != forged[1][43]
        ):
            return presented(paper, forged, birth_date=born.isoformat())


def _letter_among_digits(rng: Rng) -> Presented:
    paper = passport(rng)
    lines = paper.lines()
    return presented(paper, put(lines, 1, 43, pick(rng, tuple(LETTERS))))


def _impossible_birth(rng: Rng) -> Presented:
    paper = replace(
        passport(rng), birth_raw=pick(rng, ("810231", "791301", "850431", "900732")), birth_date=None
    )
    return presented(paper, paper.lines())


ZONE_KINDS: tuple[Kind, ...] = (
    kind("number overwritten in the zone", "zone", "MRZ.CHECK_DIGITS MRZ.COMPOSITE", _overwritten_number),
    kind("birth date overwritten in the zone", "zone", "MRZ.CHECK_DIGITS MRZ.COMPOSITE", _overwritten_birth),
    kind(
        "year of expiry overwritten in zone and page",
        "zone",
        "MRZ.CHECK_DIGITS MRZ.COMPOSITE",
        _overwritten_expiry,
    ),
    kind("expiry rewritten in zone and page", "zone", "MRZ.CHECK_DIGITS MRZ.COMPOSITE", _rewritten_expiry),
    kind("composite digit forgotten", "zone", "MRZ.COMPOSITE", _digit_but_not_composite),
    kind("letter where a digit belongs", "zone", "MRZ.FORM MRZ.COMPOSITE MRZ.READ", _letter_among_digits),
    kind("impossible birth date", "zone", "DOCUMENT.DATES", _impossible_birth),
)
