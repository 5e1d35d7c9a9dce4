"""Posts: who is posted where, as what, from when to when; and the end of one at once."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import django_filters
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.decorators import display

from audit.admin import AuditedModelAdmin, Fact, Section, show_time
from audit.admin.filters import ANY, ChoiceFilter
from audit.core.actor import Actor, Role
from borders.admin.accounts.officers import is_administrator
from borders.admin.accounts.words import force_mark, words_of
from borders.admin.filters import officers_in_reach, ports_in_reach
from borders.models import Country, Officer, PostAssignment
from borders.services.accounts import AccountRefused, end_post
from watchlists.admin.acts import Act, ActingAdmin, Refused


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
class PostAssignmentAdmin(AuditedModelAdmin, ActingAdmin):
    read_roles = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
    object_type = "post_assignment"
    page_ordering = ("-valid_from", "-id")
    usual_sort = "From"
    filterset_class = PostAssignmentFilter
    list_select_related = ("officer", "port", "country")
    list_display = ("officer", "role", "place", "begins", "ends", "in_force")
    list_note = "Posts are given on the page of an officer."
    detail_template = "admin/watchlists/acting.html"

    class Media:
        css: ClassVar = {"all": ("watchlists/admin.css",)}

    def scope(self, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        countries = Country.objects.filter(ports__in=actor.port_ids)
        return rows.filter(Q(port_id__in=actor.port_ids) | Q(country__in=countries))

    @display(description="Where")
    def place(self, row: PostAssignment) -> str:
        return str(row.port) if row.port else f"All ports of {row.country}"

    @display(description="From")
    def begins(self, row: PostAssignment) -> str:
        return show_time(row.valid_from)

    @display(description="Until")
    def ends(self, row: PostAssignment) -> str:
        return show_time(row.valid_until)

    @display(description="State")
    def in_force(self, row: PostAssignment) -> str:
        return force_mark(row)

    def sections(self, request: HttpRequest, row: PostAssignment) -> list[Section]:
        facts = [
            Fact("Officer", str(row.officer), self.link_to(request, Officer, row.officer_id)),
            Fact("Role", row.get_role_display()),
            Fact("Where", self.place(row)),
            Fact("From", self.begins(row)),
            Fact("Until", self.ends(row)),
            Fact("State", self.in_force(row)),
        ]
        return [Section("Post", facts)]

    def acts(self, request: HttpRequest, row: PostAssignment) -> Sequence[Act]:
        over = row.valid_until is not None and row.valid_until <= timezone.now()
        if over or not is_administrator(request):
            return ()
        own = words_of(AccountRefused("own_account")) if row.officer.user_id == request.actor.user_id else ""
        note = "At once: with the next request the officer has this role there no more."
        return (Act("end", "End this post", "End", note, main=False, sign="event_busy", blocked=own),)

    def perform(self, request: HttpRequest, row: PostAssignment, act: Act, given: Mapping[str, str]) -> str:
        try:
            end_post(actor=request.actor, at=timezone.now(), post_id=row.id)
        except AccountRefused as refusal:
            raise Refused(words_of(refusal)) from None
        return "The post is ended."
