"""POST inspections/: once per booth and client reference, and no input that breaks anything."""

import contextlib
import io
import json
import struct
import tracemalloc
import zlib
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from audit.api.problems import Problem
from audit.services.broker import SendFailed
from borders.api.parsers import InspectionUploadParser
from borders.api.views import inspections as views
from borders.models import Inspection, OutboxMessage
from tests.db.api.conftest import ANNA, codes_of, entry_of_anna, looks, png, upload

PATH = "/api/v1/inspections/"


def test_an_inspection_is_opened_and_handed_to_the_workers(
    as_alice: APIClient, sent_to_workers: list[UUID]
) -> None:
    response = as_alice.post(PATH, entry_of_anna())
    assert response.status_code == 201, response.json()
    body = response.json()
    assert body["state"] == "RECEIVED"
    assert body["advice"] == ""
    assert body["reading"]["primary_identifier"] == "ERIKSSON"
    assert response["Location"] == f"{PATH}{body['id']}/"
    assert sent_to_workers == [UUID(body["id"])]


def test_sent_again_it_answers_the_same_inspection(as_alice: APIClient, sent_to_workers: list[UUID]) -> None:
    sent = entry_of_anna()
    first, second = as_alice.post(PATH, sent), as_alice.post(PATH, sent)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert Inspection.objects.count() == OutboxMessage.objects.count() == len(sent_to_workers) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"direction": "EXIT"},
        {"conveyance": "UT 102"},
        {"party_reference": "family-1"},
        {"keyed": ANNA | {"sex": "X"}},
        {"printed": {"document_number": "L898902C3"}},
    ],
)
def test_the_same_reference_with_another_body_is_a_conflict(
    as_alice: APIClient, sent_to_workers: list[UUID], changes: dict[str, Any]
) -> None:
    sent = entry_of_anna()
    as_alice.post(PATH, sent)
    response = as_alice.post(PATH, sent | changes)
    assert (response.status_code, response.json()["code"]) == (409, "client_reference_reused")


def test_another_image_is_another_body(as_alice: APIClient, sent_to_workers: list[UUID]) -> None:
    sent = entry_of_anna()
    assert upload(as_alice, sent, face_image=png()).status_code == 201
    assert upload(as_alice, sent, face_image=png()).status_code == 200
    assert upload(as_alice, sent, face_image=png(70)).status_code == 409


def test_another_booth_may_use_the_same_reference(
    as_alice: APIClient, as_charlie: APIClient, sent_to_workers: list[UUID]
) -> None:
    sent = entry_of_anna()
    assert as_alice.post(PATH, sent).status_code == 201
    assert as_charlie.post(PATH, sent).status_code == 201


def test_images_are_taken_as_files(as_alice: APIClient, sent_to_workers: list[UUID]) -> None:
    response = upload(as_alice, entry_of_anna(), page_image=png(60), face_image=png(70))
    assert response.status_code == 201, response.json()
    assert response.json()["images"] == ["page", "face"]


def test_the_answer_leaves_a_look_in_the_trail(as_alice: APIClient, sent_to_workers: list[UUID]) -> None:
    body = as_alice.post(PATH, entry_of_anna()).json()
    assert [(e.action, e.object_id) for e in looks()] == [("inspection.read", body["id"])]


