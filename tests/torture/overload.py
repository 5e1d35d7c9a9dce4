"""Twice what the system can take: size = seconds. Refusals are quick and coded, and nothing that was acknowledged is lost.

What it can take is measured first, with a few booths that send as soon as they are answered.
"""

from __future__ import annotations

import threading
import time

import django

from tests.flows.stack import Stack
from tests.torture.report import Outcome

CAPACITY_S = 5.0
BOOTHS = 8
REFUSED_WITHIN_S = 0.2


def measure_capacity(stack: Stack, seed: int) -> float:
    """Return the requests a second that are answered when booths send without a pause."""
    from tests.torture.kill import insist
    from tests.torture.traffic import REASON, make_travelers, sign_in_everywhere

    booths = sign_in_everywhere(stack)
    counts = [0] * BOOTHS
    end = time.monotonic() + CAPACITY_S

    def work(number: int) -> None:
        booth = booths[number % len(booths)]
        travelers = make_travelers(seed, f"capacity{seed}-{number}")
        while time.monotonic() < end:
            request = next(travelers)
            inspection = insist(lambda: booth.open_inspection(request, page=None, face=None))  # noqa: B023
            insist(lambda: booth.decide(inspection["id"], "CLEARED", REASON))  # noqa: B023
            counts[number] += 2

    threads = [threading.Thread(target=work, args=(number,)) for number in range(BOOTHS)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.monotonic() - begun)


def run(*, seed: int, size: int) -> Outcome:
    django.setup()
    from tests.torture.crossings import CrossingTraffic, describe, percentile
    from tests.torture.ledger import check

    stack = Stack.prepare()
    try:
        stack.start()
        capacity = measure_capacity(stack, seed)
        traffic = CrossingTraffic(stack, seed=seed, prefix=f"over{seed}")
        rate = max(2 * capacity, 20.0)
        count = traffic.drive(rate=rate, seconds=size)
        during = dict(traffic.codes)
        refused = [answer.seconds for answer in traffic.refused]
        uncoded = [a for a in traffic.refused if a.code != "overloaded" or not a.retry_after]
        traffic.finish()
        verdict = check(traffic.ledger, stack.database_url)
    finally:
        stack.close()
    slowest = percentile(refused, 0.99)
    faults = list(verdict.faults)
    if uncoded:
        faults.append(f"{len(uncoded)} refusals without code or Retry-After")
    if slowest > REFUSED_WITHIN_S:
        faults.append(f"p99 of a refusal {slowest * 1e3:.0f} ms")
    if broken := {
        what: n for what, n in during.items() if not what.endswith(("overloaded", "inspection_not_ready"))
    }:
        faults.append(f"answers that are no refusals: {broken}")
    return Outcome(
        campaign="overload",
        size=f"{rate:.0f}/s for {size} s",
        seed=seed,
        lost=verdict.lost,
        doubled=verdict.doubled,
        found=f"{len(refused)} of {count} refused, p99 {slowest * 1e3:.0f} ms",
        faults=tuple(faults),
        notes=(
            f"capacity {capacity:.0f} requests a second; {describe(traffic.latencies)}",
            f"answers: {during}",
        ),
    )
