"""A form sent when the latest code is too old: the page that asks for one carries it, and the act goes on with what was typed."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from audit.models import AuditEntry
from borders.api.fresh_code import CODE, FORGERY_CHECK
from borders.models import Officer
from borders.services.row_guard import release
from borders.services.second_factor import STEPPED_UP
from tests.db.admin.conftest import ENROL, VERIFY, SignIn, age_code, code_of
from watchlists.models import ImportRun, Watchlist, WatchlistVersion
from watchlists.services import create_watchlist

TYPED = {
    "source_id": "P-1",
    "names": "Eriksson, Anna Maria\r\nErikson, Anna",
    "birth_dates": "1974-08-12",
    "sex": "F",
    "nationalities": "UTO",
    "document_kind": "PASSPORT",
    "action": "SECOND_LINE",
    "priority": "2",
    "reason": 'Summons "12", see <b>file</b> & annex',
    "legal_basis": "Act, 4",
    "valid_until": "2099-01-01",
    "propose": "1",
}
HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', re.S)


@pytest.fixture
def watchlist(bob: Officer, actor_of: Any) -> Watchlist:
    return create_watchlist(
        actor=actor_of(bob), at=timezone.now(), name="Persons sought", kind=Watchlist.Kind.PERSON,
        owner_unit="Police", legal_basis="Act",
    )  # fmt: skip


@pytest.fixture
def late(enrolled: Client, bob: Officer) -> Client:
    """Bob's browser, whose latest code was given an hour ago."""
    assert enrolled.post(VERIFY, {"code": code_of(bob)}).status_code == 302
    age_code(enrolled)
    TOTPDevice.objects.update(last_t=-1)
    return enrolled


def entry_page(watchlist: Watchlist) -> str:
    return reverse("admin:watchlists_watchlist_entry", args=(watchlist.pk,))


def fields_in(answer: Any) -> dict[str, Any]:
    """Return what the page sends again, as a browser would read it."""
    found: dict[str, Any] = {}
    for name, value in HIDDEN.findall(answer.content.decode()):
        found.setdefault(unescape(name), []).append(unescape(value))
    return found


def typed_in(answer: Any) -> dict[str, Any]:
    return {name: values for name, values in fields_in(answer).items() if name != FORGERY_CHECK}


def test_what_was_typed_stands_in_the_page_that_asks(late: Client, watchlist: Watchlist) -> None:
    answer = late.post(entry_page(watchlist), TYPED | {"_chosen": ["1", "2"]})
    assert answer.status_code == 422
    assert typed_in(answer) == {n: [v] for n, v in TYPED.items()} | {"_chosen": ["1", "2"]}
    page = answer.content.decode()
    assert f'action="{entry_page(watchlist)}"' in page
    assert re.search(rf'name="{CODE}"[^>]* autofocus', page)
    assert "<b>file" not in page
    assert "no-store" in answer["Cache-Control"]
    assert "unsafe-inline" not in answer["Content-Security-Policy"]
    assert not WatchlistVersion.objects.exists()


def test_what_was_typed_is_kept_nowhere_else(late: Client, watchlist: Watchlist, caplog: Any) -> None:
    answer = late.post(entry_page(watchlist), TYPED)
    assert "Eriksson" not in str(dict(late.session))
    assert "Eriksson" not in str(answer.cookies) + str(dict(answer.items())) + caplog.text
    assert "Eriksson" not in str(list(AuditEntry.objects.values()))


def test_the_right_code_lets_the_act_go_on_with_what_was_typed(
    late: Client, bob: Officer, watchlist: Watchlist
) -> None:
    asked = late.post(entry_page(watchlist), TYPED)
    answer = late.post(entry_page(watchlist), fields_in(asked) | {CODE: code_of(bob)})
    assert answer.status_code == 302, answer.context["form"].errors
    entry = WatchlistVersion.objects.get(watchlist=watchlist).entries.get()
    assert (entry.reason, entry.names.count()) == (TYPED["reason"], 2)
    assert AuditEntry.objects.filter(action="second_factor.given", actor=bob.user).count() == 2
    assert timezone.now().timestamp() - late.session[STEPPED_UP] < 60
    assert (
        late.post(entry_page(watchlist), {}).status_code == 200
    )  # the form: its code counts for what follows


