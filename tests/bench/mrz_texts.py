"""Draw texts that are no machine readable zone, some much like one, in fonts of even width and others."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from biometrics.training.evaluation_set import HELD_OUT_FONT
from biometrics.training.pages import KINDS, draw_lines

FONTS = [
    path
    for path in (
        HELD_OUT_FONT,
        Path("/usr/share/fonts/opentype/ocr-b/OCRBS.otf"),
        Path("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"),
        Path("/usr/share/fonts/truetype/liberation/LiberationMono-Regular.ttf"),
        Path("/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf"),
    )
    if path.is_file()
]
WORDS = (
    "the", "of", "and", "to", "in", "is", "you", "that", "it", "he", "was", "for", "on", "are", "as", "with", "his",
    "they", "at", "be", "this", "have", "from", "or", "one", "had", "by", "word", "but", "not", "what", "all", "were",
    "we", "when", "your", "can", "said", "there", "use", "an", "each", "which", "she", "do", "how", "their", "if",
    "will", "up", "other", "about", "out", "many",
)  # fmt: skip
LENGTHS = (30, 36, 44)


def prose(rng: random.Random, length: int) -> str:
    """Return words, cut to a length."""
    text = ""
    while len(text) < length:
        text += rng.choice(WORDS) + " "
    return text[:length]


def book(rng: random.Random) -> list[str]:
    length = rng.choice((36, 44, 50, 60))
    return [prose(rng, length) for _ in range(rng.randint(12, 30))]


def capitals(rng: random.Random) -> list[str]:
    length = rng.choice(LENGTHS)
    return [prose(rng, length).upper() for _ in range(rng.randint(3, 25))]


def fillers(rng: random.Random) -> list[str]:
    length = rng.choice(LENGTHS)
    return [prose(rng, length).upper().replace(" ", "<") for _ in range(rng.choice((2, 3, 3, 8)))]


def table(rng: random.Random) -> list[str]:
    return [
        " ".join(str(rng.randint(0, 99999)).rjust(7) for _ in range(5)) for _ in range(rng.randint(8, 25))
    ]


def hexadecimal(rng: random.Random) -> list[str]:
    length = rng.choice(LENGTHS)
    return ["".join(rng.choices("0123456789ABCDEF", k=length)) for _ in range(rng.choice((2, 3, 10, 20)))]


def form(rng: random.Random) -> list[str]:
    return [
        "NAME: ..................... DATE: ........",
        "PASSPORT No ______________  VALID ________",
        "ADDRESS ..................................",
        "SIGNATURE ................................",
    ] * rng.randint(1, 4)


def boarding_pass(rng: random.Random) -> list[str]:
    length = rng.choice((36, 44))
    lines = ("M1ERIKSSON/ANNA MRS   EABC123 UTOUTPUT 0117 226F001A0025 100", "R<" + prose(rng, 60).upper())
    return [line[:length] for line in lines]


def wrong_zone(rng: random.Random) -> list[str]:
    """Return a zone with every digit replaced by another."""
    lines = draw_lines(np.random.default_rng(rng.randint(0, 10**9)), rng.choice(KINDS))
    return [
        "".join(str((int(one) + rng.randint(1, 9)) % 10) if one.isdigit() else one for one in line)
        for line in lines
    ]


TEXTS: dict[str, Callable[[random.Random], list[str]]] = {
    "book": book, "capitals": capitals, "fillers between words": fillers, "table": table, "hexadecimal": hexadecimal,
    "form": form, "boarding pass": boarding_pass, "zone with every digit wrong": wrong_zone,
}  # fmt: skip


def draw_text(rng: random.Random, lines: list[str]) -> NDArray[np.uint8]:
    """Return a picture of lines, uint8 (H, W, 3), at times blurred or turned a little."""
    font = ImageFont.truetype(str(rng.choice(FONTS)), rng.randint(18, 34))
    spacing = font.size * rng.choice((1.1, 1.3, 1.7, 2.2))
    width = int(max(font.getlength(line) for line in lines)) + rng.randint(20, 200)
    height = int(len(lines) * spacing) + rng.randint(20, 300)
    page = Image.new("RGB", (width, height), (rng.randint(200, 255),) * 3)
    drawing = ImageDraw.Draw(page)
    ink = (rng.randint(0, 60),) * 3
    for number, line in enumerate(lines):
        drawing.text((12, 10 + number * spacing), line, fill=ink, font=font)
    image = np.array(page)
    if rng.random() < 0.4:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.5, 1.5)), np.uint8)
    if rng.random() < 0.3:
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-8, 8), 1)
        image = np.asarray(
            cv2.warpAffine(image, turn, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8
        )
    return image


def draw_texts(count: int) -> Iterator[tuple[str, list[NDArray[np.uint8]]]]:
    """Yield each kind of text with count pictures of it."""
    for name, make in TEXTS.items():
        rngs = [random.Random(f"{name} {number}") for number in range(count)]
        if rngs:
            yield name, [draw_text(rng, make(rng)) for rng in rngs]
