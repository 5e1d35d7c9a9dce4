"""100 requests a second on the write path of crossings, without images: size = seconds.

Requests open an inspection with a keyed document and decide one in turn, after a start at half the rate; the checks of each run
meanwhile, on the same processors, in the web server itself (decision 17). p99 counts from the moment at which a request
was due.
"""

from __future__ import annotations

import django

from tests.flows.stack import Stack
from tests.torture.report import Outcome

RATE = 100.0
P99_S = 0.3
WARM_UP_S = 10.0


def run(*, seed: int, size: int) -> Outcome:
    django.setup()
    from tests.torture.crossings import CrossingTraffic, describe, describe_costs, percentile, read_costs
    from tests.torture.ledger import check

    stack = Stack.prepare()
    try:
        stack.start()
        traffic = CrossingTraffic(stack, seed=seed, prefix=f"load{seed}")
        # as many are then open as there always are while one half of the requests opens and the other decides
        traffic.drive(rate=RATE / 2, seconds=WARM_UP_S)
        traffic.forget_answers()
        before = read_costs(stack)
        count = traffic.drive(rate=RATE, seconds=size)
        costs = describe_costs(before, read_costs(stack), count)
        # what is decided afterwards is not part of the load
        answered, codes = {kind: tuple(each) for kind, each in traffic.latencies.items()}, dict(traffic.codes)
        traffic.finish()
        verdict = check(traffic.ledger, stack.database_url)
    finally:
        stack.close()
    latencies = [seconds for kind in answered.values() for seconds in kind]
    p99 = percentile(latencies, 0.99)
    faults = list(verdict.faults)
    if p99 > P99_S:
        faults.append(f"p99 {p99 * 1e3:.0f} ms")
    if codes:
        faults.append(f"not answered as asked: {codes}")
    return Outcome(
        campaign="load",
        size=f"{RATE:g}/s for {size} s",
        seed=seed,
        lost=verdict.lost,
        doubled=verdict.doubled,
        found=f"p99 {p99 * 1e3:.0f} ms, {sum(codes.values())} errors",
        faults=tuple(faults),
        notes=(describe(answered), costs),
    )
