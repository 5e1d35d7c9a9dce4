"""What this package adds to the router of the API: (prefix, view set, base name)."""

from watchlists.api.views import HitViewSet, WatchlistEntryViewSet

ROUTES = [
    ("watchlist-entries", WatchlistEntryViewSet, "watchlist-entry"),
    ("hits", HitViewSet, "hit"),
]
