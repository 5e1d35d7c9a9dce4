"""The console in a real browser: what it loads and sends, how long a clean traveller takes, and the same over a thin link.

Bytes are those on the wire, headers included, as the browser counts them. Nothing here passes or fails: it prints.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from django.utils import timezone
from rich.console import Console as Printer
from rich.table import Table
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from borders.demo.cast import make_cast
from borders.demo.documents import DemoDocument
from borders.demo.places import FIRST_LINE, SECOND_LINE
from tests.flows.conftest import open_chrome
from tests.flows.console import Console
from tests.flows.stack import Stack

printer = Printer(width=130)
LINK_BIT_S, LATENCY_MS = 128_000, 100
# from the page on the glass to a traveller who looks into the camera
BETWEEN_S = 2.0
FORWARD = ("", "second-line/", "", "lock/")
# the page keeps its own clock, so that what the driver of the browser takes is not measured with it: from a key going
# down to the frame that shows what came of it
WATCH = """
window.sent = 0; window.progress = []; window.told = {};
if (!window.isWatched) {
  window.isWatched = true;
  document.addEventListener("htmx:xhr:progress", (event) => {
    if (event.detail.lengthComputable || event.detail.total) {
      window.sent = Math.max(window.sent, event.detail.total);
    }
  });
  const tell = (name, at) => { if (!(name in window.told)) window.told[name] = at; };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter") tell("sent", event.timeStamp);
    if (event.key === "c") tell("cleared", event.timeStamp);
  }, { capture: true });
  const painted = (name) => requestAnimationFrame(() => setTimeout(() => tell(name, performance.now())));
  new MutationObserver(() => {
    const line = document.querySelector(".sending");
    if (line && line.textContent && window.progress.at(-1) !== line.textContent) window.progress.push(line.textContent);
    if (document.querySelector(".panel:not(.running)")) painted("answered");
    if (document.querySelectorAll(".slot.filled").length === 2) tell("captured", performance.now());
    if ("cleared" in window.told && document.querySelector(".flash.cleared")) painted("recorded");
  }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] });
}
performance.clearResourceTimings();
"""
# bytes of the pictures that went ahead of the form, or are on their way
GIVEN_AHEAD = """
return [...document.querySelectorAll(".slot")].filter((s) => s.querySelector("[name$=_ahead]").value || onTheWay.has(s))
  .reduce((sum, slot) => sum + Number(slot.dataset.sentBytes), 0);
"""
# what the server took to answer: from the last byte sent to the first byte received, of each request that is no picture
SERVED = """
return performance.getEntriesByType("resource").filter((e) => e.initiatorType === "xmlhttprequest")
  .map((e) => e.responseStart - e.requestStart);
