"""The live board of a post."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditEntry
from borders.admin.board import captures_table, crossings_chart
from borders.admin.board_reads import read_board
from borders.core.board import Link
from borders.models import Booth, BoothSession, CaptureFault, Officer
from tests.db.factories import (
    make_crossing,
    make_finding,
    make_inspection,
    make_reading,
    make_referral,
    make_step,
    make_traveler,
)


def board_url(booth: Booth) -> str:
    return reverse("admin:borders_portofentry_board", args=(booth.port_id,))


def live_url(booth: Booth) -> str:
    return reverse("admin:borders_portofentry_live", args=(booth.port_id,))


def open_session(officer: Officer, booth: Booth, at: datetime, **fields: Any) -> BoothSession:
    return BoothSession.objects.create(
        **{
            "officer": officer,
            "booth": booth,
            "token_sha256": uuid4().hex,
            "started_at": at - timedelta(hours=1),
            "expires_at": at + timedelta(hours=11),
            **fields,
        }
    )


def test_crossings_are_counted_by_hour_and_direction(
    booth: Booth, land_booth: Booth, alice: Officer, charlie: Officer, at: datetime
) -> None:
    make_crossing(booth=booth, officer=alice, at=at - timedelta(hours=2), number=0)
    make_crossing(booth=booth, officer=alice, at=at - timedelta(hours=2), number=1, direction="EXIT")
    make_crossing(booth=booth, officer=alice, at=at - timedelta(days=1), number=2)
    make_crossing(booth=land_booth, officer=charlie, at=at, number=3)
    board = read_board(port=booth.port, at=at)
    assert [(h.hour, h.entries, h.exits) for h in board.hours if h.entries or h.exits] == [(7, 1, 1)]
    assert len(board.hours) == 10
    drawing = json.loads(crossings_chart(board).drawing)
    assert [sum(s["data"]) for s in drawing["series"]] == [1, 1]


def test_waiting_inspections_are_told_with_the_oldest(booth: Booth, alice: Officer, at: datetime) -> None:
    make_inspection(booth=booth, officer=alice, at=at - timedelta(minutes=9), number=0)
    make_inspection(booth=booth, officer=alice, at=at, number=1, state="PROCESSING", advice="")
    make_crossing(booth=booth, officer=alice, at=at - timedelta(hours=1), number=2)
    waiting = read_board(port=booth.port, at=at).waiting
    assert (waiting.machine, waiting.officer, waiting.oldest_at) == (1, 1, at - timedelta(minutes=9))


def test_steps_advice_and_referrals_of_the_day(booth: Booth, alice: Officer, at: datetime) -> None:
    odd = make_inspection(booth=booth, officer=alice, at=at - timedelta(minutes=9), advice="REFER")
    make_inspection(booth=booth, officer=alice, at=at - timedelta(minutes=8), number=1)
    make_step(inspection=odd, step="READ", elapsed_ms=120.0)
    make_step(inspection=odd, step="SCREEN", state="FAILED", code="timeout", elapsed_ms=900.0)
    make_referral(inspection=odd, officer=alice, due_at=at - timedelta(minutes=1))
    board = read_board(port=booth.port, at=at)
    assert [(s.step, s.p50_ms, s.failed) for s in board.steps] == [("READ", 120.0, 0), ("SCREEN", 900.0, 1)]
    assert board.refer_rate == 0.5
    assert (board.referrals_open, board.referrals_overdue) == (1, 1)


def test_a_wrong_picture_is_a_failure_to_capture_and_no_advice(
    booth: Booth, alice: Officer, at: datetime
) -> None:
    taken_anew = make_inspection(booth=booth, officer=alice, at=at, state="RETAKEN", advice="REFER")
    make_finding(inspection=taken_anew, code="FACE.QUALITY", outcome="PASS")
    CaptureFault.objects.create(
        inspection=taken_anew, fault="FACE_OF_ANOTHER", told_by=alice.user, told_at=at
    )
    make_inspection(booth=booth, officer=alice, at=at, number=2, advice="CLEAR")

    board = read_board(port=booth.port, at=at)

    assert (board.advised, board.refer) == (1, 0)
    face = next(c for c in board.captures if c.kind == "Face")
    assert dict(face.reasons) == {"face_of_another": 1}


def test_failures_to_capture_are_told_by_reason(booth: Booth, alice: Officer, at: datetime) -> None:
    seen = make_inspection(booth=booth, officer=alice, at=at, number=0, chip_attempted=True)
    make_finding(inspection=seen, code="FACE.QUALITY", step="MATCH_FACE", reason="face_not_found")
    unread = make_reading(
        traveler=make_traveler(at=at),
        at=at,
        status="UNREADABLE",
        reason="zone_not_found",
        document_number="L1",
    )
    other = make_inspection(booth=booth, officer=alice, at=at, number=1, reading=unread)
    make_finding(inspection=other, code="FACE.QUALITY", step="MATCH_FACE", outcome="PASS")
    told = {c.kind: (c.failed, c.tried, dict(c.reasons)) for c in read_board(port=booth.port, at=at).captures}
    assert told == {
        "Face": (1, 2, {"face_not_found": 1}),
        "Page": (2, 2, {"not_taken": 2}),
        "Chip": (1, 1, {"nothing_read": 1}),
    }
    assert len(captures_table(read_board(port=booth.port, at=at)).rows) == 3


@pytest.mark.parametrize(
    ("fields", "link", "badge"),
    [
        ({}, Link.QUIET, "UT-0001"),
        ({"locked": 1}, Link.LOCKED, "UT-0001"),
        ({"active": 2}, Link.WORKING, "UT-0001"),
        ({"ended": 5}, Link.SIGNED_OUT, ""),
    ],
)
def test_each_booth_tells_its_link(
    booth: Booth, alice: Officer, at: datetime, fields: dict[str, int], link: Link, badge: str
) -> None:
    times = {f"{name}_at": at - timedelta(minutes=minutes) for name, minutes in fields.items()}
    open_session(alice, booth, at, **times)
    (line,) = read_board(port=booth.port, at=at).booths
    assert (line.link, line.badge_number) == (link, badge)


def test_a_session_that_ran_out_is_nobody_signed_in(booth: Booth, alice: Officer, at: datetime) -> None:
    open_session(alice, booth, at, expires_at=at - timedelta(minutes=1))
    (line,) = read_board(port=booth.port, at=at).booths
    assert line.link is Link.SIGNED_OUT


def test_an_inspection_opened_through_the_api_is_an_act_of_its_booth(
    booth: Booth, alice: Officer, at: datetime
) -> None:
    open_session(alice, booth, at)
    make_inspection(booth=booth, officer=alice, at=at - timedelta(minutes=1))
    (line,) = read_board(port=booth.port, at=at).booths
    assert line.link is Link.WORKING


def test_board_opens_and_refreshes_for_its_supervisor_with_audit(bobs_browser: Client, booth: Booth) -> None:
    shown = bobs_browser.get(board_url(booth)).content.decode()
    assert "Live board" in shown
    assert "Crossings by hour" in shown
    assert "data-board" in bobs_browser.get(live_url(booth)).content.decode()
    looks = AuditEntry.objects.filter(object_type="port", object_id=str(booth.port_id))
    assert sorted(looks.values_list("action", flat=True)) == ["port.board_read", "port.board_refreshed"]


def test_board_of_another_port_is_not_found(bobs_browser: Client, land_booth: Booth) -> None:
    assert bobs_browser.get(board_url(land_booth)).status_code == 404
    assert bobs_browser.get(live_url(land_booth)).status_code == 404


def test_board_is_refused_to_an_officer(sign_in: Any, alice: Officer, booth: Booth) -> None:
    assert sign_in(alice).get(board_url(booth)).status_code == 403


def test_board_leads_to_the_first_port_in_reach(bobs_browser: Client, booth: Booth) -> None:
    response = bobs_browser.get(reverse("admin:borders_portofentry_any_board"))
    assert response["Location"] == board_url(booth)


def test_board_costs_the_same_whatever_the_day_brought(booth: Booth, alice: Officer, at: datetime) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            read_board(port=booth.port, at=at)
        return len(asked)

    make_step(inspection=make_crossing(booth=booth, officer=alice, at=at, number=20).inspection)
    few = queries()
    for n in range(12):
        crossing = make_crossing(booth=booth, officer=alice, at=at - timedelta(minutes=n), number=n)
        make_step(inspection=crossing.inspection)
    assert queries() == few
