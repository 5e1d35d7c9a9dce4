"""The administrator's pages: accounts opened with a code, posts given, and what needs a second administrator."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from audit.core.actor import Role
from audit.models import AuditEntry
from borders.models import AccountChange, Officer, PortOfEntry, PostAssignment
from borders.services.accounts import digest_of
from borders.services.accounts.opening import code_of
from tests.db.conftest import make_officer

pytestmark = pytest.mark.django_db
OPEN = reverse("admin:borders_officer_open")
NEW = {"username": "anna", "badge_number": "UT-0703", "role": "OFFICER", "place": "port:UTAIR"}
PASSWORD = "a long and quiet sentence"


@pytest.fixture
def ada(sign_in, airport: PortOfEntry) -> Client:
    return sign_in(make_officer("ada", "UT-0700", airport, Role.ADMINISTRATOR))


@pytest.fixture
def adam(sign_in, airport: PortOfEntry) -> Client:
    return sign_in(make_officer("adam", "UT-0701", airport, Role.ADMINISTRATOR))


def act(browser: Client, row: object, code: str, **given: str):
    name = f"admin:borders_{row._meta.model_name}_act"
    return browser.post(reverse(name, args=(row.pk, code)), given, follow=True)


def said(response) -> str:
    return str(list(response.context["messages"])[-1])


def test_an_account_is_opened_and_its_officer_chooses_the_password(ada: Client):
    assert b"Open an account" in ada.get(reverse("admin:borders_officer_changelist")).content
    shown = ada.post(OPEN, NEW, follow=True)
    code = re.search(r"UT-0703: (\S+)", said(shown))[1]
    choose = reverse("account:password")
    sent = {"username": "anna", "code": code, "password": PASSWORD, "again": PASSWORD}
    assert Client().post(choose, sent | {"again": "other"}).status_code == 422
    assert Client().post(choose, sent | {"code": "x-1"}).status_code == 422
    assert Client().post(choose, sent | {"password": "short", "again": "short"}).status_code == 422
    done = Client().post(choose, sent)
    assert done.status_code == 200
    assert b"Your password is set" in done.content
    assert User.objects.get(username="anna").check_password(PASSWORD)


def test_guessing_codes_is_slowed_down_and_each_refusal_is_a_row(ada: Client, alice: Officer):
    sent = {"username": "alice", "code": "guess-1", "password": PASSWORD, "again": PASSWORD}
    choose = reverse("account:password")
    assert [Client().post(choose, sent).status_code for _ in range(5)] == [422] * 5
    code = code_of(alice)
    refused = Client().post(choose, sent | {"code": code})
    assert refused.status_code == 429
    assert b"Too many attempts" in refused.content
    rows = AuditEntry.objects.filter(action="account.password_refused")
    assert set(rows.values_list("object_type", "object_id", "actor_label")) == {
        ("sign_in", digest_of("alice"), "anonymous")
    }
    assert rows.count() == 5
    # of the name alone, at this address alone; and whoever helps lifts it
    assert Client().post(choose, sent | {"username": "nobody"}).status_code == 422
    assert Client(REMOTE_ADDR="192.0.2.7").post(choose, sent | {"code": code}).status_code == 200
    assert said(act(ada, alice, "unlock"))
    assert Client().post(choose, sent).status_code == 422


def test_a_form_with_a_fault_names_its_field(ada: Client):
    response = ada.post(OPEN, NEW | {"username": "Anna Maria"})
    assert response.status_code == 422
    assert "username" in response.context["form"].errors
    assert ada.post(OPEN, NEW | {"place": "port:UTLND"}).status_code == 422
    assert not User.objects.filter(username="anna").exists()


def test_a_supervisor_reads_officers_and_changes_none(bobs_browser: Client, alice: Officer):
    page = bobs_browser.get(reverse("admin:borders_officer_change", args=(alice.id,)))
    assert page.status_code == 200
    assert page.context["acts"] == []
    assert act(bobs_browser, alice, "close").status_code == 404
    assert bobs_browser.get(OPEN).status_code == 403
    assert b"Open an account" not in bobs_browser.get(reverse("admin:borders_officer_changelist")).content


def test_a_post_is_given_for_days_and_ended(ada: Client, alice: Officer):
    give = reverse("admin:borders_officer_post", args=(alice.id,))
    days = {"valid_from": "2026-12-01", "valid_until": "2026-12-24"}
    ada.post(give, {"role": "SECOND_LINE", "place": "port:UTAIR"} | days)
    post = PostAssignment.objects.get(role="SECOND_LINE")
    assert f"{post.valid_from:%Y-%m-%d} {post.valid_until:%Y-%m-%d}" == "2026-12-01 2026-12-25"
    first = alice.assignments.get(role="OFFICER")
    assert said(act(ada, first, "end")) == "The post is ended."
    first.refresh_from_db()
    assert first.valid_until is not None


def test_who_governs_is_posted_by_two_administrators(ada: Client, adam: Client, alice: Officer):
    give = reverse("admin:borders_officer_post", args=(alice.id,))
    sent = {"role": "DATA_PROTECTION", "place": "port:UTAIR"}
    assert ada.post(give, sent).status_code == 422
    ada.post(give, sent | {"reason": "Letter 7"})
    change = AccountChange.objects.get()
    assert "You proposed this" in said(act(ada, change, "approve"))
    assert not PostAssignment.objects.filter(role="DATA_PROTECTION").exists()
    assert said(act(adam, change, "approve")) == "Approved and done."
    assert PostAssignment.objects.filter(role="DATA_PROTECTION", officer=alice).exists()


def test_the_own_page_offers_nothing(ada: Client):
    own = Officer.objects.get(badge_number="UT-0700")
    page = ada.get(reverse("admin:borders_officer_change", args=(own.id,)))
    assert all(a.blocked for a, _ in page.context["acts"])
    assert "Nobody changes the own account" in said(act(ada, own, "close"))


def test_an_account_is_closed_and_opened_again(ada: Client, alice: Officer, sign_in):
    desk = sign_in(alice)
    act(ada, alice, "close")
    assert desk.get("/admin/").status_code == 302
    assert not User.objects.get(id=alice.user_id).is_active
    act(ada, alice, "reopen")
    assert User.objects.get(id=alice.user_id).is_active
    assert "UT-0001: " in said(act(ada, alice, "password"))
    assert not User.objects.get(id=alice.user_id).has_usable_password()
