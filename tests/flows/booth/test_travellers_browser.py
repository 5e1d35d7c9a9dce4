"""One traveller after the other, from the pictures to the decision."""

import time
from pathlib import Path

import pytest
from django.utils import timezone
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from borders.demo.captures import unreadable
from borders.demo.cast import Cast
from borders.demo.chips import ChipKind, make_chip
from borders.demo.logins import read_logins
from borders.demo.pages import draw_page
from borders.demo.places import FIRST_LINE
from borders.demo.portraits import live_capture, portrait
from borders.demo.story import AIRPORT
from tests.flows.console import Console
from tests.flows.stack import Stack

pytestmark = pytest.mark.browser


def test_clean_traveller_takes_two_keys(console: Console, cast: Cast) -> None:
    console.sign_in(FIRST_LINE)
    console.bring(cast.anna)
    console.travel()
    console.keep("booth-ready-to-send")

    console.press(Keys.ENTER)
    console.wait_for(".panel.clear")
    assert "ERIKSSON" in console.text()
    console.keep("booth-clear")
    assert console.look_everywhere() == []
    console.press("c")

    console.wait_for(".flash.cleared")
    # the form for the next traveller is there, with the flight kept
    assert console.find("[name=conveyance]").get_attribute("value") == "UA 417"


def test_exit_closes_what_the_entry_opened(console: Console, cast: Cast) -> None:
    console.sign_in(FIRST_LINE)
    for key, word in (("e", "Entry"), ("x", "Exit")):
        console.press(key)
        assert console.find(f"[name=direction][value={word.upper()}]").is_selected()
        console.bring(cast.first_identity)
        console.travel()
        console.send()
        assert console.chrome.find_elements(By.CSS_SELECTOR, ".panel.clear"), console.text()
        console.press("c")
        console.wait_for(".flash.cleared")

    # the next traveller goes the same way
    assert console.find("[name=direction][value=EXIT]").is_selected()


def test_whole_console_is_used_by_tab_and_keys_alone(console: Console, cast: Cast) -> None:
    console.open("sign-in/")
    username, booth = FIRST_LINE[AIRPORT]
    for name, value in (("port", AIRPORT), ("booth", booth), ("username", username)):
        console.key_in(f"[name={name}]", value)
    console.key_in("[name=password]", read_logins(console.stack.folder)[username])
    console.press(Keys.ENTER)
    console.wait_for("#capture")

    console.press("?")
    console.wait_until(lambda: "W" in console.text("dialog#help"))
    console.press(Keys.ESCAPE)
    console.press("k")
    holder = cast.anna.holder
    for name, value in {
        "document_code": "P",
        "issuing_state": cast.anna.issuing_state,
        "document_number": cast.anna.document_number,
        "primary_identifier": holder.primary_identifier,
        "secondary_identifier": holder.secondary_identifier,
        "nationality": holder.nationality,
    }.items():
        console.key_in(f".keyed [name={name}]", value)
    console.key_in(".keyed [name=birth_date]", f"{holder.birth_date:%m%d%Y}")
    console.key_in(".keyed [name=expiry_date]", f"{cast.anna.expiry_date:%m%d%Y}")
    console.key_in("[name=conveyance]", "UA 417")
    console.key_in("[name=purpose_of_travel]", "TOURISM")
    console.press(Keys.ENTER)
    console.wait_for(".panel.refer")

    # evidence opens with the keyboard too
    console.tab_to("#work summary")
    console.press(Keys.ESCAPE, "r")
    console.wait_for(".flash.referred")
    console.tab_to("form[action$='sign-out/'] button")
    console.press(Keys.ENTER)

    console.wait_for("[name=username]")


def test_clearing_against_the_advice_asks_for_a_reason(console: Console, cast: Cast) -> None:
    console.sign_in(FIRST_LINE)
    console.bring(cast.wrong_digit)
    console.travel()
    console.send()
    console.wait_for(".panel.refer")

    console.press("c")
    reason = console.find("[name=reason]")
    assert reason.is_displayed()
    assert not console.chrome.find_elements(By.CSS_SELECTOR, ".flash")
    reason.send_keys("Worn page, digit compared by eye", Keys.ENTER)

    console.wait_for(".flash.cleared")


