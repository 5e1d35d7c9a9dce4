"""Spoil pictures in many ways and print what the MRZ reader makes of them; then texts that are no zone.

    python -m tests.bench mrz_spoilt [--pages 30] [--seed 21] [--manifest MANIFEST.csv] [--texts 30] [--only NAME,NAME]

Without a manifest the pages are generated, flatbed and phone. Nothing is written. What must not happen is a wrong
reading among the accepted, or a mirrored page or a text accepted at all; lost readings are only counted.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from biometrics.core.mrz import MrzReading, ReadingStatus
from biometrics.core.mrz.evaluation import parse_manifest
from biometrics.services.mrz import read_page
from biometrics.services.mrz_files import open_picture, prepare_process
from biometrics.training.evaluation_set import HELD_OUT_FONT
from biometrics.training.pages import Level, generate_page
from tests.bench.mrz_texts import draw_texts

Image = NDArray[np.uint8]
Spoil = Callable[[Image, np.random.Generator], Image]
Case = tuple[Image, tuple[str, ...]]

GRAY = (128, 130, 120)
console = Console(width=130)


def clipped(values: NDArray[Any]) -> Image:
    """Return uint8 of any numbers."""
    return np.clip(values, 0, 255).astype(np.uint8)


def quarter(turns: int) -> Spoil:
    return lambda image, rng: np.rot90(image, turns).copy()


def tilted(angle_deg: float) -> Spoil:
    def spoil(image: Image, rng: np.random.Generator) -> Image:
        height, width = image.shape[:2]
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle_deg, 1)
        cosine, sine = abs(turn[0, 0]), abs(turn[0, 1])
        size = int(width * cosine + height * sine), int(height * cosine + width * sine)
        turn[:, 2] += [(size[0] - width) / 2, (size[1] - height) / 2]
        return np.asarray(cv2.warpAffine(image, turn, size, borderValue=GRAY), np.uint8)

    return spoil


def skewed(share: float) -> Spoil:
    def spoil(image: Image, rng: np.random.Generator) -> Image:
        height, width = image.shape[:2]
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        moved = corners + rng.uniform(-share, share, (4, 2)).astype(np.float32) * min(width, height)
        moved -= moved.min(0)
        size = (int(moved[:, 0].max()) + 1, int(moved[:, 1].max()) + 1)
        warp = cv2.getPerspectiveTransform(corners, moved)
        return np.asarray(cv2.warpPerspective(image, warp, size, borderValue=GRAY), np.uint8)

    return spoil


def sized(width: int) -> Spoil:
    def spoil(image: Image, rng: np.random.Generator) -> Image:
        height = round(image.shape[0] * width / image.shape[1])
        method = cv2.INTER_AREA if width < image.shape[1] else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(image, (width, height), interpolation=method), np.uint8)

    return spoil


def jpeg(quality: int) -> Spoil:
    def spoil(image: Image, rng: np.random.Generator) -> Image:
        packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)

    return spoil


def blurred(sigma: float) -> Spoil:
    return lambda image, rng: np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8)


def noisy(level: float) -> Spoil:
    return lambda image, rng: clipped(image + rng.normal(0, level, image.shape))


def gamma(power: float) -> Spoil:
    return lambda image, rng: clipped(255 * (image / 255.0) ** power)


def uneven(image: Image, rng: np.random.Generator) -> Image:
    height, width = image.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    angle = rng.uniform(0, 2 * np.pi)
    slope = (x / width - 0.5) * np.cos(angle) + (y / height - 0.5) * np.sin(angle)
    return clipped(image * (0.75 + 0.8 * slope)[..., None])


def infrared(image: Image, rng: np.random.Generator) -> Image:
    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return np.asarray(
        cv2.cvtColor(np.where(gray < 100, gray, 190).astype(np.uint8) // 2, cv2.COLOR_GRAY2BGR), np.uint8
    )


def reflecting(image: Image, rng: np.random.Generator) -> Image:
    height, width = image.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    spot = 400 * np.exp(-(((x - width / 2) ** 2 + (y - 0.85 * height) ** 2) / (2 * (0.1 * width) ** 2)))
    return clipped(image * 0.8 + spot[..., None])


def stamped(image: Image, rng: np.random.Generator) -> Image:
    height, width = image.shape[:2]
    layer = np.zeros_like(image)
    (text_width, text_height), _ = cv2.getTextSize("SPECIMEN", cv2.FONT_HERSHEY_DUPLEX, 1, 2)
    scale = 0.95 * width / text_width
    place = (round(width * 0.03), round(height * 0.8 + scale * text_height / 2))
    cv2.putText(layer, "SPECIMEN", place, cv2.FONT_HERSHEY_DUPLEX, scale, (1, 1, 1), max(2, round(scale * 3)))
    turned = cv2.warpAffine(layer, cv2.getRotationMatrix2D((width / 2, height * 0.8), 12, 1), (width, height))
    return np.where(turned > 0, image * 0.65 + np.array([21, 21, 77]), image).astype(np.uint8)


def bordered(image: Image, rng: np.random.Generator) -> Image:
    edge = round(0.25 * max(image.shape[:2]))
    return np.asarray(cv2.copyMakeBorder(image, *(edge,) * 4, cv2.BORDER_CONSTANT, value=GRAY), np.uint8)


SPOILS: dict[str, Spoil] = {
    "as it is": lambda image, rng: image,
    "a quarter turned": quarter(1), "on its head": quarter(2), "three quarters turned": quarter(3),
    "tilted 8°": tilted(8), "tilted -8°": tilted(-8), "tilted -15°": tilted(-15), "tilted 20°": tilted(20),
    "perspective 8 %": skewed(0.08), "perspective 12 %": skewed(0.12),
    "330 px wide": sized(330), "200 px wide": sized(200), "8,000 px wide": sized(8000),
    "JPEG quality 20": jpeg(20), "JPEG quality 40": jpeg(40),
    "blur 1 px": blurred(1), "blur 2 px": blurred(2), "blur 4 px": blurred(4), "blur 10 px": blurred(10),
    "noise 20": noisy(20), "gamma 0.5": gamma(0.5), "gamma 2": gamma(2), "uneven light": uneven,
    "low contrast": lambda image, rng: clipped(image * 0.35 + 110),
    "negative": lambda image, rng: np.asarray(255 - image, np.uint8),
    "infrared-like": infrared, "SPECIMEN across it": stamped, "wide border": bordered, "reflection on it": reflecting,
    "mirrored": lambda image, rng: image[:, ::-1].copy(),
    "left eighth cut off": lambda image, rng: image[:, image.shape[1] // 8 :].copy(),
    "right half cut off": lambda image, rng: image[:, : image.shape[1] // 2].copy(),
}  # fmt: skip


def list_cases(given: argparse.Namespace) -> list[Case]:
    """Return pictures and their zones: of the manifest, or generated."""
    if given.manifest is not None:
        specimens = [one for one in parse_manifest(given.manifest.read_bytes()) if one.lines]
        return [(open_picture(given.manifest.parent / one.file), one.lines) for one in specimens]
    pages = [
        generate_page(given.seed, index, HELD_OUT_FONT, level=Level(index % 2))
        for index in range(given.pages)
    ]
    return [(page.image_bgr, page.lines) for page in pages]


def measure(cases: Iterator[Case]) -> list[tuple[MrzReading, bool, float]]:
    """Return reading, whether it is exact, and milliseconds of processor time of each picture."""
    found = []
    for image, lines in cases:
        begun = time.process_time()
        reading = read_page(image_bgr=image)
        found.append((reading, reading.lines == lines, (time.process_time() - begun) * 1e3))
    return found


def add_row(table: Table, name: str, found: list[tuple[MrzReading, bool, float]]) -> None:
    """Add one row of counts and times."""
    status = Counter(reading.status for reading, _, _ in found)
    wrong = sum(reading.status is ReadingStatus.ACCEPTED and not exact for reading, exact, _ in found)
    times = [ms for _, _, ms in found]
    table.add_row(
        name, str(len(found)), str(sum(exact for _, exact, _ in found)), str(status[ReadingStatus.ACCEPTED]),
        str(wrong), str(status[ReadingStatus.REVIEW]), str(status[ReadingStatus.UNREADABLE]),
        f"{np.median(times):.0f} / {max(times):.0f}",
    )  # fmt: skip


def main(arguments: list[str] | None = None) -> None:
    """Read the command line, spoil, read, print."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench mrz_spoilt",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--pages", type=int, default=30)
    parser.add_argument("--seed", type=int, default=21)
    parser.add_argument("--manifest", type=Path)
    parser.add_argument("--texts", type=int, default=30, help="texts of each kind")
    parser.add_argument("--only", help="names of spoils, separated by commas")
    given = parser.parse_args(arguments)
    prepare_process()
    cases = list_cases(given)
    wanted = given.only.split(",") if given.only else list(SPOILS)
    columns = (
        "pictures",
        "exact",
        "accepted",
        "wrong among them",
        "review",
        "unreadable",
        "ms median / longest",
    )
    spoilt = Table("spoilt by", *columns)
    total = []
    for name in track(wanted, "Spoiling", console=console, transient=True):
        rngs = (np.random.default_rng([given.seed, number]) for number in range(len(cases)))
        found = measure(
            (SPOILS[name](image, rng), lines) for (image, lines), rng in zip(cases, rngs, strict=False)
        )
        total += found
        add_row(spoilt, name, found)
    add_row(spoilt, "all", total)
    console.print(spoilt)
    texts = Table("text", *columns)
    for name, images in draw_texts(given.texts if not given.only else 0):
        add_row(texts, name, measure((image, ()) for image in images))
    if texts.row_count:
        console.print(texts)


if __name__ == "__main__":
    main()
