"""Watchlists for supervisors and list owners."""

from watchlists.admin.entries import WatchlistEntryAdmin
from watchlists.admin.exceptions import MatchExceptionAdmin
from watchlists.admin.hits import HitAdmin
from watchlists.admin.imports import ImportRunAdmin
from watchlists.admin.leads import LeadAdmin
from watchlists.admin.lists import WatchlistAdmin
from watchlists.admin.notices import OwnerNoticeAdmin
from watchlists.admin.self_tests import SelfTestRunAdmin
from watchlists.admin.thresholds import ListThresholdAdmin
from watchlists.admin.versions import WatchlistVersionAdmin

__all__ = [
    "HitAdmin",
    "ImportRunAdmin",
    "LeadAdmin",
    "ListThresholdAdmin",
    "MatchExceptionAdmin",
    "OwnerNoticeAdmin",
    "SelfTestRunAdmin",
    "WatchlistAdmin",
    "WatchlistEntryAdmin",
    "WatchlistVersionAdmin",
]