def test_a_wrong_code_shows_the_page_again_with_the_fields(late: Client, watchlist: Watchlist) -> None:
    answer = late.post(entry_page(watchlist), TYPED | {CODE: "000000"})
    assert answer.status_code == 422
    assert typed_in(answer) == {name: [value] for name, value in TYPED.items()}
    assert b"This code is not right" in answer.content
    assert b"000000" not in answer.content
    assert AuditEntry.objects.filter(action="second_factor.refused").count() == 1
    assert not WatchlistVersion.objects.exists()


def test_guessing_is_slowed_down_as_at_the_door(late: Client, bob: Officer, watchlist: Watchlist) -> None:
    for _ in range(3):
        late.post(entry_page(watchlist), TYPED | {CODE: "000000"})
    assert TOTPDevice.objects.get().throttling_failure_count >= 1
    right = late.post(entry_page(watchlist), TYPED | {CODE: code_of(bob)})
    assert right.status_code == 422  # not looked at: too soon
    assert AuditEntry.objects.filter(action="second_factor.refused").count() == 4
    assert not WatchlistVersion.objects.exists()


def test_the_page_behind_never_meets_the_code(
    late: Client, bob: Officer, watchlist: Watchlist, monkeypatch: pytest.MonkeyPatch
) -> None:
    met: list[set[str]] = []

    def look(form: Any) -> bool:
        met.append(set(form.data))
        return False

    monkeypatch.setattr("watchlists.admin.lists.EntryForm.is_valid", look)
    assert late.post(entry_page(watchlist), TYPED | {CODE: code_of(bob)}).status_code == 200
    assert late.post(entry_page(watchlist), TYPED | {CODE: "already fresh"}).status_code == 200
    assert met == [set(TYPED), set(TYPED)]


def test_sent_twice_it_does_what_the_form_sent_twice_does(
    late: Client, bob: Officer, watchlist: Watchlist
) -> None:
    carried = TYPED | {CODE: code_of(bob)}
    statuses = [late.post(entry_page(watchlist), carried).status_code for _ in range(2)]
    again = [late.post(entry_page(watchlist), TYPED).status_code for _ in range(2)]
    assert statuses[1] == again[0] == again[1]
    assert AuditEntry.objects.filter(action="second_factor.refused").count() == 0


