"""The sidebar (UNFOLD["SIDEBAR"]["navigation"]): what the signed-in person may open, and nothing else."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from audit.core.actor import Role

BOARD_ROLES = frozenset({Role.SUPERVISOR})
# title of the group, then (app label, model name, title, Material Symbol)
GROUPS: tuple[tuple[str, tuple[tuple[str, str, str, str], ...]], ...] = (
    (
        "Border",
        (
            ("borders", "crossing", "Crossings", "swap_horiz"),
            ("borders", "inspection", "Inspections", "fact_check"),
            ("borders", "decision", "Decisions", "gavel"),
            ("borders", "decisionreview", "Decision reviews", "rate_review"),
            ("borders", "referral", "Referrals", "assignment_late"),
            ("borders", "stay", "Stays", "date_range"),
            ("borders", "refusalnotice", "Refusal notices", "description"),
            ("borders", "correctionrequest", "Correction requests", "edit_note"),
            ("borders", "checkrule", "Rules", "rule"),
            ("borders", "statisticsrelease", "Statistics", "bar_chart"),
        ),
    ),
    (
        "People and documents",
        (
            ("travelers", "traveler", "Travellers", "person_search"),
            ("travelers", "traveldocument", "Travel documents", "badge"),
            ("travelers", "documentreading", "Readings", "document_scanner"),
            ("travelers", "truststoreversion", "Trust store", "verified_user"),
            ("travelers", "trustedcertificate", "Certificates", "workspace_premium"),
        ),
    ),
    (
        "Watchlists",
        (
            ("watchlists", "hit", "Hits", "notification_important"),
            ("watchlists", "watchlist", "Lists", "list_alt"),
            ("watchlists", "watchlistversion", "Versions", "history"),
            ("watchlists", "watchlistentry", "Entries", "person_alert"),
            ("watchlists", "importrun", "Imports", "upload_file"),
            ("watchlists", "matchexception", "Exceptions", "person_off"),
            ("watchlists", "ownernotice", "Silent hits", "visibility_off"),
            ("watchlists", "lead", "Leads", "person_search"),
            ("watchlists", "listthreshold", "Thresholds", "tune"),
            ("watchlists", "selftestrun", "Self-tests", "health_and_safety"),
        ),
    ),
    (
        "Biometrics",
        (
            ("biometrics", "comparison", "Comparisons", "compare"),
            ("biometrics", "operatingpoint", "Operating points", "tune"),
            ("biometrics", "accuracymeasurement", "Accuracy by month", "monitoring"),
            ("biometrics", "gallery", "Galleries", "collections"),
            ("biometrics", "identificationreview", "Reviews", "how_to_reg"),
            ("biometrics", "deduplicationpair", "Duplicates", "group"),
            ("biometrics", "deduplicationrun", "Deduplication", "published_with_changes"),
        ),
    ),
    (
        "Service",
        (
            ("borders", "officer", "Officers", "local_police"),
            ("borders", "postassignment", "Posts", "assignment_ind"),
            ("borders", "accountchange", "Account changes", "manage_accounts"),
            ("borders", "portofentry", "Ports of entry", "location_on"),
            ("borders", "booth", "Booths", "desk"),
            ("borders", "boothdevice", "Terminals", "devices"),
            ("borders", "country", "Countries", "flag"),
            ("borders", "partner", "National systems", "hub"),
            ("borders", "partnerprofile", "Terms", "contract"),
        ),
    ),
    (
        "Data protection",
        (
            ("borders", "datasubject", "Data subjects", "person_shield"),
            ("borders", "overstaynotice", "Overstayers to be erased", "event_busy"),
            ("borders", "retentionclass", "Retention", "auto_delete"),
            ("borders", "legalhold", "Legal holds", "lock"),
            ("borders", "erasurerequest", "Requests to erase", "delete_forever"),
            ("borders", "erasure", "Erasures", "delete_history"),
            ("borders", "disclosure", "Given to others", "outgoing_mail"),
        ),
    ),
    (
        "System",
        (
            ("audit", "auditentry", "Audit trail", "shield"),
            ("borders", "outboxmessage", "Outbox", "outbox"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the groups of the sidebar with the pages that the person may read."""
    pages = {(m._meta.app_label, m._meta.model_name): a for m, a in admin.site._registry.items()}
    groups: list[dict[str, Any]] = []
    # the board lives below the list of posts, which is not where the person is
    on_board = request.path.endswith("/board/")
    for title, entries in GROUPS:
        items = [
            {"title": name, "icon": sign, "link": reverse(f"admin:{app_label}_{model_name}_changelist")}
            | ({"active": False} if on_board else {})
            for app_label, model_name, name, sign in entries
            if pages[app_label, model_name].has_view_permission(request)
        ]
        if items:
            groups.append({"title": title, "separator": True, "items": items})
    if groups:
        today = {"title": "Today", "icon": "dashboard", "link": reverse("admin:index")}
        first = [today]
        if request.actor.acting_as(BOARD_ROLES).has(*BOARD_ROLES):
            board = reverse("admin:borders_portofentry_any_board")
            first.append({"title": "Live board", "icon": "monitoring", "link": board, "active": on_board})
        groups.insert(0, {"items": first})
    return groups
