"""The whole journey of travellers through real processes, timed as a booth sees it and step by step.

One booth at a time gives the times without a queue; several at once give the throughput. Nothing here passes or fails: it prints.
"""

import argparse
import os
import platform
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Table

from borders.demo.client import Booth
from tests.flows.stack import Stack
from tests.flows.travelers import Sample, make_samples, sign_in_first_line

console = Console()


class Timings:
    """Milliseconds by name, from any thread."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.values: dict[str, list[float]] = defaultdict(list)

    def add(self, name: str, elapsed_ms: float) -> None:
        with self.lock:
            self.values[name].append(elapsed_ms)


def inspect(booth: Booth, sample: Sample, reference: str, timings: Timings) -> None:
    """Send one traveller, wait for the recommendation, decide; note what each took."""
    begun = time.perf_counter()
    request = sample.request | {"client_reference": reference}
    inspection = booth.open_inspection(request, page=sample.page, face=sample.face)
    answered = time.perf_counter()
    booth.decide(inspection["id"], "CLEARED", "bench" if inspection["advice"] == "REFER" else "")
    ended = time.perf_counter()
    timings.add("sent → recommendation", (answered - begun) * 1e3)
    timings.add("decision → recorded", (ended - answered) * 1e3)
    timings.add("whole journey", (ended - begun) * 1e3)
    for step in inspection["steps"]:
        timings.add(f"step {step['step']}", step["elapsed_ms"])


def run_round(stack: Stack, samples: Sequence[Sample], *, booths: int, count: int, name: str) -> Timings:
    """Let `booths` send `count` travellers between them; print the table."""
    timings = Timings()
    numbers = iter(range(count))
    lock = threading.Lock()

    def work(progress: Progress, bar: TaskID) -> None:
        booth = sign_in_first_line(stack)
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            inspect(
                booth, samples[number % len(samples)], f"bench-{name.replace(' ', '-')}-{number}", timings
            )
            progress.advance(bar)

    begun = time.perf_counter()
    with Progress(console=console, transient=True) as progress, ThreadPoolExecutor(booths) as pool:
        bar = progress.add_task(name, total=count)
        for done in [pool.submit(work, progress, bar) for _ in range(booths)]:
            done.result()
    elapsed_s = time.perf_counter() - begun
    rate = f"{count / elapsed_s:.1f} a second"
    console.print(f"\n{name}: {booths} at once, {count} inspections, [bold]{rate}[/bold]")
    table = Table()
    for column in ("milliseconds", "p50", "p95", "p99", "max"):
        table.add_column(column, justify="left" if column == "milliseconds" else "right")
    for label, values in timings.values.items():
        p50, p95, p99 = np.percentile(values, (50, 95, 99))
        table.add_row(label, f"{p50:.1f}", f"{p95:.1f}", f"{p99:.1f}", f"{max(values):.1f}")
    console.print(table)
    return timings


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="inspections a round")
    parser.add_argument("--booths", type=int, default=4, help="booths at once in the second round")
    args = parser.parse_args(arguments)
    samples = make_samples()
    pages = [len(s.page) / 1000 for s in samples if s.page]
    faces = [len(s.face) / 1000 for s in samples if s.face]
    page = cv2.imdecode(np.frombuffer(samples[0].page, np.uint8), cv2.IMREAD_COLOR)
    face = cv2.imdecode(np.frombuffer(samples[0].face, np.uint8), cv2.IMREAD_COLOR)
    console.print(
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; load {os.getloadavg()[0]:.1f}"
    )
    console.print(
        f"page {page.shape[1]} x {page.shape[0]} px, {statistics.median(pages):.0f} kB; "
        f"face {face.shape[1]} x {face.shape[0]} px, {statistics.median(faces):.0f} kB (medians of {len(samples)})"
    )
    stack = Stack.prepare()
    try:
        stack.start()
        run_round(stack, samples, booths=1, count=20, name="warm-up")
        run_round(stack, samples, booths=1, count=args.count, name="one booth")
        run_round(stack, samples, booths=args.booths, count=args.count, name="several booths")
        console.print("The API rounds SCREEN up to 50 ms, so that its time tells nothing of what was found.")
    finally:
        stack.close()
