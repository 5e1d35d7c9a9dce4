"""An alarm that ends with a service that comes."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from borders.demo.cast import Cast
from borders.demo.places import FIRST_LINE, OFFICE
from borders.demo.story import AIRPORT
from tests.flows.console import Console

pytestmark = pytest.mark.browser
PROTECTION_DESK = {AIRPORT: ("petra", OFFICE[AIRPORT])}


def test_three_minors_with_an_unrelated_adult_end_with_a_service_that_comes(
    console: Console, cast: Cast
) -> None:
    console.sign_in(FIRST_LINE)
    console.press("g")
    for document in (cast.escort, cast.first_minor, cast.second_minor, cast.third_minor):
        console.bring(document)
        console.travel()
        console.send()
        console.wait_for(".panel.refer, .panel.clear")
        if document is cast.third_minor:
            console.keep("booth-protection")
            assert "To protection" in console.text(".advice-line")
            # what an alarm rules out is not offered
            assert not console.chrome.find_elements(
                By.CSS_SELECTOR, "[data-key=W], [data-key=F], #wrong-picture"
            )
        console.press("r")
        console.wait_for(".flash.referred")

    console.sign_in(PROTECTION_DESK)
    console.wait_for("table")
    console.keep("protection")
    assert console.look_everywhere() == []
    console.find("table a").send_keys(Keys.ENTER)
    console.wait_for(".questions")
    assert "a child" in console.text(".person")
    Select(console.find("[name=in]")).select_by_value("fr")
    console.wait_for(".questions[lang=fr]")
    for question in ("NOT_WITH_PARENTS", "KNOWS_ADULT_NOT"):
        console.find(f"[name=q-{question}][value=YES]").send_keys(Keys.SPACE)
    console.keep("protection-questions", size=(1280, 1300))
    console.find(".questions .main").send_keys(Keys.ENTER)
    console.wait_for(".services .suggested")
    assert console.look_everywhere() == []
    assert "Child Protection" in console.text(".services .suggested")
    console.find(".services .suggested input").send_keys(Keys.SPACE)
    console.press("r")
    console.wait_for("[data-key=A]")
    console.press("a")
    console.wait_for("[data-key=H]")
    console.keep("protection-acknowledged")
    assert console.look_everywhere() == []
    console.press("h")

    console.wait_for("[name=outcome][value=HELPED]")


def test_quiet_word_is_asked_for_by_one_key(console: Console, cast: Cast) -> None:
    console.sign_in(FIRST_LINE)
    console.bring(cast.overstayer)
    console.travel()
    console.send()

    console.press("v")

    console.wait_until(lambda: "Noted" in console.text("#asked"))
    console.press("r")
    console.wait_for(".flash.referred")
