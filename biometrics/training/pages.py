"""Draw specimen pages with a machine readable zone and photograph them, for evaluation and tests.

Three levels: FLATBED (document reader or scanner), PHONE (webcam or phone held well), HARD (tilt, glare,
blur, low resolution). The same seed, font file and library versions give the same pixels.
"""

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from biometrics.core.mrz.build import build_mrva, build_mrvb, build_td1, build_td2, build_td3

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

PIXELS_A_MM = 10.0
PITCH_MM = 2.54
# Doc 9303-3, section 2: nominal sizes of the documents in mm
SIZE_MM = {
    "TD1": (85.6, 54.0),
    "TD2": (105.0, 74.0),
    "TD3": (125.0, 88.0),
    "MRV-A": (120.0, 80.0),
    "MRV-B": (105.0, 74.0),
}
KINDS = ("TD3", "TD1", "TD3", "TD2", "MRV-A", "TD1", "TD3", "MRV-B")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
STATES = (
    "UTO",
    "FRA",
    "GBR",
    "USA",
    "D",
    "ESP",
    "POL",
    "AUS",
    "JPN",
    "BRA",
    "SWE",
    "UKR",
    "XXA",
    "UNO",
    "XOM",
)
SURNAMES = (
    "ERIKSSON",
    "VAN DER MUELLEN",
    "SMITH JONES",
    "OCONNOR",
    "HENG",
    "ARKFREITH",
    "QWUXY",
    "BJOOL",
    "IILMI",
)
GIVEN_NAMES = ("ANNA MARIA", "DEBORAH MING LO", "MARTIN", "ENYA SIOBHAN", "JOSE RAMON", "ZOE", "QI", "")


class Level(IntEnum):
    """How hard the picture is."""

    FLATBED = 0
    PHONE = 1
    HARD = 2


@dataclass(frozen=True, slots=True)
class Page:
    """image_bgr: uint8 (H, W, 3). lines: of the zone, or (). corners: float32 (4, 2), pixels. jpeg: the file.

    Corners run from the zone's top left clockwise, as the text stands.
    """

    kind: str
    level: Level
    image_bgr: Pixels
    lines: tuple[str, ...]
    corners: Floats
    jpeg: bytes


def _word(rng: np.random.Generator, alphabet: str, length: int) -> str:
    return "".join(alphabet[index] for index in rng.integers(0, len(alphabet), length))


def _number(rng: np.random.Generator, length: int) -> str:
    kind = rng.random()
    if kind < 0.3:
        return _word(rng, "0123456789", length)
    if kind < 0.7:
        return _word(rng, LETTERS, 2) + _word(rng, "0123456789", max(0, length - 2))
    return _word(rng, LETTERS + "0123456789" * 2, length)


def _date(rng: np.random.Generator, first_year: int, latest_year: int) -> str:
    year, month, day = rng.integers(first_year, latest_year + 1), rng.integers(1, 13), rng.integers(1, 29)
    return f"{year % 100:02d}{month:02d}{day:02d}"


def draw_lines(rng: np.random.Generator, kind: str) -> tuple[str, ...]:
    """Return the lines of one invented zone with right check digits. kind: a key of SIZE_MM."""
    state = str(rng.choice(STATES))
    invented = rng.random() < 0.4
    fields = {
        "issuing_state": state,
        "primary_identifier": _word(rng, LETTERS, int(rng.integers(2, 15)))
        if invented
        else str(rng.choice(SURNAMES)),
        "secondary_identifier": _word(rng, LETTERS, int(rng.integers(1, 15)))
        if invented
        else str(rng.choice(GIVEN_NAMES)),
        "document_number": _number(rng, int(rng.integers(7, 10))),
        "nationality": state if rng.random() < 0.8 else str(rng.choice(STATES)),
        "birth_date": _date(rng, 1930, 2020),
        "sex": str(rng.choice(["M", "F", ""])),
        "expiry_date": _date(rng, 2024, 2036),
    }
    optional = rng.random() < 0.5
    if kind == "TD3":
        data = _number(rng, int(rng.integers(6, 15))) if optional else ""
        return build_td3(document_code=str(rng.choice(["P", "PP", "PD", "PO"])), optional_data=data, **fields)
    if kind == "TD2":
        data = _number(rng, int(rng.integers(3, 8))) if optional else ""
        return build_td2(document_code=str(rng.choice(["I", "ID", "C"])), optional_data=data, **fields)
    if kind == "MRV-A":
        data = _number(rng, int(rng.integers(4, 17))) if optional else ""
        return build_mrva(document_code=str(rng.choice(["V", "VC"])), optional_data=data, **fields)
    if kind == "MRV-B":
        data = _number(rng, int(rng.integers(4, 9))) if optional else ""
        return build_mrvb(document_code=str(rng.choice(["V", "VC"])), optional_data=data, **fields)
    if rng.random() < 0.15:
        fields["document_number"] = _number(rng, int(rng.integers(10, 15)))
    data = _number(rng, int(rng.integers(3, 8))) if optional else ""
    return build_td1(document_code=str(rng.choice(["I", "ID", "C", "AC"])), optional_data=data, **fields)


