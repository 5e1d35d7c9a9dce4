"""Verbs on lists, screenings and hits."""

from watchlists.core.proposals import ListedDocument, ProposalRefused, ProposedEntry
from watchlists.services.hits import HitRefused, HitUnknown, adjudicate_hit, claim_hit, release_hit
from watchlists.services.lists import (
    ListRefused,
    activate_version,
    create_watchlist,
    propose_version,
    reject_version,
)
from watchlists.services.screening import ScreeningResult, screen

__all__ = [
    "HitRefused",
    "HitUnknown",
    "ListRefused",
    "ListedDocument",
    "ProposalRefused",
    "ProposedEntry",
    "ScreeningResult",
    "activate_version",
    "adjudicate_hit",
    "claim_hit",
    "create_watchlist",
    "propose_version",
    "reject_version",
    "release_hit",
    "screen",
]
