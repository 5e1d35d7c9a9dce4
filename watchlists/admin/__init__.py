"""Watchlists for supervisors and list owners."""

from watchlists.admin.hits import HitAdmin
from watchlists.admin.lists import WatchlistAdmin, WatchlistEntryAdmin, WatchlistVersionAdmin

__all__ = ["HitAdmin", "WatchlistAdmin", "WatchlistEntryAdmin", "WatchlistVersionAdmin"]
