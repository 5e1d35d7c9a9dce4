"""The supervisor's admin of the border."""

from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.http import Http404, HttpRequest, HttpResponse

from borders.admin.accounts import AccountChangeAdmin, OfficerAdmin, PostAssignmentAdmin
from borders.admin.crossings import CrossingAdmin, StayAdmin
from borders.admin.custody import (
    DataSubjectAdmin,
    DisclosureAdmin,
    ErasureAdmin,
    ErasureRequestAdmin,
    LegalHoldAdmin,
    OverstayNoticeAdmin,
    RetentionClassAdmin,
)
from borders.admin.devices import BoothDeviceAdmin
from borders.admin.inspections import DecisionAdmin, InspectionAdmin, ReferralAdmin
from borders.admin.partners import PartnerAdmin, PartnerProfileAdmin
from borders.admin.places import (
    BoothAdmin,
    CountryAdmin,
    OutboxMessageAdmin,
    PortOfEntryAdmin,
)
from borders.admin.redress import CorrectionRequestAdmin, RefusalNoticeAdmin
from borders.admin.reviews import DecisionReviewAdmin
from borders.admin.rules import CheckRuleAdmin
from borders.admin.statistics import StatisticsReleaseAdmin

__all__ = [
    "AccountChangeAdmin",
    "BoothAdmin",
    "BoothDeviceAdmin",
    "CheckRuleAdmin",
    "CorrectionRequestAdmin",
    "CountryAdmin",
    "CrossingAdmin",
    "DataSubjectAdmin",
    "DecisionAdmin",
    "DecisionReviewAdmin",
    "DisclosureAdmin",
    "ErasureAdmin",
    "ErasureRequestAdmin",
    "InspectionAdmin",
    "LegalHoldAdmin",
    "OfficerAdmin",
    "OutboxMessageAdmin",
    "OverstayNoticeAdmin",
    "PartnerAdmin",
    "PartnerProfileAdmin",
    "PortOfEntryAdmin",
    "PostAssignmentAdmin",
    "ReferralAdmin",
    "RefusalNoticeAdmin",
    "RetentionClassAdmin",
    "StatisticsReleaseAdmin",
    "StayAdmin",
]


def no_site_search(request: HttpRequest, extra_context: object = None) -> HttpResponse:
    """The site-wide search would put what somebody types, a name perhaps, into an URL."""
    raise Http404


# of the libraries for OAuth2, second factors and lock-out: what they keep is shown and changed by our own pages
for model in list(admin.site._registry):
    if model._meta.app_label in ("oauth2_provider", "otp_totp", "otp_static", "axes"):
        admin.site.unregister(model)
# accounts change by services with their own rules and audit, not by a form
for model in (User, Group):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
admin.site.search = no_site_search
admin.site.index_template = "admin/borders/dashboard.html"
admin.site.index_title = "Today"