def test_a_broker_that_is_down_does_not_fail_the_request(as_alice: APIClient, broker_down: None) -> None:
    response = as_alice.post(PATH, entry_of_anna())
    assert response.status_code == 201
    assert OutboxMessage.objects.filter(object_id=response.json()["id"], done_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_the_workers_hear_of_it_after_the_commit_only(
    as_alice: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def send(inspection_id: UUID) -> None:
        with mock.patch.object(views.transaction, "on_commit"):
            seen.append(Inspection.objects.filter(id=inspection_id).exists())
        seen.append(views.transaction.get_connection().in_atomic_block)
        raise SendFailed

    monkeypatch.setattr(views, "send_inspection", send)
    assert as_alice.post(PATH, entry_of_anna()).status_code == 201
    assert seen == [True, False]


# what the JSON may not be; the field at fault and the code
K = "keyed."
REFUSED: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"client_reference": None}, ("client_reference", "null")),
    ({"client_reference": ""}, ("client_reference", "blank")),
    ({"client_reference": "a b"}, ("client_reference", "pattern")),
    ({"client_reference": "x" * 65}, ("client_reference", "max_length")),
    ({"client_reference": 17}, ("client_reference", "not_a_string")),
    ({"direction": "ARRIVAL"}, ("direction", "invalid_choice")),
    ({"direction": "entry"}, ("direction", "invalid_choice")),
    ({"direction": ["ENTRY"]}, ("direction", "invalid_choice")),
    ({"direction": None}, ("direction", "null")),
    ({"conveyance": "x" * 21}, ("conveyance", "max_length")),
    ({"conveyance": ""}, ("conveyance", "required")),
    ({"conveyance": "UT\x00101"}, ("conveyance", "characters_not_allowed")),
    ({"address_of_stay": "line\nline"}, ("address_of_stay", "characters_not_allowed")),
    ({"address_of_stay": "x" * 1_000_000}, ("", "body_too_large")),
    ({"address_of_stay": "x" * 50_000}, ("address_of_stay", "max_length")),
    ({"height_cm": 170}, ("height_cm", "unknown_field")),
    ({"id": str(uuid4())}, ("id", "unknown_field")),
    ({"state": "CLEARED"}, ("state", "unknown_field")),
    ({"keyed": "ERIKSSON"}, ("keyed.non_field_errors", "not_an_object")),
    ({"keyed": []}, ("keyed.non_field_errors", "not_an_object")),
    ({"keyed": {}}, (K + "primary_identifier", "required")),
    ({"keyed": ANNA | {"age": 30}}, (K + "age", "unknown_field")),
    ({"keyed": ANNA | {"primary_identifier": " "}}, (K + "primary_identifier", "blank")),
    ({"keyed": ANNA | {"primary_identifier": "x" * 121}}, (K + "primary_identifier", "max_length")),
    (
        {"keyed": ANNA | {"primary_identifier": "A\u0000"}},
        (K + "primary_identifier", "characters_not_allowed"),
    ),
    ({"keyed": ANNA | {"primary_identifier": {"a": 1}}}, (K + "primary_identifier", "not_a_string")),
    ({"keyed": ANNA | {"birth_date": "0001-01-01"}}, (K + "birth_date", "date_out_of_range")),
    ({"keyed": ANNA | {"birth_date": "1899-12-31"}}, (K + "birth_date", "date_out_of_range")),
    ({"keyed": ANNA | {"birth_date": "12/08/1974"}}, (K + "birth_date", "invalid")),
    ({"keyed": ANNA | {"birth_date": "740812"}}, (K + "birth_date", "invalid")),
    ({"keyed": ANNA | {"birth_date": 740812}}, (K + "birth_date", "not_a_string")),
    ({"keyed": ANNA | {"expiry_date": "9999-12-31"}}, (K + "expiry_date", "date_out_of_range")),
    ({"keyed": ANNA | {"sex": "female"}}, (K + "sex", "invalid_choice")),
    ({"keyed": ANNA | {"nationality": "UTOPIA"}}, (K + "nationality", "max_length")),
    ({"keyed": ANNA | {"issuing_state": "ut"}}, (K + "issuing_state", "pattern")),
    ({"keyed": ANNA | {"document_number": "L898902C3" * 3}}, (K + "document_number", "max_length")),
    ({"keyed": ANNA | {"document_number": "L8989;02"}}, (K + "document_number", "pattern")),
    ({"printed": {"mrz": "P<UTO"}}, ("printed.mrz", "unknown_field")),
    ({"printed": {"birth_date": "0001-01-01"}}, ("printed.birth_date", "date_out_of_range")),
    ({"printed": {"birth_date": 5}}, ("printed.birth_date", "not_a_string")),
    ({"printed": []}, ("printed.non_field_errors", "not_an_object")),
    ({"keyed": None}, ("page_image", "identity_required")),
]


