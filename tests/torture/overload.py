"""Twice what the system can take: size = seconds. Refusals are quick and coded, and nothing that was acknowledged is lost.

What it can take is measured first: what it answers of a flood.
"""

from __future__ import annotations

import time

import django

from tests.flows.stack import Stack
from tests.torture.report import Outcome

# openings and decisions at a rate that is taken, until there are some of both; then at one that is not
QUIET_RATE, QUIET_S = 25.0, 10.0
FLOOD_RATE, FLOOD_S = 250.0, 5.0
REFUSED_WITHIN_S = 0.2


def run(*, seed: int, size: int) -> Outcome:
    django.setup()
    from tests.torture.crossings import CrossingTraffic, describe, percentile
    from tests.torture.ledger import check

    stack = Stack.prepare()
    try:
        stack.start()
        traffic = CrossingTraffic(stack, seed=seed, prefix=f"over{seed}")
        traffic.drive(rate=QUIET_RATE, seconds=QUIET_S)
        traffic.forget_answers()
        begun = time.monotonic()
        traffic.drive(rate=FLOOD_RATE, seconds=FLOOD_S)
        capacity = sum(map(len, traffic.latencies.values())) / (time.monotonic() - begun)
        traffic.forget_answers()
        rate = 2 * capacity
        count = traffic.drive(rate=rate, seconds=size)
        during, latencies = dict(traffic.codes), describe(traffic.latencies)
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
            f"capacity {capacity:.0f} requests a second; {latencies}",
            f"answers: {during}",
        ),
    )
