"""Write a set of generated pages with its manifest, to be measured with manage.py evaluate_mrz.

    python -m biometrics.training.evaluation_set DIR [--pages 2000] [--empty 200] [--seed 9] [--workers 1]

The pages are printed in OCR-B Regular, a cut that training never sees, one level after the other. The same seed, font
and library versions give the same files.
"""

import argparse
import csv
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
from rich.console import Console
from rich.progress import track

from biometrics.training.pages import Level, Page, generate_page

HELD_OUT_FONT = Path(__file__).parents[2] / "borders/demo/fonts/OCRB.otf"
COLUMNS = ("file", "type", "all_checks_valid", "mrz", "level")


@dataclass(frozen=True, slots=True)
class PageOrder:
    """One page to draw. number: of the page among those with, or without, a zone."""

    seed: int
    number: int
    font: Path
    with_zone: bool

    @property
    def name(self) -> str:
        """Return the file's name."""
        return f"{'page' if self.with_zone else 'empty'}_{self.number:05d}.jpg"

    def draw(self) -> Page:
        """Draw the page: the levels take turns."""
        level = Level(self.number % len(Level))
        index = self.number // len(Level)
        return generate_page(self.seed, index, self.font, level=level, with_zone=self.with_zone)


def write_page(task: tuple[PageOrder, Path]) -> tuple[str, ...]:
    """Write one picture and return its row of the manifest."""
    order, folder = task
    page = order.draw()
    (folder / order.name).write_bytes(page.jpeg)
    kind = page.kind.replace("-", "") if order.with_zone else "none"
    return (
        f"images/{order.name}", kind, "1" if page.lines else "", "|".join(page.lines), page.level.name.lower()
    )  # fmt: skip


def write_set(folder: Path, *, pages: int, empty: int, seed: int, font: Path, workers: int) -> Path:
    """Write the pictures and manifest.csv into folder and return the manifest's path. Shows its progress."""
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    orders = [PageOrder(seed, number, font, True) for number in range(pages)]
    orders += [PageOrder(seed, number, font, False) for number in range(empty)]
    rows = _write_all([(order, images) for order in orders], workers)
    manifest = folder / "manifest.csv"
    with manifest.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        console = Console(stderr=True)
        writer.writerows(track(rows, "Drawing", total=len(orders), console=console, transient=True))
    return manifest


def _write_all(tasks: list[tuple[PageOrder, Path]], workers: int) -> Iterator[tuple[str, ...]]:
    cv2.setNumThreads(1)
    if workers == 1:
        yield from map(write_page, tasks)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        yield from pool.map(write_page, tasks)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what a set is made of."""
    parser.add_argument("--pages", type=int, default=2000, help="pages with a zone")
    parser.add_argument("--empty", type=int, default=200, help="pages without a zone")
    parser.add_argument("--seed", type=int, default=9)
    parser.add_argument("--font", type=Path, default=HELD_OUT_FONT, help="a cut of OCR-B not trained on")
    parser.add_argument("--workers", type=int, default=1)


def main() -> None:
    """Read the command line and write the set."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", metavar="DIR", type=Path)
    add_arguments(parser)
    given = parser.parse_args()
    path = write_set(
        given.folder,
        pages=given.pages,
        empty=given.empty,
        seed=given.seed,
        font=given.font,
        workers=given.workers,
    )
    print(path)


if __name__ == "__main__":
    main()
