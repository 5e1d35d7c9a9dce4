"""The pages of a list for a national system: a cursor tells it nothing."""

import base64
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from audit.api.cursors import seal_cursor
from borders.models import Booth, Crossing, Officer
from borders.services.partners import Terms
from tests.db.api.partners.conftest import System
from tests.db.factories import make_crossing


def cursor_of(answer: Any) -> str:
    return parse_qs(urlsplit(answer.json()["next"]).query)["cursor"][0]


@pytest.fixture
def paged(
    system: System, terms: Terms, booth: Booth, alice: Officer
) -> tuple[System, list[Crossing], APIClient]:
    """Three crossings, of which terms show the direction alone."""
    now = timezone.now()
    made = [make_crossing(booth=booth, officer=alice, at=now, number=n) for n in range(3)]
    only = {"crossing": ("direction",), "traveler": ("nationality",)}
    system.agree(replace(terms, fields=only))
    return system, made, system.client()


def test_a_cursor_tells_a_system_nothing_and_leads_through_the_whole_list(
    paged: tuple[System, list[Crossing], APIClient],
) -> None:
    _, made, client = paged
    address, pages = "/api/v1/crossings/?page_size=1", 0
    while address:
        answer = client.get(address)
        assert answer.status_code == 200
        pages, address = pages + 1, answer.json()["next"]
        if address:
            place = base64.urlsafe_b64decode(cursor_of(answer) + "==")
            assert not any(
                c.id.hex.encode() in place
                or c.id.bytes in place
                or c.occurred_at.isoformat().encode() in place
                for c in made
            )
    assert pages == 3


def test_a_cursor_made_by_hand_or_for_another_list_or_system_is_refused(
    paged: tuple[System, list[Crossing], APIClient],
) -> None:
    _, made, client = paged
    by_hand = base64.urlsafe_b64encode(f"{timezone.now().isoformat()}~{made[0].id.hex}".encode()).decode()
    own = cursor_of(client.get("/api/v1/crossings/?page_size=1"))
    of_travelers = cursor_of(client.get("/api/v1/travelers/?page_size=1"))
    foreign = base64.urlsafe_b64encode(
        seal_cursor(
            f"{timezone.now().isoformat()}~{made[0].id.hex}".encode(), belonging="OTHER\0CrossingViewSet"
        )
    ).decode()
    bent = own[:20] + ("A" if own[20] != "A" else "B") + own[21:]
    for cursor in (by_hand.rstrip("="), of_travelers, foreign.rstrip("="), bent, own[:8], "AAAA"):
        answer = client.get(f"/api/v1/crossings/?cursor={cursor}")
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")
