"""The audit trail for supervisors: who did or looked at what, when, why."""

from typing import Any

import django_filters
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from audit.admin.badges import Tone, badge
from audit.admin.base import AuditedModelAdmin
from audit.admin.detail import Fact, Section, show, show_time, show_when, words
from audit.admin.filters import ChoiceFilter, CodeFilter, FromDayFilter, UntilDayFilter
from audit.core.actor import Actor, Role
from audit.models import AuditEntry
from audit.queries.trail import shown_trail, trail_of_posts


class AuditEntryFilter(django_filters.FilterSet):
    since = FromDayFilter("at", label="From")
    until = UntilDayFilter("at", label="To")
    kind = ChoiceFilter("kind", label="Kind", choices=AuditEntry.Kind.choices)
    action = CodeFilter("action", label="Act", max_length=60)
    actor = CodeFilter("actor_label", label="Who (badge)", max_length=80, method="find_actor")
    object_type = CodeFilter("object_type", label="Object", max_length=40)
    object_id = CodeFilter("object_id", label="Object id", max_length=40)

    def find_actor(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Go by the account behind a badge, which an index leads to; processes have a label alone."""
        labelled = rows.filter(actor_label=value)
        # officers stand above this package, and are known here by the name of their relation alone
        accounts = list(User.objects.filter(officer__badge_number=value).values_list("id", flat=True))
        if accounts:
            return labelled.filter(actor_id__in=accounts)
        return labelled if ":" in value or value == "anonymous" else rows.none()


@admin.register(AuditEntry)
class AuditEntryAdmin(AuditedModelAdmin):
    """The trail of the own posts and of their objects; of everything for data protection officers."""

    object_type = "audit_entry"
    read_roles = frozenset({Role.SUPERVISOR, Role.DATA_PROTECTION})
    page_ordering = ("-at", "-id")
    filterset_class = AuditEntryFilter
    list_display = ("at_time", "kind_mark", "act", "who", "what", "purpose", "origin")
    list_note = "Of the own posts and their objects. Ids and codes only. Times are UTC."

    def scope(self, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return trail_of_posts(shown_trail(rows, actor=actor), actor=actor)

    @display(description="Time")
    def at_time(self, row: AuditEntry) -> str:
        return show_when(row.at)

    @display(description="Kind")
    def kind_mark(self, row: AuditEntry) -> str:
        if row.kind == AuditEntry.Kind.WRITE:
            return badge(row.get_kind_display(), Tone.NOTE, "edit")
        return badge(row.get_kind_display(), Tone.QUIET, "visibility")

    @display(description="Act")
    def act(self, row: AuditEntry) -> str:
        return row.action

    @display(description="Who")
    def who(self, row: AuditEntry) -> str:
        return row.actor_label

    @display(description="Object")
    def what(self, row: AuditEntry) -> str:
        count = row.detail.get("count") if not row.object_id else None
        return (
            f"{words(row.object_type)} {row.object_id or ''}".strip()
            if count is None
            else f"{words(row.object_type)}, {count} rows"
        )

    def sections(self, request: HttpRequest, row: AuditEntry) -> list[Section]:
        return [
            Section(
                "Act",
                [
                    Fact("Time", show_time(row.at)),
                    Fact("Kind", self.kind_mark(row)),
                    Fact("Act", row.action),
                    Fact("Object", words(row.object_type)),
                    Fact("Object id", show(row.object_id), self.link_to_object(request, row)),
                ],
            ),
            Section(
                "Who and why",
                [
                    Fact("Who", row.actor_label),
                    Fact("Roles", ", ".join(words(r) for r in row.roles.split(",") if r) or show("")),
                    Fact("Purpose", words(row.purpose)),
                    Fact("From", show(row.origin)),
                ],
            ),
            Section("Detail", [Fact(words(k), show(v)) for k, v in sorted(row.detail.items())]),
        ]

    def link_to_object(self, request: HttpRequest, row: AuditEntry) -> str:
        """Return the page of the object, if the admin has one for its kind that the actor may read; it asks for its own rows."""
        if not row.object_id:
            return ""
        named = (
            m
            for m, a in self.admin_site._registry.items()
            if getattr(a, "object_type", "") == row.object_type
        )
        return next(filter(None, (self.link_to(request, model, row.object_id) for model in named)), "")
