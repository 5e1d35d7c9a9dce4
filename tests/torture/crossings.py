"""The write path of crossings under a given rate: open an inspection with a keyed document, later decide it."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import psutil

from tests.flows.stack import Stack
from tests.torture.ledger import Ledger
from tests.torture.open_loop import Answer, Connections, make_request, send_at_rate
from tests.torture.traffic import REASON, make_travelers, sign_in_everywhere

# the officer takes at least so long to look; the booth's deadline has then passed, so that the answer never is "not yet"
LOOK_S = 6.0
RETRIES_S = 120.0


class CrossingTraffic:
    """Opens and decisions in turn. latencies: seconds of each answer by kind; refused: what was answered 503 or 429."""

    def __init__(self, stack: Stack, *, seed: int, prefix: str):
        address = urlsplit(stack.web_url)
        self.host = f"{address.hostname}:{address.port}"
        self.connections = Connections(address.hostname or "", address.port or 0)
        self.tokens = itertools.cycle(
            [(number, booth.token) for number, booth in enumerate(sign_in_everywhere(stack))]
        )
        self.travelers = make_travelers(seed, prefix)
        self.ledger = Ledger(prefix)
        # opened and not decided: (ready at, reference, id, token)
        self.open: deque[tuple[float, str, str, str]] = deque()
        self.decides = itertools.cycle((False, True))
        self.forget_answers()

    def forget_answers(self) -> None:
        """Count answers anew from here on; what is open stays so."""
        self.latencies: dict[str, list[float]] = {"open": [], "decide": []}
        self.refused: list[Answer] = []
        self.codes: Counter[str] = Counter()
        self.unanswered = 0

    def next_request(self) -> tuple[bytes, Callable[[Answer], None]]:
        """Return every other time a decision, if an inspection waits for one, else another opening."""
        if next(self.decides) and self.open and self.open[0][0] <= time.monotonic():
            return self.make_decision(*self.open.popleft()[1:])
        return self.make_opening()

    def make_opening(self) -> tuple[bytes, Callable[[Answer], None]]:
        request = next(self.travelers)
        _, token = next(self.tokens)
        reference = request["client_reference"]
        self.ledger.sent.add(reference)

        def take(answer: Answer) -> None:
            if answer.status in (200, 201):
                self.latencies["open"].append(answer.seconds)
                self.ledger.opened[reference] = answer.body["id"]
                self.open.append((time.monotonic() + LOOK_S, reference, answer.body["id"], token))
            else:
                self.note_failure("open", answer)

        return make_request(self.host, "inspections/", token, request), take

    def make_decision(
        self, reference: str, inspection_id: str, token: str
    ) -> tuple[bytes, Callable[[Answer], None]]:
        def take(answer: Answer) -> None:
            if answer.status == 200:
                self.latencies["decide"].append(answer.seconds)
                self.ledger.cleared[reference] = answer.body["crossing_id"]
            elif answer.code == "already_decided":
                # an earlier answer was lost on its way; the ledger finds the crossing
                self.latencies["decide"].append(answer.seconds)
            else:
                self.note_failure("decide", answer)
                self.open.append((time.monotonic() + 1, reference, inspection_id, token))

        body = {"outcome": "CLEARED", "reason": REASON}
        return make_request(self.host, f"inspections/{inspection_id}/decision/", token, body), take

    def note_failure(self, kind: str, answer: Answer) -> None:
        if answer.status in (429, 503):
            self.refused.append(answer)
        elif answer.status == 0:
            self.unanswered += 1
        self.codes[f"{kind} {answer.status} {answer.code}".strip()] += 1

    def drive(self, *, rate: float, seconds: float) -> int:
        """Send at the rate; return the number of requests."""
        return asyncio.run(self._drive(rate, seconds))

    async def _drive(self, rate: float, seconds: float) -> int:
        try:
            return await send_at_rate(
                self.connections, rate=rate, seconds=seconds, next_request=self.next_request
            )
        finally:
            self.connections.close()
            self.connections.idle.clear()

    def finish(self) -> None:
        """Decide what is still open, gently."""
        end = time.monotonic() + RETRIES_S
        while self.open and time.monotonic() < end:
            time.sleep(max(0.0, self.open[0][0] - time.monotonic()))
            asyncio.run(self._decide_due())

    async def _decide_due(self) -> None:
        due = [self.open.popleft() for _ in range(len(self.open)) if self.open[0][0] <= time.monotonic()]
        for _, reference, inspection_id, token in due:
            request, take = self.make_decision(reference, inspection_id, token)
            status, headers, body = 0, {}, None
            try:
                status, headers, content = await self.connections.send(request)
                body = json.loads(content)
            except (OSError, EOFError, LookupError, ValueError):
                pass
            take(Answer(status, 0.0, body, headers.get("retry-after", "")))
        self.connections.close()
        self.connections.idle.clear()


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share lies; 0 of none."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def describe(latencies: Mapping[str, Sequence[float]]) -> str:
    return "; ".join(
        f"{kind} {len(values)}, p50 {percentile(values, 0.5) * 1e3:.0f} ms, p99 {percentile(values, 0.99) * 1e3:.0f} ms"
        for kind, values in latencies.items()
    )


def describe_costs(before: dict[str, float], after: dict[str, float], requests: int) -> str:
    costs = {name: (after[name] - before.get(name, 0.0)) / max(requests, 1) * 1e3 for name in after}
    return "processor time a request: " + ", ".join(f"{name} {ms:.1f} ms" for name, ms in costs.items())


def read_costs(stack: Stack) -> dict[str, float]:
    """Return the processor seconds that each part has used so far, with those of its processes that have ended."""
    pids: dict[str, Any] = {name: child.pid for name, child in stack.children.items()}
    assert stack.postgres.child is not None
    assert stack.valkey.child is not None
    pids |= {"PostgreSQL": stack.postgres.child.pid, "Valkey": stack.valkey.child.pid, "client": os.getpid()}
    costs = {}
    for name, pid in pids.items():
        process = psutil.Process(pid)
        family = [process] if name == "client" else [process, *process.children(recursive=True)]
        costs[name] = 0.0
        for member in family:
            try:
                times = member.cpu_times()
            except psutil.NoSuchProcess:
                continue
            costs[name] += times.user + times.system
            if name != "client":
                costs[name] += times.children_user + times.children_system
    return costs
