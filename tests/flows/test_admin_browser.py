"""The supervisor's admin in a real browser: sign in, look, search, and never leave a name in the address.

With BMIS_SCREENSHOTS=<folder> each page is kept there as a PNG file for the documentation.
"""

import io
import os
from datetime import datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support import expected_conditions as expected
from selenium.webdriver.support.wait import WebDriverWait

from biometrics.core.mrz import transliterate
from biometrics.models import Comparison, OperatingPoint, Template
from borders.demo.cast import make_cast
from borders.demo.documents import DemoDocument, mrz_lines
from borders.demo.pages import draw_page
from borders.demo.portraits import face_names, live_capture, portrait
from borders.models import Booth, Country, Crossing, Officer, PortOfEntry, PostAssignment, TravelParty
from tests.db import factories

PASSWORD = "correct horse battery staple"
WIDE, NARROW = (1280, 900), (800, 1000)
LARGEST_PICTURE = 300_000

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def morning() -> datetime:
    """A few minutes ago, but today."""
    now = timezone.now()
    return max(now - timedelta(minutes=30), now.replace(hour=0, minute=0, second=0, microsecond=0))


@pytest.fixture
def scene(live_server, morning: datetime) -> Crossing:
    """A morning at Utopia Airport; returns the crossing that was cleared against the advice."""
    airport = PortOfEntry.objects.create(
        country=Country.objects.create(code="UTO", name="Utopia"),
        code="UTUTO",
        name="Utopia Airport",
        kind="AIR",
    )
    booth = Booth.objects.create(port=airport, code="A1")
    alice, bob = (
        make_officer("alice", "UT-0001", airport, "OFFICER"),
        make_officer("bob", "UT-0002", airport, "SUPERVISOR"),
    )
    party = TravelParty.objects.create(port=airport, reference="family-1", opened_at=morning)
    cast, faces = make_cast(timezone.now().date()), face_names()
    documents = [cast.anna, cast.bjorn, cast.mother, cast.daughter]
    for number, document in enumerate(documents):
        crossing = make_clean_crossing(
            document, faces[number + 1], booth, alice, bob, morning + timedelta(minutes=5 * number), party
        )
    kept = make_overridden_crossing(
        cast.expired, faces[0], booth, alice, bob, morning + timedelta(minutes=24)
    )
    waiting = factories.make_inspection(
        booth=booth, officer=alice, at=morning + timedelta(minutes=29), number=4, advice="REFER"
    )
    factories.make_finding(inspection=waiting, code="DOCUMENT.EXPIRED", reason="expired")
    late = factories.make_inspection(
        booth=booth,
        officer=alice,
        at=morning - timedelta(hours=3),
        number=2,
        state="REFERRED",
        advice="REFER",
        party=party,
    )
    factories.make_finding(
        inspection=late, code="PARTY.UNRELATED_MINORS", route="PROTECTION", severity="BLOCK"
    )
    factories.make_referral(
        inspection=late, officer=alice, route="PROTECTION", due_at=morning - timedelta(hours=1)
    )
    factories.make_stay(crossing=crossing)
    return kept


def make_officer(username: str, badge_number: str, port: PortOfEntry, role: str) -> Officer:
    user = User.objects.create_user(username, password=PASSWORD, is_staff=role == "SUPERVISOR")
    officer = Officer.objects.create(user=user, badge_number=badge_number)
    PostAssignment.objects.create(
        officer=officer, port=port, role=role, valid_from=timezone.now() - timedelta(days=100)
    )
    return officer


def make_clean_crossing(
    document: DemoDocument,
    face: str,
    booth: Booth,
    alice: Officer,
    bob: Officer,
    at: datetime,
    party: TravelParty,
) -> Crossing:
    crossing, _ = make_pictured_crossing(document, face, face, booth, alice, bob, at, score=0.78, party=party)
    factories.make_finding(
        inspection=crossing.inspection, code="STAY.DIRECTION", outcome="PASS", step="CHECK_RECORD"
    )
    return crossing


