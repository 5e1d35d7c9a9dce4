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
from watchlists.models.hits import Adjudication, Hit, MatchException, Screening
from watchlists.models.imports import ImportRun
from watchlists.models.lists import Watchlist, WatchlistVersion
from watchlists.models.notices import OwnerNotice

__all__ = [
    "Adjudication",
    "EntryDocument",
    "EntryDocumentRange",
    "EntryFace",
    "EntryKey",
    "EntryName",
    "Hit",
    "ImportRun",
    "MatchException",
    "OwnerNotice",
    "Screening",
    "VersionEntry",
    "Watchlist",
    "WatchlistEntry",
    "WatchlistVersion",
]
