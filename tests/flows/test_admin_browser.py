"""The supervisor's admin in a real browser: sign in, look, search, and never leave a name in the address."""

import pytest
from django.utils import timezone
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from borders.demo.cast import make_cast
from borders.models import Crossing
from tests.flows.desk import NARROW, WIDE, Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_first_page_shows_the_figures_of_today(desk: Desk) -> None:
    desk.open("/admin/")
    assert "Advice to refer" in desk.text
    assert "Utopia Airport" in desk.text
    desk.keep("admin-today")


def test_crossings_are_listed_and_found_without_a_name_in_the_address(desk: Desk) -> None:
    desk.open("/admin/borders/crossing/")
    assert "Override" in desk.text
    desk.keep("admin-crossings")
    term = desk.chrome.find_element(By.ID, "find-term")
    term.send_keys(make_cast(timezone.now().date()).anna.document_number, Keys.ENTER)
    desk.wait_until(lambda _: "End the search" in desk.text)
    rows = desk.chrome.find_elements(By.CSS_SELECTOR, "#result_list tbody")
    assert len(rows) == 1
    assert desk.chrome.current_url.endswith("/admin/borders/crossing/")


def test_evidence_stands_side_by_side(desk: Desk, scene: Crossing) -> None:
    desk.open(f"/admin/borders/crossing/{scene.id}/change/")
    pictures = desk.chrome.find_elements(By.CSS_SELECTOR, ".side-by-side img")
    widths = [desk.chrome.execute_script("return arguments[0].naturalWidth", p) for p in pictures]
    assert len(widths) == 3
    assert all(widths)
    desk.keep("admin-evidence", whole=True)
    desk.keep("admin-evidence-narrow", NARROW)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "800"])
def test_no_page_is_wider_than_the_window(desk: Desk, scene: Crossing, size: tuple[int, int]) -> None:
    desk.chrome.set_window_size(*size)
    for path in (
        "/admin/",
        "/admin/borders/crossing/",
        "/admin/borders/inspection/",
        "/admin/borders/referral/",
        "/admin/audit/auditentry/",
        f"/admin/borders/crossing/{scene.id}/change/",
        f"/admin/travelers/traveler/{scene.traveler_id}/change/",
    ):
        desk.open(path)
        assert not desk.spills(), path


def test_other_lists_are_kept_as_pictures(desk: Desk) -> None:
    for name in ("referral", "inspection", "decision"):
        desk.open(f"/admin/borders/{name}/")
        assert desk.chrome.find_elements(By.CSS_SELECTOR, "#result_list tbody")
        desk.keep(f"admin-{name}s")
    desk.open("/admin/audit/auditentry/")
    desk.keep("admin-audit")


def test_keyboard_reaches_the_search_and_the_first_row(desk: Desk) -> None:
    desk.open("/admin/borders/crossing/")
    reached = set()
    for _ in range(90):
        desk.chrome.switch_to.active_element.send_keys(Keys.TAB)
        focused = desk.chrome.switch_to.active_element
        reached.add(focused.get_attribute("id") or focused.get_attribute("href") or "")
    assert "find-term" in reached
    assert any("/admin/borders/crossing/" in r and r.endswith("/change/") for r in reached)


def test_command_palette_stays_closed(desk: Desk) -> None:
    desk.open("/admin/borders/crossing/")
    desk.chrome.find_element(By.TAG_NAME, "body").send_keys(Keys.CONTROL, "k")
    assert not desk.chrome.find_element(By.ID, "search-input-command").is_displayed()


def test_pages_fetch_nothing_from_elsewhere_and_log_no_error(desk: Desk, scene: Crossing) -> None:
    desk.outside_requests()
    desk.chrome.get_log("browser")
    for path in ("/admin/", "/admin/borders/crossing/", f"/admin/borders/crossing/{scene.id}/change/"):
        desk.open(path)
    assert desk.outside_requests() == []
    errors = [e["message"] for e in desk.chrome.get_log("browser") if e["level"] == "SEVERE"]
    assert [e for e in errors if "favicon" not in e] == []
