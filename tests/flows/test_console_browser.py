"""The booth console in a real browser, on the whole system as real processes, by the keyboard alone.

With BMIS_SCREENSHOTS=<folder> the pages of the officers' handbook are kept there as PNG files.
"""

import io
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from borders.demo.captures import unreadable
from borders.demo.cast import Cast, make_cast
from borders.demo.chips import ChipKind, make_chip
from borders.demo.logins import read_logins
from borders.demo.pages import draw_page
from borders.demo.places import FIRST_LINE, OFFICE, SECOND_LINE, TRAINING_POST
from borders.demo.portraits import live_capture, portrait
from borders.demo.story import AIRPORT
from tests.flows.console import Console
from tests.flows.stack import Stack

pytestmark = pytest.mark.browser
PROTECTION_DESK = {AIRPORT: ("petra", OFFICE[AIRPORT])}


@pytest.fixture
def console(chrome: webdriver.Chrome, stack: Stack, tmp_path: Path) -> Iterator[Console]:
    console = Console(chrome, stack, tmp_path)
    yield console
    assert console.complaints() == []


@pytest.fixture(scope="module")
def cast() -> Cast:
    return make_cast(timezone.now().date())


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
    console.find("table a").send_keys(Keys.ENTER)
    console.wait_for(".panel")
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


def test_officer_sees_no_second_line(console: Console) -> None:
    console.sign_in(FIRST_LINE)

    console.open("second-line/")

    assert "role" in console.text()


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
