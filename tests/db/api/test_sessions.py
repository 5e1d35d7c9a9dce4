"""Sign in and out at a booth."""

import time
from datetime import timedelta
from ipaddress import ip_network
from statistics import median
from typing import Any

import pytest
import time_machine
from django.test import override_settings
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient

from audit.models import AuditEntry
from borders.api.proxy import TrustedProxies
from borders.models import Booth, BoothSession, Officer, PostAssignment
from borders.services.sessions import lock_session, unlock_session
from tests.db.api.conftest import codes_of
from tests.db.conftest import ActorOf


def sign_in(password: str, username: str = "alice", address: str = "127.0.0.1", **changes: Any) -> Response:
    sent = {"username": username, "password": password, "port": "UTAIR", "booth": "A1"} | changes
    return APIClient().post("/api/v1/sessions/", sent, REMOTE_ADDR=address)


@pytest.fixture(autouse=True)
def _places(booth: Booth, alice: Officer, land_booth: Booth) -> None:
    """Alice at the airport, and a booth elsewhere."""


def test_an_officer_signs_in_and_uses_the_token(password: str) -> None:
    response = sign_in(password)
    assert response.status_code == 201
    body = response.json()
    assert (body["badge_number"], body["roles"], body["port"], body["booth"]) == (
        "UT-0001",
        ["OFFICER"],
        "UTAIR",
        "A1",
    )
    assert response["Cache-Control"] == "no-store"
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {body['token']}")
    assert client.get("/api/v1/inspections/").status_code == 200


def test_the_token_itself_is_stored_nowhere(password: str) -> None:
    token = sign_in(password).json()["token"]
    session = BoothSession.objects.get()
    assert token not in (session.token_sha256, str(list(AuditEntry.objects.values())))


def test_after_sign_out_the_token_is_worth_nothing(password: str) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {sign_in(password).json()['token']}")
    assert client.delete("/api/v1/sessions/current/").status_code == 204
    assert client.get("/api/v1/inspections/").status_code == 401
    assert client.delete("/api/v1/sessions/current/").status_code == 401


LOCKS = {
    "by the officer": {"locked_at": timedelta(seconds=-1), "active_at": timedelta(seconds=-2)},
    "before its first page": {"locked_at": timedelta(seconds=-1)},
    "by idle minutes": {"active_at": timedelta(minutes=-6)},
}


@pytest.mark.parametrize("lock", LOCKS)
def test_the_token_of_a_locked_booth_opens_nothing_but_the_way_out(as_alice: APIClient, lock: str) -> None:
    now = timezone.now()
    BoothSession.objects.update(**{field: now + ago for field, ago in LOCKS[lock].items()})
    for answer in (as_alice.get("/api/v1/crossings/"), as_alice.post("/api/v1/inspections/", {})):
        assert (answer.status_code, answer.json()["code"]) == (401, "session_locked")
    assert as_alice.delete("/api/v1/sessions/current/").status_code == 204
    assert BoothSession.objects.get().ended_at is not None


def test_an_unlocked_booth_opens_again(as_alice: APIClient, password: str, actor_of: ActorOf) -> None:
    session, now = BoothSession.objects.get(), timezone.now()
    actor = actor_of(session.officer)
    lock_session(actor=actor, at=now, session=session)
    assert as_alice.get("/api/v1/crossings/").status_code == 401
    unlock_session(actor=actor, at=now, session=session, password=password)
    assert as_alice.get("/api/v1/crossings/").status_code == 200


def test_a_program_that_never_opened_the_console_is_not_idle(as_alice: APIClient) -> None:
    BoothSession.objects.update(started_at=timezone.now() - timedelta(hours=1))
    assert as_alice.get("/api/v1/crossings/").status_code == 200


def test_a_token_ends_with_its_time(as_alice: APIClient) -> None:
    with time_machine.travel(timezone.now() + timedelta(hours=13), tick=False):
        assert as_alice.get("/api/v1/inspections/").status_code == 401


def test_a_disabled_account_is_out_at_once(as_alice: APIClient, alice: Officer) -> None:
    alice.user.is_active = False
    alice.user.save()
    assert as_alice.get("/api/v1/inspections/").json()["code"] == "token_invalid"


def test_an_officer_whose_assignment_ended_reads_nothing(as_alice: APIClient, alice: Officer) -> None:
    PostAssignment.objects.filter(officer=alice).update(valid_until=timezone.now())
    response = as_alice.get("/api/v1/inspections/")
    assert (response.status_code, response.json()["code"]) == (403, "not_assigned")


