"""Back-pressure: what is beyond the bounds is refused with a code, and nothing is counted twice."""

import json
import threading
from uuid import UUID

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from borders.api import pressure
from borders.api.pressure import SPOOLED_BYTES, Gate, PressureMiddleware, WsgiGuard, declared_size

FACTORY = RequestFactory()


def make_gate(*, at_work: int = 2, sleeping: int = 1, body_bytes: int = 1000) -> Gate:
    return Gate(at_work=at_work, sleeping=sleeping, body_bytes=body_bytes)


def test_gate_refuses_more_than_may_be_at_work():
    gate = make_gate()
    assert [gate.enter(0) for _ in range(3)] == [True, True, False]


def test_a_place_is_free_again_after_leaving():
    gate = make_gate(at_work=1)
    assert gate.enter(10)
    gate.leave(10)
    assert gate.enter(10)
    assert (gate.at_work, gate.body_bytes) == (1, 10)


def test_bodies_together_are_bounded():
    gate = make_gate(at_work=9)
    assert gate.enter(900)
    assert not gate.enter(200)
    assert gate.enter(100)


def test_one_body_larger_than_the_bound_is_left_to_its_parser():
    assert make_gate().enter(10**9)


@pytest.mark.parametrize(
    ("path", "counted"),
    [
        (reverse("admin:watchlists_watchlist_upload", args=[UUID(int=7)]), SPOOLED_BYTES),
        (reverse("admin:watchlists_watchlist_entry", args=[UUID(int=7)]), 250_000_000),
        ("/api/v1/inspections/", 250_000_000),
    ],
)
def test_a_list_that_goes_to_a_file_counts_what_is_in_memory(path, counted):
    for length in ({"CONTENT_LENGTH": "250000000"}, {"HTTP_TRANSFER_ENCODING": "chunked"}):
        most = counted if "CONTENT_LENGTH" in length else min(counted, pressure.UNDECLARED_BYTES)
        assert pressure.size_of({"PATH_INFO": path} | length) == most
    gate = make_gate(at_work=9, body_bytes=200_000_000)
    assert gate.enter(pressure.size_of({"PATH_INFO": path, "CONTENT_LENGTH": "250000000"}))
    # beside it booths go on
    assert gate.enter(600_000) == (counted == SPOOLED_BYTES)


def test_a_sleeper_gives_its_place_to_others():
    gate = make_gate(at_work=1)
    assert gate.enter(0)
    with gate.sleep() as may_sleep:
        assert may_sleep
        assert gate.enter(0)
        gate.leave(0)
    assert (gate.at_work, gate.sleeping) == (1, 0)


def test_one_sleeper_too_many_does_not_sleep():
    gate = make_gate(at_work=3)
    assert gate.enter(0)
    assert gate.enter(0)
    with gate.sleep() as first, gate.sleep() as second:
        assert (first, second) == (True, False)
    assert (gate.at_work, gate.sleeping) == (2, 0)


@pytest.fixture
def full_gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate = make_gate(at_work=1)
    gate.enter(0)
    monkeypatch.setattr(pressure, "GATE", gate)
    return gate


def test_an_overloaded_api_answers_a_coded_problem(full_gate):
    response = PressureMiddleware(lambda request: HttpResponse())(FACTORY.post("/api/v1/inspections/"))
    assert (response.status_code, response["Retry-After"]) == (503, "1")
    assert json.loads(response.content)["code"] == "overloaded"


def test_an_overloaded_console_answers_in_words(full_gate):
    response = PressureMiddleware(lambda request: HttpResponse())(FACTORY.get("/booth/"))
    assert response.status_code == 503
    assert response["Content-Type"].startswith("text/plain")


def test_health_is_answered_under_any_load(full_gate):
    assert PressureMiddleware(lambda request: HttpResponse())(FACTORY.get("/healthz/")).status_code == 200


def test_the_place_is_given_back_when_the_view_breaks(monkeypatch):
    gate = make_gate()
    monkeypatch.setattr(pressure, "GATE", gate)

    def break_down(request):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        PressureMiddleware(break_down)(FACTORY.post("/api/v1/inspections/", b"{}", "application/json"))
    assert (gate.at_work, gate.body_bytes) == (0, 0)


def test_a_database_that_is_away_is_no_server_error():
    middleware = PressureMiddleware(lambda request: HttpResponse())
    response = middleware.process_exception(FACTORY.get("/api/v1/crossings/"), OperationalError("gone"))
    assert response is not None
    assert response.status_code == 503
    assert json.loads(response.content)["code"] == "database_unavailable"
    assert b"gone" not in response.content


def test_any_other_failure_rises():
    middleware = PressureMiddleware(lambda request: HttpResponse())
    assert middleware.process_exception(FACTORY.get("/api/v1/crossings/"), ValueError()) is None


def test_a_body_of_unknown_length_counts_as_the_largest():
    request = FACTORY.post("/api/v1/inspections/")
    request.META |= {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    assert declared_size(request) == pressure.UNDECLARED_BYTES


def test_counters_return_to_zero_after_many_threads():
    gate = make_gate(at_work=4, sleeping=2)

    def work() -> None:
        for _ in range(300):
            if gate.enter(7):
                with gate.sleep():
                    pass
                gate.leave(7)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (gate.at_work, gate.sleeping, gate.body_bytes) == (0, 0, 0)


def test_those_at_work_have_their_turn_one_after_the_other():
    gate = Gate(at_work=9, sleeping=9, body_bytes=1000, at_once=1)
    inside, go = threading.Event(), threading.Event()

    def work():
        with gate.turn(0):
            inside.set()
            go.wait(10)

    first, second = (threading.Thread(target=work) for _ in range(2))
    first.start()
    assert inside.wait(10)
    inside.clear()
    second.start()
    assert not inside.wait(0.1)
    go.set()
    assert inside.wait(10)
    first.join()
    second.join()


def test_a_sleeper_and_a_large_body_hold_no_turn():
    gate = Gate(at_work=9, sleeping=9, body_bytes=10**9, at_once=1)
    assert gate.enter(0)
    with gate.turn(0), gate.turn(10**6):
        with gate.sleep():
            assert gate.turns.acquire(blocking=False)
            gate.turns.release()
        assert not gate.turns.acquire(blocking=False)


@pytest.mark.parametrize(
    ("path", "content_type"),
    [("/api/v1/inspections/", "application/problem+json"), ("/booth/", "text/plain; charset=utf-8")],
)
def test_the_guard_refuses_before_django_in_the_words_of_the_middleware(full_gate, path, content_type):
    said = {}

    def start_response(status, headers):
        said.update(dict(headers), status=status)

    def fail(environ, start):
        raise AssertionError("Django was asked")

    content = b"".join(WsgiGuard(fail)({"PATH_INFO": path, "CONTENT_LENGTH": "5"}, start_response))
    middleware = PressureMiddleware(lambda request: HttpResponse())(FACTORY.post(path))
    assert (said["status"][:3], said["Content-Type"], said["Retry-After"]) == ("503", content_type, "1")
    assert content == middleware.content
    assert int(said["Content-Length"]) == len(content)
    assert len(said["X-Request-ID"]) == 32


def test_the_guard_lets_health_and_what_has_a_place_through(full_gate, monkeypatch):
    def answer(environ, start):
        return [b"ok"]

    guard = WsgiGuard(answer)
    assert guard({"PATH_INFO": "/healthz/"}, None) == [b"ok"]
    monkeypatch.setattr(pressure, "GATE", make_gate())
    assert guard({"PATH_INFO": "/api/v1/inspections/"}, None) == [b"ok"]
