"""kill -9 of every process of the system while booths work: size = crossings, at least twenty kills at the whole size.

The booths send again whatever was not answered, as a real one does; the ledger says what became of it.
"""

from __future__ import annotations

import queue
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import django

from tests.flows.stack import Stack
from tests.torture.ledger import Ledger, check
from tests.torture.report import Outcome

TARGETS = (
    "web",
    "inspection worker",
    "sweep",
    "PostgreSQL",
    "Valkey",
    "Valkey, emptied",
    "background worker",
)
MOST_KILLS = 28
CROSSINGS_PER_KILL = 30
BOOTHS = 6
PATIENCE_S = 180.0
DOWN_S = (0.2, 2.0)


class Traffic:
    """Booths that send travellers until none is left."""

    def __init__(self, stack: Stack, *, seed: int, count: int):
        from tests.torture.traffic import make_travelers, sign_in_everywhere

        self.ledger = Ledger(prefix=f"kill{seed}")
        self.failures: list[str] = []
        self.waiting: queue.Queue[dict[str, Any]] = queue.Queue()
        # how many may be sent so far: a few travellers must not all be through before the first part is up again
        self.allowed = count
        requests = make_travelers(seed, self.ledger.prefix)
        for _ in range(count):
            self.waiting.put(next(requests))
        booths = sign_in_everywhere(stack)
        self.threads = [
            threading.Thread(target=self.run_booth, args=(booths[number % len(booths)],))
            for number in range(BOOTHS)
        ]

    @property
    def ended(self) -> int:
        return len(self.ledger.cleared) + len(self.failures)

    @property
    def is_going_on(self) -> bool:
        return any(thread.is_alive() for thread in self.threads)

    def run_booth(self, booth: Any) -> None:
        while True:
            try:
                request = self.waiting.get_nowait()
            except queue.Empty:
                return
            reference = request["client_reference"]
            while len(self.ledger.sent) >= self.allowed:
                time.sleep(0.05)
            try:
                self.inspect(booth, reference, request)
            except Exception as error:
                self.failures.append(f"{reference}: {type(error).__name__} {error}")

    def inspect(self, booth: Any, reference: str, request: dict[str, Any]) -> None:
        from borders.demo.client import BoothError
        from tests.torture.traffic import REASON

        self.ledger.sent.add(reference)
        inspection = insist(lambda: booth.open_inspection(request, page=None, face=None))
        self.ledger.opened[reference] = inspection["id"]
        try:
            decided = insist(lambda: booth.decide(inspection["id"], "CLEARED", REASON))
        except BoothError as error:
            # the answer to an earlier attempt may have been lost with the server: then the decision stands
            if error.code != "already_decided":
                raise
            decided = insist(lambda: booth.look(inspection["id"]))
        self.ledger.cleared[reference] = decided["crossing_id"]


def insist(act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Repeat a request until a server that is there has answered it."""
    from borders.demo.client import BoothError

    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            return act()
        except BoothError as error:
            if 0 < error.status < 500 or time.monotonic() > end:
                raise
            time.sleep(0.3)


def kill_and_restart(stack: Stack, target: str, down_s: float) -> None:
    match target:
        case "PostgreSQL":
            stack.kill_postgres()
            time.sleep(down_s)
            stack.restart_postgres()
        case "Valkey" | "Valkey, emptied":
            stack.kill_valkey()
            time.sleep(down_s)
            stack.restart_valkey(empty=target != "Valkey")
        case _:
            name = {"inspection worker": "inspection", "background worker": "background"}.get(target, target)
            stack.children[name].kill()
            time.sleep(down_s)
            stack.restart(name)


def run(*, seed: int, size: int) -> Outcome:
    """Send `size` travellers through a whole system and kill a part of it every now and then."""
    django.setup()
    rng = random.Random(seed)
    kills = min(MOST_KILLS, max(size // CROSSINGS_PER_KILL, 1))
    # every part in turn, in a new order each time round
    order = [target for _ in range(0, kills, len(TARGETS)) for target in rng.sample(TARGETS, len(TARGETS))][
        :kills
    ]
    killed: Counter[str] = Counter()
    stack = Stack.prepare()
    try:
        stack.start()
        traffic = Traffic(stack, seed=seed, count=size)
        portion = size // (kills + 1)
        traffic.allowed = 2 * portion
        begun = time.monotonic()
        for thread in traffic.threads:
            thread.start()
        for number, target in enumerate(order):
            while traffic.ended < (number + 1) * portion and traffic.is_going_on:
                stack.look_after()
                time.sleep(0.05)
            if traffic.is_going_on:
                kill_and_restart(stack, target, rng.uniform(*DOWN_S))
                killed[target] += 1
            traffic.allowed = (number + 3) * portion
        traffic.allowed = size
        while traffic.is_going_on:
            stack.look_after()
            time.sleep(0.05)
        seconds = time.monotonic() - begun
        verdict = check(traffic.ledger, stack.database_url)
    finally:
        stack.close()
    faults = [*verdict.faults, *traffic.failures[:10]]
    if killed.total() < kills:
        faults.append(f"only {killed.total()} of {kills} kills were done")
    counted = ", ".join(f"{target} {count}" for target, count in sorted(killed.items()))
    return Outcome(
        campaign="kill",
        size=f"{size} crossings",
        seed=seed,
        lost=verdict.lost,
        doubled=verdict.doubled,
        found=f"{killed.total()} kills, {verdict.stuck} stuck, {verdict.illegal} illegal",
        faults=tuple(faults),
        notes=(f"kill -9 of {counted}; {size / seconds:.1f} crossings a second, kills included",),
    )
