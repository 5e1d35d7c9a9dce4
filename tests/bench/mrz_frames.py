"""Several pictures of one page read together, and two pages in one picture.

    python -m tests.bench mrz_frames [--pages 30] [--seed 33]

Each page is photographed three times at the hard level. Nothing here passes or fails: it prints.
"""

import argparse

import cv2
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from biometrics.core.mrz import MrzReading, ReadingStatus, combine_readings
from biometrics.services.mrz import read_page
from biometrics.services.mrz_files import prepare_process
from biometrics.training.evaluation_set import HELD_OUT_FONT
from biometrics.training.pages import KINDS, Level, Pixels, capture, draw_lines, draw_page

FRAMES = 3
console = Console(width=110)
Read = tuple[MrzReading, tuple[str, ...]]


def add_row(table: Table, name: str, found: list[Read], pages: int) -> None:
    """Add counts a page: of so many readings a page the mean."""
    share = pages / len(found)
    accepted = [(reading, lines) for reading, lines in found if reading.status is ReadingStatus.ACCEPTED]
    table.add_row(
        name,
        f"{sum(reading.lines == lines for reading, lines in found) * share:.1f}",
        f"{len(accepted) * share:.1f}",
        f"{sum(reading.lines != lines for reading, lines in accepted) * share:.1f}",
    )


def beside(one: Pixels, other: Pixels) -> Pixels:
    """Return two pictures above one another, of one width."""
    height = round(other.shape[0] * one.shape[1] / other.shape[1])
    return np.vstack([one, np.asarray(cv2.resize(other, (one.shape[1], height)), np.uint8)])


def main(arguments: list[str] | None = None) -> None:
    """Read the command line, photograph, read, print."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench mrz_frames",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--pages", type=int, default=30)
    parser.add_argument("--seed", type=int, default=33)
    given = parser.parse_args(arguments)
    prepare_process()
    single: list[Read] = []
    two: list[Read] = []
    three: list[Read] = []
    flat: list[tuple[Pixels, tuple[str, ...]]] = []
    for index in track(range(given.pages), "Reading", console=console, transient=True):
        rng = np.random.default_rng([given.seed, index])
        kind = KINDS[index % len(KINDS)]
        lines = draw_lines(rng, kind)
        page, corners = draw_page(rng, kind, lines, HELD_OUT_FONT)
        frames = [read_page(image_bgr=capture(rng, page, corners, Level.HARD)[0]) for _ in range(FRAMES)]
        single += [(frame, lines) for frame in frames]
        two.append((combine_readings(frames[:2]), lines))
        three.append((combine_readings(frames), lines))
        flat.append((capture(rng, page, corners, Level.FLATBED)[0], lines))
    table = Table(f"{given.pages} pages, hard", "exact", "accepted", "wrong among accepted")
    add_row(table, "one picture (mean of three)", single, given.pages)
    add_row(table, "two combined", two, given.pages)
    add_row(table, "three combined", three, given.pages)
    console.print(table)
    pairs = [
        (read_page(image_bgr=beside(one, other)), {lines, other_lines})
        for (one, lines), (other, other_lines) in zip(flat[::2], flat[1::2], strict=False)
    ]
    seen = sum(reading.has_second_zone for reading, _ in pairs)
    single_read = sum(reading.lines in both and not reading.has_second_zone for reading, both in pairs)
    wrong = sum(
        reading.status is ReadingStatus.ACCEPTED and reading.lines not in both for reading, both in pairs
    )
    console.print(
        f"two pages in one picture, {len(pairs)} pictures: {seen} for review because of the second zone, {single_read} "
        f"read as the one or the other alone, {wrong} accepted wrongly"
    )


if __name__ == "__main__":
    main()
