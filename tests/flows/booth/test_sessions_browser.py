"""Signing in and out, the lock, languages and widths, training."""

import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from borders.demo.logins import read_logins
from borders.demo.places import FIRST_LINE, OFFICE, SECOND_LINE, TRAINING_POST
from borders.demo.story import AIRPORT
from tests.flows.console import Console

pytestmark = pytest.mark.browser
PROTECTION_DESK = {AIRPORT: ("petra", OFFICE[AIRPORT])}


def test_trainee_calls_up_drawn_travellers_and_is_told_what_was_right(console: Console) -> None:
    console.sign_in({TRAINING_POST: ("alice", "T1")})
    console.press("4")
    console.wait_for("form[action$='expired/']")
    console.keep("training")
    assert console.look_everywhere() == []
    console.find("form[action$='expired/'] button").send_keys(Keys.ENTER)
    for name in ("page_image", "face_image"):
        console.wait_for(f"[data-slot={name}].filled")
    console.send()
    console.wait_for(".panel.refer")
    assert "DOCUMENT.EXPIRED" not in console.text()
    console.press("r")

    console.wait_for(".judged")
    assert "Right." in console.text(".judged")
    console.keep("training-judged", size=(1280, 700))
    console.press("4")
    console.wait_for("table")
    assert "1 of 1" in console.text("h2")
    assert console.text(".training").startswith("Training")


def test_locked_booth_opens_for_its_officer_only(console: Console) -> None:
    console.sign_in(FIRST_LINE)
    console.press("l")
    console.wait_for("[name=password]")
    console.keep("booth-locked")
    assert console.look_everywhere() == []

    console.open("")
    assert console.chrome.current_url.endswith("/booth/lock/")
    console.find("[name=password]").send_keys("wrong", Keys.ENTER)
    console.wait_until(lambda: "wrong" in console.text(".message"))
    console.find("[name=password]").send_keys(
        read_logins(console.stack.folder)[FIRST_LINE[AIRPORT][0]], Keys.ENTER
    )

    console.wait_for("#capture")


def test_signing_out_ends_the_session(console: Console) -> None:
    console.sign_in(FIRST_LINE)
    cookie = console.chrome.get_cookie("booth")

    console.find("form[action$='sign-out/'] button").send_keys(Keys.ENTER)
    console.wait_for("[name=username]")
    console.chrome.add_cookie({"name": "booth", "value": cookie["value"], "path": "/booth/"})
    console.open("")

    assert console.chrome.current_url.endswith("/booth/sign-in/")


def test_pages_without_a_traveller_fit_three_widths_in_both_directions(console: Console) -> None:
    for path in ("sign-in/", "enrolment/"):
        console.open(path)
        assert console.look_everywhere() == [], path
    for line, paths in (
        (FIRST_LINE, ("",)),
        (SECOND_LINE, ("second-line/", "protection/")),
        (PROTECTION_DESK, ("protection/",)),
    ):
        console.sign_in(line)
        for path in paths:
            console.open(path)
            assert console.look_everywhere() == [], path
    console.sign_in({TRAINING_POST: ("alice", "T1")})
    console.open("")
    assert console.look_everywhere() == []


def test_arabic_console_runs_from_the_right(console: Console) -> None:
    console.sign_in(FIRST_LINE)
    Select(console.find("[name=language]")).select_by_value("ar")
    console.wait_for("html[dir=rtl]")

    assert console.find("html").get_attribute("lang") == "ar"
    console.keep("booth-arabic")
    Select(console.find("[name=language]")).select_by_value("en")
    console.wait_for("html[dir=ltr]")
