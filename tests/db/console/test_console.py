"""The console behind its pages: who gets in, what a look leaves behind, what is refused and how."""

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from borders.console.assets import FILES, assets
from borders.console.urls import urlpatterns
from borders.models import BoothSession, Inspection
from tests.db.conftest import PASSWORD

TOKEN = rb"[A-Za-z0-9]{64}"  # of the forms, new in every answer
HTMX = {"HX-Request": "true"}
PUBLIC = {"sign-in", "language", "enrolment"}


def address(name: str, inspection: Inspection | None = None) -> str:
    pattern = next(p for p in urlpatterns if p.name == name)
    absent = "0193d3a4-0000-7000-8000-000000000000"
    values = {
        "inspection_id": inspection.id if inspection else absent,
        "kind": "page",
        "case_id": absent,
        "act": "refer",
    }
    return reverse(f"console:{name}", kwargs={k: values[k] for k in pattern.pattern.converters})


@pytest.mark.parametrize("name", [p.name for p in urlpatterns if p.name not in PUBLIC])
def test_nobody_gets_in_without_signing_in(db, name: str) -> None:
    for client, method in ((Client(), "get"), (Client(), "post")):
        response = getattr(client, method)(address(name))
        assert response.status_code in (302, 405)
        if response.status_code == 302:
            assert response["Location"] == reverse("console:sign-in")


@pytest.mark.parametrize("name", ["inspection", "decision", "correction", "image", "take-over"])
def test_an_inspection_of_another_port_answers_as_if_absent(
    browser, charlie, land_booth, inspection, name: str
) -> None:
    client = browser(charlie, land_booth)

    of_another, of_nobody = (client.get(address(name, i)) for i in (inspection, None))

    assert of_another.status_code == of_nobody.status_code
    assert of_another.status_code in (404, 405)


@pytest.mark.parametrize("name", ["protection", "protection-case", "protection-answers", "protection-act"])
def test_protection_is_sealed_from_booth_and_supervisor(browser, alice, bob, booth, name: str) -> None:
    for officer in (alice, bob):
        client = browser(officer, booth)
        assert {client.get(address(name)).status_code, client.post(address(name)).status_code} <= {403, 405}


def test_asking_for_protection_shows_nothing_of_it(browser, alice, booth, inspection) -> None:
    client = browser(alice, booth)
    before = client.get(address("inspection", inspection)).content

    answer = client.post(address("ask-protection", inspection), {"cause": "CLAIM"}, headers=HTMX)

    assert "Noted." in answer.content.decode()
    assert re.sub(TOKEN, b"", client.get(address("inspection", inspection)).content) == re.sub(
        TOKEN, b"", before
    )


def test_form_without_its_token_is_refused(browser, alice, booth, inspection) -> None:
    client = browser(alice, booth)
    client.handler.enforce_csrf_checks = True

    response = client.post(address("decision", inspection), {"outcome": "REFERRED"})

    assert response.status_code == 403
    assert Inspection.objects.get(id=inspection.id).state == "READY"


def test_a_look_leaves_one_audit_row(browser, alice, booth, inspection) -> None:
    client = browser(alice, booth)

    client.get(address("inspection", inspection))

    rows = AuditEntry.objects.filter(action="inspection.read", object_id=str(inspection.id))
    assert [row.detail["in"] for row in rows] == ["console"]


def test_the_address_names_nobody(browser, alice, booth, inspection) -> None:
    response = browser(alice, booth).post(
        address("decision", inspection), {"outcome": "REFERRED"}, headers=HTMX
    )

    assert response["HX-Push-Url"] == reverse("console:screen")


def test_what_is_refused_is_said_and_changes_nothing(browser, alice, booth, inspection) -> None:
    response = browser(alice, booth).post(
        address("decision", inspection), {"outcome": "CLEARED"}, headers=HTMX
    )

    assert response.status_code == 422
    assert "reason" in response.content.decode()
    assert Inspection.objects.get(id=inspection.id).state == "READY"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "Take the page"),
        ({"how": "keyed"}, "Surname: Please fill in."),
        ({"how": "keyed", "primary_identifier": "DOE", "birth_date": "yesterday"}, "Birth date"),
        ({"how": "keyed", "primary_identifier": "DOE", "nationality": "12"}, "Nationality"),
        ({"direction": "UP"}, "Direction"),
    ],
)
def test_a_form_that_is_not_whole_says_what_is_missing(browser, alice, booth, sent, words: str) -> None:
    form = {"client_reference": "t-1", "direction": "ENTRY", "conveyance": "UT 1", "how": "page"} | sent

    response = browser(alice, booth).post(reverse("console:open"), form, headers=HTMX)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Inspection.objects.exists()


def test_a_locked_booth_shows_nothing(browser, alice, booth, inspection) -> None:
    client = browser(alice, booth)
    client.post(reverse("console:lock"))

    page, part = (
        client.get(address("inspection", inspection)),
        client.get(address("inspection", inspection), headers=HTMX),
    )

    assert page["Location"] == reverse("console:lock")
    assert (part.status_code, part["HX-Redirect"]) == (204, reverse("console:lock"))


def test_an_idle_booth_locks_itself(browser, alice, booth) -> None:
    client = browser(alice, booth)
    long_ago = timezone.now() - timedelta(seconds=settings.BOOTH_IDLE_S + 60)
    BoothSession.objects.update(started_at=long_ago, active_at=long_ago)

    assert client.get(reverse("console:screen"))["Location"] == reverse("console:lock")


def test_only_the_officer_unlocks(browser, alice, booth) -> None:
    client = browser(alice, booth)
    client.post(reverse("console:lock"))

    assert client.post(reverse("console:lock"), {"password": "guess"}).status_code == 422
    assert BoothSession.objects.get().locked_at is not None
    assert client.post(reverse("console:lock"), {"password": PASSWORD})["Location"] == reverse(
        "console:screen"
    )
    assert BoothSession.objects.get().locked_at is None


def test_pages_load_nothing_from_elsewhere(browser, alice, booth) -> None:
    response = browser(alice, booth).get(reverse("console:screen"))

    assert "unsafe" not in response["Content-Security-Policy"]
    assert "http" not in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "no-store"


def test_a_language_that_the_console_does_not_speak_is_refused(client) -> None:
    assert client.post(reverse("console:language"), {"language": "tlh"}).status_code == 400


def test_page_comes_compressed_and_within_the_bytes_of_a_page_turn(browser, alice, booth) -> None:
    response = browser(alice, booth).get(reverse("console:screen"), headers={"Accept-Encoding": "gzip"})

    assert response["Content-Encoding"] == "gzip"
    assert len(response.content) <= 15_000


def test_files_of_the_console_are_named_by_their_content_and_kept() -> None:
    headers: dict[str, str] = {}

    settings.WHITENOISE_ADD_HEADERS_FUNCTION(headers, "", "/static/console/console.js")

    assert "immutable" in headers["Cache-Control"]
    for address in assets().values():
        assert re.search(r"\?v=[0-9a-f]{12}$", address)


def test_files_of_the_console_fit_the_first_load() -> None:
    files = [Path(finders.find(path)).read_bytes() for path in FILES.values()]

    assert sum(len(gzip.compress(content)) for content in files) <= 135_000
