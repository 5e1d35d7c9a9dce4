"""What the sweep sends again: each thing once in a while, and at once where the broker took nothing."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from audit.services.broker import AGAIN_AFTER, Resent, SendFailed

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
ONE, OTHER = UUID(int=1), UUID(int=2)


def test_nothing_is_sent_twice_before_the_broker_itself_would_hand_it_out_again() -> None:
    resent, sent = Resent(), []
    for second in range(0, 2 * int(AGAIN_AFTER.total_seconds()), 5):
        resent.send([ONE], at=AT + timedelta(seconds=second), send=sent.append)
    assert sent == [ONE, ONE]


def test_each_has_a_time_of_its_own() -> None:
    resent, sent = Resent(), []
    assert resent.send([ONE], at=AT, send=sent.append) == 1
    assert resent.send([ONE, OTHER], at=AT + timedelta(minutes=1), send=sent.append) == 1
    assert sent == [ONE, OTHER]


def test_what_waited_no_more_and_waits_anew_is_sent() -> None:
    resent, sent = Resent(), []
    for waiting in ([ONE], [], [ONE]):
        resent.send(waiting, at=AT, send=sent.append)
    assert sent == [ONE, ONE]


def test_what_the_broker_did_not_take_is_sent_with_the_next_call() -> None:
    resent, sent = Resent(), []

    def refuse_other(one: UUID) -> None:
        if one == OTHER:
            raise SendFailed
        sent.append(one)

    with pytest.raises(SendFailed):
        resent.send([ONE, OTHER], at=AT, send=refuse_other)
    assert resent.send([ONE, OTHER], at=AT, send=sent.append) == 1
    assert sent == [ONE, OTHER]