def make_overridden_crossing(
    document: DemoDocument, face: str, booth: Booth, alice: Officer, bob: Officer, at: datetime
) -> Crossing:
    crossing, verified = make_pictured_crossing(
        document, face, face, booth, alice, bob, at, score=0.31, advice="REFER", first_line="REFERRED"
    )
    inspection = crossing.inspection
    make = factories.make_finding
    make(inspection=inspection, code="FACE.HOLDER", severity="BLOCK", step="MATCH_FACE", reason="below_threshold",
         comparison=verified, detail={"score": verified.score, "threshold": verified.threshold})  # fmt: skip
    make(
        inspection=inspection,
        code="FACE.OTHER_IDENTITY",
        severity="BLOCK",
        outcome="UNDETERMINED",
        reason="not_reported",
    )
    make(
        inspection=inspection,
        code="FACE.QUALITY",
        severity="INFORM",
        reason="too_dark",
        detail={"defects": ["too_dark"]},
    )
    make(inspection=inspection, code="STAY.DIRECTION", outcome="PASS", step="CHECK_RECORD")
    make(
        inspection=inspection,
        code="PARTY.UNRELATED_MINORS",
        outcome="NOT_APPLICABLE",
        reason="alone",
        route="PROTECTION",
    )
    for step, ms in (
        ("READ", 182.4),
        ("CHECK_DOCUMENT", 2.1),
        ("MATCH_FACE", 96.7),
        ("SCREEN", 11.3),
        ("CHECK_RECORD", 4.8),
    ):
        factories.make_step(inspection=inspection, step=step, elapsed_ms=ms)
    factories.make_decision(
        inspection=inspection, officer=bob, line="SECOND", override=True,
        reason="Holder known to the crew desk; portrait is nine years old. Second photograph taken and compared by eye.",
    )  # fmt: skip
    factories.make_referral(
        inspection=inspection, officer=alice, state="CLOSED", acknowledged_by=bob.user, acknowledged_at=at,
        closed_at=at, answer="Identity confirmed.",
    )  # fmt: skip
    inspection.screening = factories.make_screening(
        inspection=inspection, at=at, list_versions={"a": 3, "b": 1}
    )
    inspection.save(update_fields=("screening",))
    factories.make_stay(crossing=crossing, allowed_until=at.date() + timedelta(days=89))
    return crossing


def make_pictured_crossing(
    document: DemoDocument, face: str, live: str, booth: Booth, alice: Officer, bob: Officer, at: datetime,
    *, score: float, **fields: object,
) -> tuple[Crossing, Comparison]:  # fmt: skip
    page_bgr = cv2.resize(
        draw_page(document, portrait(face)), None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA
    )
    content = cv2.imencode(".jpg", page_bgr)[1].tobytes()
    page = factories.make_image(
        at=at, kind="PAGE", content=content, width=page_bgr.shape[1], height=page_bgr.shape[0]
    )
    seen = live_capture(live, 0)
    height, width = cv2.imdecode(np.frombuffer(seen, np.uint8), cv2.IMREAD_COLOR).shape[:2]
    image = factories.make_image(at=at, kind="FACE", content=seen, width=width, height=height)
    # where draw_page puts the picture: 6 mm from the left, 14 mm from the top, 34 x 43.5 mm, of a page 125 mm wide
    mm = page_bgr.shape[1] / 125
    on_page = factories.make_template(image=page, at=at, box=[13 * mm, 24 * mm, 33 * mm, 49 * mm])
    of_live = factories.make_template(image=image, at=at)
    lines = list(mrz_lines(document))
    holder = document.holder
    traveler = factories.make_traveler(
        at=at, primary_identifier=transliterate(holder.primary_identifier).replace("<", " "),
        secondary_identifier=transliterate(holder.secondary_identifier).replace("<", " "),
        birth_date=holder.birth_date, sex=holder.sex, nationality=holder.nationality,
    )  # fmt: skip
    reading = factories.make_reading(
        traveler=traveler, at=at, document_number=document.document_number, image=page, lines=lines, lines_read=lines,
        issuing_state=document.issuing_state, expiry_date=document.expiry_date, doubtful=[[1, 4]] if score < 0.5 else [],
        status="REVIEW" if score < 0.5 else "ACCEPTED", reason="doubtful_characters" if score < 0.5 else "",
        check_digits=[{"field": f, "printed": "0", "computed": "0", "verdict": "holds"}
                      for f in ("document_number", "birth_date", "expiry_date")],
    )  # fmt: skip
    crossing = factories.make_crossing(
        booth=booth, officer=alice, at=at, traveler=traveler, reading=reading, page_image=page, face_image=image,
        portrait_template=on_page, live_template=of_live,
        printed={"document_number": document.document_number, "birth_date": str(holder.birth_date)}, **fields,
    )  # fmt: skip
    return crossing, verify(of_live, on_page, alice, bob, at, score)


