"""The supervisor's desk of the browser tests: a morning at Utopia Airport, and Bob at his browser.

With BMIS_SCREENSHOTS=<folder> each page is kept there as a PNG file for the documentation.
"""

import io
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from django.contrib.auth.models import User
from django.utils import timezone
from PIL import Image
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
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


def make_scene(morning: datetime) -> Crossing:
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
        ("READ_PRINTED", 41.9),
        ("RECOMMEND", 0.6),
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
        self.wait_until(expected.presence_of_element_located((By.ID, element_id)))

    def wait_until(self, holds: Callable[[webdriver.Chrome], Any], seconds: float = 20) -> None:
        """Wait until it holds; what is taken from the page in between is looked for again."""
        gone = (StaleElementReferenceException,)
        WebDriverWait(self.chrome, seconds, ignored_exceptions=gone).until(holds)

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

    def barriers(self) -> list[str]:
        """Return what keeps somebody from using the page as it stands, after axe-core."""
        self.chrome.execute_script(
            resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
        )
        found = self.chrome.execute_async_script(
            "axe.run(document.getElementById('main')).then(arguments[arguments.length - 1])"
        )
        return [f"{v['id']}: {n['html']}" for v in found["violations"] for n in v["nodes"]]

    def complaints(self) -> list[str]:
        """Return what the browser itself found wrong since the latest call."""
        severe = [e["message"] for e in self.chrome.get_log("browser") if e["level"] == "SEVERE"]
        return [m for m in severe if "favicon" not in m]

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