def _pattern(rng: np.random.Generator, width: int, height: int, colour: Floats, amplitude: float) -> Floats:
    """Return float32 (height, width, 3): a guilloche of one to three warped gratings about a colour."""
    image = np.empty((height, width, 3), np.float32)
    image[:] = colour
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    for _ in range(rng.integers(1, 4)):
        angle, frequency = rng.uniform(0, np.pi), rng.uniform(0.05, 0.6)
        bend = 8 * np.sin(x / rng.uniform(20, 90)) + 8 * np.sin(y / rng.uniform(20, 90))
        wave = np.sin((x * np.cos(angle) + y * np.sin(angle) + bend) * frequency)
        image += wave[..., None] * (amplitude * rng.uniform(0.3, 1) * rng.uniform(0.2, 1, 3)).astype(
            np.float32
        )
    return image


def draw_page(
    rng: np.random.Generator, kind: str, lines: tuple[str, ...], font: Path
) -> tuple[Pixels, Floats]:
    """Draw one page at 10 pixels a millimetre.

    lines: of the zone, () for a page without one. Returns uint8 (H, W, 3) BGR and the zone's corners (4, 2).
    """
    width, height = (round(side * PIXELS_A_MM) for side in SIZE_MM[kind])
    colour = rng.uniform(185, 250, 3).astype(np.float32)
    image = np.clip(_pattern(rng, width, height, colour, rng.uniform(0, 22)), 0, 255).astype(np.uint8)
    zone_height = round(23.5 * PIXELS_A_MM)
    if lines and rng.random() < 0.6:
        image[-zone_height:] = (image[-zone_height:] * 0.35 + 244 * 0.65).astype(np.uint8)
    picture = Image.fromarray(image)
    draw = ImageDraw.Draw(picture)
    for index in range(int(rng.integers(4, 10))):
        printed = ImageFont.truetype(str(font), round(rng.uniform(1.8, 3.4) * PIXELS_A_MM))
        text = [_word(rng, LETTERS + "  ", int(rng.integers(8, 22))), _number(rng, 9), "UTOPIA / PASSPORT"]
        place = (width * rng.uniform(0.33, 0.7), (height - zone_height) * (index + 0.3) / 11)
        ink = tuple(int(value) for value in rng.integers(0, 110, 3))
        draw.text(place, text[int(rng.integers(0, 3))], fill=ink, font=printed)
    portrait_size = (round(0.25 * width), round((height - zone_height) * 0.7))
    portrait = cv2.resize(rng.integers(0, 255, (9, 7, 3)).astype(np.uint8), portrait_size)
    picture.paste(
        Image.fromarray(np.asarray(portrait, np.uint8)), (round(0.04 * width), round(0.18 * height))
    )
    if not lines:
        return np.asarray(picture), np.zeros((4, 2), np.float32)

    pitch = PITCH_MM * PIXELS_A_MM
    advance = ImageFont.truetype(str(font), 1000).getlength("H") / 1000
    zone_font = ImageFont.truetype(str(font), round(pitch / advance))
    columns, rows = len(lines[0]), len(lines)
    left = (width - columns * pitch) / 2 + rng.uniform(-1, 1) * PIXELS_A_MM
    if kind == "TD1":
        spacing, bottom = rng.uniform(4.2, 6.4) * PIXELS_A_MM, height - rng.uniform(5, 6.5) * PIXELS_A_MM
    else:
        spacing, bottom = rng.uniform(6.0, 6.6) * PIXELS_A_MM, height - rng.uniform(6.5, 8.5) * PIXELS_A_MM
    ink = tuple(int(value) for value in rng.integers(0, 70, 3))
    for row, line in enumerate(lines):
        base = bottom - (rows - 1 - row) * spacing
        for column, character in enumerate(line):
            draw.text((left + column * pitch, base), character, fill=ink, font=zone_font, anchor="ls")
    top = bottom - (rows - 1) * spacing - 2.6 * PIXELS_A_MM
    right, under = left + columns * pitch, bottom + 0.3 * PIXELS_A_MM
    corners = np.array([[left, top], [right, top], [right, under], [left, under]], np.float32)
    return np.asarray(picture), corners


def _scene(rng: np.random.Generator, width: int, height: int, level: Level) -> Pixels:
    """Return uint8 (height, width, 3): what lies behind the page."""
    colour = rng.uniform(20, 235, 3).astype(np.float32)
    scene = np.clip(_pattern(rng, width, height, colour, rng.uniform(0, 40)), 0, 255).astype(np.uint8)
    if level == Level.FLATBED:
        return scene
    for _ in range(int(rng.integers(3, 14))):
        polygon = cv2.convexHull(rng.integers(0, [width, height], (4, 2)).astype(np.int32))
        cv2.fillConvexPoly(scene, polygon, rng.integers(0, 255, 3).tolist())
    for _ in range(int(rng.integers(2, 12))):
        place = (int(rng.integers(0, width)), int(rng.integers(0, height)))
        text = _number(rng, int(rng.integers(5, 20)))
        size, colour_bgr = rng.uniform(0.5, 1.5), rng.integers(0, 255, 3).tolist()
        cv2.putText(scene, text, place, cv2.FONT_HERSHEY_DUPLEX, size, colour_bgr, 2, cv2.LINE_AA)
    return scene