def test_group_is_kept_together(console: Console, cast: Cast) -> None:
    console.sign_in(FIRST_LINE)
    console.press("g")
    for document in (cast.mother, cast.daughter):
        console.bring(document)
        console.travel()
        console.send()
        console.press("c" if console.chrome.find_elements(By.CSS_SELECTOR, ".panel.clear") else "r")
        console.wait_for(".flash")

    assert len(console.chrome.find_elements(By.CSS_SELECTOR, ".members li")) == 2
    console.keep("booth-group")
    console.press("g")
    assert not console.find("[name=party_reference]").is_selected()


def test_altered_chip_is_told_mechanism_by_mechanism(console: Console, cast: Cast, tmp_path: Path) -> None:
    console.sign_in(FIRST_LINE)
    document = cast.bjorn
    console.bring(document)
    chip = make_chip(document, ChipKind.ALTERED, timezone.now().date())
    paths = []
    for part, content in chip.parts.items():
        path = tmp_path / f"{part.upper()}.bin"
        path.write_bytes(content)
        paths.append(str(path))
    console.find("[data-chip]").send_keys("\n".join(paths))
    console.wait_until(lambda: console.text("#chip-files").startswith(str(len(paths))))
    console.travel()
    console.send()

    console.wait_for(".panel.refer")
    assert "Data as signed" in console.text(".mechanism.invalid")
    console.keep("booth-chip", size=(1280, 1100))
    console.press("r")
    console.wait_for(".flash.referred")


def test_traveller_without_document_is_declared_and_referred(console: Console, cast: Cast) -> None:
    console.sign_in(FIRST_LINE)
    console.press("o")
    for name, value in {
        "primary_identifier": "Doe",
        "secondary_identifier": "Kim",
        "nationality": "UTO",
    }.items():
        console.find(f".keyed [name={name}]").send_keys(value)
    console.press(Keys.ESCAPE)
    console.fill_slot("face_image", live_capture(cast.undocumented_person.face, 0))
    console.travel()
    console.send()

    console.wait_for(".panel.refer")
    assert "DOE" in console.text(".fields")


def test_unreadable_page_is_keyed_by_hand(console: Console, cast: Cast) -> None:
    console.sign_in(FIRST_LINE)
    document = cast.unreadable
    console.fill_slot("page_image", unreadable(draw_page(document, portrait(document.holder.face)), 0))
    console.fill_slot("face_image", live_capture(document.holder.face, 0))
    console.travel()
    console.send()
    console.wait_for(".panel.refer")
    assert console.chrome.find_elements(By.CSS_SELECTOR, ".capture-advice")

    console.press("m")
    console.wait_for("#mend [name=primary_identifier]")
    assert console.barriers() == []
    values = {
        "document_code": "P",
        "issuing_state": document.issuing_state,
        "document_number": document.document_number,
        "primary_identifier": document.holder.primary_identifier,
        "secondary_identifier": document.holder.secondary_identifier,
        "nationality": document.holder.nationality,
    }
    for name, value in values.items():
        field = console.find(f"#mend [name={name}]")
        field.clear()
        field.send_keys(value)
    for name, day in {"birth_date": document.holder.birth_date, "expiry_date": document.expiry_date}.items():
        console.find(f"#mend [name={name}]").send_keys(f"{day:%m%d%Y}")
    console.find("#mend [name=primary_identifier]").send_keys(Keys.ENTER)

    console.find("#mend [name=primary_identifier]").send_keys(Keys.ENTER)

    console.wait_until(lambda: not console.chrome.find_elements(By.CSS_SELECTOR, "#mend form"))
    console.wait_for(".panel:not(.running)")
    assert document.document_number in console.text(".fields")


def test_deadline_ends_in_a_screen_that_can_be_used(console: Console, cast: Cast, stack: Stack) -> None:
    console.sign_in(FIRST_LINE)
    console.bring(cast.anna, live=1)
    console.travel()
    stack.kill_worker()
    try:
        begun = time.monotonic()
        console.press(Keys.ENTER)
        console.wait_for(".panel.running")
        console.wait_for(".panel:not(.running)")
        assert time.monotonic() - begun < 15
    finally:
        stack.restart_worker()

    assert "not checked" in console.text(".steps")
    assert console.chrome.find_elements(By.CSS_SELECTOR, ".panel.refer")
    console.keep("booth-deadline")
    console.press("r")
    console.wait_for(".flash.referred")