REFUSED = [
    ({"password": "wrong"}, 401, "credentials_invalid"),
    ({"username": "nobody"}, 401, "credentials_invalid"),
    ({"booth": "A9"}, 400, "booth_unknown"),
    ({"port": "UTLND", "booth": "L1"}, 403, "not_posted"),
]


@pytest.mark.parametrize(("changes", "status", "code"), REFUSED)
def test_sign_in_is_refused_with_a_code(
    password: str, changes: dict[str, str], status: int, code: str
) -> None:
    response = sign_in(**({"password": password} | changes))
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert not BoothSession.objects.exists()
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["sign_in.failed"]


MALFORMED = [
    ({"username": "a\x00"}, ("username", "characters_not_allowed")),
    ({"password": "a\x00"}, ("password", "characters_not_allowed")),
    ({"password": "x" * 1000}, ("password", "max_length")),
    ({"password": 5}, ("password", "not_a_string")),
    ({"booth": None}, ("booth", "null")),
    ({"remember": True}, ("remember", "unknown_field")),
]


@pytest.mark.parametrize(("changes", "fault"), MALFORMED)
def test_a_malformed_sign_in_is_refused_with_the_field(
    password: str, changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    response = sign_in(**({"password": password} | changes))
    assert response.status_code == 400
    assert codes_of(response) == {fault}


def test_neither_name_nor_password_is_kept_when_sign_in_fails() -> None:
    sign_in("a password typed wrongly", username="a password typed as a name")
    assert "typed" not in str(list(AuditEntry.objects.values()))


def test_the_sixth_attempt_after_five_failures_is_not_looked_at(password: str) -> None:
    for _ in range(5):
        assert sign_in("wrong").status_code == 401
    response = sign_in(password)
    assert (response.status_code, response.json()["code"]) == (429, "sign_in_throttled")
    assert int(response["Retry-After"]) > 0


def test_failures_of_one_name_at_one_address_close_no_other(password: str) -> None:
    for _ in range(6):
        sign_in("wrong")
    assert sign_in(password, address="127.0.0.2").status_code == 201
    assert sign_in("wrong", username="bob").status_code == 401


def test_behind_a_proxy_failures_are_counted_by_the_address_that_it_names(password: str) -> None:
    client = APIClient()
    behind = TrustedProxies(
        lambda environ, _, answer=client.handler: answer(environ), [ip_network("127.0.0.1")]
    )
    client.handler = lambda environ: behind(environ, None)

    def try_it(password: str, address: str) -> int:
        sent = {"username": "alice", "password": password, "port": "UTAIR", "booth": "A1"}
        return client.post("/api/v1/sessions/", sent, headers={"X-Forwarded-For": address}).status_code

    assert [try_it("wrong", "203.0.113.9") for _ in range(5)] == [401] * 5
    assert try_it(password, "203.0.113.9") == 429
    assert try_it(password, "192.0.2.7") == 201
    failures = AuditEntry.objects.filter(action="sign_in.failed").values_list("origin", flat=True)
    assert list(failures) == ["203.0.113.9"] * 5
    assert AuditEntry.objects.get(action__startswith="session.").origin == "192.0.2.7"


def test_the_name_is_counted_whatever_its_case(password: str) -> None:
    for name in ("alice", "Alice", "ALICE", "aLice", "alicE"):
        sign_in("wrong", username=name)
    assert sign_in(password).status_code == 429


def test_after_a_quarter_of_an_hour_the_name_is_free_again(password: str) -> None:
    for _ in range(6):
        sign_in("wrong")
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1)):
        assert sign_in(password).status_code == 201


@override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher"])
def test_an_unknown_name_answers_like_a_wrong_password(alice: Officer, password: str) -> None:
    alice.user.set_password(password)
    alice.user.save()
    known, unknown = [], []
    for turn in range(4):
        for times, name in ((known, "alice"), (unknown, f"nobody-{turn}")):
            begun = time.perf_counter()
            response = sign_in("wrong", username=name, address=f"127.0.1.{turn}")
            times.append(time.perf_counter() - begun)
            assert response.json() == {
                "type": "about:blank",
                "title": "Not signed in",
                "status": 401,
                "code": "credentials_invalid",
                "detail": "User name or password is wrong.",
            }
    # the hash alone takes tens of milliseconds; without it an unknown name would answer in a fraction
    assert median(unknown) > median(known) / 2
