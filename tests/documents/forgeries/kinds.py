"""What is common to all kinds of forgery, and the genuine papers that they begin with."""

from collections.abc import Callable
from dataclasses import dataclass, field

from biometrics.core.outcomes import Settings
from tests.documents.genuine import (
    DIGITS,
    Paper,
    Rng,
    draw_paper,
    pick,
    read_facts,
)
from tests.documents.presented import Presented
from travelers.core.data.issuers import ISSUERS

Forge = Callable[[Rng], Presented]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of forgery. expected: codes of which one at least must FAIL. settings: rules that a State would have."""

    name: str
    group: str
    expected: frozenset[str]
    forge: Forge
    settings: Settings = field(default_factory=dict)


def passport(rng: Rng, issuer: str = "") -> Paper:
    return draw_paper(rng, kind="TD3", issuer=issuer, adult=True)


def known_passport(rng: Rng) -> Paper:
    return passport(rng, pick(rng, tuple(sorted(ISSUERS))))


def put(lines: tuple[str, ...], line: int, start: int, text: str) -> tuple[str, ...]:
    rows = list(lines)
    rows[line] = rows[line][:start] + text + rows[line][start + len(text) :]
    return tuple(rows)


def other(rng: Rng, alphabet: str, character: str) -> str:
    return pick(rng, tuple(c for c in alphabet if c != character))


def other_digit(rng: Rng, character: str) -> str:
    """Return another digit. Weights 7, 3 and 1 have no factor in common with 10, so the check digit always changes."""
    return other(rng, DIGITS, character)


def presented(paper: Paper, lines: tuple[str, ...], **printed: str) -> Presented:
    return Presented(read_facts(lines, paper.printed() | printed))


def kind(name: str, group: str, codes: str, forge: Forge, settings: Settings | None = None) -> Kind:
    return Kind(name, group, frozenset(codes.split()), forge, settings or {})
