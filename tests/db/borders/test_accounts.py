"""Accounts and posts: given by administrators where they are one, never to themselves, and by two where it is who governs."""

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from audit.core.actor import Actor, Role
from audit.models import AuditEntry
from borders.models import (
    AccountChange,
    Booth,
    BoothSession,
    Country,
    Officer,
    PortOfEntry,
    PostAssignment,
)
from borders.queries import actor_of_user
from borders.services.accounts import (
    AccountRefused,
    Post,
    choose_password,
    close_account,
    decide_change,
    digest_of,
    end_post,
    end_sessions,
    give_post,
    is_locked_out,
    lift_lockout,
    open_account,
    renew_password,
    reopen_account,
    take_second_factor,
)
from borders.services.second_factor import begin_enrolment, has_second_factor
from tests.db.conftest import make_officer, open_session

pytestmark = pytest.mark.django_db
PASSWORD = "a long and quiet sentence"


@pytest.fixture
def ada(airport: PortOfEntry) -> Officer:
    return make_officer("ada", "UT-0700", airport, Role.ADMINISTRATOR)


@pytest.fixture
def acting(ada: Officer, at: Any) -> Actor:
    return actor_of_user(user=ada.user, at=at, origin="tests")


@pytest.fixture
def second(airport: PortOfEntry, at: Any) -> Actor:
    officer = make_officer("adam", "UT-0701", airport, Role.ADMINISTRATOR)
    return actor_of_user(user=officer.user, at=at, origin="tests")


@pytest.fixture
def dora(airport: PortOfEntry) -> Officer:
    return make_officer("dora", "UT-0702", airport, Role.DATA_PROTECTION)


def refusal_of(call: Any, **given: Any) -> str:
    with pytest.raises(AccountRefused) as refused:
        call(**given)
    return refused.value.code


def test_an_officer_signs_in_with_the_password_of_their_own_choice(acting, at):
    officer, code = open_account(
        actor=acting, at=at, username="Anna.E", badge_number="ut-0703", post=Post("OFFICER", port="UTAIR")
    )
    assert (officer.user.username, officer.badge_number) == ("anna.e", "UT-0703")
    assert not officer.user.has_usable_password()
    assert not officer.user.is_staff
    choose_password(at=at, origin="tests", username="anna.e", code=code, password=PASSWORD)
    assert User.objects.get(id=officer.user_id).check_password(PASSWORD)
    again = {"at": at, "origin": "tests", "username": "anna.e", "code": code, "password": PASSWORD}
    assert refusal_of(choose_password, **again) == "code_wrong"
    assert {"account.opened", "post.given", "account.password_chosen"} <= set(
        AuditEntry.objects.values_list("action", flat=True)
    )


def test_a_weak_password_is_not_taken_and_the_code_stays_good(acting, at):
    _, code = open_account(
        actor=acting, at=at, username="anna", badge_number="UT-0703", post=Post("OFFICER", port="UTAIR")
    )
    with pytest.raises(ValidationError):
        choose_password(at=at, origin="tests", username="anna", code=code, password="short")
    choose_password(at=at, origin="tests", username="anna", code=code, password=PASSWORD)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"username": "a"}, "bad_username"),
        ({"username": "anna eriksson"}, "bad_username"),
        ({"username": "ada"}, "name_taken"),
        ({"badge_number": "UT-0700"}, "badge_taken"),
        ({"badge_number": "7"}, "bad_badge"),
        ({"post": Post("KING", port="UTAIR")}, "unknown_role"),
        ({"post": Post("SYSTEM", port="UTAIR")}, "unknown_role"),
        ({"post": Post("OFFICER")}, "unknown_place"),
        ({"post": Post("OFFICER", port="UTAIR", country="UTO")}, "unknown_place"),
        ({"post": Post("OFFICER", port="UTLND")}, "place_out_of_reach"),
        ({"post": Post("OFFICER", country="UTO")}, "place_out_of_reach"),
    ],
)
def test_an_account_that_cannot_be_is_refused_whole(acting, at, land_post, given, code):
    sent = {"username": "anna", "badge_number": "UT-0703", "post": Post("OFFICER", port="UTAIR")} | given
    before = User.objects.count()
    assert refusal_of(lambda **k: atomically(open_account, **k), actor=acting, at=at, **sent) == code
    assert User.objects.count() == before


