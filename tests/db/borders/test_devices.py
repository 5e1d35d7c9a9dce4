"""Terminals of booths: enrolled with a code, asked for their signature, and out at once when revoked."""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import timezone
from rest_framework.test import APIClient

from audit.core.actor import Role
from audit.models import AuditEntry
from borders.models import Booth, BoothDevice, Officer, PortOfEntry
from borders.services.devices import DeviceRefused, invite_device, message_of, revoke_device
from tests.db.conftest import ActorOf, make_officer

SESSIONS = "/api/v1/sessions/"


class Terminal:
    """What the browser of a booth does: keeps a key, enrols, and signs what it is given."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.client = APIClient()
        self.device = ""

    @property
    def public_key(self) -> str:
        der = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(der).decode()

    def enrol(self, code: str) -> Any:
        answer = self.client.post("/api/v1/devices/", {"code": code, "public_key": self.public_key})
        self.device = answer.json().get("device", "")
        return answer

    def prove(self, challenge: str = "") -> dict[str, str]:
        challenge = challenge or self.client.get("/api/v1/devices/challenge/").json()["challenge"]
        r, s = decode_dss_signature(
            self.key.sign(message_of(self.device, challenge), ec.ECDSA(hashes.SHA256()))
        )
        signature = base64.b64encode(r.to_bytes(32) + s.to_bytes(32)).decode()
        return {"device": self.device, "challenge": challenge, "signature": signature}


@pytest.fixture
def ada(airport: PortOfEntry) -> Officer:
    return make_officer("ada", "UT-0903", airport, Role.ADMINISTRATOR)


@pytest.fixture
def terminal(ada: Officer, booth: Booth, actor_of: ActorOf) -> Terminal:
    _, code = invite_device(actor=actor_of(ada), at=timezone.now(), booth_id=booth.id, name="T-1")
    made = Terminal()
    assert made.enrol(code).status_code == 201
    return made


@pytest.fixture
def sign_in(alice: Officer, booth: Booth, password: str) -> Callable[..., Any]:
    def send(**proof: str) -> Any:
        sent = {"username": "alice", "password": password, "port": "UTAIR", "booth": "A1", **proof}
        return APIClient().post(SESSIONS, sent)

    return send


@pytest.fixture(autouse=True)
def devices_required(settings: Any) -> None:
    settings.REQUIRE_DEVICES = True


def test_an_enrolled_terminal_signs_in(terminal: Terminal, sign_in: Callable[..., Any]) -> None:
    assert sign_in(**terminal.prove()).status_code == 201
    device = BoothDevice.objects.get()
    assert device.used_at is not None
    assert [r.action for r in AuditEntry.objects.filter(object_type="device").order_by("id")] == [
        "device.invited",
        "device.enrolled",
    ]


def test_nobody_signs_in_without_a_terminal_where_one_is_required(
    terminal: Terminal, sign_in: Callable[..., Any], settings: Any
) -> None:
    refused = sign_in()
    assert (refused.status_code, refused.json()["code"]) == (403, "device_required")
    settings.REQUIRE_DEVICES = False
    assert sign_in().status_code == 201


def test_a_session_without_a_terminal_ends_when_terminals_become_required(
    sign_in: Callable[..., Any], settings: Any
) -> None:
    settings.REQUIRE_DEVICES = False
    token = sign_in().json()["token"]
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert client.get("/api/v1/inspections/").status_code == 200
    settings.REQUIRE_DEVICES = True
    assert client.get("/api/v1/inspections/").status_code == 401


def test_a_challenge_is_answered_once(terminal: Terminal, sign_in: Callable[..., Any]) -> None:
    proof = terminal.prove()
    assert sign_in(**proof).status_code == 201
    assert sign_in(**proof).status_code == 403
    assert sign_in(**terminal.prove()).status_code == 201


def test_a_challenge_is_good_for_two_minutes(
    terminal: Terminal, sign_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    proof = terminal.prove()
    later = timezone.now() + timedelta(minutes=3)
    monkeypatch.setattr("audit.api.acting.timezone.now", lambda: later)
    assert sign_in(**proof).status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"signature": "AAAA"},
        {"signature": "not base64!"},
        {"signature": base64.b64encode(b"\0" * 64).decode()},
        {"challenge": "1.x.y"},
        {"challenge": "no dots"},
        {"device": str(uuid4())},
    ],
)
def test_what_is_not_the_terminal_s_own_word_is_refused(
    terminal: Terminal, sign_in: Callable[..., Any], change: dict[str, str]
) -> None:
    assert sign_in(**{**terminal.prove(), **change}).status_code == 403


def test_another_key_does_not_sign_for_the_terminal(terminal: Terminal, sign_in: Callable[..., Any]) -> None:
    thief = Terminal()
    thief.device = terminal.device
    assert sign_in(**thief.prove()).status_code == 403


def test_a_terminal_is_bound_to_its_booth(
    terminal: Terminal, alice: Officer, airport: PortOfEntry, password: str
) -> None:
    Booth.objects.create(port=airport, code="A2")
    sent = {"username": "alice", "password": password, "port": "UTAIR", "booth": "A2", **terminal.prove()}
    assert APIClient().post(SESSIONS, sent).json()["code"] == "device_required"


def test_a_revoked_terminal_is_out_with_the_next_request(
    terminal: Terminal, sign_in: Callable[..., Any], ada: Officer, actor_of: ActorOf
) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {sign_in(**terminal.prove()).json()['token']}")
    assert client.get("/api/v1/inspections/").status_code == 200
    revoke_device(actor=actor_of(ada), at=timezone.now(), device_id=BoothDevice.objects.get().id)
    assert client.get("/api/v1/inspections/").status_code == 401
    assert sign_in(**terminal.prove()).status_code == 403


def test_a_code_is_good_once_and_for_an_hour(ada: Officer, booth: Booth, actor_of: ActorOf) -> None:
    _, code = invite_device(actor=actor_of(ada), at=timezone.now(), booth_id=booth.id, name="T-1")
    assert Terminal().enrol(code.lower()).status_code == 201
    assert Terminal().enrol(code).json()["code"] == "code_unknown"
    earlier = timezone.now() - timedelta(hours=2)
    _, late = invite_device(actor=actor_of(ada), at=earlier, booth_id=booth.id, name="T-2")
    assert Terminal().enrol(late).json()["code"] == "code_unknown"
    assert Terminal().enrol("AAAA").status_code == 403


def make_key_of_no_known_kind() -> str:
    """Return a key whose algorithm's number is none: the library has another error for that than for damage."""
    der = base64.b64decode(Terminal().public_key)
    return base64.b64encode(
        der.replace(bytes.fromhex("2a8648ce3d0201"), bytes.fromhex("2a8648ce3d0277"))
    ).decode()


