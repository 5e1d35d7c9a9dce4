"""The desk: a second factor, a fresh one for sensitive acts, sessions that end, and lock-out."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from audit.core.actor import Role
from audit.models import AuditEntry
from borders.api.desk import ACTIVE, BEGUN
from borders.models import Officer, PortOfEntry
from borders.services.second_factor import (
    SecondFactorRefused,
    has_second_factor,
    reset_second_factor,
)
from tests.db.admin.conftest import ENROL, VERIFY, age_code, code_of
from tests.db.conftest import ActorOf, make_officer

CROSSINGS = "/admin/borders/crossing/"


def test_where_it_is_required_the_desk_opens_after_enrolment_only(
    bobs_browser: Client, bob: Officer, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    assert bobs_browser.get(CROSSINGS)["Location"] == VERIFY
    assert bobs_browser.get(VERIFY)["Location"] == ENROL
    page = bobs_browser.get(ENROL)
    assert b"<svg" in page.content
    enrolled = bobs_browser.post(ENROL, {"code": code_of(bob)})
    assert len(re.findall(rb"<li>[0-9a-f]{10}</li>", enrolled.content)) == 10
    TOTPDevice.objects.update(last_t=-1)
    assert bobs_browser.post(VERIFY, {"code": code_of(bob)})["Location"] == CROSSINGS
    assert bobs_browser.get(CROSSINGS).status_code == 200


def test_where_it_is_not_required_who_has_none_works_on(bobs_browser: Client) -> None:
    assert bobs_browser.get(CROSSINGS).status_code == 200


def test_who_has_one_is_asked_for_it_everywhere(enrolled: Client, bob: Officer) -> None:
    assert enrolled.get(CROSSINGS)["Location"] == VERIFY
    assert enrolled.post(VERIFY, {"code": "000000"}).status_code == 422
    assert enrolled.get(CROSSINGS)["Location"] == VERIFY
    assert AuditEntry.objects.filter(action="second_factor.refused").exists()


def test_a_code_is_good_once(enrolled: Client, bob: Officer) -> None:
    code = code_of(bob)
    assert enrolled.post(VERIFY, {"code": code}).status_code == 302
    enrolled.logout()
    enrolled.force_login(bob.user)
    assert enrolled.post(VERIFY, {"code": code}).status_code == 422


def test_a_recovery_code_is_good_once(enrolled: Client, bob: Officer) -> None:
    code = StaticToken.objects.filter(device__user=bob.user).first().token
    assert enrolled.post(VERIFY, {"code": code}).status_code == 302
    assert not StaticToken.objects.filter(token=code).exists()
    assert AuditEntry.objects.filter(action="second_factor.recovery_code_used").exists()


def test_nobody_enrols_another_device_without_the_first(enrolled: Client) -> None:
    assert enrolled.get(ENROL)["Location"] == VERIFY


def test_an_open_desk_enrols_no_other_device_without_a_fresh_code(enrolled: Client, bob: Officer) -> None:
    enrolled.post(VERIFY, {"code": code_of(bob)})
    age_code(enrolled)
    owners = TOTPDevice.objects.get(user=bob.user)
    for answer in (enrolled.get(ENROL), enrolled.post(ENROL, {"code": code_of(bob)})):
        assert (answer.status_code, answer["Location"]) == (302, VERIFY)
    assert list(TOTPDevice.objects.filter(user=bob.user)) == [owners]
    TOTPDevice.objects.update(last_t=-1)
    assert enrolled.post(VERIFY, {"code": code_of(bob)})["Location"] == ENROL
    assert enrolled.get(ENROL).status_code == 200


def test_a_clock_set_back_makes_no_old_code_fresh(enrolled: Client, bob: Officer) -> None:
    enrolled.post(VERIFY, {"code": code_of(bob)})
    age_code(enrolled, by_s=-3600)
    assert enrolled.get(ENROL)["Location"] == VERIFY


def test_a_new_device_ends_the_other_sessions_of_its_owner(
    enrolled: Client, bob: Officer, charlies_browser: Client
) -> None:
    other = Client()
    other.force_login(bob.user)
    enrolled.post(VERIFY, {"code": code_of(bob)})
    enrolled.get(ENROL)
    assert enrolled.post(ENROL, {"code": code_of(bob)}).status_code == 200
    assert other.get(VERIFY)["Location"].startswith("/admin/login/")
    assert charlies_browser.get(CROSSINGS).status_code == 200
    assert enrolled.get(CROSSINGS)["Location"] == VERIFY  # signed in still, and asked for the new device


def test_a_sensitive_act_asks_for_a_fresh_code(enrolled: Client, bob: Officer) -> None:
    enrolled.post(VERIFY, {"code": code_of(bob)})
    age_code(enrolled)
    act = "/admin/borders/checkrule/check/DOCUMENT.EXPIRED/propose/"
    assert enrolled.get(CROSSINGS).status_code == 200
    assert b"Code from your authenticator" in enrolled.post(act).content
    assert enrolled.get(act)["Location"] == VERIFY
    TOTPDevice.objects.update(last_t=-1)
    enrolled.post(VERIFY, {"code": code_of(bob)})
    assert b"Code from your authenticator" not in enrolled.post(act).content


@pytest.mark.parametrize(("key", "ago"), [(ACTIVE, timedelta(minutes=16)), (BEGUN, timedelta(hours=13))])
def test_an_idle_or_old_session_ends(bobs_browser: Client, key: str, ago: timedelta) -> None:
    assert bobs_browser.get(CROSSINGS).status_code == 200
    session = bobs_browser.session
    session[key] = (timezone.now() - ago).timestamp()
    session.save()
    assert bobs_browser.get(CROSSINGS)["Location"].startswith("/admin/login/")
    assert bobs_browser.get(CROSSINGS)["Location"].startswith("/admin/login/")


def test_a_disabled_account_is_out_with_the_next_click(bobs_browser: Client, bob: Officer) -> None:
    assert bobs_browser.get(CROSSINGS).status_code == 200
    bob.user.is_active = False
    bob.user.save()
    assert bobs_browser.get(CROSSINGS)["Location"].startswith("/admin/login/")


def test_an_administrator_resets_another_s_and_not_the_own(
    enrolled: Client, bob: Officer, airport: PortOfEntry, actor_of: ActorOf
) -> None:
    ada = make_officer("ada", "UT-0903", airport, Role.ADMINISTRATOR)
    for actor, user in ((actor_of(bob), ada.user), (actor_of(ada), ada.user)):
        with pytest.raises(SecondFactorRefused):
            reset_second_factor(actor=actor, at=timezone.now(), user=user)
    reset_second_factor(actor=actor_of(ada), at=timezone.now(), user=bob.user)
    assert not has_second_factor(user=bob.user)
    assert enrolled.get(VERIFY)["Location"].startswith("/admin/login/")  # his sessions are over


@pytest.fixture
def attempt(bob: Officer) -> Callable[..., Any]:
    bob.user.is_staff = True
    bob.user.save()

    def send(username: str, password: str, address: str = "10.0.0.1") -> Any:
        return Client(REMOTE_ADDR=address).post("/admin/login/", {"username": username, "password": password})

    return send


def test_five_failures_close_the_desk_to_one_name_from_one_address(
    attempt: Callable[..., Any], password: str
) -> None:
    statuses = [attempt("bob", "wrong").status_code for _ in range(5)]
    assert attempt("bob", password).status_code == 429, statuses
    assert (
        attempt("bob", password, "10.0.0.2").status_code == 302
    )  # another place, as an officer of a post would be
    assert (
        attempt("alice", "wrong").status_code == 200
    )  # another name from the same place: never a whole post


def test_an_unknown_name_is_closed_like_a_known_one(attempt: Callable[..., Any]) -> None:
    known = [(a.status_code, len(a.content)) for a in (attempt("bob", "wrong") for _ in range(6))]
    unknown = [(a.status_code, len(a.content)) for a in (attempt("bop", "wrong") for _ in range(6))]
    assert known == unknown


def test_no_name_is_kept_of_a_failure(attempt: Callable[..., Any]) -> None:
    attempt("typed my passphrase here", "wrong")
    assert "passphrase" not in str(AccessAttempt.objects.values().get())