@pytest.mark.parametrize(("changes", "fault"), REFUSED)
def test_bad_input_is_refused_with_the_field_and_a_code(
    as_alice: APIClient, sent_to_workers: list[UUID], changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    response = as_alice.post(PATH, entry_of_anna(**changes))
    assert response.status_code == (413 if fault[1] == "body_too_large" else 400)
    assert codes_of(response) == {fault}
    assert not Inspection.objects.exists()
    assert not sent_to_workers


@pytest.mark.parametrize("missing", ["client_reference", "direction"])
def test_what_must_be_there_is_asked_for(as_alice: APIClient, missing: str) -> None:
    sent = entry_of_anna()
    del sent[missing]
    assert codes_of(as_alice.post(PATH, sent)) == {(missing, "required")}


RAW = [
    (b"", "application/json", 400, "invalid"),
    (b"not json", "application/json", 400, "json_malformed"),
    (b"[]", "application/json", 400, "json_not_an_object"),
    (b'"text"', "application/json", 400, "json_not_an_object"),
    (b"null", "application/json", 400, "json_not_an_object"),
    (b'{"direction": NaN}', "application/json", 400, "json_not_finite"),
    (b'{"direction": "ENTRY", "direction": "EXIT"}', "application/json", 400, "json_duplicate_key"),
    (b'{"keyed":' * 5_000, "application/json", 400, "json_too_deep"),
    (b'{"direction": "\xff"}', "application/json", 400, "json_malformed"),
    (b'{"direction": "' + b"x" * 1_000_000 + b'"}', "application/json", 413, "body_too_large"),
    (b"{}", "text/plain", 415, "unsupported_media_type"),
    (b"{}", "application/xml", 415, "unsupported_media_type"),
    (b"a=b", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
    (b"{}", "multipart/form-data", 400, "multipart_malformed"),
    (b"{}", "multipart/form-data; boundary=\xc3\xa9", 400, "multipart_malformed"),
    (b"--b\r\nbroken", "multipart/form-data; boundary=b", 400, "required"),
]


@pytest.mark.parametrize(("body", "content_type", "status", "code"), RAW)
def test_a_body_that_is_no_inspection_is_refused_and_opens_none(
    as_alice: APIClient, body: bytes, content_type: str, status: int, code: str
) -> None:
    response = as_alice.generic("POST", PATH, body, content_type=content_type)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert not Inspection.objects.exists()


def test_an_escaped_half_of_a_surrogate_pair_is_refused(as_alice: APIClient) -> None:
    body = json.dumps(entry_of_anna()).replace("UT 101", "\\ud800")
    response = as_alice.generic("POST", PATH, body, content_type="application/json")
    assert codes_of(response) == {("conveyance", "characters_not_allowed")}


@pytest.mark.parametrize(
    ("sent", "kept"), [("E\u0301RIKSSON", "\u00c9RIKSSON"), ("إريكسون", "إريكسون"), ("אריקסון", "אריקסון")]
)
def test_names_of_other_scripts_are_taken_composed(
    as_alice: APIClient, sent_to_workers: list[UUID], sent: str, kept: str
) -> None:
    response = as_alice.post(PATH, entry_of_anna(keyed=ANNA | {"primary_identifier": sent}))
    assert response.json()["reading"]["primary_identifier"] == kept


def bomb(side: int) -> bytes:
    """Return a well-formed PNG header that announces side x side pixels, and next to no pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(side * 3 + 1))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


IMAGES = [
    (b"", 400, "image_empty"),
    (b"%PDF-1.7 not an image", 415, "image_type_unsupported"),
    (png()[:60], 400, "image_truncated"),
    (b"GIF89a" + bytes(50), 415, "image_type_unsupported"),
    (bomb(50_000), 413, "image_too_many_pixels"),
    (b"\xff\xd8\xff" + bytes(20_000_001), 413, "image_too_large"),
]
NAMES = ["empty", "no-image", "truncated", "gif", "bomb", "too-large"]


@pytest.mark.parametrize("part", ["page_image", "face_image"])
@pytest.mark.parametrize(("content", "status", "code"), IMAGES, ids=NAMES)
def test_a_bad_image_is_refused_with_its_part_and_a_code(
    as_alice: APIClient, part: str, content: bytes, status: int, code: str
) -> None:
    response = upload(as_alice, entry_of_anna(), **{part: content})
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.json()["field"] == part
    assert not Inspection.objects.exists()


def test_a_body_of_30_mb_is_refused_without_being_read(as_alice: APIClient) -> None:
    class Unread(io.RawIOBase):
        taken = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            Unread.taken += len(buffer)
            return len(buffer)

    response = Client().generic(
        "POST",
        PATH,
        b"",
        CONTENT_TYPE="multipart/form-data; boundary=b",
        HTTP_AUTHORIZATION=as_alice._credentials["HTTP_AUTHORIZATION"],
        **{"wsgi.input": Unread(), "CONTENT_LENGTH": "30000000"},
    )
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")
    assert Unread.taken == 0


PARTS = [
    (
        '--b\r\nContent-Disposition: form-data; name="inspection"\r\n\r\n{}\r\n' * 2 + "--b--",
        "repeated_part",
        "inspection",
    ),
    (
        '--b\r\nContent-Disposition: form-data; name="page_image"\r\n\r\nx\r\n--b--',
        "not_a_file",
        "page_image",
    ),
    ('--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nx\r\n--b--', "unknown_field", "note"),
    (
        '--b\r\nContent-Disposition: form-data; name="cv"; filename="a"\r\n\r\nx\r\n--b--',
        "unknown_field",
        "cv",
    ),
    (
        '--b\r\nContent-Disposition: form-data; name="face_image"; filename="a"\r\n\r\nx\r\n--b--',
        "required",
        "inspection",
    ),
    (
        '--b\r\nContent-Disposition: form-data; name="face_image"; filename="a"\r\n\r\nx',
        "multipart_malformed",
        None,
    ),
    (
        '--b\r\nContent-Disposition: form-data; name="inspection"\r\n\r\n{"a":\r\n--b--',
        "json_malformed",
        None,
    ),
    (
        '--b\r\nContent-Disposition: form-data; name="inspection"\r\n\r\n"' + "x" * 70_000 + '"\r\n--b--',
        "body_too_large",
        None,
    ),
]


@pytest.mark.parametrize(("body", "code", "field"), PARTS)
def test_parts_that_are_not_the_described_ones_are_refused(
    as_alice: APIClient, body: str, code: str, field: str | None
) -> None:
    response = as_alice.generic("POST", PATH, body, content_type="multipart/form-data; boundary=b")
    assert (response.json()["code"], response.json().get("field")) == (code, field)


@given(st.binary(max_size=300), st.booleans())
def test_any_multipart_body_gives_parts_or_the_named_error(content: bytes, framed: bool) -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="inspection"\r\n\r\n' + content if framed else content
    )
    request = mock.Mock(META={"CONTENT_LENGTH": str(len(body))})
    with contextlib.suppress(Problem):
        InspectionUploadParser().parse(
            io.BytesIO(body), "multipart/form-data; boundary=b", {"request": request}
        )


def test_an_upload_costs_little_more_memory_than_its_images(
    as_alice: APIClient, sent_to_workers: list[UUID]
) -> None:
    tracemalloc.start()
    try:
        upload(as_alice, entry_of_anna(), face_image=b"\xff\xd8\xff" + bytes(19_000_000))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 150_000_000


def test_an_officer_without_a_border_role_opens_none(
    api_client: Any, alice: Any, booth: Any, airport: Any
) -> None:
    alice.assignments.update(role="LIST_OWNER")
    response = api_client(alice, booth).post(PATH, entry_of_anna())
    assert (response.status_code, response.json()["code"]) == (403, "role_required")


@pytest.mark.parametrize("wait", ["-1", "11", "nan", "inf", "x", "", "1e400", "9" * 40, "0x1"])
def test_a_wait_that_is_no_number_in_range_is_refused(as_alice: APIClient, wait: str) -> None:
    response = as_alice.post(f"{PATH}?wait_s={wait}", entry_of_anna())
    assert codes_of(response) == {("wait_s", "wait_invalid")}
    assert not Inspection.objects.exists()
