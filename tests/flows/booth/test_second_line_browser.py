"""What the first line refers: the second line, and the notice of a refusal."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from borders.demo.cast import Cast
from borders.demo.places import FIRST_LINE, SECOND_LINE
from tests.flows.console import Console

pytestmark = pytest.mark.browser


def test_referred_traveller_is_decided_by_the_second_line(console: Console, cast: Cast) -> None:
    console.sign_in(FIRST_LINE)
    console.bring(cast.expired)
    console.travel()
    console.send()
    assert "expired" in console.text(".group.refer")
    console.keep("booth-refer")
    assert console.look_everywhere() == []
    console.press("r")
    console.wait_for(".flash.referred")

    console.sign_in(SECOND_LINE)
    console.press("2")
    console.wait_for("table")
    console.keep("second-line")
    assert console.look_everywhere() == []
    surname = cast.expired.holder.primary_identifier
    console.chrome.find_element(By.PARTIAL_LINK_TEXT, surname.upper()).send_keys(Keys.ENTER)
    console.wait_for(".panel")
    # a picture is told wrong where it was taken, and nowhere else
    assert not console.chrome.find_elements(By.CSS_SELECTOR, "#wrong-picture")
    console.press("t")
    console.wait_until(lambda: not console.chrome.find_elements(By.CSS_SELECTOR, "[data-key=T]"))
    console.keep("second-line-case")
    assert console.look_everywhere() == []
    console.press("f")
    console.wait_until(lambda: console.find("[name=reason]").is_displayed())
    console.find("[name=reason]").send_keys("The document has expired", Keys.ENTER)

    console.wait_for(".flash.refused")
    console.press("d")
    console.wait_for("[name=ground]")
    console.press("b", "d")
    console.wait_for("[name=in]")
    Select(console.find("[name=in]")).select_by_value("ar")
    console.wait_for("[data-key=D][href$='?in=ar']")
    console.keep("notice-of-refusal", size=(1280, 620))
    file = console.find("[data-key=D]").get_attribute("href")
    assert console.look_everywhere() == []
    pdf = console.chrome.execute_async_script(
        "fetch(arguments[0]).then(r => r.arrayBuffer())"
        ".then(b => arguments[1](String.fromCharCode(...new Uint8Array(b.slice(0, 5)))))",
        file,
    )
    assert pdf == "%PDF-"


def test_officer_sees_no_second_line(console: Console) -> None:
    console.sign_in(FIRST_LINE)

    console.open("second-line/")

    assert "role" in console.text()
