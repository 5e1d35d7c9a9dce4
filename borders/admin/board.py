"""The live board of one post: a page that asks for itself again, with a table behind each chart."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from audit.admin import ReadOnlyModelAdmin, Table, Tone, badge, show, show_time, words
from audit.core.actor import Role
from audit.services import record_read
from borders.admin.board_reads import INSPECTIONS_TIMED, Board, BoothLine, read_board
from borders.admin.marks import span_words
from borders.core.board import Link
from borders.models import PortOfEntry

REFRESH_S = 20
WAITS_LONG_S = 300
READING = ("GET", "HEAD")
LINK_MARKS = {
    Link.WORKING: ("At work", Tone.GOOD, "sensors"),
    Link.QUIET: ("Quiet", Tone.WARN, "hourglass_empty"),
    Link.LOCKED: ("Locked", Tone.NOTE, "lock"),
    Link.SIGNED_OUT: ("Nobody signed in", Tone.QUIET, "logout"),
    Link.CLOSED: ("Out of use", Tone.QUIET, "block"),
}


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawing and the table that says the same. drawing: JSON that desk.js gives to Chart.js."""

    code: str
    title: str
    note: str
    summary: str
    drawing: str
    table: Table


@dataclass(frozen=True, slots=True)
class BoardFigure:
    """One figure of the board. alarm: somebody should look; its note says why."""

    title: str
    value: str
    note: str
    sign: str
    link: str = ""
    alarm: bool = False


class BoardAdmin(ReadOnlyModelAdmin):
    """Ports with their live boards."""

    board_roles: ClassVar[frozenset[Role]] = frozenset({Role.SUPERVISOR})

    def get_urls(self) -> list[URLPattern]:
        return [
            path("board/", self.guard(self.any_board_view), name="borders_portofentry_any_board"),
            path("<uuid:port_id>/board/", self.guard(self.board_view), name="borders_portofentry_board"),
            path("<uuid:port_id>/board/live/", self.guard(self.live_view), name="borders_portofentry_live"),
            *super().get_urls(),
        ]

    def any_board_view(self, request: HttpRequest) -> HttpResponse:
        """Lead to the board of the first port in reach."""
        if request.method not in READING:
            return HttpResponseNotAllowed(READING)
        port = self.ports(request).first()
        if port is None:
            raise Http404
        return HttpResponseRedirect(board_url(port.id))

    def board_view(self, request: HttpRequest, port_id: UUID) -> HttpResponse:
        if request.method not in READING:
            return HttpResponseNotAllowed(READING)
        context = self.read(request, port_id, action="board_read")
        request.current_app = self.admin_site.name
        return TemplateResponse(
            request,
            "admin/borders/board.html",
            {
                **self.admin_site.each_context(request),
                "media": self.media,
                "title": f"Live board: {context['board'].port.name}",
                "ports": [(p, board_url(p.id)) for p in self.ports(request)],
                "live_url": reverse("admin:borders_portofentry_live", args=(port_id,)),
                "refresh_s": REFRESH_S,
                **context,
            },
        )

    def live_view(self, request: HttpRequest, port_id: UUID) -> HttpResponse:
        """Return what changes on the board, for the page that asks for it again and again."""
        if request.method not in READING:
            return HttpResponseNotAllowed(READING)
        context = self.read(request, port_id, action="board_refreshed")
        return TemplateResponse(request, "admin/borders/board_live.html", context)

    @transaction.atomic
    def read(self, request: HttpRequest, port_id: UUID, *, action: str) -> dict[str, Any]:
        port = self.ports(request).filter(id=port_id).first()
        if port is None:
            raise Http404
        now = timezone.now()
        board = read_board(port=port, at=now)
        record_read(
            actor=request.actor,
            at=now,
            object_type="port",
            object_ids=[port.id],
            action=action,
            fields=("booths", "captures", "figures", "lists"),
        )
        return {
            "board": board,
            "figures": figures_of(board),
            "charts": [crossings_chart(board), steps_chart(board)],
            "captures": captures_table(board),
            "booths": booths_table(board),
            "lists": lists_table(board),
        }

    def ports(self, request: HttpRequest) -> Any:
        """Return the ports in reach. Raises PermissionDenied without the role."""
        actor = request.actor.acting_as(self.board_roles)
        if not (self.has_view_permission(request) and actor.has(*self.board_roles)):
            raise PermissionDenied
        return PortOfEntry.objects.filter(id__in=actor.port_ids).order_by("code")


def board_url(port_id: UUID) -> str:
    return reverse("admin:borders_portofentry_board", args=(port_id,))


