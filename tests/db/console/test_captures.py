"""Pictures that go ahead, and the picture that is wrong: what the console answers."""

from uuid import UUID

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files import uploadhandler
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from biometrics.core.images import ImageRefusal, ImageRefused
from borders.api.parsers import MAX_UPLOAD_BYTES
from borders.console.uploads import InMemoryHandler
from borders.console.views import captures, inspections
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


@pytest.mark.parametrize("page", ["capture", "open"])
def test_large_picture_never_lies_in_a_temporary_file(client, monkeypatch, page: str) -> None:
    content, got = b"\xff\xd8" + bytes(6_000_000), []

    def refuse(given: bytes | None = None, **named: object) -> None:
        got.append(named.get("content", given))
        raise ImageRefused(ImageRefusal.TYPE_UNSUPPORTED)

    def lie_down(*_: object) -> None:
        raise AssertionError("a picture would lie unsealed")

    monkeypatch.setattr(uploadhandler, "TemporaryUploadedFile", lie_down)
    monkeypatch.setattr(captures, "keep_capture", refuse)
    monkeypatch.setattr(inspections, "inspect_image", refuse)
    picture = SimpleUploadedFile("picture.jpg", content, "image/jpeg")
    sent = {"kind": "FACE", "picture": picture} if page == "capture" else form(face_image=picture)
    response = client.post(reverse(f"console:{page}"), sent, headers=HTMX if page == "open" else {})
    assert response.status_code < 500
    assert got == [content]


def test_body_over_the_bound_is_refused_unread(client) -> None:
    response = give(client, content=bytes(MAX_UPLOAD_BYTES))
    assert response.status_code == 413
    assert not CaptureAhead.objects.exists()


def test_files_over_the_bound_are_refused_where_no_length_was_declared() -> None:
    handler = InMemoryHandler()
    handler.new_file("picture", "picture.jpg", "image/jpeg", None)
    for _ in range(MAX_UPLOAD_BYTES // 1_000_000):
        handler.receive_data_chunk(bytes(1_000_000), 0)
    with pytest.raises(RequestDataTooBig):
        handler.receive_data_chunk(bytes(1_000_000), 0)


def test_picture_from_a_page_of_others_is_refused(client) -> None:
    client.handler.enforce_csrf_checks = True
    assert give(client).status_code == 403
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