def atomically(call: Any, **given: Any) -> Any:
    with transaction.atomic():
        return call(**given)


def test_who_is_no_administrator_changes_nothing(alice, bob, at):
    supervisor = actor_of_user(user=bob.user, at=at, origin="tests")
    give = {"actor": supervisor, "at": at, "officer_id": alice.id, "post": Post("OFFICER", port="UTAIR")}
    assert refusal_of(give_post, **give) == "role_required"


def test_a_role_at_one_port_gives_nothing_at_another(acting, at, charlie):
    who = {"actor": acting, "at": at, "officer_id": charlie.id}
    for act in (close_account, end_sessions, renew_password, take_second_factor):
        assert refusal_of(act, **who) == "unknown_officer"


def test_an_officer_of_two_ports_is_no_matter_of_one_administrator(acting, at, alice, land_post):
    PostAssignment.objects.create(officer=alice, port=land_post, role="OFFICER", valid_from=at)
    assert refusal_of(close_account, actor=acting, at=at, officer_id=alice.id) == "posted_elsewhere"


def test_nobody_changes_the_own_account(acting, at, ada):
    who = {"actor": acting, "at": at, "officer_id": ada.id}
    for act in (
        close_account,
        end_sessions,
        renew_password,
        take_second_factor,
        lift_lockout,
        reopen_account,
    ):
        assert refusal_of(act, **who) == "own_account"
    assert refusal_of(give_post, **who, post=Post("SUPERVISOR", port="UTAIR")) == "own_account"
    post = ada.assignments.get()
    assert refusal_of(end_post, actor=acting, at=at, post_id=post.id) == "own_account"


def test_a_post_counts_from_its_first_day_to_its_last(acting, at, alice):
    begins, ends = at + timedelta(days=1), at + timedelta(days=3)
    give_post(
        actor=acting, at=at, officer_id=alice.id,
        post=Post("SECOND_LINE", port="UTAIR", valid_from=begins, valid_until=ends),
    )  # fmt: skip
    held = [
        Role.SECOND_LINE in actor_of_user(user=alice.user, at=t, origin="").roles for t in (at, begins, ends)
    ]
    assert held == [False, True, False]


def test_a_role_of_the_desk_opens_the_desk(acting, at, alice):
    give_post(actor=acting, at=at, officer_id=alice.id, post=Post("SUPERVISOR", port="UTAIR"))
    alice.user.refresh_from_db()
    assert alice.user.is_staff


def test_a_post_ends_at_once_and_one_to_come_does_not_begin(acting, at, alice):
    end_post(actor=acting, at=at, post_id=alice.assignments.get().id)
    assert not actor_of_user(user=alice.user, at=at, origin="").roles
    made = give_post(
        actor=acting, at=at, officer_id=alice.id,
        post=Post("OFFICER", port="UTAIR", valid_from=at + timedelta(days=1)),
    )  # fmt: skip
    end_post(actor=acting, at=at, post_id=made.id)
    assert not PostAssignment.objects.filter(id=made.id).exists()


@pytest.mark.parametrize("role", ["ADMINISTRATOR", "DATA_PROTECTION"])
def test_a_role_that_governs_is_given_by_two_administrators(acting, second, at, alice, role):
    post = Post(role, port="UTAIR")
    give = {"actor": acting, "at": at, "officer_id": alice.id, "post": post}
    assert refusal_of(give_post, **give) == "reason_required"
    change = give_post(**give, reason="Letter 7")
    assert isinstance(change, AccountChange)
    assert role not in actor_of_user(user=alice.user, at=at, origin="").roles
    decide = {"at": at, "change_id": change.id, "approve": True}
    assert refusal_of(decide_change, actor=acting, **decide) == "second_person_required"
    decide_change(actor=second, **decide)
    assert role in actor_of_user(user=alice.user, at=at, origin="").roles
    assert refusal_of(decide_change, actor=second, **decide) == "not_proposed"