def figures_of(board: Board) -> list[BoardFigure]:
    """Return the figures above the charts."""
    wait, day = board.waiting, board.at.date().isoformat()
    oldest = board.at - wait.oldest_at if wait.oldest_at else None
    rate = board.refer_rate
    return [
        BoardFigure(
            "Crossings",
            f"{board.entries + board.exits:,}",
            f"{board.entries:,} entries, {board.exits:,} exits",
            "swap_horiz",
            _list("crossing", f"port={board.port.id}&since={day}"),
        ),
        BoardFigure(
            "Waiting",
            f"{wait.count:,}",
            f"{wait.machine} for the machine, {wait.officer} for an officer"
            + (f"; the oldest for {span_words(oldest)}" if oldest is not None else ""),
            "hourglass_top",
            _list("inspection", f"port={board.port.id}&state=waiting"),
            alarm=oldest is not None and oldest.total_seconds() > WAITS_LONG_S,
        ),
        BoardFigure(
            "Advice to refer",
            f"{rate:.1%}" if rate is not None else "—",
            f"{board.refer} of {board.advised} inspections advised today",
            "flag",
            _list("inspection", f"port={board.port.id}&advice=REFER&since={day}"),
        ),
        BoardFigure(
            "Referrals overdue",
            f"{board.referrals_overdue:,}",
            f"of {board.referrals_open} open"
            + (f"; the first was due {show_time(board.referral_due_at)}" if board.referrals_overdue else ""),
            "alarm",
            _list("referral", "show=overdue"),
            alarm=board.referrals_overdue > 0,
        ),
        BoardFigure(
            "Screening self-test",
            f"{board.self_test.found} of {board.self_test.screened}" if board.self_test else "—",
            board.self_test_alarm or f"made-up persons found {show_time(board.self_test.at)}",
            "health_and_safety",
            reverse("admin:watchlists_selftestrun_changelist"),
            alarm=bool(board.self_test_alarm),
        ),
    ]


def crossings_chart(board: Board) -> Chart:
    labels = [f"{h.hour:02d}:00" for h in board.hours]
    series = [
        {"label": "Entries", "data": [h.entries for h in board.hours], "ink": "note"},
        {"label": "Exits", "data": [h.exits for h in board.hours], "ink": "warn"},
    ]
    busiest = max(board.hours, key=lambda h: h.entries + h.exits)
    most = busiest.entries + busiest.exits
    return Chart(
        code="crossings",
        title="Crossings by hour",
        note="Recorded since midnight UTC.",
        summary=(
            f"{board.entries + board.exits} crossings; most from {busiest.hour:02d}:00 UTC: {most}."
            if most
            else "No crossing yet today."
        ),
        drawing=_drawing(labels, series, unit="crossings", stacked=True),
        table=Table(
            ("Hour (UTC)", "Entries", "Exits"),
            [(label, h.entries, h.exits) for label, h in zip(labels, board.hours, strict=True)],
        ),
    )


def steps_chart(board: Board) -> Chart:
    labels = [words(s.step) for s in board.steps]
    series = [
        {"label": "Half within", "data": [round(s.p50_ms, 1) for s in board.steps], "ink": "good"},
        {"label": "95 of 100 within", "data": [round(s.p95_ms, 1) for s in board.steps], "ink": "bad"},
    ]
    slowest = max(board.steps, key=lambda s: s.p95_ms, default=None)
    return Chart(
        code="steps",
        title="How long each step takes",
        note=f"Milliseconds, of the latest {board.timed:,} inspections today (at most {INSPECTIONS_TIMED:,}).",
        summary=(
            f"Slowest: {words(slowest.step).lower()}, 95 of 100 within {slowest.p95_ms:,.0f} ms."
            if slowest
            else "No step has ended yet today."
        ),
        drawing=_drawing(labels, series, unit="ms", stacked=False),
        table=Table(
            ("Step", "Half within (ms)", "95 of 100 within (ms)", "Ended", "Without an answer"),
            [
                (words(s.step), f"{s.p50_ms:,.1f}", f"{s.p95_ms:,.1f}", f"{s.count:,}", f"{s.failed:,}")
                for s in board.steps
            ],
            empty="No step has ended yet today.",
        ),
    )


def captures_table(board: Board) -> Table:
    return Table(
        ("Capture", "Not captured", "Of", "Why"),
        [
            (
                c.kind,
                f"{c.failed} ({c.failed / c.tried:.0%})" if c.tried else "—",
                c.tried,
                "; ".join(f"{words(code).lower()} {count}" for code, count in c.reasons) or show(None),
            )
            for c in board.captures
        ],
    )


def booths_table(board: Board) -> Table:
    return Table(
        ("Booth", "Link", "Signed in", "Since", "Latest act"),
        [_booth_row(line, board.at) for line in board.booths],
        empty="This post has no booth.",
    )


def _booth_row(line: BoothLine, at: datetime) -> tuple[Any, ...]:
    word, tone, sign = LINK_MARKS[line.link]
    latest = f"{span_words(at - line.latest_act_at)} ago" if line.latest_act_at else show(None)
    return (
        line.code,
        badge(word, tone, sign),
        line.badge_number or show(None),
        show_time(line.since),
        latest,
    )


def lists_table(board: Board) -> Table:
    return Table(
        ("List", "Version", "In force for", "Entries"),
        [
            (
                row.name,
                str(row.number) if row.number else badge("None: not checked", Tone.WARN),
                span_words(board.at - row.in_force_since) if row.in_force_since else show(None),
                f"{row.entries:,}" if row.number else show(None),
            )
            for row in board.lists
        ],
        empty="There is no list.",
    )


def _drawing(labels: Sequence[str], series: Sequence[dict[str, Any]], *, unit: str, stacked: bool) -> str:
    return json.dumps({"labels": list(labels), "series": list(series), "unit": unit, "stacked": stacked})


def _list(model_name: str, query: str) -> str:
    return f"{reverse(f'admin:borders_{model_name}_changelist')}?{query}"