"""


def received_bytes(chrome: webdriver.Chrome) -> tuple[int, list[tuple[str, int]]]:
    """Return the bytes that came over the link since the last call, in all and by address."""
    addresses: dict[str, str] = {}
    sizes: dict[str, int] = {}
    for event in _events(chrome):
        told = event["params"]
        if event["method"] == "Network.requestWillBeSent":
            addresses[told["requestId"]] = told["request"]["url"].split("?")[0]
        elif event["method"] == "Network.loadingFinished":
            sizes[told["requestId"]] = int(told["encodedDataLength"])
    by_address = [
        (addresses.get(i, "?").partition("/booth/")[2] or addresses.get(i, "?"), n) for i, n in sizes.items()
    ]
    return sum(sizes.values()), by_address


def _events(chrome: webdriver.Chrome) -> Iterator[dict[str, Any]]:
    for entry in chrome.get_log("performance"):
        yield json.loads(entry["message"])["message"]


@dataclass(frozen=True, slots=True)
class Taken:
    """One clean traveller, in seconds by the clock of the page; is_clear: the advice was CLEAR.

    answer: from the key that sends to the panel on the screen. decision: from the key that clears to the next form. server: of
    both, the part between the requests' first byte going out and the answers' first coming in. taken: from the second picture
    to the crossing, what the driver types in between included. driven: from the first key, by the driver's clock.
    """

    is_clear: bool
    answer: float
    decision: float
    server: float
    taken: float
    driven: float
    sent: int
    progress: list[str]

    @property
    def whole(self) -> float:
        return self.answer + self.decision


def inspect(
    console: Console, document: DemoDocument, direction: str, live: int, between_s: float = 0
) -> Taken:
    """Take one traveller from captured images to the recorded crossing by two keys."""
    chrome = console.chrome
    console.press(direction)
    chrome.execute_script(WATCH)
    console.bring(document, live=live, between_s=between_s)
    console.travel()
    given_ahead = chrome.execute_script(GIVEN_AHEAD)
    begun = time.perf_counter()
    console.press(Keys.ENTER)
    console.wait_for(".panel:not(.running)")
    sent, progress = chrome.execute_script("return [window.sent, window.progress]")
    is_clear = bool(chrome.find_elements(By.CSS_SELECTOR, ".panel.clear"))
    console.press("c")
    if not is_clear:
        reason = console.wait_for("[name=reason]")
        reason.send_keys("measured", Keys.ENTER)
        printer.print("[yellow]a traveller was advised REFER: not counted among the clean ones[/yellow]")
    console.wait_for(".flash.cleared")
    driven = time.perf_counter() - begun
    console.wait_until(lambda: chrome.execute_script("return 'recorded' in window.told"))
    told = chrome.execute_script("return window.told")
    return Taken(
        is_clear=is_clear,
        answer=(told["answered"] - told["sent"]) / 1000,
        decision=(told["recorded"] - told["cleared"]) / 1000,
        server=sum(chrome.execute_script(SERVED)) / 1000,
        taken=(told["recorded"] - told["captured"]) / 1000,
        driven=driven,
        sent=sent + given_ahead,
        progress=progress,
    )


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench console", description=__doc__)
    parser.add_argument(
        "--count", type=int, default=40, help="clean travellers, entering and leaving in turn"
    )
    args = parser.parse_args(arguments)
    cast = make_cast(timezone.now().date())
    documents = (cast.bjorn, cast.mother, cast.anna)
    chrome, stack = open_chrome(), Stack.prepare()
    table = Table(title=f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, headless chromium")
    for column in ("what", "measured", "to reach"):
        table.add_column(column)
    try:
        stack.start()
        with tempfile.TemporaryDirectory() as folder:
            console = Console(chrome, stack, Path(folder))
            _pages(console, table)
            _travelers(console, table, documents, args.count)
            _thin_link(console, table, documents[0])
        printer.print(table)
    finally:
        chrome.quit()
        stack.close()


def _pages(console: Console, table: Table) -> None:
    chrome = console.chrome
    chrome.execute_cdp_cmd("Network.enable", {})
    chrome.execute_cdp_cmd("Network.clearBrowserCache", {})
    received_bytes(chrome)
    console.sign_in(FIRST_LINE)
    first, parts = received_bytes(chrome)
    table.add_row("first load: sign-in and the screen behind it", f"{first / 1000:.1f} kB", "150 kB")
    for address, size in parts:
        printer.print(f"  {size / 1000:7.1f} kB  {address}")
    console.sign_in(SECOND_LINE)
    received_bytes(chrome)
    turns = []
    for path in FORWARD:
        console.open(path)
        console.wait_for("main")
        size, parts = received_bytes(chrome)
        turns.append(size)
        printer.print(f"  page turn {path or 'screen'}: {parts}")
    table.add_row(f"page turns ({len(turns)}), the largest", f"{max(turns) / 1000:.1f} kB", "15 kB")


def _travelers(console: Console, table: Table, documents: tuple[DemoDocument, ...], count: int) -> None:
    console.sign_in(FIRST_LINE)
    inspect(console, documents[0], "e", 0)
    inspect(console, documents[0], "x", 1)
    received_bytes(console.chrome)
    everyone = [
        inspect(console, documents[number // 2 % len(documents)], "ex"[number % 2], number % 3)
        for number in range(count)
    ]
    steps = _steps(console.stack, count)
    taken = [one for one in everyone if one.is_clear]
    apart = [
        inspect(console, documents[number // 2 % len(documents)], "ex"[number % 2], number % 3, BETWEEN_S)
        for number in range(max(2, count // 2))
    ]
    came, parts = received_bytes(console.chrome)
    panels = [
        size for address, size in parts if address.startswith("inspections/") and "images" not in address
    ]
    p50, p95 = np.percentile([one.whole for one in taken], (50, 95))
    table.add_row(
        f"clean traveller, images to recorded crossing, two keys (n={len(taken)})",
        f"p50 {p50:.2f} s, p95 {p95:.2f} s",
        "p50 1.5 s, p95 3 s",
    )
    parts_of = {
        name: float(np.median([getattr(one, name) for one in taken]))
        for name in ("answer", "decision", "server")
    }
    table.add_row(
        "  of which, medians",
        ", ".join(f"{name} {seconds:.2f} s" for name, seconds in parts_of.items()),
        "",
    )
    table.add_row("  the server's steps, medians", steps, "")
    driven = float(np.median([one.driven for one in taken]))
    table.add_row("  the same by the driver's clock, its own time included", f"p50 {driven:.2f} s", "")
    since = float(np.median([one.taken for one in taken]))
    table.add_row("  from the second picture, what the driver types included", f"p50 {since:.2f} s", "")
    p50, p95 = np.percentile([one.whole for one in apart if one.is_clear], (50, 95))
    table.add_row(
        f"the same, the face taken {BETWEEN_S:g} s after the page (n={len(apart)})",
        f"p50 {p50:.2f} s, p95 {p95:.2f} s; steps {_steps(console.stack, len(apart))}",
        "",
    )
    table.add_row(
        "an inspection sends, the largest", f"{max(one.sent for one in everyone) / 1000:.1f} kB", "150 kB"
    )
    table.add_row("an answer with its decision, the largest page", f"{max(panels) / 1000:.1f} kB", "15 kB")
    table.add_row(
        "all that one inspection loads, pictures included", f"{came / (count + len(apart)) / 1000:.1f} kB", ""
    )


def _steps(stack: Stack, count: int) -> str:
    """Return how long each step of the latest inspections took, and how long they waited for a worker, in milliseconds."""
    with psycopg.connect(stack.database_url) as connection:
        rows = connection.execute(
            """
            WITH latest AS (SELECT id, opened_at FROM borders_inspection ORDER BY opened_at DESC LIMIT %s)
            SELECT step, percentile_cont(0.5) WITHIN GROUP (ORDER BY elapsed_ms), min(s.id::text)
            FROM latest l JOIN borders_inspectionstep s ON s.inspection_id = l.id GROUP BY step ORDER BY 3
            """,
            (count,),
        ).fetchall()
        ready = connection.execute(
            """
            SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM ready_at - opened_at) * 1000)
            FROM (SELECT ready_at, opened_at FROM borders_inspection ORDER BY opened_at DESC LIMIT %s) latest
            """,
            (count,),
        ).fetchone()
    told = ", ".join(f"{step} {ms:.0f}" for step, ms, _ in rows)
    return f"{told}; from the request to the advice {ready[0]:.0f} ms" if ready else told


def _thin_link(console: Console, table: Table, document: DemoDocument) -> None:
    console.open("")
    console.wait_for("#capture")
    link = {
        "offline": False,
        "latency": LATENCY_MS,
        "downloadThroughput": LINK_BIT_S // 8,
        "uploadThroughput": LINK_BIT_S // 8,
    }
    console.chrome.execute_cdp_cmd("Network.emulateNetworkConditions", link)
    one = inspect(console, document, "e", 2)  # the link is thin before the first picture is taken
    console.chrome.execute_cdp_cmd(
        "Network.emulateNetworkConditions",
        link | {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1},
    )
    table.add_row(
        f"on a link of {LINK_BIT_S // 1000} kbit/s, {LATENCY_MS} ms: {one.sent / 1000:.0f} kB sent",
        f"from the second picture to the crossing {one.taken:.1f} s, of which after the key {one.whole:.1f} s; "
        f"progress shown {len(one.progress)} times ({', '.join(one.progress[:3])} …)",
        "15 s, with progress",
    )
