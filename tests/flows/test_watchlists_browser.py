"""Lists, versions and hits in a real browser: propose, approve, answer, and read why.

With BMIS_SCREENSHOTS=<folder> each page is kept there as a PNG file for the documentation.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as expected
from selenium.webdriver.support.wait import WebDriverWait

from audit.core.actor import Actor, Role
from biometrics.models import OperatingPoint
from biometrics.services.operating_points import approve_operating_point, propose_operating_point
from borders.models import Country, Officer, PortOfEntry, PostAssignment
from tests.unit.watchlists.importers import samples
from travelers.models import DocumentReading
from watchlists.core.birth_dates import BirthDate
from watchlists.core.importers import FORMATS
from watchlists.core.names import PersonName
from watchlists.core.proposals import ListedDocument, ProposedEntry
from watchlists.core.score import SCORE_ENGINE, SCORE_VERSION
from watchlists.core.screening import Action
from watchlists.models import Hit, Watchlist, WatchlistVersion
from watchlists.services import (
    activate_version,
    adjudicate_hit,
    claim_hit,
    create_watchlist,
    propose_changes,
    propose_version,
    raise_emergency,
    screen,
)
from watchlists.services.imports import ImportFiles, ImportRefused, import_file
from watchlists.services.uploads import import_upload

CHROMIUM, CHROMEDRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
PASSWORD = "correct horse battery staple"
Show = Callable[[str, str], None]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def chrome() -> Iterator[webdriver.Chrome]:
    if not (shutil.which(CHROMIUM) and shutil.which(CHROMEDRIVER)):
        pytest.skip("needs Debian's packages chromium and chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars", "--disable-gpu",
                     "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"):  # fmt: skip
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(CHROMEDRIVER))
    driver.set_window_size(1280, 1000)
    yield driver
    driver.quit()


def make_person(username: str, badge: str, port: PortOfEntry) -> Actor:
    user = User.objects.create_user(username, password=PASSWORD, is_staff=True)
    officer = Officer.objects.create(user=user, badge_number=badge)
    roles = (Role.SUPERVISOR, Role.LIST_OWNER, Role.SECOND_LINE)
    for role in roles:
        PostAssignment.objects.create(
            officer=officer, port=port, role=role, valid_from=timezone.now() - timedelta(days=9)
        )
    return Actor(label=badge, user_id=user.id, roles=frozenset(roles), port_ids=frozenset({port.id}))


def entry(source_id: str, **changes: object) -> ProposedEntry:
    fields: dict[str, object] = {
        "action": Action.SECOND_LINE,
        "reason": "Summons of the court of Zenith",
        "legal_basis": "Border Act of Utopia, section 12",
        "owner_unit": "National Police",
        "names": (PersonName("Eriksson", "Anna Maria"), PersonName("Ericson", "Annie", low_quality=True)),
        "birth_dates": (BirthDate(1974, 8, 12), BirthDate(1975, circa=True)),
        "birth_places": ("Zenith, Utopia",),
        "nationalities": ("UTO",),
        "sex": "F",
        "documents": (ListedDocument("L898902C3", "UTO", "PASSPORT"),),
        "remarks": "Left Zenith in the spring.",
    }
    return ProposedEntry(source_id=source_id, **(fields | changes))  # type: ignore[arg-type]


class Scene:
    """A list with a history, an emergency, a refused import, and three hits."""

    def __init__(self, folder: Path) -> None:
        airport = PortOfEntry.objects.create(
            country=Country.objects.create(code="UTO", name="Utopia"),
            code="UTUTO",
            name="Utopia Airport",
            kind="AIR",
        )
        self.bob, self.dora = make_person("bob", "UT-0002", airport), make_person("dora", "UT-0004", airport)
        now = timezone.now()
        point = propose_operating_point(
            actor=self.bob, at=now, purpose=OperatingPoint.Purpose.NAME_SCREENING, engine=SCORE_ENGINE,
            engine_version=SCORE_VERSION, threshold=18.0, target="5 per 1,000", provenance="bench",
        )  # fmt: skip
        approve_operating_point(actor=self.dora, at=now, operating_point_id=point.id)
        self.watchlist = create_watchlist(
            actor=self.bob, at=now, name="Persons sought", kind=Watchlist.Kind.PERSON,
            owner_unit="National Police", legal_basis="Border Act of Utopia, section 12",
        )  # fmt: skip
        others = [
            entry(f"P-{n}", names=(PersonName(f"Svensson {chr(65 + n)}", "Brita"),), documents=())
            for n in range(12)
        ]
        self.version([entry("P-100"), *others])
        changed = entry("P-100", reason="Warrant of the court of Zenith")
        added = entry("P-101", names=(PersonName("Nyman", "Carl"),))
        self.version([changed, *others[1:], added])
        self.file = folder / "list.json"
        self.file.write_bytes(samples.FTM)
        path = folder / "broken.json"
        path.write_bytes(samples.FTM + b"not json\n")
        with pytest.raises(ImportRefused):
            import_file(
                actor=self.bob,
                at=now,
                watchlist=self.watchlist,
                files=ImportFiles(path),
                source_format=FORMATS["ftm"],
            )
        self.hits = [self.cross(airport, n) for n in range(3)]
        for hit, answer in zip(self.hits[:2], ("TRUE_MATCH", "FALSE_MATCH"), strict=True):
            claim_hit(actor=self.dora, at=now, hit_id=hit.id)
            adjudicate_hit(
                actor=self.dora, at=now, hit_id=hit.id, answer=answer, reason="Compared face and birth place"
            )
        self.emergency = raise_emergency(
            actor=self.dora,
            at=now,
            watchlist=self.watchlist,
            entry=entry("E-1", names=(PersonName("Holm", "Dag"),)),
        )
        made = propose_changes(
            actor=self.dora,
            at=now,
            watchlist=self.watchlist,
            reference="R-1",
            puts=[entry("P-102")],
            deletions=["P-3"],
        )
        assert made.version is not None
        self.proposed = made.version

    def version(self, entries: list[ProposedEntry]) -> WatchlistVersion:
        now = timezone.now()
        made = propose_version(
            actor=self.bob, at=now, watchlist=self.watchlist, entries=entries, sha256="ab" * 32
        )
        return activate_version(actor=self.dora, at=now, version_id=made.id, reason="Compared with the file")

    def cross(self, airport: PortOfEntry, number: int) -> Hit:
        at = timezone.now()
        reading = DocumentReading.objects.create(
            source="MRZ", status="ACCEPTED", layout="TD3", document_code="P", issuing_state="UTO",
            document_number=f"X10000{number}", primary_identifier="ERIKSON", secondary_identifier="ANNA MARIA",
            nationality="UTO", birth_date=date(1974, 8, 12), birth_date_raw="740812", sex="F", read_at=at,
        )  # fmt: skip
        screening = screen(
            actor=self.bob, at=at, inspection_id=reading.id, port_id=airport.id, reading=reading, face=None
        ).screening
        return Hit.objects.get(screening=screening, kind="NAME")


@pytest.fixture
def scene(live_server, tmp_path: Path) -> Scene:
    return Scene(tmp_path)


@pytest.fixture
def show(chrome: webdriver.Chrome, live_server) -> Show:
    """show(address, name): open a page, and keep its picture."""

    def run(address: str, name: str) -> None:
        chrome.get(f"{live_server.url}{address}" if address else chrome.current_url)
        WebDriverWait(chrome, 15).until(expected.presence_of_element_located((By.ID, "main")))
        folder = os.environ.get("BMIS_SCREENSHOTS")
        if folder:
            height = chrome.execute_script(
                "return Math.max(900, document.querySelector('#main').scrollHeight + 120)"
            )
            chrome.set_window_size(1280, min(int(height), 2400))
            chrome.save_screenshot(f"{folder}/{name}.png")

    return run


def sign_in(chrome: webdriver.Chrome, url: str, username: str) -> None:
    chrome.delete_all_cookies()
    chrome.get(f"{url}{reverse('admin:index')}")
    chrome.find_element(By.NAME, "username").send_keys(username)
    chrome.find_element(By.NAME, "password").send_keys(PASSWORD)
    chrome.find_element(By.CSS_SELECTOR, "form [type=submit]").click()
    WebDriverWait(chrome, 15).until(expected.url_to_be(f"{url}{reverse('admin:index')}"))


def page(model: str, row: object = None, view: str = "") -> str:
    if row is None:
        return reverse(f"admin:watchlists_{model}_changelist")
    return reverse(f"admin:watchlists_{model}_{view or 'change'}", args=(row.pk,))  # type: ignore[attr-defined]


def upload_and_propose(chrome: webdriver.Chrome, scene: Scene, show: Show) -> None:
    """Send a file by the form, see what it would change, and propose it."""
    show(page("watchlist", scene.watchlist, "upload"), "list-upload")
    chrome.find_element(By.NAME, "main").send_keys(str(scene.file))
    chrome.find_element(By.CSS_SELECTOR, "option[value=ftm]").click()
    chrome.find_element(By.CSS_SELECTOR, ".entry-acts [type=submit]").click()
    WebDriverWait(chrome, 15).until(expected.url_contains("/importrun/"))
    run = scene.watchlist.imports.get(uploaded=True)
    import_upload(at=timezone.now(), run_id=run.id)
    show(page("importrun", run), "import-checked")
    assert "Would be added" in chrome.page_source
    chrome.find_element(By.CSS_SELECTOR, "form[action$='/acts/propose/'] button").click()
    gone = expected.invisibility_of_element_located((By.CSS_SELECTOR, "form[action$='/acts/propose/']"))
    WebDriverWait(chrome, 15).until(gone)
    done = import_upload(at=timezone.now(), run_id=run.id)
    assert done is not None
    assert done.state in ("DONE", "REFUSED")
    show(page("importrun", run), "import-proposed")


def test_supervisor_reads_decides_and_answers(
    chrome: webdriver.Chrome, live_server, scene: Scene, show: Show
) -> None:
    sign_in(chrome, live_server.url, "bob")
    show(page("watchlist"), "lists")
    show(page("watchlist", scene.watchlist), "list")
    assert "An emergency entry is in force" in chrome.page_source
    show(page("watchlist", scene.watchlist, "entry"), "list-entry")
    show(page("watchlistversion"), "versions")
    show(page("watchlistversion", scene.watchlist.versions.get(number=2)), "version")
    difference = page("watchlistversion", scene.watchlist.versions.get(number=2), "difference")
    show(f"{difference}?show=changed", "version-difference")
    assert "Warrant of the court of Zenith" in chrome.page_source
    show(page("watchlistentry"), "entries")
    show(page("importrun"), "imports")
    show(page("hit"), "hits")
    hit = scene.hits[2]
    show(page("hit", hit), "hit")
    chrome.find_element(By.CSS_SELECTOR, "form[action$='/acts/claim/'] button").click()
    WebDriverWait(chrome, 15).until(expected.presence_of_element_located((By.NAME, "choice")))
    show("", "hit-claimed")
    chrome.find_element(By.CSS_SELECTOR, "input[value=FALSE_MATCH]").click()
    chrome.find_element(By.CSS_SELECTOR, "form[action$='/acts/answer/'] input[name=reason]").send_keys(
        "Other birth place"
    )
    chrome.find_element(By.CSS_SELECTOR, "form[action$='/acts/answer/'] button").click()
    WebDriverWait(chrome, 15).until(expected.invisibility_of_element_located((By.NAME, "choice")))
    hit.refresh_from_db()
    assert hit.state == "FALSE_MATCH"
    upload_and_propose(chrome, scene, show)
    show(page("matchexception"), "exceptions")
    show(page("watchlistversion", scene.emergency), "emergency")
    chrome.find_element(By.CSS_SELECTOR, "form[action$='/acts/confirm/'] button").click()
    gone = expected.invisibility_of_element_located((By.CSS_SELECTOR, "form[action$='/acts/confirm/']"))
    WebDriverWait(chrome, 15).until(gone)
    scene.emergency.refresh_from_db()
    assert scene.emergency.state == "CONFIRMED"
    show(page("watchlistversion", scene.proposed), "stale-proposal")
    assert "no longer in force" in chrome.page_source
    log = [line["message"] for line in chrome.get_log("browser") if line["level"] == "SEVERE"]
    severe = [message for message in log if "favicon" not in message]
    assert severe == []