def test_nobody_approves_a_change_of_the_own_account(acting, second, at):
    officer = Officer.objects.get(user_id=second.user_id)
    _, change = renew_password(actor=acting, at=at, officer_id=officer.id, reason="Lost")
    decide = {"actor": second, "at": at, "change_id": change.id, "approve": True}
    assert refusal_of(decide_change, **decide) == "own_account"


def test_a_change_that_is_turned_down_does_nothing(acting, second, at, dora):
    _, change = renew_password(actor=acting, at=at, officer_id=dora.id, reason="Lost")
    decide_change(actor=second, at=at, change_id=change.id, approve=False)
    assert User.objects.get(id=dora.user_id).password == dora.user.password


def test_who_governs_is_let_in_again_by_two_administrators(acting, second, at, dora):
    begin_enrolment(actor=acting, at=at, user=dora.user)
    dora.user.totpdevice_set.update(confirmed=True)
    who = {"actor": acting, "at": at, "officer_id": dora.id, "reason": "Lost telephone"}
    change = take_second_factor(**who)
    assert has_second_factor(user=dora.user)
    decide_change(actor=second, at=at, change_id=change.id, approve=True)
    assert not has_second_factor(user=dora.user)
    code, change = renew_password(**who)
    assert code == ""
    _, code = decide_change(actor=second, at=at, change_id=change.id, approve=True)
    choose_password(at=at, origin="tests", username="dora", code=code, password=PASSWORD)
    close_account(actor=acting, at=at, officer_id=dora.id)
    change = reopen_account(**who)
    assert not User.objects.get(id=dora.user_id).is_active
    decide_change(actor=second, at=at, change_id=change.id, approve=True)
    assert User.objects.get(id=dora.user_id).is_active


def test_who_loses_the_second_factor_is_out_everywhere(acting, at, alice, booth: Booth, client):
    open_session(alice, booth, "token-1")
    client.force_login(alice.user)
    take_second_factor(actor=acting, at=BoothSession.objects.get().started_at, officer_id=alice.id)
    assert not BoothSession.objects.filter(ended_at__isnull=True).exists()
    assert not client.session.keys()


def test_the_database_wants_two_persons_too(acting, at, dora):
    change = AccountChange.objects.create(
        kind="PASSWORD", officer=dora, reason="x", proposed_by_id=acting.user_id, proposed_at=at
    )
    with pytest.raises(IntegrityError):
        AccountChange.objects.filter(id=change.id).update(
            state="APPROVED", decided_by_id=acting.user_id, decided_at=at
        )


def test_sessions_end_at_booths_and_desks(acting, at, alice, booth: Booth, client):
    open_session(alice, booth, "token")
    client.force_login(alice.user)
    assert end_sessions(actor=acting, at=BoothSession.objects.get().started_at, officer_id=alice.id) == 2
    assert BoothSession.objects.get().ended_at is not None
    assert client.get("/admin/").status_code == 302


def test_a_name_that_is_locked_out_is_let_in_again(acting, at, alice):
    attempt = AccessAttempt.objects.create(
        username=digest_of("alice"),
        ip_address="127.0.0.1",
        failures_since_start=5,
        user_agent="",
        path_info="",
    )
    moment = attempt.attempt_time
    assert is_locked_out(user=alice.user, at=moment)
    lift_lockout(actor=acting, at=at, officer_id=alice.id)
    assert not is_locked_out(user=alice.user, at=moment)


def test_the_first_two_administrators_are_made_at_the_host_and_no_third(utopia: Country, capsys):
    call_command("open_first_accounts", "UTO", "ada:UT-0001", "adam:UT-0002")
    said = capsys.readouterr().out
    assert "UT-0001" in said
    assert "UT-0002" in said
    assert PostAssignment.objects.filter(role="ADMINISTRATOR", country="UTO").count() == 2
    with pytest.raises(CommandError, match="administrators already"):
        call_command("open_first_accounts", "UTO", "eve:UT-0003", "eva:UT-0004")
