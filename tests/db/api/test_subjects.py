"""A subject's whole record over the API: for the data protection officer alone, encrypted if asked, and on record."""

import io
import json

import pytest
import pyzipper
from rest_framework.test import APIClient

from audit.core.actor import Role
from audit.models import AuditEntry
from borders.models import Booth, Crossing, Disclosure, Officer
from tests.db.api.conftest import codes_of
from tests.db.conftest import ApiClient, make_officer
from tests.db.factories import make_crossing

pytestmark = pytest.mark.django_db


@pytest.fixture
def dora(api_client: ApiClient, booth: Booth) -> APIClient:
    return api_client(make_officer("dora", "UT-0090", booth.port, Role.DATA_PROTECTION), booth)


@pytest.fixture
def crossing(booth: Booth, alice: Officer, at) -> Crossing:
    return make_crossing(booth=booth, officer=alice, at=at)


def record_of(crossing: Crossing) -> str:
    return f"/api/v1/subjects/{crossing.traveler_id}/record/"


def opened(content: bytes, passphrase: str = "") -> dict:
    with pyzipper.AESZipFile(io.BytesIO(content)) as packed:
        if passphrase:
            packed.setpassword(passphrase.encode())
        return json.loads(packed.read("record.json"))


def test_the_record_is_given_encrypted_as_asked(dora, crossing):
    response = dora.post(
        record_of(crossing), {"reference": "DP 9/2026", "passphrase": "tell it by telephone"}
    )
    assert response.status_code == 200
    assert response["Content-Type"] == "application/zip"
    with pytest.raises(RuntimeError):
        opened(response.content, "wrong")
    record = opened(response.content, "tell it by telephone")
    assert (record["subject"], record["reference"]) == (str(crossing.traveler_id), "DP 9/2026")
    assert "travelers.Traveler" in record["tables"]


def test_without_a_passphrase_the_file_lies_open(dora, crossing):
    response = dora.post(record_of(crossing), {"reference": "DP 9/2026"})
    assert opened(response.content)["subject"] == str(crossing.traveler_id)


def test_the_giving_is_a_look_and_a_disclosure(dora, crossing):
    dora.post(record_of(crossing), {"reference": "DP 9/2026"})
    assert Disclosure.objects.get().recipient == "The subject"
    look = AuditEntry.objects.get(action="traveler.exported_to_subject")
    assert (look.actor_label, look.object_id) == ("UT-0090", str(crossing.traveler_id))


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({}, ("reference", "required")),
        ({"reference": "x", "passphrase": "short"}, ("passphrase", "min_length")),
        ({"reference": "x" * 61}, ("reference", "max_length")),
    ],
)
def test_what_is_missing_or_wrong_is_named(dora, crossing, sent, code):
    response = dora.post(record_of(crossing), sent)
    assert response.status_code == 400
    assert code in codes_of(response)


def test_no_other_role_gets_the_record(as_bob: APIClient, crossing):
    assert as_bob.post(record_of(crossing), {"reference": "x"}).status_code == 403
    assert not Disclosure.objects.exists()
