"""Kill -9 in the middle of 200 inspections: nothing acknowledged is lost, nothing is recorded twice, none is stuck."""

import queue
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from borders.demo.client import Booth, BoothError
from tests.flows.stack import Stack
from tests.flows.travelers import Sample, make_samples, sign_in_first_line

INSPECTIONS = 200
BOOTHS = 4
PATIENCE_S = 180


class Traffic:
    """Booths that send travellers until none is left, and send again whatever was not answered."""

    def __init__(self, stack: Stack, samples: list[Sample]):
        self.stack = stack
        self.samples = samples
        self.waiting: queue.Queue[int] = queue.Queue()
        for number in range(INSPECTIONS):
            self.waiting.put(number)
        self.acknowledged: dict[str, str] = {}
        self.crossings: dict[str, str] = {}
        self.advice: Counter[str] = Counter()
        self.failures: list[str] = []

    @property
    def done(self) -> int:
        return len(self.crossings)

    def run_booth(self) -> None:
        booth = sign_in_first_line(self.stack)
        while True:
            try:
                number = self.waiting.get_nowait()
            except queue.Empty:
                return
            try:
                self.inspect(booth, number)
            except Exception as error:
                self.failures.append(f"{number}: {type(error).__name__} {error}")

    def inspect(self, booth: Booth, number: int) -> None:
        reference = f"survival-{number:03d}"
        sample = self.samples[number % len(self.samples)]
        request = sample.request | {"client_reference": reference}
        inspection = insist(lambda: booth.open_inspection(request, page=sample.page, face=sample.face))
        self.acknowledged[reference] = inspection["id"]
        self.advice[inspection["advice"]] += 1
        reason = "seen and known" if inspection["advice"] == "REFER" else ""
        try:
            insist(lambda: booth.decide(inspection["id"], "CLEARED", reason))
        except BoothError as error:
            # the answer to an earlier attempt may have been lost with the server: then the decision stands
            if error.code != "already_decided":
                raise
        latest = insist(lambda: booth.look(inspection["id"]))
        assert latest["state"] == "CLEARED"
        self.crossings[reference] = latest["crossing_id"]


def insist(act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Repeat a request until a server that is there has answered it."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return act()
        except BoothError as error:
            if 0 < error.status < 500 or time.monotonic() > deadline:
                raise
            time.sleep(0.3)


@pytest.fixture(scope="module")
def traffic(stack: Stack) -> Traffic:
    traffic = Traffic(stack, make_samples())
    booths = [threading.Thread(target=traffic.run_booth) for _ in range(BOOTHS)]
    for booth in booths:
        booth.start()

    def wait_for(count: int) -> None:
        # a worker whose acknowledgement meets the loss of its broker may end by itself (kombu raises AttributeError then)
        while traffic.done < count and any(b.is_alive() for b in booths):
            stack.look_after()
            time.sleep(0.05)

    wait_for(30)
    stack.kill_worker()
    time.sleep(1)
    stack.restart_worker()
    wait_for(80)
    stack.kill_valkey()
    time.sleep(1)
    stack.restart_valkey(empty=True)
    wait_for(130)
    stack.kill_postgres()
    time.sleep(1)
    stack.restart_postgres()
    wait_for(INSPECTIONS)
    for booth in booths:
        booth.join()
    return traffic


def rows(stack: Stack, statement: str) -> list[tuple]:
    with psycopg.connect(stack.database_url) as connection:
        return connection.execute(statement).fetchall()


def test_every_traveller_was_answered(traffic):
    assert traffic.failures == []
    assert len(traffic.acknowledged) == INSPECTIONS


def test_nothing_acknowledged_is_lost(stack, traffic):
    stored = dict(
        rows(
            stack,
            "SELECT client_reference, id::text FROM borders_inspection WHERE client_reference LIKE 'survival-%'",
        )
    )
    assert stored == traffic.acknowledged


def test_every_inspection_has_exactly_one_crossing(stack, traffic):
    stored = rows(
        stack,
        """SELECT i.client_reference, c.id::text FROM borders_inspection i
           JOIN borders_crossing c ON c.inspection_id = i.id WHERE i.client_reference LIKE 'survival-%'""",
    )
    assert sorted(stored) == sorted(traffic.crossings.items())


def test_none_is_stuck(stack, traffic):
    unfinished = rows(
        stack, "SELECT count(*) FROM borders_inspection WHERE state IN ('RECEIVED', 'PROCESSING', 'READY')"
    )
    assert unfinished == [(0,)]


def test_no_step_was_recorded_twice(stack, traffic):
    doubled = rows(
        stack,
        "SELECT inspection_id, step, round FROM borders_inspectionstep GROUP BY 1, 2, 3 HAVING count(*) > 1",
    )
    assert doubled == []


def test_each_act_left_exactly_one_audit_row(stack, traffic):
    counts = rows(
        stack,
        """SELECT action, count(*), count(DISTINCT object_id) FROM audit_auditentry
           WHERE action IN ('inspection.opened', 'crossing.recorded')
             AND object_id IN (SELECT id::text FROM borders_inspection WHERE client_reference LIKE 'survival-%'
                               UNION SELECT id::text FROM borders_crossing c WHERE c.inspection_id IN
                                 (SELECT id FROM borders_inspection WHERE client_reference LIKE 'survival-%'))
           GROUP BY action""",
    )
    assert sorted(counts) == [
        ("crossing.recorded", INSPECTIONS, INSPECTIONS),
        ("inspection.opened", INSPECTIONS, INSPECTIONS),
    ]


def test_outbox_runs_empty(stack, traffic):
    deadline = time.monotonic() + 60
    while (left := rows(stack, "SELECT count(*) FROM borders_outboxmessage WHERE done_at IS NULL")) != [(0,)]:
        assert time.monotonic() < deadline, left
        time.sleep(1)


def test_web_server_answers_what_it_has_begun_before_it_stops(stack):
    booth = sign_in_first_line(stack)
    stack.kill_worker()
    answers: queue.Queue[dict[str, Any]] = queue.Queue()
    sample = make_samples()[0]
    request = sample.request | {"client_reference": "graceful"}
    # nobody looks at its page, so the request sleeps for as long as it may
    thread = threading.Thread(
        target=lambda: answers.put(booth.send_inspection(request, page=sample.page, face=None, wait_s=3))
    )
    thread.start()
    time.sleep(1)
    stack.children["web"].stop()
    thread.join()
    assert answers.get_nowait()["state"] == "RECEIVED"
    stack.restart_web()
    stack.restart_worker()
