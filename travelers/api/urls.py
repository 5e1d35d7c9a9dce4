"""What this package adds to the router of the API: (prefix, view set, base name)."""

from travelers.api.views import TravelDocumentViewSet, TravelerViewSet

ROUTES = [
    ("travelers", TravelerViewSet, "traveler"),
    ("documents", TravelDocumentViewSet, "document"),
]
