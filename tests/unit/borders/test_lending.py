"""Requests take turns on the connections of their process, and find nothing that another has left on one."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connections

from borders.api import lending
from borders.api.lending import lent_connection


@pytest.fixture(autouse=True)
def shared(settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.SHARE_CONNECTIONS = True
    monkeypatch.setattr(lending, "_IDLE", [])
    before = connections["default"]
    yield
    assert connections["default"] is before


def test_the_connection_used_latest_is_lent_next_whatever_the_thread() -> None:
    lent = []

    def ask() -> None:
        with lent_connection():
            connections["default"].validate_thread_sharing()
            lent.append(connections["default"])

    ask()
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert lent[0] is lent[1] is not connections["default"]


def test_two_at_a_time_have_two_connections() -> None:
    with lent_connection():
        one = connections["default"]
        with lent_connection():
            assert connections["default"] is not one
        assert connections["default"] is one


@pytest.mark.parametrize("left", ["bmis_guarded", "in_atomic_block"])
def test_a_connection_with_something_left_on_it_is_closed_and_lent_to_nobody(monkeypatch, left: str) -> None:
    closed = []
    with lent_connection():
        one = connections["default"]
        monkeypatch.setattr(one, left, True, raising=False)
        monkeypatch.setattr(one, "close", lambda: closed.append(one))
    assert closed == [one]
    with lent_connection():
        assert connections["default"] is not one


def test_what_is_raised_gives_the_connection_back() -> None:
    lent = []

    def fail() -> None:
        with lent_connection():
            lent.append(connections["default"])
            raise ValueError("of the request")

    with pytest.raises(ValueError, match="of the request"):
        fail()
    with lent_connection():
        assert connections["default"] is lent[0]


def test_each_thread_keeps_its_own_where_they_are_not_shared(settings) -> None:
    settings.SHARE_CONNECTIONS = False
    own = connections["default"]
    with lent_connection():
        assert connections["default"] is own
