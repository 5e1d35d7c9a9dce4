"""Messages that leave the system."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from borders.core.notifications import (
    ATTEMPTS_MAX,
    LONGEST_RETRY_S,
    SUBJECTS,
    Letter,
    Notice,
    next_attempt,
    sign,
)

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("notice", list(Notice))
def test_message_holds_a_reference_and_a_link(notice: Notice) -> None:
    letter = Letter("m-1", notice, "7F3A", "https://border.example/x/", AT)

    assert SUBJECTS[notice] in letter.subject
    assert "7F3A" in letter.body
    assert "https://border.example/x/" in letter.body
    assert set(letter.content) == {"id", "topic", "reference", "link", "due_at"}


def test_signature_is_over_time_and_body() -> None:
    digest = hmac.new(b"key", b'1763629200.{"id":1}', hashlib.sha256).hexdigest()

    assert sign(secret=b"key", body=b'{"id":1}', sent_at=1763629200) == f"t=1763629200,v1={digest}"


def test_pauses_grow_to_an_hour() -> None:
    pauses = [(next_attempt(at=AT, attempts=n) - AT).total_seconds() for n in range(1, ATTEMPTS_MAX + 1)]

    assert pauses == sorted(pauses)
    assert pauses[0] == 30
    assert next_attempt(at=AT, attempts=100) - AT == timedelta(seconds=LONGEST_RETRY_S)
