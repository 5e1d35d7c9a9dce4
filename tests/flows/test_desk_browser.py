"""The supervisor's desk in a real browser: the live board, a decision as it was taken, exports, reviews."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from borders.models import Booth, BoothSession, Crossing, PortOfEntry
from tests.db.factories import make_inspection
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
    WebDriverWait(desk.chrome, 20).until(
        lambda chrome: chrome.find_element(By.ID, "board-as-of").text != before
    )
    assert "1 for the machine" in desk.text
    assert desk.chrome.find_element(By.CSS_SELECTOR, "#board details").get_attribute("open") is not None


def test_board_can_be_paused_with_the_keyboard(desk: Desk) -> None:
    desk.open(board_path())
    pause = desk.chrome.find_element(By.ID, "board-pause")
    pause.send_keys("\n")
    assert pause.get_attribute("aria-pressed") == "true"
    assert "Paused" in desk.chrome.find_element(By.ID, "board-said").text


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "800"])
def test_no_page_of_the_desk_is_wider_than_the_window(desk: Desk, size: tuple[int, int]) -> None:
    desk.chrome.set_window_size(*size)
    for path in (board_path(),):
        desk.open(path)
        assert not desk.spills(), path