def capture(rng: np.random.Generator, page: Pixels, corners: Floats, level: Level) -> tuple[Pixels, Floats]:
    """Photograph a page: perspective, scene, curl, light, glare, lens, sensor, compression.

    page: uint8 (H, W, 3). Returns the picture, uint8 (h, w, 3), and the corners in it, float32 (4, 2).
    """
    jpeg, corners = capture_jpeg(rng, page, corners, level)
    return _open(jpeg), corners


def _open(jpeg: bytes) -> Pixels:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def capture_jpeg(
    rng: np.random.Generator, page: Pixels, corners: Floats, level: Level
) -> tuple[bytes, Floats]:
    """Photograph a page as capture does. Returns the file and the corners in it, float32 (4, 2)."""
    height, width = page.shape[:2]
    border = (0.04, 0.18, 0.3)[level]
    frame_width, frame_height = round(width * (1 + 2 * border)), round(height * (1 + 2 * border))
    outline = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    angle = np.deg2rad(rng.uniform(-1, 1) * (1.5, 9, 25)[level])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    bend = (0.004, 0.05, 0.11)[level]
    placed = (outline - [width / 2, height / 2]) @ turn.T + rng.uniform(-bend, bend, (4, 2)) * width
    placed *= min(frame_width * 0.98 / np.ptp(placed[:, 0]), frame_height * 0.98 / np.ptp(placed[:, 1]), 1)
    placed += [frame_width / 2, frame_height / 2] - (placed.max(0) + placed.min(0)) / 2
    warp = cv2.getPerspectiveTransform(outline, placed.astype(np.float32))
    size = (frame_width, frame_height)
    seen = cv2.warpPerspective(page, warp, size, flags=cv2.INTER_LINEAR)
    inside = cv2.warpPerspective(np.full((height, width), 255, np.uint8), warp, size)
    scene = _scene(rng, frame_width, frame_height, level)
    image = np.where(inside[..., None] > 127, seen, scene).astype(np.float32)
    corners = cv2.perspectiveTransform(corners[None], warp)[0].astype(np.float32)
    if level > Level.FLATBED:
        image = _light(rng, image, level)
    long_side = rng.uniform(*((700, 1500), (640, 1500), (560, 1300))[level])
    shrink = min(1.0, long_side / max(size))
    reduced = (round(frame_width * shrink), round(frame_height * shrink))
    image = cv2.resize(np.clip(image, 0, 255), reduced, interpolation=cv2.INTER_AREA)
    blur = (rng.uniform(0, 0.5), rng.uniform(0.2, 1.0), rng.uniform(0.4, 1.4))[level]
    if blur > 0.2:
        image = cv2.GaussianBlur(image, (0, 0), blur)
    if level == Level.HARD and rng.random() < 0.4:
        length = int(rng.integers(2, 5))
        image = cv2.blur(image, (length, 1) if rng.random() < 0.6 else (1, length))
    image = image + rng.normal(0, rng.uniform(0, (3, 8, 14)[level]), image.shape)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers((70, 45, 30)[level], 96))]
    packed = cv2.imencode(".jpg", np.clip(image, 0, 255).astype(np.uint8), quality)[1]
    return packed.tobytes(), corners * shrink


def _light(rng: np.random.Generator, image: Floats, level: Level) -> Floats:
    """Return the image under uneven light, with glare at times, and another contrast."""
    height, width = image.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    slope = (x / width - 0.5) * np.cos(angle) + (y / height - 0.5) * np.sin(angle)
    image = image * (1 + slope * rng.uniform(0.1, (0, 0.6, 1.1)[level]))[..., None]
    if rng.random() < (0, 0.25, 0.5)[level]:
        spot = (rng.uniform(0, width), rng.uniform(0.3, 1) * height)
        radius = rng.uniform(0.04, 0.13) * width
        distance = (x - spot[0]) ** 2 + ((y - spot[1]) * rng.uniform(1, 2)) ** 2
        image += (rng.uniform(60, (0, 110, 170)[level]) * np.exp(-distance / (2 * radius**2)))[..., None]
    dimmed: Floats = (image - 128) * rng.uniform(0.55, 1.05) + 128 + rng.uniform(-35, 25)
    return dimmed.astype(np.float32)


def generate_page(seed: int, index: int, font: Path, *, level: Level, with_zone: bool = True) -> Page:
    """Return page number index of a set. seed: of the set.

    font: an OCR-B font file, best not one trained on.
    """
    rng = np.random.default_rng([seed, index, int(level), int(with_zone)])
    kind = KINDS[index % len(KINDS)]
    lines = draw_lines(rng, kind) if with_zone else ()
    page, corners = draw_page(rng, kind, lines, font)
    jpeg, corners = capture_jpeg(rng, page, corners, level)
    return Page(kind, level, _open(jpeg), lines, corners, jpeg)
