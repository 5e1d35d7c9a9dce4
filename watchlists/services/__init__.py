"""Verbs on lists, screenings and hits."""

from watchlists.core.proposals import ListedDocument, ProposalRefused, ProposedEntry
from watchlists.services.changes import propose_changes
from watchlists.services.emergencies import (
    confirm_emergency,
    end_emergency,
    lapse_emergencies,
    raise_emergency,
)
from watchlists.services.exceptions import end_exception
from watchlists.services.hits import (
    HitRefused,
    HitUnknown,
    adjudicate_hit,
    claim_hit,
    release_hit,
    review_match,
)
from watchlists.services.lists import (
    ListRefused,
    activate_version,
    create_watchlist,
    propose_version,
    reject_version,
)
from watchlists.services.notices import see_notice, write_due_notices
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
    "confirm_emergency",
    "create_watchlist",
    "end_emergency",
    "end_exception",
    "lapse_emergencies",
    "propose_changes",
    "propose_version",
    "raise_emergency",
    "reject_version",
    "release_hit",
    "review_match",
    "screen",
    "see_notice",
    "write_due_notices",
]
