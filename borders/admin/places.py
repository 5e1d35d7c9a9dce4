"""Countries, ports, booths, officers and their posts, read only: what changes them are services. And the outbox."""

from typing import Any

import django_filters
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils import timezone
from unfold.decorators import display

from audit.admin import (
    AuditedModelAdmin,
    Fact,
    ReadOnlyModelAdmin,
    Section,
    Table,
    Tone,
    badge,
    show,
    show_time,
    words,
)
from audit.admin.filters import ANY, ChoiceFilter
from audit.core.actor import Role
from borders.admin.board import BoardAdmin, board_url
from borders.admin.filters import OutboxFilter, officers_in_reach, ports_in_reach
from borders.admin.port_place import place_fact, place_urls
from borders.models import Booth, Country, Officer, OutboxMessage, PortOfEntry, PostAssignment

PLACE_READERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


@admin.register(Country)
class CountryAdmin(ReadOnlyModelAdmin):
    read_roles = PLACE_READERS
    port_lookup = "ports__id__in"
    page_ordering = ("code",)
    list_display = ("code", "name", "default_stay_days", "minor_below_years", "asks_purpose", "asks_address")


@admin.register(PortOfEntry)
class PortOfEntryAdmin(BoardAdmin):
    read_roles = PLACE_READERS
    port_lookup = "id__in"
    page_ordering = ("code", "id")
    list_select_related = ("country",)
    list_display = ("code", "name", "kind", "country")

    def get_urls(self) -> list[URLPattern]:
        return [*place_urls(self), *super().get_urls()]

    def sections(self, request: HttpRequest, row: PortOfEntry) -> list[Section]:
        return [
            Section(
                row.name,
                [
                    Fact("UN/LOCODE", row.code),
                    Fact("Kind", row.get_kind_display()),
                    Fact("Country", str(row.country), self.link_to(request, Country, row.country_id)),
                    Fact("Live board", "open", board_url(row.id)),
                    place_fact(request, row),
                ],
            ),
            Section(
                "Booths",
                table=Table(
                    ("Booth", "State"), [(b.code, active_mark(b.active)) for b in row.booths.order_by("code")]
                ),
            ),
        ]


@admin.register(Booth)
class BoothAdmin(ReadOnlyModelAdmin):
    read_roles = PLACE_READERS
    port_lookup = "port_id__in"
    page_ordering = ("code", "id")
    list_select_related = ("port",)
    list_display = ("code", "port", "in_use")

    @display(description="State")
    def in_use(self, row: Booth) -> str:
        return active_mark(row.active)


@admin.register(Officer)
class OfficerAdmin(AuditedModelAdmin):
    """Badge numbers and posts; who the person behind a badge is, the service knows."""

    read_roles = PLACE_READERS
    port_lookup = "assignments__port_id__in"
    page_ordering = ("badge_number", "id")
    list_select_related = ("user",)
    list_display = ("badge_number", "account", "in_use")

    @display(description="Account")
    def account(self, row: Officer) -> str:
        return row.user.get_username()

    @display(description="State")
    def in_use(self, row: Officer) -> str:
        return active_mark(row.user.is_active)

    def sections(self, request: HttpRequest, row: Officer) -> list[Section]:
        posts = (
            row.assignments.filter(port_id__in=request.actor.port_ids)
            .select_related("port")
            .order_by("-valid_from", "id")
        )
        return [
            Section(
                row.badge_number,
                [Fact("Account", self.account(row)), Fact("State", active_mark(row.user.is_active))],
            ),
            Section(
                "Posts at your ports",
                table=Table(
                    ("Port", "Role", "From", "Until", "State"),
                    [
                        (
                            str(p.port),
                            p.get_role_display(),
                            show_time(p.valid_from),
                            show_time(p.valid_until),
                            force_mark(p),
                        )
                        for p in posts
                    ],
                ),
            ),
        ]


class PostAssignmentFilter(django_filters.FilterSet):
    port = django_filters.ModelChoiceFilter("port", label="Port", queryset=ports_in_reach, empty_label=ANY)
    officer = django_filters.ModelChoiceFilter(
        "officer", label="Officer", queryset=officers_in_reach, empty_label=ANY
    )
    role = ChoiceFilter("role", label="Role", choices=PostAssignment._meta.get_field("role").choices)
    force = ChoiceFilter(
        label="State", method="find_force", choices=(("now", "In force"), ("not", "Ended or to come"))
    )

    def find_force(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        now = timezone.now()
        in_force = Q(valid_from__lte=now) & (Q(valid_until__isnull=True) | Q(valid_until__gt=now))
        return rows.filter(in_force) if value == "now" else rows.exclude(in_force)


@admin.register(PostAssignment)
class PostAssignmentAdmin(AuditedModelAdmin):
    read_roles = PLACE_READERS
    object_type = "post_assignment"
    port_lookup = "port_id__in"
    page_ordering = ("-valid_from", "-id")
    filterset_class = PostAssignmentFilter
    list_select_related = ("officer", "port")
    list_display = ("officer", "role", "port", "begins", "ends", "in_force")

    @display(description="From")
    def begins(self, row: PostAssignment) -> str:
        return show_time(row.valid_from)

    @display(description="Until")
    def ends(self, row: PostAssignment) -> str:
        return show_time(row.valid_until)

    @display(description="State")
    def in_force(self, row: PostAssignment) -> str:
        return force_mark(row)


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnlyModelAdmin):
    """Messages carry ids and codes only. What was given up waits here for a person."""

    read_roles = PLACE_READERS
    page_ordering = ("-created_at", "-id")
    filterset_class = OutboxFilter
    list_display = ("created", "topic", "state", "attempts", "failure_words", "next_attempt")

    @display(description="Written")
    def created(self, row: OutboxMessage) -> str:
        return show_time(row.created_at)

    @display(description="State")
    def state(self, row: OutboxMessage) -> str:
        if row.dead:
            return badge("Given up", Tone.BAD, "error")
        if row.done_at is not None:
            return badge("Done", Tone.GOOD)
        return (
            badge("Waiting", Tone.NOTE, "schedule")
            if row.attempts == 0
            else badge("Tried again", Tone.WARN, "replay")
        )

    @display(description="Latest failure")
    def failure_words(self, row: OutboxMessage) -> str:
        return words(row.failure) if row.failure else show(None)

    @display(description="Next attempt")
    def next_attempt(self, row: OutboxMessage) -> str:
        return show(None) if row.dead or row.done_at else show_time(row.next_attempt_at)


def active_mark(active: bool) -> str:
    return badge("Active", Tone.GOOD) if active else badge("Not active", Tone.QUIET, "block")


def force_mark(post: PostAssignment) -> str:
    now = timezone.now()
    if post.valid_until is not None and post.valid_until <= now:
        return badge("Ended", Tone.QUIET, "event_busy")
    return badge("In force", Tone.GOOD) if post.valid_from <= now else badge("To come", Tone.NOTE, "event")
