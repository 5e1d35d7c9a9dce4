"""One terminal of the console, driven by the keyboard: what browser tests and the bench have in common.

With BMIS_SCREENSHOTS=<folder> the pages of the handbooks are kept there as PNG files.
"""

import io
import os
import time
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from PIL import Image
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from borders.demo.captures import CaptureKind, capture
from borders.demo.documents import DemoDocument
from borders.demo.logins import read_logins
from borders.demo.pages import draw_page
from borders.demo.portraits import live_capture, portrait
from borders.demo.story import AIRPORT
from tests.flows.stack import Stack

DESK = (1280, 900)
WIDTHS = (320, 768, 1280)
# what sticks out of the page, for whoever has to mend it
WIDEST = """
const all = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1
  || e.getBoundingClientRect().left < -1);
return all.slice(0, 3).map((e) => e.outerHTML.slice(0, 120)).join(" | ");
"""
PATIENCE_S = 30
LOOK_S = 0.05  # between two looks; the half second that is usual would be most of what a test takes


class Console:
    """One terminal: what an officer does there, in the officer's words."""

    def __init__(self, chrome: webdriver.Chrome, stack: Stack, folder: Path):
        self.chrome, self.stack, self.folder = chrome, stack, folder
        self.chrome.set_window_size(*DESK)
        self.chrome.get(stack.web_url + "/booth/sign-in/")
        self.chrome.delete_all_cookies()
        self.chrome.get_log("browser")

    def sign_in(self, line: dict[str, tuple[str, str]]) -> None:
        port, (username, booth) = (
            next(iter(line.items())) if AIRPORT not in line else (AIRPORT, line[AIRPORT])
        )
        self.open("sign-in/")
        for name, value in {"port": port, "booth": booth, "username": username}.items():
            field = self.find(f"[name={name}]")
            field.clear()
            field.send_keys(value)
        self.find("[name=password]").send_keys(read_logins(self.stack.folder)[username], Keys.ENTER)
        self.wait_for("form[action$='sign-out/']")

    def open(self, path: str) -> None:
        self.chrome.get(f"{self.stack.web_url}/booth/{path}")

    def press(self, *keys: str) -> None:
        for key in keys:
            ActionChains(self.chrome).send_keys(key).perform()

    def bring(
        self,
        document: DemoDocument,
        *,
        live: int = 0,
        kind: CaptureKind = CaptureKind.FLATBED,
        between_s: float = 0,
    ) -> None:
        """Lay the page and the face into the form, as a document reader and a camera do, one so long after the other."""
        page = capture(draw_page(document, portrait(document.holder.face)), live, kind)
        face = live_capture(document.holder.face, live)
        self.fill_slot("page_image", page)
        time.sleep(between_s)
        self.fill_slot("face_image", face)

    def fill_slot(self, name: str, picture: bytes) -> None:
        path = self.folder / f"{name}.jpg"
        path.write_bytes(picture)
        self.find(f"input[name={name}]").send_keys(str(path))
        self.wait_for(f"[data-slot={name}].filled .advice.good, [data-slot={name}].filled .advice.bad")

    def travel(self, **values: str) -> None:
        for name, value in ({"conveyance": "UA 417", "purpose_of_travel": "TOURISM"} | values).items():
            for field in self.chrome.find_elements(By.NAME, name):
                if field.is_displayed():
                    field.clear()
                    field.send_keys(value)
        self.press(Keys.ESCAPE)

    def send(self) -> None:
        self.press(Keys.ENTER)
        self.wait_for(".panel:not(.running)")

    def wait_for(self, selector: str) -> WebElement:
        return WebDriverWait(self.chrome, PATIENCE_S, LOOK_S).until(
            lambda chrome: next(iter(chrome.find_elements(By.CSS_SELECTOR, selector)), None)
        )

    def wait_until(self, holds: Callable[[], bool]) -> None:
        # between two pages what was found a moment ago may be gone
        gone = (StaleElementReferenceException, NoSuchElementException)
        WebDriverWait(self.chrome, PATIENCE_S, LOOK_S, ignored_exceptions=gone).until(lambda _: holds())

    def find(self, selector: str) -> WebElement:
        return self.chrome.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector: str = "#work") -> str:
        return self.find(selector).text

    def complaints(self) -> list[str]:
        """Return what the browser itself found wrong: scripts, styles or pictures that its policy refused.

        A form that the server answers with words (422) and a page that is not for a role (403) are no faults.
        """
        severe = [e["message"] for e in self.chrome.get_log("browser") if e["level"] == "SEVERE"]
        return [m for m in severe if "status of 422" not in m and "status of 403" not in m]

    def barriers(self) -> list[str]:
        """Return what keeps somebody from using the page as it stands, after axe-core."""
        axe = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
        self.chrome.execute_script(axe)
        found = self.chrome.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
        return [f"{v['id']}: {n['html']}" for v in found["violations"] for n in v["nodes"]]

    def look_everywhere(self) -> list[str]:
        """Return what keeps somebody from using this page, at three widths and in both directions; it is loaded anew for each.

        axe-core looks once at each width, sideways scrolling is looked for at all of them in both directions.
        """
        found = []
        for language, looked_at in (("ar", (768,)), ("en", (320, 1280))):
            self.chrome.add_cookie({"name": "booth_language", "value": language, "path": "/booth/"})
            self.chrome.refresh()
            self.wait_for(f"html[lang={language}]")
            for width in WIDTHS:
                size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
                self.chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
                wide = self.chrome.execute_script("return document.documentElement.scrollWidth")
                if wide > width:
                    found.append(f"{language} {width}: {wide} px wide: {self.chrome.execute_script(WIDEST)}")
                if width in looked_at:
                    found += [f"{language} {width}: {barrier}" for barrier in self.barriers()]
                self._picture(f"{language}-{width}")
            self.chrome.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        return found

    def _picture(self, name: str) -> None:
        """Keep a picture for whoever looks at a test: BMIS_LOOKS=<folder>."""
        folder = os.environ.get("BMIS_LOOKS")
        if folder:
            page = self.chrome.current_url.partition("/booth/")[2].strip("/").split("/")
            kind = "-".join(part for part in page if len(part) < 20) or "screen"
            self.chrome.save_screenshot(str(Path(folder) / f"{kind}-{name}.png"))

    def keep(self, name: str, size: tuple[int, int] = DESK) -> None:
        """Look at the page with axe-core, and keep a picture of it if somebody asked for one."""
        assert self.barriers() == []
        folder = os.environ.get("BMIS_SCREENSHOTS")
        if not folder:
            return
        self.chrome.set_window_size(*size)
        picture = Image.open(io.BytesIO(self.chrome.get_screenshot_as_png())).convert("RGB")
        picture.quantize(128).save(Path(folder) / f"{name}.png", optimize=True)
        self.chrome.set_window_size(*DESK)

    def tab_to(self, selector: str) -> None:
        """Go on with the Tab key until something that matches has the focus."""
        for _ in range(60):
            if self.chrome.execute_script("return document.activeElement.matches(arguments[0])", selector):
                return
            self.press(Keys.TAB)
        raise AssertionError(f"the Tab key never reaches {selector}")

    def key_in(self, selector: str, text: str) -> None:
        """Go to a field with the Tab key and type over what stands there."""
        self.tab_to(selector)
        if self.find(selector).get_attribute("type") != "date":
            ActionChains(self.chrome).key_down(Keys.CONTROL).send_keys("a").key_up(Keys.CONTROL).perform()
        self.press(text)
