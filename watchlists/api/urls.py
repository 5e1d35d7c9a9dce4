"""What this package adds to the router of the API: (prefix, view set, base name)."""

from watchlists.api.list_views import ScreeningViewSet, WatchlistVersionViewSet, WatchlistViewSet
from watchlists.api.views import HitViewSet, WatchlistEntryViewSet

ROUTES = [
    ("watchlists", WatchlistViewSet, "watchlist"),
    ("watchlist-versions", WatchlistVersionViewSet, "watchlist-version"),
    ("watchlist-entries", WatchlistEntryViewSet, "watchlist-entry"),
    ("hits", HitViewSet, "hit"),
    ("screenings", ScreeningViewSet, "screening"),
]
