"""Every list of the desk in a real browser: opens, sorts, filters, exports, in both directions and widths, without a barrier.

One database for all of them, and what is found is listed whole: a list that is added is walked without a line here.
"""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import resources
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as expected

from tests.db.admin.test_paging import slow_down
from tests.db.factories import make_crossing, make_decision
from tests.db.permissions.world import World, build_world
from tests.flows.desk import NARROW, WIDE, Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# of which the world surely has a row that is shown without a filter
SHOWN = (
    "borders.crossing",
    "borders.inspection",
    "borders.decision",
    "borders.referral",
    "borders.stay",
    "watchlists.hit",
)
# of a person looked for by name only, and of checks: no rows of a table, and nothing to sort
WITHOUT_ROWS = ("borders.datasubject", "borders.checkrule")
AXE = """
const done = arguments[arguments.length - 1];
axe.run(document.getElementById('main')).then(found => done(
  found.violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(v => v.id + ': ' + v.nodes[0].html)));
"""
TAKEN = """
const done = arguments[arguments.length - 1], form = document.querySelector('.export-form');
const sent = new FormData(form);
sent.set('purpose', 'supervision'); sent.set('file_format', arguments[0]);
fetch(location.href, {method: 'POST', body: sent}).then(
  r => r.blob().then(b => done([r.status, r.headers.get('Content-Disposition'), b.size])));
"""


@pytest.fixture
def world(live_server: Any) -> World:
    return build_world()


@pytest.fixture
def desk(chrome: webdriver.Chrome, live_server: Any, world: World) -> Desk:
    """Somebody who holds every role at the port, signed in."""
    browser = Client()
    browser.force_login(world.officers["all", "own"].user)
    everybodys = Desk(chrome, live_server.url)
    everybodys.open("/healthz/")
    chrome.delete_all_cookies()
    chrome.add_cookie({"name": "sessionid", "value": browser.cookies["sessionid"].value, "path": "/"})
    return everybodys


def test_every_list_opens_sorts_filters_and_exports(desk: Desk) -> None:
    desk.outside_requests()
    desk.complaints()
    wrong: list[str] = []
    for model in admin.site._registry:
        wrong += [f"{model._meta.label_lower}: {found}" for found in walk(desk, model)]
    wrong += [f"asked of elsewhere: {m[:200]}" for m in desk.outside_requests()]
    assert not wrong, f"{len(wrong)} faults:\n" + "\n".join(wrong)


def test_rare_rows_are_looked_for_further_into_the_same_page(
    desk: Desk, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_down(monkeypatch)
    officer, at = world.officers["all", "own"], timezone.now() - timedelta(days=1)
    for n in range(100):
        crossing = make_crossing(
            booth=world.booths["own"], officer=officer, at=at - timedelta(minutes=n), number=1000 + n
        )
        if n in (50, 90):
            make_decision(
                inspection=crossing.inspection, officer=officer, line="SECOND", override=True, reason="Known"
            )
    desk.open(reverse("admin:borders_crossing_changelist") + "?override=yes")
    before = len(rows(desk))
    desk.chrome.find_element(By.CSS_SELECTOR, ".pages-further").click()
    desk.wait_until(
        expected.text_to_be_present_in_element(
            (By.CSS_SELECTOR, ".pages-searched"), "Everything has been looked through"
        )
    )
    assert len(rows(desk)) == before + 2
    assert not desk.chrome.find_elements(By.CSS_SELECTOR, ".pages-further")
    assert not desk.complaints()


def walk(desk: Desk, model: Any) -> Iterator[str]:
    """Yield what is wrong with one list."""
    name = f"{model._meta.app_label}_{model._meta.model_name}"
    url = reverse(f"admin:{name}_changelist")
    desk.chrome.set_window_size(*WIDE)
    desk.open(url)
    yield from look(desk, "as it opens", keep=name)
    if model._meta.label_lower in WITHOUT_ROWS:
        return
    shown = bool(rows(desk))
    if not shown and model._meta.label_lower in SHOWN:
        yield "shows no row"
    if choose(desk, "#list-sort"):
        yield from look(desk, "sorted")
        if shown and not rows(desk):
            yield "shows no row when it is sorted"
    order = desk.chrome.find_elements(By.CSS_SELECTOR, ".pages-order")
    if order:
        order[0].click()
        yield from look(desk, "turned")
    desk.open(url)
    if choose(desk, ".filter-bar select:not(#list-sort)"):
        yield from look(desk, "filtered")
    desk.open(reverse(f"admin:{name}_export"))
    yield from look(desk, "export")
    for file_format in ("csv", "xlsx"):
        status, disposition, size = desk.chrome.execute_async_script(TAKEN, file_format)
        if status != 200 or f".{file_format}" not in (disposition or "") or not size:
            yield f"export as {file_format}: {status} {disposition}"


def look(desk: Desk, step: str, keep: str = "") -> Iterator[str]:
    """Yield what is wrong with the page as it stands."""
    if not desk.chrome.find_elements(By.ID, "main"):
        yield f"{step}: no page"
        return
    yield from (f"{step}: console: {m[:300]}" for m in desk.complaints())
    if not keep:
        return
    axe_of(desk)
    yield from (f"{step}: {m[:300]}" for m in desk.chrome.execute_async_script(AXE))
    for size, direction in ((WIDE, "rtl"), (NARROW, "rtl"), (NARROW, "ltr"), (WIDE, "ltr")):
        desk.chrome.set_window_size(*size)
        desk.chrome.execute_script("document.documentElement.dir = arguments[0]", direction)
        if desk.spills():
            yield f"{step}: wider than the window ({size[0]}, {direction})"
        if os.environ.get("BMIS_LISTS"):
            folder = os.environ["BMIS_LISTS"]
            desk.chrome.save_screenshot(f"{folder}/{keep}-{size[0]}-{direction}.png")


def rows(desk: Desk) -> list[Any]:
    return desk.chrome.find_elements(By.CSS_SELECTOR, "#result_list tbody tr")


def choose(desk: Desk, selector: str) -> bool:
    """Choose the first answer of a list of choices and send the form; tell whether there was one."""
    script: Callable[..., bool] = desk.chrome.execute_script
    return script(
        "const s = document.querySelector(arguments[0]); if (!s || s.options.length < 2) return false;"
        " s.selectedIndex = 1; s.form.requestSubmit(); return true;",
        selector,
    )


def axe_of(desk: Desk) -> None:
    desk.chrome.execute_script(
        resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    )
