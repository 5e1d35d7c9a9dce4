"""Officers sign in at booths of ports where they are posted."""

import hashlib
from datetime import timedelta

import pytest

from audit.models import AuditEntry
from borders.models import Booth, BoothSession, PostAssignment
from borders.queries import actor_of_session, get_live_session
from borders.services.sessions import SignInRefused, sign_in, sign_out

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_desk(alice, booth, password, at):
    """Keyword arguments that sign Alice in."""
    return {
        "username": "alice",
        "password": password,
        "port_code": "UTAIR",
        "booth_code": "A1",
        "at": at,
        "origin": "127.0.0.1",
    }


def test_an_officer_signs_in_with_a_token_that_is_not_stored(at_desk, booth, at) -> None:
    session, token = sign_in(**at_desk)
    assert session.booth == booth
    assert token not in str(BoothSession.objects.values().get())
    assert get_live_session(token=token.encode(), at=at) == session
    assert AuditEntry.objects.get(action="session.started").actor_label == "UT-0001"


def test_two_sessions_have_two_tokens(at_desk) -> None:
    assert sign_in(**at_desk)[1] != sign_in(**at_desk)[1]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"password": "wrong"}, "credentials_invalid"),
        ({"username": "nobody"}, "credentials_invalid"),
        ({"booth_code": "Z9"}, "booth_unknown"),
        ({"port_code": "ZZZZZ"}, "booth_unknown"),
    ],
)
def test_these_sign_ins_are_refused_and_audited(at_desk, change, code: str) -> None:
    with pytest.raises(SignInRefused) as refusal:
        sign_in(**{**at_desk, **change})
    assert refusal.value.code == code
    assert AuditEntry.objects.get(action="sign_in.failed").detail == {"code": code}
    assert not BoothSession.objects.exists()


def test_what_was_tried_is_not_kept(at_desk) -> None:
    with pytest.raises(SignInRefused):
        sign_in(**{**at_desk, "username": "typed my passphrase here"})
    assert "passphrase" not in str(AuditEntry.objects.values().get())


def test_an_officer_is_posted_or_stays_out(at_desk, alice, land_booth, at) -> None:
    with pytest.raises(SignInRefused) as refusal:
        sign_in(**{**at_desk, "port_code": "UTLND", "booth_code": "L1"})
    assert refusal.value.code == "not_posted"
    PostAssignment.objects.update(valid_until=at)
    with pytest.raises(SignInRefused) as refusal:
        sign_in(**at_desk)
    assert refusal.value.code == "not_posted"


def test_an_account_that_is_not_active_does_not_sign_in(at_desk, alice) -> None:
    alice.user.is_active = False
    alice.user.save()
    with pytest.raises(SignInRefused):
        sign_in(**at_desk)


def test_a_booth_out_of_use_takes_nobody(at_desk) -> None:
    Booth.objects.update(active=False)
    with pytest.raises(SignInRefused):
        sign_in(**at_desk)


def test_signing_out_ends_the_session_once(at_desk, at) -> None:
    session, token = sign_in(**at_desk)
    actor = actor_of_session(session=session, at=at, origin="127.0.0.1")
    digest = hashlib.sha256(token.encode()).hexdigest()
    later = at + timedelta(minutes=5)
    assert sign_out(actor=actor, at=later, token_sha256=digest)
    assert not sign_out(actor=actor, at=later, token_sha256=digest)
    assert get_live_session(token=token.encode(), at=later) is None


def test_nobody_ends_the_session_of_another(at_desk, bob_here, at) -> None:
    _, token = sign_in(**at_desk)
    digest = hashlib.sha256(token.encode()).hexdigest()
    assert not sign_out(actor=bob_here, at=at, token_sha256=digest)
    assert get_live_session(token=token.encode(), at=at) is not None
