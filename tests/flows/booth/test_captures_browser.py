"""Pictures at the booth: advised on, made small, sent ahead, told wrong."""

import io
from pathlib import Path

import pytest
from PIL import Image
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from borders.demo.cast import Cast
from borders.demo.places import FIRST_LINE
from borders.demo.portraits import live_capture
from tests.flows.console import Console

pytestmark = pytest.mark.browser


def test_pictures_are_made_small_before_they_are_sent(console: Console, cast: Cast) -> None:
    console.sign_in(FIRST_LINE)

    console.bring(cast.bjorn)

    sizes = [
        int(s.get_attribute("data-sent-bytes"))
        for s in console.chrome.find_elements(By.CSS_SELECTOR, ".slot")
    ]
    assert len(sizes) == 2
    assert sum(sizes) <= 150_000


def test_dark_picture_is_named_before_anything_is_sent(console: Console, cast: Cast) -> None:
    console.sign_in(FIRST_LINE)
    dark = (
        Image.open(io.BytesIO(live_capture(cast.anna.holder.face, 0))).convert("RGB").point(lambda v: v // 8)
    )
    content = io.BytesIO()
    dark.save(content, "JPEG")

    console.fill_slot("face_image", content.getvalue())

    assert "dark" in console.text("[data-slot=face_image] .advice")


def test_file_that_is_no_picture_is_refused_in_words(console: Console, tmp_path: Path) -> None:
    console.sign_in(FIRST_LINE)
    (tmp_path / "page.jpg").write_bytes(b"not a picture")

    console.find("input[name=page_image]").send_keys(str(tmp_path / "page.jpg"))

    console.wait_until(lambda: "not a picture" in console.text("[data-slot=page_image] .advice"))


def test_camera_is_opened_and_taken_by_the_same_key(console: Console) -> None:
    console.sign_in(FIRST_LINE)

    console.press("p")
    console.wait_until(lambda: console.find("[data-slot=page_image] video").is_displayed())
    console.wait_until(
        lambda: bool(console.chrome.execute_script("return document.querySelector('video').videoWidth"))
    )
    console.press("p")

    console.wait_for("[data-slot=page_image].filled")


def test_wrong_face_is_told_by_key_and_the_traveller_taken_anew(console: Console, cast: Cast) -> None:
    console.sign_in(FIRST_LINE)
    console.bring(cast.bjorn)
    console.travel()
    console.send()

    console.press("b")
    console.wait_until(lambda: console.find("#wrong-picture button").is_displayed())
    assert console.barriers() == []
    console.chrome.find_elements(By.CSS_SELECTOR, "#wrong-picture button")[1].send_keys(Keys.ENTER)

    console.wait_until(lambda: "anew" in console.text(".flash"))
    # the flight is kept, the pictures are not
    assert console.find("[name=conveyance]").get_attribute("value") == "UA 417"
    assert not console.chrome.find_elements(By.CSS_SELECTOR, ".slot.filled")


def test_page_goes_ahead_while_the_face_is_taken(console: Console, cast: Cast) -> None:
    console.sign_in(FIRST_LINE)
    console.bring(cast.bjorn)
    console.wait_until(
        lambda: all(
            console.find(f"[name={name}_ahead]").get_attribute("value")
            for name in ("page_image", "face_image")
        )
    )
    console.travel()
    console.chrome.execute_script(
        "document.addEventListener('htmx:xhr:progress', (e) => { window.most = Math.max(window.most || 0, e.detail.total || 0) })"
    )
    console.send()

    # the last key sends words only
    assert 0 < console.chrome.execute_script("return window.most") < 8000
    console.press("c" if console.chrome.find_elements(By.CSS_SELECTOR, ".panel.clear") else "r")
    console.wait_for(".flash")


def test_pictures_that_went_ahead_and_are_gone_are_sent_whole(console: Console, cast: Cast) -> None:
    console.sign_in(FIRST_LINE)
    console.bring(cast.bjorn)
    console.wait_until(lambda: bool(console.find("[name=page_image_ahead]").get_attribute("value")))
    console.chrome.execute_script(
        "document.querySelector('[name=page_image_ahead]').value = '01890000-0000-7000-8000-000000000000'"
    )
    console.travel()
    console.send()

    assert cast.bjorn.document_number in console.text(".fields")
