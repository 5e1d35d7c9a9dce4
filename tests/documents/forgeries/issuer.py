"""Numbers, issuers, types and specimens that no State gives."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from tests.documents.forgeries.kinds import Kind, kind, known_passport, passport, presented
from tests.documents.genuine import (
    DIGITS,
    LETTERS,
    Rng,
    characters,
    draw_paper,
    pick,
)
from tests.documents.presented import Presented
from travelers.core.data.issuers import ISSUERS

_BLANKS: Mapping[str, Mapping[str, object]] = {
    "NUMBER.BLANK": {
        "ranges": [
            {"issuing_state": "ITA", "first": "YB1000000", "last": "YB1004999", "reason": "theft of 2025"}
        ]
    }
}
_NEVER: Mapping[str, Mapping[str, object]] = {
    "NUMBER.SERIES": {"never_issued": [{"issuing_state": "POL", "first": "ZZ0000000", "last": "ZZ9999999"}]}
}
_WINDOW: Mapping[str, Mapping[str, object]] = {
    "NUMBER.SERIES": {
        "windows": [
            {
                "issuing_state": "ITA",
                "first": "YC0000000",
                "last": "YC9999999",
                "issued_from": "2023",
                "issued_until": "2026",
            }
        ]
    }
}
_EXCLUDED: Mapping[str, Mapping[str, object]] = {"DOCUMENT.TYPE": {"not_recognised": ["XOM"]}}
_TABLE: Mapping[str, Mapping[str, object]] = {"NUMBER.FORMAT": {"confirmed": sorted(ISSUERS)}}


def _other_issuers_number(rng: Rng) -> Presented:
    paper = known_passport(rng)
    paper = replace(paper, document_number=characters(rng, LETTERS, 4) + characters(rng, DIGITS, 2))
    return presented(paper, paper.lines())


def _number(
    rng: Rng, issuer: str, prefix: str, first: int, last: int, issued: date | None = None
) -> Presented:
    paper = passport(rng, issuer)
    paper = replace(paper, document_number=f"{prefix}{int(rng.integers(first, last + 1)):07d}")
    if issued is not None:
        paper = replace(paper, issue_date=issued, expiry_date=issued.replace(year=issued.year + 10))
    return presented(paper, paper.lines())


def _unknown_issuer(rng: Rng) -> Presented:
    paper = passport(rng, pick(rng, ("QQZ", "ZZX", "KRV", "FDL", "XZZ")))
    return presented(paper, paper.lines())


def _unknown_nationality(rng: Rng) -> Presented:
    paper = replace(passport(rng), nationality=pick(rng, ("QQZ", "ZZX", "KRV", "FDL")))
    return presented(paper, paper.lines())


def _utopia(rng: Rng) -> Presented:
    paper = replace(passport(rng), issuing_state="UTO", nationality="UTO")
    return presented(paper, paper.lines())


def _specimen_holder(rng: Rng) -> Presented:
    paper = passport(rng, "D")
    paper = replace(paper, surname="Mustermann", given="Erika", form=("MUSTERMANN", "ERIKA"))
    return presented(paper, paper.lines())


def _fantasy(rng: Rng) -> Presented:
    paper = replace(passport(rng), issuing_state="WSA")
    return presented(paper, paper.lines())


def _state_no_more(rng: Rng) -> Presented:
    paper = replace(passport(rng), issuing_state=pick(rng, ("YUG", "SUN", "CSK", "DDR", "ZAR")))
    return presented(paper, paper.lines())


def _wrong_type(rng: Rng) -> Presented:
    paper = draw_paper(rng, kind="TD1", adult=True)
    paper = replace(paper, document_code=pick(rng, ("P", "X", "D")))
    return presented(paper, paper.lines())


def _not_recognised(rng: Rng) -> Presented:
    paper = passport(rng, "XOM")
    return presented(paper, paper.lines())


ISSUER_KINDS: tuple[Kind, ...] = (
    kind("number in another issuer's format", "issuer", "NUMBER.FORMAT", _other_issuers_number, _TABLE),
    kind(
        "series never issued",
        "issuer",
        "NUMBER.SERIES",
        lambda r: _number(r, "POL", "ZZ", 0, 9_999_999),
        _NEVER,
    ),
    kind(
        "series of other years",
        "issuer",
        "NUMBER.SERIES",
        lambda r: _number(r, "ITA", "YC", 0, 9_999_999, date(2018, 5, 7)),
        _WINDOW,
    ),
    kind(
        "stolen blank",
        "issuer",
        "NUMBER.BLANK",
        lambda r: _number(r, "ITA", "YB", 1_000_000, 1_004_999),
        _BLANKS,
    ),
    kind("issuer without a code", "issuer", "MRZ.ISSUING_STATE", _unknown_issuer),
    kind("nationality without a code", "issuer", "MRZ.NATIONALITY", _unknown_nationality),
    kind("document of Utopia", "issuer", "MRZ.SPECIMEN", _utopia),
    kind("specimen of a real State", "issuer", "MRZ.SPECIMEN", _specimen_holder),
    kind("fantasy document", "issuer", "DOCUMENT.FANTASY", _fantasy),
    kind("document of a State that is no more", "issuer", "DOCUMENT.FANTASY", _state_no_more),
    kind("type that does not fit the size", "issuer", "DOCUMENT.TYPE", _wrong_type),
    kind(
        "document that this State does not recognise", "issuer", "DOCUMENT.TYPE", _not_recognised, _EXCLUDED
    ),
)
