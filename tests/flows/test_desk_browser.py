"""The supervisor's desk in a real browser: the live board, a decision as it was taken, exports, reviews."""

import csv
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from audit.core.actor import Actor
from borders.models import Booth, BoothSession, Crossing, DecisionReview, PortOfEntry
from borders.services.reviews import open_review
from tests.db.factories import make_decision, make_inspection
from tests.flows.desk import NARROW, WIDE, Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def board_path() -> str:
    return f"/admin/borders/portofentry/{PortOfEntry.objects.get().id}/board/"


def test_board_draws_its_charts_with_a_table_behind_each(desk: Desk) -> None:
    desk.outside_requests()
    desk.open(board_path())
    charts = desk.chrome.find_elements(By.CSS_SELECTOR, "canvas[data-chart]")
    assert len(charts) == 2
    drawn = "const c = arguments[0]; return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v > 0)"
    assert all(desk.chrome.execute_script(drawn, chart) for chart in charts)
    summaries = desk.chrome.find_elements(By.CSS_SELECTOR, "#board details summary")
    summaries[0].click()
    assert "Hour (UTC)" in desk.text
    assert desk.barriers() == []
    assert desk.complaints() == []
    assert desk.outside_requests() == []


def test_board_is_kept_as_a_picture(desk: Desk, scene: Crossing) -> None:
    booth = Booth.objects.get()
    BoothSession.objects.create(
        officer=scene.officer, booth=booth, token_sha256="0" * 64, started_at=scene.occurred_at,
        active_at=scene.occurred_at, expires_at=scene.occurred_at.replace(year=scene.occurred_at.year + 1),
    )  # fmt: skip
    Booth.objects.create(port=booth.port, code="A2")
    desk.open(board_path())
    assert "Nobody signed in" in desk.text
    desk.keep("admin-board", whole=True)


def test_board_asks_for_itself_again_and_keeps_what_was_opened(desk: Desk, scene: Crossing) -> None:
    desk.open(board_path())
    desk.chrome.find_elements(By.CSS_SELECTOR, "#board details summary")[0].click()
    before = desk.chrome.find_element(By.ID, "board-as-of").text
    make_inspection(
        booth=Booth.objects.get(),
        officer=scene.officer,
        at=scene.occurred_at,
        number=9,
        state="PROCESSING",
        advice="",
    )
    # as the clock of the page does every twenty seconds
    desk.chrome.execute_script(
        "htmx.ajax('GET', document.getElementById('board').getAttribute('hx-get'), '#board')"
    )
    desk.wait_until(lambda chrome: chrome.find_element(By.ID, "board-as-of").text != before)
    assert "1 for the machine" in desk.text
    assert desk.chrome.find_element(By.CSS_SELECTOR, "#board details").get_attribute("open") is not None


def test_board_can_be_paused_with_the_keyboard(desk: Desk) -> None:
    desk.open(board_path())
    pause = desk.chrome.find_element(By.ID, "board-pause")
    pause.send_keys("\n")
    assert pause.get_attribute("aria-pressed") == "true"
    assert "Paused" in desk.chrome.find_element(By.ID, "board-said").text


def test_what_was_seen_is_reached_from_the_decision(desk: Desk, scene: Crossing) -> None:
    desk.open(f"/admin/borders/crossing/{scene.id}/change/")
    links = desk.chrome.find_elements(By.LINK_TEXT, "What was seen then")
    links[0].click()
    desk.wait_for("replay-findings")
    assert "As it stood" in desk.text
    assert "FACE.HOLDER" in desk.text
    assert "0.310" in desk.text
    assert "What changed afterwards" in desk.text
    assert desk.barriers() == []
    assert desk.complaints() == []
    desk.keep("admin-replay", whole=True)


def test_another_moment_is_chosen_with_the_keyboard(desk: Desk, scene: Crossing) -> None:
    desk.open(f"/admin/borders/inspection/{scene.inspection_id}/replay/")
    opened = desk.chrome.find_elements(By.CSS_SELECTOR, ".moments a")[0]
    opened.send_keys(Keys.ENTER)
    desk.wait_until(lambda chrome: "at=" in chrome.current_url)
    assert "Nobody had decided yet." in desk.text


