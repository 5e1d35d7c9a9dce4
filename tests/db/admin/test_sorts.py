"""Lists in another order than that of time."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from borders.admin.sorts import STATES
from borders.models import Booth, Crossing, Inspection, Officer
from tests.db.factories import make_crossing, make_inspection, make_referral

URL = "admin:borders_crossing_changelist"


@pytest.fixture
def two_ways(booth: Booth, alice: Officer, at: datetime) -> list[Crossing]:
    """Seventy entries and sixty exits by turns, newest first."""
    return [
        make_crossing(
            booth=booth, officer=alice, at=at - timedelta(minutes=n), number=n,
            direction="EXIT" if n % 2 and n < 120 else "ENTRY",
        )
        for n in range(130)
    ]  # fmt: skip


def walk(browser: Client, url: str, query: str) -> tuple[list[Any], list[str]]:
    """Return all rows, page after page, and the addresses of the pages."""
    rows, addresses = [], []
    following: str | None = query
    while following is not None:
        addresses.append(following)
        change_list = browser.get(url + following).context["cl"]
        rows += change_list.result_list
        following = change_list.next_url
    return rows, addresses


@pytest.mark.parametrize("order", ["", "&order=oldest"])
def test_groups_follow_one_another_and_each_goes_by_time(
    bobs_browser: Client, two_ways: list[Crossing], order: str
) -> None:
    entries = [c for c in two_ways if c.direction == "ENTRY"]
    exits = [c for c in two_ways if c.direction == "EXIT"]
    expected = [*entries, *exits]
    if order:
        expected.reverse()
    rows, addresses = walk(bobs_browser, reverse(URL), f"?sort=direction{order}")
    assert rows == expected
    assert len(addresses) == 3
    last = bobs_browser.get(reverse(URL) + addresses[-1]).context["cl"]
    back = bobs_browser.get(reverse(URL) + last.previous_url).context["cl"]
    assert list(back.result_list) == expected[50:100]
    first = bobs_browser.get(reverse(URL) + back.previous_url).context["cl"]
    assert list(first.result_list) == expected[:50]
    assert first.previous_url is None


def test_export_keeps_the_order_of_the_groups(bobs_browser: Client, two_ways: list[Crossing]) -> None:
    given = {"purpose": "supervision", "file_format": "csv"}
    response = bobs_browser.post(reverse("admin:borders_crossing_export") + "?sort=direction", given)
    lines = b"".join(response.streaming_content).decode().splitlines()[1:]
    assert ["Entry" in line for line in lines] == [True] * 70 + [False] * 60


def test_ports_are_sorted_by_their_code(
    bobs_browser: Client, bob: Officer, booth: Booth, land_booth: Booth, alice: Officer, at: datetime
) -> None:
    post = bob.assignments.get(role="SUPERVISOR")
    bob.assignments.create(port=land_booth.port, role="SUPERVISOR", valid_from=post.valid_from)
    land = make_crossing(booth=land_booth, officer=alice, at=at, number=0)
    air = make_crossing(booth=booth, officer=alice, at=at - timedelta(hours=1), number=1)
    assert walk(bobs_browser, reverse(URL), "?sort=port")[0] == [air, land]


def test_referrals_are_sorted_by_their_opening(
    bobs_browser: Client, booth: Booth, alice: Officer, at: datetime
) -> None:
    made = []
    for n in range(3):
        inspection = make_inspection(
            booth=booth, officer=alice, at=at, number=n, state="REFERRED", advice="REFER"
        )
        made.append(make_referral(inspection=inspection, officer=alice, due_at=at + timedelta(hours=n)))
    url = reverse("admin:borders_referral_changelist")
    assert walk(bobs_browser, url, "?sort=opened")[0] == made[::-1]


@pytest.mark.parametrize(
    "query", ["?sort=surname", "?sort=direction&group=2", "?sort=direction&group=x", "?group=1"]
)
def test_an_order_that_the_list_does_not_know_is_refused(bobs_browser: Client, query: str) -> None:
    assert bobs_browser.get(reverse(URL) + query).status_code == 400


def test_every_state_has_its_place_in_the_order() -> None:
    assert set(STATES) == set(Inspection.State.values)
