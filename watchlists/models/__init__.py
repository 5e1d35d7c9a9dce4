"""Watchlists as governed data: list, immutable versions, entries and their keys; screenings, hits, adjudications."""

from watchlists.models.entries import (
    EntryDocument,
    EntryDocumentRange,
    EntryFace,
    EntryKey,
    EntryName,
    VersionEntry,
    WatchlistEntry,
)
from watchlists.models.hits import Adjudication, AdjudicationReview, Hit, MatchException, Screening
from watchlists.models.imports import ImportRun, UploadPart
from watchlists.models.leads import Lead, RetroScreeningRun
from watchlists.models.lists import Watchlist, WatchlistVersion
from watchlists.models.notices import OwnerNotice
from watchlists.models.search import (
    EntrySearchForm,
    KeyRules,
    NameFrequencies,
    TravelerKey,
    TravelerSearchForm,
)
from watchlists.models.thresholds import ListThreshold, SelfTestRun

__all__ = [
    "Adjudication",
    "AdjudicationReview",
    "EntryDocument",
    "EntryDocumentRange",
    "EntryFace",
    "EntryKey",
    "EntryName",
    "EntrySearchForm",
    "Hit",
    "ImportRun",
    "KeyRules",
    "Lead",
    "ListThreshold",
    "MatchException",
    "NameFrequencies",
    "OwnerNotice",
    "RetroScreeningRun",
    "Screening",
    "SelfTestRun",
    "TravelerKey",
    "TravelerSearchForm",
    "UploadPart",
    "VersionEntry",
    "Watchlist",
    "WatchlistEntry",
    "WatchlistVersion",
]
