"""No act from a desk without a fresh code: held against the addresses themselves, so that a new act cannot slip by."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.utils import timezone

from borders.api.desk import DeskMiddleware, is_asked
from borders.models import Officer
from borders.services.second_factor import STEPPED_UP, WANTED

# the last word of an address's name. What only shows: no code is asked for, and nothing is done there
SHOWN = {
    "add", "any_board", "app_list", "autocomplete", "board", "change", "changelist", "check", "delete", "difference",
    "file", "history", "image", "index", "jsi18n", "live", "password_change_done", "replay", "search", "view_on_site",
}  # fmt: skip
# done by a button on the page of a row, to which the person comes back
BUTTONS = {"act", "activate", "approve", "reject", "test"}
# a page of its own with a form, or data that leave: asked before it is shown
FORMS = {
    "download", "entry", "export", "officer_open", "officer_post", "password_change", "place", "propose", "receive", "upload",
}  # fmt: skip
# `answer` is a button on the page of a review, and shows the answer to a request
BOTH = {"answer"}
FREE = {"find", "login", "logout"}
LATEST_WORDS = sorted(SHOWN | BUTTONS | FORMS | BOTH | FREE, key=len, reverse=True)


def word_of(name: str) -> str:
    return next((word for word in LATEST_WORDS if name == word or name.endswith(f"_{word}")), name)


def addresses(patterns: Any, within: str = "") -> Iterator[tuple[str, str]]:
    """Yield (address, name) of every page below these patterns, with something in place of what varies."""
    for entry in patterns:
        address = within + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, address)
        elif isinstance(entry, URLPattern) and entry.name:
            yield address, entry.name


def desk() -> list[tuple[str, str]]:
    return [(a, n) for a, n in addresses(get_resolver().url_patterns) if a.startswith("admin/")]


DESK = [(a, n) for a, n in desk() if not a.startswith("admin/second-factor/")]


def test_every_address_of_the_desk_stands_in_the_table() -> None:
    assert len(DESK) > 300
    assert {word_of(name) for _, name in DESK} == set(LATEST_WORDS)


def test_whatever_is_sent_needs_a_fresh_code_but_what_is_named() -> None:
    free = {word_of(name) for _, name in DESK if not is_asked(method="POST", name=name)}
    assert free == FREE


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_forms_and_what_leaves_are_asked_about_before_they_are_shown(method: str) -> None:
    asked = {word_of(name) for _, name in DESK if is_asked(method=method, name=name)}
    assert asked == FORMS


ROW = "01890a5d-ac96-774b-bcce-b302099a8057"
ACTS = (
    "watchlists/watchlist/{}/entry/",
    "watchlists/watchlist/{}/upload/",
    "borders/correctionrequest/receive/",
    "borders/decisionreview/{}/answer/",
    "travelers/truststoreversion/{}/reject/",
    "borders/checkrule/{}/reject/",
    "borders/portofentry/{}/place/",
    "borders/officer/open/",
    "borders/crossing/{}/change/",
)


@pytest.mark.parametrize("act", ACTS)
def test_an_act_at_an_open_desk_leads_to_the_code(bob: Officer, settings: Any, act: str) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    assert answer_of("POST", act, bob, age_s=3600) == "/admin/second-factor/"
    assert answer_of("POST", act, bob, age_s=10) is None


def test_the_file_for_a_subject_leads_to_the_code(bob: Officer, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    assert answer_of("GET", "borders/datasubject/exports/{}/", bob, age_s=3600) == "/admin/second-factor/"
    assert answer_of("GET", "borders/datasubject/exports/{}/", bob, age_s=10) is None


def test_no_page_of_the_desk_goes_without_the_check_against_forgery() -> None:
    """Else the page that carries a form would make a forged one good."""
    paths = (re.sub(r"<\w+:\w+>|<\w+>", ROW, address) for address, _ in DESK)
    found = [resolve(f"/{path}") for path in paths if "(" not in path]
    assert len(found) > 300
    assert [match.route for match in found if getattr(match.func, "csrf_exempt", False)] == []


def test_a_search_and_a_list_ask_for_nothing(bob: Officer, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    assert answer_of("POST", "travelers/traveler/find/", bob, age_s=3600) is None
    assert answer_of("GET", "travelers/traveler/", bob, age_s=3600) is None


def test_after_the_code_the_form_is_shown(bob: Officer, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    session: dict[str, Any] = {}
    answer_of("GET", "borders/correctionrequest/receive/", bob, age_s=3600, session=session)
    assert session[WANTED] == "/admin/borders/correctionrequest/receive/"


def answer_of(
    method: str, page: str, officer: Officer, *, age_s: int, session: dict[str, Any] | None = None
) -> str | None:
    """Return where a request is sent instead, None where it goes through."""
    request = getattr(RequestFactory(), method.lower())("/admin/" + page.format(ROW))
    request.user, request.resolver_match = officer.user, resolve(request.path)
    request.user.is_verified = lambda: True
    request.session = session if session is not None else {}
    request.session[STEPPED_UP] = timezone.now().timestamp() - age_s
    answer = DeskMiddleware(lambda _: None).process_view(request, None, (), {})
    return None if answer is None else answer["Location"]
