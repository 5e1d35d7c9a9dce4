"""Lists that are looked through span by span, where a page cannot be had outright in time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from psycopg.errors import QueryCanceled

from audit.admin import paging
from borders.models import Booth, Crossing, Decision, Officer
from tests.db.factories import make_crossing, make_decision


@pytest.fixture
def slow_database(monkeypatch: pytest.MonkeyPatch) -> None:
    slow_down(monkeypatch)


def slow_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no page be had outright, and leave time for one span of forty rows a request."""

    @contextmanager
    def never(milliseconds: int) -> Iterator[None]:
        raise OperationalError from QueryCanceled()
        yield

    monkeypatch.setattr(paging, "at_most", never)
    monkeypatch.setattr(paging, "SPAN_ROWS", 40)
    monkeypatch.setattr(paging, "SPANS_S", 0)
    monkeypatch.setattr(paging, "FURTHER_S", 0)


@pytest.fixture
def hundred(booth: Booth, alice: Officer, at: datetime) -> list[Crossing]:
    """A hundred crossings, newest first, of which each thirtieth was an override."""
    made = []
    for n in range(100):
        crossing = make_crossing(booth=booth, officer=alice, at=at - timedelta(minutes=n), number=n)
        if n % 30 == 29:
            make_decision(
                inspection=crossing.inspection, officer=alice, line="SECOND", override=True, reason="Known"
            )
        made.append(crossing)
    return made


def pages(browser: Client, url: str) -> list[tuple[list[Any], bool]]:
    """Return rows and whether the page was unfinished, page by page to the end."""
    seen, query = [], url
    while query is not None:
        change_list = browser.get(reverse("admin:borders_crossing_changelist") + query).context["cl"]
        seen.append((list(change_list.result_list), change_list.searched_to is not None))
        query = change_list.next_url
    return seen


@pytest.mark.parametrize("order", ["", "&order=oldest"])
def test_rare_rows_are_all_found_in_order_by_looking_further(
    bobs_browser: Client, hundred: list[Crossing], slow_database: None, order: str
) -> None:
    wanted = [hundred[n] for n in (29, 59, 89)]
    if order:
        wanted.reverse()
    seen = pages(bobs_browser, f"?override=yes{order}")
    assert [row for rows, _ in seen for row in rows] == wanted
    assert [unfinished for _, unfinished in seen] == [True, True, False]


def test_page_says_how_far_it_looked(
    bobs_browser: Client, hundred: list[Crossing], slow_database: None
) -> None:
    shown = bobs_browser.get(reverse("admin:borders_crossing_changelist") + "?override=yes").content.decode()
    assert "as far as 2026-11-20 08:20 UTC" in shown
    assert "Look further" in shown


def test_full_pages_follow_one_another_though_read_in_spans(
    bobs_browser: Client, hundred: list[Crossing], slow_database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "SPANS_S", 60)
    seen = pages(bobs_browser, "?direction=ENTRY")
    assert [row for rows, _ in seen for row in rows] == hundred
    assert [len(rows) for rows, _ in seen] == [50, 50]


def test_the_way_back_is_looked_through_as_well(
    bobs_browser: Client, hundred: list[Crossing], slow_database: None
) -> None:
    url = reverse("admin:borders_crossing_changelist")
    first = bobs_browser.get(f"{url}?override=yes").context["cl"]
    second = bobs_browser.get(url + first.next_url).context["cl"]
    back = bobs_browser.get(url + second.previous_url).context["cl"]
    assert list(back.result_list) == [hundred[29]]


def test_several_ports_are_looked_through_side_by_side(
    bobs_browser: Client, bob: Officer, booth: Booth, land_booth: Booth, alice: Officer, at: datetime,
    slow_database: None,
) -> None:  # fmt: skip
    post = bob.assignments.get(role="SUPERVISOR")
    bob.assignments.create(port=land_booth.port, role="SUPERVISOR", valid_from=post.valid_from)
    made = []
    for n in range(60):
        place = land_booth if n % 10 == 0 else booth
        crossing = make_crossing(booth=place, officer=alice, at=at - timedelta(minutes=n), number=n)
        if n % 10 in (0, 5):
            make_decision(
                inspection=crossing.inspection, officer=alice, line="SECOND", override=True, reason="Known"
            )
            made.append(crossing)
    seen = pages(bobs_browser, "?override=yes")
    assert [row for rows, _ in seen for row in rows] == made
    assert len(seen) > 1


def test_another_list_is_looked_through_in_its_own_order(
    bobs_browser: Client, hundred: list[Crossing], slow_database: None
) -> None:
    url = reverse("admin:borders_decision_changelist")
    query, found = "?override=yes", []
    while query is not None:
        change_list = bobs_browser.get(url + query).context["cl"]
        found += change_list.result_list
        query = change_list.next_url
    assert found == list(Decision.objects.filter(override=True).order_by("-decided_at", "-id"))


@pytest.mark.django_db
def test_a_statement_that_takes_too_long_ends_and_the_limit_with_it() -> None:
    with connection.cursor() as cursor:
        with pytest.raises(OperationalError) as ended, paging.at_most(20):
            cursor.execute("SELECT pg_sleep(5)")
        assert ended.value.__cause__.sqlstate == paging.QUERY_CANCELED
        with paging.at_most(20):
            pass
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)
