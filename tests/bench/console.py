"""The console in a real browser: what it loads and sends, how long a clean traveller takes, and the same over a thin link.

Bytes are those on the wire, headers included, as the browser counts them. Nothing here passes or fails: it prints.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
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
FORWARD = ("", "second-line/", "", "lock/")
# what htmx says of an upload: kept in the page until it is asked for
WATCH_UPLOADS = """
window.sent = 0; window.progress = [];
document.addEventListener("htmx:xhr:progress", (event) => {
  if (event.detail.lengthComputable || event.detail.total) {
    window.sent = Math.max(window.sent, event.detail.total);
    const line = document.querySelector(".sending");
    if (line && line.textContent) window.progress.push(line.textContent);
  }
});
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


def inspect(
    console: Console, document: DemoDocument, direction: str, live: int
) -> tuple[float, float, int, list[str]]:
    """Take one clean traveller from captured images to the recorded crossing by two keys.

    Returns seconds to the answer, seconds in all, bytes sent, and the words of progress that were shown.
    """
    console.press(direction)
    console.bring(document, live=live)
    console.travel()
    console.chrome.execute_script(WATCH_UPLOADS)
    begun = time.perf_counter()
    console.press(Keys.ENTER)
    console.wait_for(".panel:not(.running)")
    answered = time.perf_counter()
    sent, progress = console.chrome.execute_script("return [window.sent, window.progress]")
    is_clear = bool(console.chrome.find_elements(By.CSS_SELECTOR, ".panel.clear"))
    console.press("c")
    if not is_clear:
        reason = console.wait_for("[name=reason]")
        reason.send_keys("measured", Keys.ENTER)
    console.wait_for(".flash.cleared")
    ended = time.perf_counter()
    if not is_clear:
        printer.print("[yellow]a traveller was advised REFER: not counted among the clean ones[/yellow]")
    return (answered - begun if is_clear else float("nan")), ended - begun, sent, progress


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
    answers, wholes, sent = [], [], []
    for number in range(count):
        document = documents[number // 2 % len(documents)]
        answer, whole, size, _ = inspect(console, document, "ex"[number % 2], number % 3)
        if answer == answer:
            answers.append(answer)
            wholes.append(whole)
        sent.append(size)
    came, parts = received_bytes(console.chrome)
    panels = [
        size for address, size in parts if address.startswith("inspections/") and "images" not in address
    ]
    p50, p95 = np.percentile(wholes, (50, 95))
    table.add_row(
        f"clean traveller, images to recorded crossing, two keys (n={len(wholes)})",
        f"p50 {p50:.2f} s, p95 {p95:.2f} s; answer p50 {np.median(answers):.2f} s",
        "p50 1.5 s, p95 3 s",
    )
    table.add_row("an inspection sends, the largest", f"{max(sent) / 1000:.1f} kB", "150 kB")
    table.add_row("an answer with its decision, the largest page", f"{max(panels) / 1000:.1f} kB", "15 kB")
    table.add_row("all that one inspection loads, pictures included", f"{came / count / 1000:.1f} kB", "")


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
    answer, whole, size, progress = inspect(console, document, "e", 2)
    console.chrome.execute_cdp_cmd(
        "Network.emulateNetworkConditions",
        link | {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1},
    )
    table.add_row(
        f"on a link of {LINK_BIT_S // 1000} kbit/s, {LATENCY_MS} ms: {size / 1000:.0f} kB sent",
        f"answer {answer:.1f} s, recorded {whole:.1f} s; progress shown {len(progress)} times ({', '.join(progress[:3])} …)",
        "15 s, with progress",
    )
