"""The MRZ reader on some generated pages: milliseconds and exact rates by level, nothing kept.

    python -m tests.bench mrz [--count 60] [--seed 2026] [--font FILE]

Processor time of one thread. The whole set is measured by mrz_generated, other readers by mrz_peers, the parser by
mrz_parser. Nothing here passes or fails: it prints.
"""

import argparse
import os
import platform
import time
from pathlib import Path

import cv2
from rich.console import Console
from rich.progress import track
from rich.table import Table

from biometrics.core.mrz.evaluation import Measured, Specimen, evaluate
from biometrics.services.mrz import read_page
from biometrics.training.evaluation_set import HELD_OUT_FONT
from biometrics.training.pages import Level, Page, generate_page

console = Console()


def measure(page: Page, kind: str) -> Measured:
    """Read one page and time it."""
    wall, cpu = time.perf_counter(), time.process_time()
    reading = read_page(image_bgr=page.image_bgr)
    cpu_ms, wall_ms = (time.process_time() - cpu) * 1e3, (time.perf_counter() - wall) * 1e3
    specimen = Specimen("", kind, False, page.lines)
    return Measured(specimen, reading.status, reading.reason, reading.lines, cpu_ms, wall_ms)


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


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench mrz", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--count", type=int, default=60, help="pages a level")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument(
        "--font", type=Path, default=HELD_OUT_FONT, help="a cut of OCR-B, best not one trained on"
    )
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    console.print(
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, OpenCV {cv2.__version__}; "
        f"load {os.getloadavg()[0]:.1f}; {options.count} pages a level, seed {options.seed}"
    )
    table = Table(
        "level", "pages", "exact", "95 %", "accepted", "wrong", "cpu ms p50 / p95", "wall ms p50 / p95"
    )
    measure(generate_page(options.seed, 0, options.font, level=Level.FLATBED), "warm-up")
    for level, with_zone in [*((level, True) for level in Level), (Level.PHONE, False)]:
        name = level.name.lower() if with_zone else "no zone"
        found = []
        for index in track(range(options.count), name, console=console, transient=True):
            page = generate_page(options.seed, index, options.font, level=level, with_zone=with_zone)
            found.append(measure(page, name))
        show_level(table, name, found)
    console.print(table)


if __name__ == "__main__":
    main()
