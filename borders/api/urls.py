from django.urls import path, re_path
from rest_framework.routers import SimpleRouter

from borders.api.views.audit_head import AuditHeadView
from borders.api.views.description import SchemaView, UnknownAddressView
from borders.api.views.devices import ChallengeView, DevicesView
from borders.api.views.inspections import InspectionViewSet
from borders.api.views.manifests import ManifestsView
from borders.api.views.oauth import RevocationView, TokenView
from borders.api.views.records import CrossingViewSet, ReferralViewSet, StayViewSet
from borders.api.views.redress import CorrectionRequestViewSet
from borders.api.views.sessions import CurrentSessionView, SessionsView
from borders.api.views.statistics import StatisticsViewSet
from borders.api.views.subjects import SubjectViewSet
from travelers.api.urls import ROUTES as TRAVELER_ROUTES
from watchlists.api.urls import ROUTES as WATCHLIST_ROUTES

ROUTES = [
    ("inspections", InspectionViewSet, "inspection"),
    ("crossings", CrossingViewSet, "crossing"),
    ("stays", StayViewSet, "stay"),
    ("referrals", ReferralViewSet, "referral"),
    ("correction-requests", CorrectionRequestViewSet, "correction-request"),
    ("statistics", StatisticsViewSet, "statistics"),
]
router = SimpleRouter(use_regex_path=False)
for prefix, view_set, base_name in [*ROUTES, *TRAVELER_ROUTES, *WATCHLIST_ROUTES]:
    router.register(prefix, view_set, base_name)

urlpatterns = [
    path("sessions/", SessionsView.as_view(), name="sessions"),
    path("sessions/current/", CurrentSessionView.as_view(), name="current-session"),
    path("devices/", DevicesView.as_view(), name="devices"),
    path("devices/challenge/", ChallengeView.as_view(), name="device-challenge"),
    path("oauth/token/", TokenView.as_view(), name="oauth-token"),
    path("oauth/revocation/", RevocationView.as_view(), name="oauth-revocation"),
    path("audit-head/", AuditHeadView.as_view(), name="audit-head"),
    path("manifests/", ManifestsView.as_view(), name="manifests"),
    path("subjects/<uuid:id>/record/", SubjectViewSet.as_view({"post": "record"}), name="subject-record"),
    path("schema/", SchemaView.as_view(), name="schema"),
    *router.urls,
    re_path("", UnknownAddressView.as_view(), name="unknown-address"),
]
