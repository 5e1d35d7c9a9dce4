"""Documents out of time."""

from dataclasses import replace
from datetime import date, timedelta

from tests.documents.forgeries.kinds import Kind, kind, known_passport, passport, presented
from tests.documents.genuine import (
    AT,
    Rng,
)
from tests.documents.presented import Presented
from travelers.core.data.issuers import ISSUERS


def _expired(rng: Rng) -> Presented:
    paper = passport(rng)
    paper = replace(
        paper, expiry_date=AT.date() - timedelta(days=int(rng.integers(1, 2000))), issue_date=date(2014, 3, 2)
    )
    return presented(paper, paper.lines())


def _issued_in_future(rng: Rng) -> Presented:
    paper = passport(rng)
    issued = AT.date() + timedelta(days=int(rng.integers(1, 30)))
    return presented(replace(paper, issue_date=issued), paper.lines())


def _issued_before_birth(rng: Rng) -> Presented:
    paper = passport(rng)
    born = AT.date() - timedelta(days=int(rng.integers(200, 1500)))
    paper = replace(
        paper,
        birth_date=born,
        birth_raw=f"{born:%y%m%d}",
        issue_date=born - timedelta(days=int(rng.integers(1, 900))),
    )
    return presented(paper, paper.lines())


def _too_long_validity(rng: Rng) -> Presented:
    paper = known_passport(rng)
    issuer = ISSUERS[paper.issuing_state]
    expires = paper.issue_date.replace(day=min(paper.issue_date.day, 28))
    expires = expires.replace(year=expires.year + issuer.adult_years) + timedelta(
        days=int(rng.integers(60, 1500))
    )
    paper = replace(paper, expiry_date=expires)
    return presented(paper, paper.lines())


VALIDITY_KINDS: tuple[Kind, ...] = (
    kind("expired", "validity", "DOCUMENT.EXPIRED", _expired),
    kind("issued in the future", "validity", "DOCUMENT.ISSUED", _issued_in_future),
    kind("issued before birth", "validity", "DOCUMENT.ISSUED", _issued_before_birth),
    kind("valid longer than the issuer gives", "validity", "DOCUMENT.VALIDITY", _too_long_validity),
)