def verify(
    live: Template, page: Template, alice: Officer, bob: Officer, at: datetime, score: float
) -> Comparison:
    point: OperatingPoint = factories.make_operating_point(proposed_by=alice, approved_by=bob, at=at)
    return factories.make_comparison(probe=live, reference=page, point=point, at=at, score=score)


class Desk:
    """Bob at his browser."""

    def __init__(self, chrome: webdriver.Chrome, address: str) -> None:
        self.chrome, self.address = chrome, address

    def open(self, path: str) -> None:
        self.chrome.get(self.address + path)

    def sign_in(self) -> None:
        self.chrome.delete_all_cookies()
        self.open("/admin/")
        self.chrome.find_element(By.NAME, "username").send_keys("bob")
        self.chrome.find_element(By.NAME, "password").send_keys(PASSWORD, Keys.ENTER)
        self.wait_for("nav-sidebar-inner")

    def wait_for(self, element_id: str) -> None:
        WebDriverWait(self.chrome, 20).until(expected.presence_of_element_located((By.ID, element_id)))

    @property
    def text(self) -> str:
        return self.chrome.find_element(By.ID, "main").text

    def keep(self, name: str, size: tuple[int, int] = WIDE, *, whole: bool = False) -> None:
        """Keep a picture of the page if somebody asked for it, small enough for the documentation."""
        self.chrome.set_window_size(*size)
        folder = os.environ.get("BMIS_SCREENSHOTS")
        if not folder:
            return
        if whole:
            height = self.chrome.execute_script("return document.documentElement.scrollHeight")
            self.chrome.set_window_size(size[0], min(height + 150, 4000))
        picture = cv2.imdecode(np.frombuffer(self.chrome.get_screenshot_as_png(), np.uint8), cv2.IMREAD_COLOR)
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{name}.png").write_bytes(as_small_png(picture))

    def spills(self) -> bool:
        """Tell whether the page is wider than the window."""
        return self.chrome.execute_script(
            "return document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )

    def outside_requests(self) -> list[str]:
        """Return what pages asked of other places than our own server since the latest call."""
        seen = [entry["message"] for entry in self.chrome.get_log("performance")]
        starts = [m for m in seen if '"Network.requestWillBeSent"' in m and '"url":"http' in m]
        return [m for m in starts if self.address not in m]


def as_small_png(picture: np.ndarray) -> bytes:
    """Return a picture as PNG of at most 300 kB: in fewer colours, then smaller."""
    image = Image.fromarray(picture[:, :, ::-1])
    for scale in (1.0, 0.85, 0.7, 0.55, 0.4):
        small = image.resize(
            (round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS
        )
        kept = io.BytesIO()
        small.quantize(colors=192, method=Image.Quantize.MEDIANCUT).save(kept, "PNG", optimize=True)
        if kept.tell() <= LARGEST_PICTURE:
            break
    return kept.getvalue()


@pytest.fixture
def desk(chrome: webdriver.Chrome, live_server, scene: Crossing) -> Desk:
    bobs = Desk(chrome, live_server.url)
    bobs.sign_in()
    return bobs


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
    WebDriverWait(desk.chrome, 20).until(lambda _: "End the search" in desk.text)
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
