"""Countries, ports, booths, officers and their posts, read only: what changes them are services. And the outbox."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from unfold.decorators import display

from audit.admin import (
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
from audit.core.actor import Actor, Role
from borders.admin.accounts.words import active_mark
from borders.admin.board import BoardAdmin, board_url
from borders.admin.filters import OutboxFilter
from borders.admin.port_place import place_fact, place_urls
from borders.models import Booth, Country, OutboxMessage, PortOfEntry

PLACE_READERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


@admin.register(Country)
class CountryAdmin(ReadOnlyModelAdmin):
    read_roles = PLACE_READERS
    port_lookup = "ports__id__in"
    page_ordering = ("code",)
    list_display = ("code", "name", "default_stay_days", "minor_below_years", "asks_purpose", "asks_address")


@admin.register(PortOfEntry)
class PortOfEntryAdmin(BoardAdmin):
    object_type = "port"
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


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnlyModelAdmin):
    """Messages carry ids and codes only. What was given up waits here for a person. Those to owners of lists tell of silent
    hits: they are for owners, and an owner sees no others.
    """

    read_roles = PLACE_READERS | {Role.LIST_OWNER}
    page_ordering = ("-created_at", "-id")
    filterset_class = OutboxFilter
    list_display = ("created", "topic", "state", "attempts", "failure_words", "next_attempt")

    def scope(self, rows: QuerySet[OutboxMessage], actor: Actor) -> QuerySet[OutboxMessage]:
        if not actor.has(Role.LIST_OWNER):
            return rows.exclude(topic=OutboxMessage.Topic.OWNER_NOTICE)
        return rows if actor.has(*PLACE_READERS) else rows.filter(topic=OutboxMessage.Topic.OWNER_NOTICE)

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