@pytest.mark.parametrize(
    "public_key",
    ["", "AAAA", "%%%", base64.b64encode(b"0" * 91).decode(), make_key_of_no_known_kind(), "\u00e9" * 8],
)
def test_a_key_that_is_none_is_refused(
    ada: Officer, booth: Booth, actor_of: ActorOf, public_key: str
) -> None:
    _, code = invite_device(actor=actor_of(ada), at=timezone.now(), booth_id=booth.id, name="T-1")
    answer = APIClient().post("/api/v1/devices/", {"code": code, "public_key": public_key})
    assert answer.status_code == 400
    assert Terminal().enrol(code).status_code == 201  # the code was not used up


def test_a_curve_of_another_kind_is_refused(ada: Officer, booth: Booth, actor_of: ActorOf) -> None:
    _, code = invite_device(actor=actor_of(ada), at=timezone.now(), booth_id=booth.id, name="T-1")
    other = Terminal()
    other.key = ec.generate_private_key(ec.SECP384R1())
    assert other.enrol(code).json()["code"] == "bad_key"


def test_only_an_administrator_of_the_port_invites(
    ada: Officer, bob: Officer, booth: Booth, land_booth: Booth, actor_of: ActorOf
) -> None:
    for officer, place in ((bob, booth), (ada, land_booth)):
        with pytest.raises(DeviceRefused, match="booth_unknown"):
            invite_device(actor=actor_of(officer), at=timezone.now(), booth_id=place.id, name="T-1")