def test_sent_twice_at_once_the_second_finds_that_the_code_was_given(
    late: Client, bob: Officer, watchlist: Watchlist, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other request gave the code after this one had read its session."""
    monkeypatch.setattr("borders.api.desk.has_fresh_code", lambda **_: False)
    age_code(late, by_s=0)
    late.post(entry_page(watchlist), TYPED | {CODE: "000000"})
    assert AuditEntry.objects.filter(action="second_factor.refused").count() == 0
    assert WatchlistVersion.objects.count() == 1


def test_a_forged_form_is_not_carried(late: Client, bob: Officer, watchlist: Watchlist) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = late.cookies
    for forged in (TYPED, TYPED | {CODE: code_of(bob)}):
        answer = strict.post(entry_page(watchlist), forged)
        assert answer.status_code == 403
        assert b"Eriksson" not in answer.content


def test_the_page_carries_a_token_of_its_own(late: Client, bob: Officer, watchlist: Watchlist) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = late.cookies
    token = re.search(rb'csrfmiddlewaretoken" value="([^"]+)"', strict.get(ENROL, follow=True).content)[1]
    asked = strict.post(entry_page(watchlist), TYPED | {"csrfmiddlewaretoken": token.decode()})
    sent = fields_in(asked)
    assert asked.status_code == 422
    assert len(sent["csrfmiddlewaretoken"]) == 1
    assert strict.post(entry_page(watchlist), sent | {CODE: code_of(bob)}).status_code == 302
    assert WatchlistVersion.objects.count() == 1


def test_another_s_session_cannot_go_on_with_the_page(
    late: Client, charlie: Officer, watchlist: Watchlist, password: str
) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = late.cookies
    token = re.search(rb'csrfmiddlewaretoken" value="([^"]+)"', strict.get(ENROL, follow=True).content)[1]
    asked = strict.post(entry_page(watchlist), TYPED | {"csrfmiddlewaretoken": token.decode()})
    charlie.user.is_staff = True
    charlie.user.save()
    strict.cookies.pop("sessionid")
    own = re.search(rb'csrfmiddlewaretoken" value="([^"]+)"', strict.get("/admin/login/").content)[1].decode()
    into = {"username": "charlie", "password": password, "csrfmiddlewaretoken": own}
    assert strict.post("/admin/login/", into).status_code == 302
    assert strict.post(entry_page(watchlist), fields_in(asked) | {CODE: "000000"}).status_code == 403


def test_a_file_is_chosen_again_in_the_page_that_asks(
    late: Client, bob: Officer, watchlist: Watchlist
) -> None:
    upload = reverse("admin:watchlists_watchlist_upload", args=(watchlist.pk,))
    typed = {"source_format": "ftm", "allow_malformed": "0"}
    asked = late.post(upload, typed | {"main": SimpleUploadedFile("list.json", b"{}")})
    assert re.search(rb'type="file"[^>]* name="main"[^>]* required', asked.content)
    assert b"list.json" in asked.content
    assert b"A file cannot be kept" in asked.content
    carried = fields_in(asked) | {CODE: code_of(bob), "main": SimpleUploadedFile("list.json", b"{}")}
    assert late.post(upload, carried).status_code == 302
    assert ImportRun.objects.count() == 1


@pytest.mark.parametrize(
    "given",
    [
        {"password": "correct horse"},
        {f"field{n}": "x" for n in range(99)},
        {"reason": "x" * 999_500},
    ],
    ids=["a password", "more fields than a request may have", "more than a request may hold"],
)
def test_what_cannot_be_carried_leads_to_the_code_and_back(
    late: Client, watchlist: Watchlist, given: dict[str, str]
) -> None:
    page = entry_page(watchlist)
    answer = late.post(page, given, HTTP_REFERER=f"http://testserver{page}")
    assert (answer.status_code, answer["Location"]) == (302, VERIFY)
    assert late.session["desk_wanted"] == page


def test_as_much_as_may_be_sent_with_a_code_is_taken_in(
    late: Client, bob: Officer, watchlist: Watchlist
) -> None:
    most = {f"field{n}": "x" for n in range(97)} | {"reason": "\r\n" * 495_000}
    asked = late.post(entry_page(watchlist), most)
    assert asked.status_code == 422
    token = {"csrfmiddlewaretoken": "x" * 64}
    assert (
        late.post(entry_page(watchlist), fields_in(asked) | token | {CODE: code_of(bob)}).status_code == 200
    )


def test_an_export_goes_on_where_looks_are_guarded(late: Client, bob: Officer, settings: Any) -> None:
    settings.ROW_GUARD = True
    wanted = {"purpose": "investigation", "reference": "C-2026/7", "file_format": "csv"}
    export = reverse("admin:borders_crossing_export")
    try:
        assert typed_in(late.post(export, wanted)) == {name: [value] for name, value in wanted.items()}
        answer = late.post(export, wanted | {CODE: code_of(bob)})
        assert b"".join(answer.streaming_content).startswith(b"Time")
    finally:
        release()
    assert not getattr(connection, "bmis_guarded", False)


def test_at_the_door_too_what_was_typed_goes_on(
    enrolled: Client, bob: Officer, sign_in: SignIn, watchlist: Watchlist
) -> None:
    """A browser of before the enrolment, in which no code was given yet."""
    other = sign_in(bob)
    assert other.post(entry_page(watchlist), TYPED).status_code == 422
    assert other.post(entry_page(watchlist), TYPED | {CODE: code_of(bob)}).status_code == 302
    assert WatchlistVersion.objects.count() == 1


def test_a_script_s_request_is_led_to_the_code(late: Client, watchlist: Watchlist) -> None:
    answer = late.post(entry_page(watchlist), TYPED, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, VERIFY)


def test_no_page_of_the_desk_sends_by_script() -> None:
    """For what a script sends is not carried."""
    root = Path(__file__).parents[3]
    pages = [p for app in root.glob("*/templates/admin") for p in app.rglob("*.html")]
    assert len(pages) > 10
    assert [p.name for p in pages if re.search(r"hx-(post|put|patch|delete)", p.read_text("utf-8"))] == []
