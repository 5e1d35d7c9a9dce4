"""The MRZ reader on generated pages: milliseconds and exact rates by level, and tesseract on some of the same pages.

    python -m tests.bench.mrz [--count 60] [--seed 2026] [--peer-pages 6] [--tessdata DIR] [--font FILE]

Processor time of one thread. Tesseract is run only if its program and an MRZ weight (mrz.traineddata in --tessdata
or $TESSDATA_PREFIX) are there; neither belongs to the project. Nothing here passes or fails: it prints.
"""

import argparse
import os
import platform
import resource
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from biometrics.core.mrz import parse_mrz
from biometrics.core.mrz.evaluation import Measured, Specimen, evaluate
from biometrics.services.mrz import read_page
from biometrics.training.pages import Level, Page, generate_page
from tests.bench.mrz_fuzz import AT, SPECIMENS

FONT = Path(__file__).parents[2] / "borders/demo/fonts/OCRB.otf"
TESSERACT_TIMEOUT_S = 60
PARSES = 20_000

console = Console()


@dataclass(frozen=True, slots=True)
class Peer:
    """Lines that tesseract read on a page and what it took, its own process included."""

    lines: tuple[str, ...]
    cpu_ms: float


def measure(page: Page, kind: str) -> Measured:
    """Read one page and time it."""
    wall, cpu = time.perf_counter(), time.process_time()
    reading = read_page(image_bgr=page.image_bgr)
    cpu_ms, wall_ms = (time.process_time() - cpu) * 1e3, (time.perf_counter() - wall) * 1e3
    specimen = Specimen("", kind, False, page.lines)
    return Measured(specimen, reading.status, reading.reason, reading.lines, cpu_ms, wall_ms)


def run_tesseract(page: Page, tessdata: str) -> Peer:
    """Read a whole page with tesseract, then keep the lines of a zone's length: helped, as a fair peer is."""
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "page.png"
        cv2.imwrite(str(picture), page.image_bgr)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            ["tesseract", str(picture), "-", "--psm", "6", "-l", "mrz"],
            env=os.environ | {"OMP_THREAD_LIMIT": "1", "TESSDATA_PREFIX": tessdata},
            capture_output=True, text=True, timeout=TESSERACT_TIMEOUT_S, check=True,
        )  # fmt: skip
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    texts = ["".join(line.split()) for line in done.stdout.splitlines()]
    length = len(page.lines[0]) if page.lines else 0
    lines = tuple(text for text in texts if len(text) == length)[-len(page.lines) :]
    return Peer(lines, (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1e3)


def find_tessdata(given: str | None) -> str | None:
    """Return the folder of mrz.traineddata if tesseract and the weight are there."""
    folder = given or os.environ.get("TESSDATA_PREFIX")
    if shutil.which("tesseract") is None or not folder or not (Path(folder) / "mrz.traineddata").is_file():
        return None
    return folder


def show_level(table: Table, name: str, measured: list[Measured]) -> None:
    """Add one row: rates, and milliseconds of processor time."""
    found = evaluate(measured)
    figures = found.overall if found.overall.exact.total else None
    table.add_row(
        name,
        str(len(measured)),
        f"{figures.exact.share:.1%}" if figures else "",
        "{:.1%} to {:.1%}".format(*figures.exact.interval) if figures else "",
        f"{figures.accepted.share:.1%}" if figures else f"{found.empty_accepted.share:.1%}",
        str(figures.wrong_accepted.count if figures else found.empty_accepted.count),
        "{:.1f} / {:.1f}".format(*found.cpu_ms),
        "{:.1f} / {:.1f}".format(*found.wall_ms),
    )


def compare_with_tesseract(pages: list[tuple[Page, Measured]], tessdata: str) -> None:
    """Print both readers on the same pages."""
    peers = [
        run_tesseract(page, tessdata)
        for page, _ in track(pages, "tesseract", console=console, transient=True)
    ]
    theirs = float(np.median([peer.cpu_ms for peer in peers]))
    ours = float(np.median([one.cpu_ms for _, one in pages]))
    exact = sum(peer.lines == page.lines for peer, (page, _) in zip(peers, pages, strict=True))
    console.print(
        f"tesseract with an MRZ weight, {len(pages)} of these pages: {exact} exact, {theirs:.0f} ms median; "
        f"this reader: {sum(one.is_exact for _, one in pages)} exact, {ours:.1f} ms; ratio {theirs / ours:.0f}"
    )


def time_parser() -> None:
    """Print microseconds of processor time a zone."""
    for lines in SPECIMENS[:3]:
        begun = time.process_time()
        for _ in range(PARSES):
            parse_mrz(lines, at=AT)
        each_us = (time.process_time() - begun) / PARSES * 1e6
        console.print(f"parse_mrz, {len(lines)} x {len(lines[0])}: {each_us:.1f} µs")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.mrz", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--count", type=int, default=60, help="pages a level")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--peer-pages", type=int, default=6, help="pages a level for tesseract")
    parser.add_argument("--tessdata", help="folder of mrz.traineddata")
    parser.add_argument("--font", type=Path, default=FONT, help="a cut of OCR-B, best not one trained on")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    console.print(
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, OpenCV {cv2.__version__}; "
        f"load {os.getloadavg()[0]:.1f}; {options.count} pages a level, seed {options.seed}"
    )
    table = Table(
        "level", "pages", "exact", "95 %", "accepted", "wrong", "cpu ms p50 / p95", "wall ms p50 / p95"
    )
    for_peer: list[tuple[Page, Measured]] = []
    measure(generate_page(options.seed, 0, options.font, level=Level.FLATBED), "warm-up")
    for level, with_zone in [*((level, True) for level in Level), (Level.PHONE, False)]:
        name = level.name.lower() if with_zone else "no zone"
        found = []
        for index in track(range(options.count), name, console=console, transient=True):
            page = generate_page(options.seed, index, options.font, level=level, with_zone=with_zone)
            found.append(measure(page, name))
            if with_zone and index < options.peer_pages:
                for_peer.append((page, found[-1]))
        show_level(table, name, found)
    console.print(table)
    tessdata = find_tessdata(options.tessdata)
    if tessdata is None:
        console.print("tesseract: skipped, the program or mrz.traineddata is not here")
    else:
        compare_with_tesseract(for_peer, tessdata)
    time_parser()


if __name__ == "__main__":
    main()