def test_export_asks_why_and_downloads_the_list(desk: Desk, tmp_path: Path) -> None:
    desk.chrome.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    desk.open("/admin/borders/crossing/?override=yes")
    desk.chrome.find_element(By.CSS_SELECTOR, ".pages-export").send_keys(Keys.ENTER)
    desk.wait_for("export-title")
    assert desk.barriers() == []
    desk.keep("admin-export")
    Select(desk.chrome.find_element(By.NAME, "purpose")).select_by_value("supervision")
    desk.chrome.find_element(By.CSS_SELECTOR, ".export-form button").click()
    desk.wait_until(lambda _: list(tmp_path.glob("*.csv")), 30)
    (file,) = tmp_path.glob("*.csv")
    headers, *rows = list(csv.reader(file.read_text("utf-8").splitlines()))
    assert headers[0] == "Time"
    assert len(rows) == 1


@pytest.fixture
def review(scene: Crossing) -> None:
    """An override that waits for a second person."""
    alice, at = scene.officer, scene.occurred_at
    inspection = make_inspection(booth=Booth.objects.get(), officer=alice, at=at, number=8, advice="REFER")
    decision = make_decision(
        inspection=inspection, officer=alice, override=True, reason="Known to the crew desk."
    )
    open_review(
        actor=Actor(label="UT-0001", user_id=alice.user_id), at=at, decision=decision, inspection=inspection
    )


def test_what_was_typed_goes_on_after_the_code(desk: Desk, review: None) -> None:
    desk.open("/admin/borders/decisionreview/")
    desk.chrome.find_element(By.CSS_SELECTOR, "#result_list tbody a").click()
    desk.wait_for("review-title")
    device = TOTPDevice.objects.create(user=User.objects.get(username="bob"), name="authenticator")
    desk.chrome.find_element(By.CSS_SELECTOR, "input[value=WRONG]").send_keys(Keys.SPACE)
    typed = 'The portrait shows "somebody" else.\nSee <the page>.'
    desk.chrome.find_element(By.ID, "review-reason").send_keys(typed)
    desk.chrome.find_element(By.CSS_SELECTOR, ".review-form button").send_keys(Keys.ENTER)
    desk.wait_for("carried")
    asked = desk.chrome.find_element(By.ID, "code")
    assert [
        said for said in desk.complaints() if "422" not in said
    ] == []  # which the browser notes of every form shown again
    code = totp(device.bin_key, step=device.step, t0=device.t0, digits=device.digits)
    asked.send_keys(f"{code:06d}", Keys.ENTER)
    desk.wait_until(lambda _: "The review is recorded." in desk.chrome.page_source)
    assert DecisionReview.objects.get().reason.splitlines() == typed.splitlines()


def test_override_is_reviewed_at_the_desk(desk: Desk, review: None) -> None:
    desk.open("/admin/")
    assert "Reviews waiting" in desk.text
    desk.open("/admin/borders/decisionreview/")
    assert "Known to the crew desk." in desk.text
    desk.keep("admin-reviews")
    desk.chrome.find_element(By.CSS_SELECTOR, "#result_list tbody a").click()
    desk.wait_for("review-title")
    assert desk.barriers() == []
    desk.chrome.find_element(By.CSS_SELECTOR, "input[value=WRONG]").send_keys(Keys.SPACE)
    desk.chrome.find_element(By.ID, "review-reason").send_keys("The portrait shows somebody else.")
    desk.chrome.find_element(By.CSS_SELECTOR, ".review-form button").send_keys(Keys.ENTER)
    desk.wait_until(lambda _: "The review is recorded." in desk.chrome.page_source)
    desk.open("/admin/borders/decisionreview/")
    assert "Nothing here" in desk.text


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "800"])
def test_no_page_of_the_desk_is_wider_than_the_window(
    desk: Desk, scene: Crossing, size: tuple[int, int]
) -> None:
    desk.chrome.set_window_size(*size)
    for path in (
        board_path(),
        f"/admin/borders/inspection/{scene.inspection_id}/replay/",
        "/admin/borders/crossing/export/",
        "/admin/borders/decisionreview/",
    ):
        desk.open(path)
        assert not desk.spills(), path
