"""Pictures that go ahead, and the picture that is wrong: what the console answers."""

from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from borders.console.views import captures
from borders.models import CaptureAhead, CaptureFault, Inspection
from tests.db.factories import draw_picture

HTMX = {"HX-Request": "true"}


@pytest.fixture
def client(browser, alice, booth, monkeypatch):
    monkeypatch.setattr(captures, "send_capture", lambda _: None)
    return browser(alice, booth)


def give(client, kind: str = "FACE", content: bytes | None = None):
    picture = SimpleUploadedFile("picture.jpg", draw_picture() if content is None else content, "image/jpeg")
    return client.post(reverse("console:capture"), {"kind": kind, "picture": picture})


def form(**changes: str) -> dict[str, str]:
    return {
        "client_reference": "console-1",
        "direction": "ENTRY",
        "conveyance": "UT 1",
        "how": "keyed",
        "document_number": "L898902C3",
        "primary_identifier": "ERIKSSON",
    } | changes


def test_picture_given_ahead_is_answered_with_its_id(client) -> None:
    response = give(client)

    assert response.status_code == 201
    assert CaptureAhead.objects.get().id == UUID(response.json()["id"])


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [("FACE", b"no picture", "image_type_unsupported"), ("CAT", None, "required")],
)
def test_what_is_no_picture_is_refused_in_words(client, kind: str, content: bytes | None, code: str) -> None:
    response = give(client, kind, content)

    assert response.status_code == 422
    assert response.json()["code"] == code
    assert response.json()["words"] not in ("", code)
    assert not CaptureAhead.objects.exists()


def test_form_takes_the_picture_that_went_ahead(client) -> None:
    given = give(client).json()["id"]

    response = client.post(reverse("console:open"), form(face_image_ahead=given), headers=HTMX)

    assert response.status_code == 200
    assert Inspection.objects.get().face_image is not None
    assert bytes(CaptureAhead.objects.get().content) == b""


@pytest.mark.parametrize("given", ["01890000-0000-7000-8000-000000000000", "nothing"])
def test_console_is_told_to_send_whole_what_is_gone(client, given: str) -> None:
    response = client.post(reverse("console:open"), form(face_image_ahead=given), headers=HTMX)

    assert (response.status_code, response["HX-Trigger"]) == (422, "captures-gone")
    assert not Inspection.objects.exists()


def test_wrong_picture_lays_out_the_form_anew(client, inspection) -> None:
    response = client.post(
        reverse("console:wrong-picture", args=(inspection.id,)), {"fault": "PAGE_OF_ANOTHER"}, headers=HTMX
    )

    assert "Take the traveller anew" in response.content.decode()
    assert CaptureFault.objects.get().inspection_id == inspection.id


def test_wrong_picture_without_a_fault_is_said(client, inspection) -> None:
    response = client.post(reverse("console:wrong-picture", args=(inspection.id,)), {}, headers=HTMX)

    assert response.status_code == 422
    assert Inspection.objects.get(id=inspection.id).state == "READY"
