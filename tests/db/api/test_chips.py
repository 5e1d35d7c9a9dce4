"""The files of a chip as parts of an upload, and what the booth is answered."""

import pytest
from rest_framework.test import APIClient

from tests.db.api.conftest import codes_of, entry_of_anna, png, upload
from tests.documents.pki.clones import answer_active
from tests.documents.pki.state import utopia
from travelers.core.chip import Mechanism
from travelers.models import ChipFile

pytestmark = pytest.mark.django_db


def parts() -> dict[str, bytes]:
    files = utopia().files()
    return {"ef_sod": files.sod, "ef_com": files.com} | {f"dg{n}": d for n, d in files.groups.items()}


def test_a_chip_is_taken_and_answered_mechanism_by_mechanism(as_alice: APIClient, worker) -> None:
    evidence = answer_active(utopia().active_key)
    sent = entry_of_anna(
        chip={
            "active_authentication": {
                "challenge": evidence.challenge.hex(),
                "response": evidence.response.hex(),
            }
        }
    )
    answered = upload(as_alice, sent, page_image=png(), **parts())
    assert answered.status_code == 201, answered.content[:300]
    checked = as_alice.get(answered["Location"])
    chip = {m["mechanism"]: m for m in checked.json()["chip"]}
    assert list(chip) == [m.value for m in Mechanism]
    assert (chip["signature"]["code"], chip["active_authentication"]["code"]) == ("OK", "OK")
    assert chip["chain"]["result"] == "NO_TRUST_ANCHOR"


def test_without_a_chip_the_answer_is_null(as_alice: APIClient, worker) -> None:
    assert upload(as_alice, entry_of_anna(), page_image=png()).json()["chip"] is None


@pytest.mark.parametrize(
    ("name", "content", "fault", "status"),
    [
        ("ef_sod", b"", "chip_file_empty", 400),
        ("ef_com", bytes(257), "chip_file_too_large", 413),
        ("dg1", bytes(1024 * 1024 + 1), "chip_file_too_large", 413),
        ("dg17", b"x", "unknown_field", 400),
    ],
)
def test_a_file_out_of_bounds_is_refused_by_name(
    as_alice: APIClient, worker, name, content, fault, status
) -> None:
    answered = upload(as_alice, entry_of_anna(), **{name: content})
    assert (answered.status_code, codes_of(answered)) == (status, {(name, fault)})
    assert not ChipFile.objects.exists()


@pytest.mark.parametrize(
    "evidence", [{"challenge": "00", "response": "00"}, {"challenge": "zz" * 8, "response": "00"}, {}]
)
def test_evidence_that_is_none_is_refused(as_alice: APIClient, worker, evidence) -> None:
    sent = entry_of_anna(chip={"active_authentication": evidence})
    assert upload(as_alice, sent, **parts()).status_code == 400
