"""Draw labelled strips of one MRZ line, as the reader cuts them out of a page.

A strip is 24 px high with a pitch of about 12 px. The drawing follows the light: print, wear, paper, scene,
lens, sensor, compression, and last the resampling by the reader.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.training.glyphs import ALPHABET, BASELINE_PX, HEIGHT_PX, PITCH_PX, GlyphSet

STRIP_HEIGHT_PX = 24
STRIP_PITCH_PX = 12.0
STRIP_WIDTH_PX = 240
FRAME_PX = 4
BLANK = 0
IGNORED = -100

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Strip:
    """image: float32 (24, 240), normalised by (x - mean) / (std + 4). labels: int64 (60,), one a frame.

    A label is BLANK, IGNORED, or 1 + the index in ALPHABET.
    """

    image: Floats
    labels: NDArray[np.int64]


def draw_text(rng: np.random.Generator, length: int) -> str:
    """Return length characters: uniform, with fillers, or in the manner of names, numbers and dates."""
    kind = rng.random()
    if kind < 0.45:
        return "".join(rng.choice(list(ALPHABET), length))
    if kind < 0.6:
        return "".join(
            "<" if rng.random() < 0.4 else str(rng.choice(list(ALPHABET[1:]))) for _ in range(length)
        )
    text = ""
    while len(text) < length:
        piece = rng.random()
        if piece < 0.35:
            text += "".join(rng.choice(list(LETTERS), rng.integers(1, 10))) + "<" * int(rng.integers(1, 3))
        elif piece < 0.75:
            text += "".join(rng.choice(list(DIGITS), rng.integers(3, 11)))
        elif piece < 0.9:
            text += "".join(rng.choice(list(LETTERS), rng.integers(1, 4)))
        else:
            text += "<" * int(rng.integers(2, 14))
    return text[:length]


def print_lines(
    rng: np.random.Generator, glyphs: GlyphSet, text: str, first_cell: int, cells: int, gap_px: float
) -> tuple[Floats, float, list[float]]:
    """Print the line and its neighbours.

    text starts at cell first_cell of a canvas of the given number of cells. gap_px: distance of base lines.
    Returns coverage float32 (h, cells * PITCH_PX), the base line's row, and each character's centre column.
    """
    height = round(2 * gap_px) + HEIGHT_PX + 8
    canvas = np.zeros((height, cells * PITCH_PX), np.float32)
    base = height // 2 + 10
    digit_scale = rng.uniform(0.9, 1.0) if rng.random() < 0.4 else 1.0

    def put(line: str, baseline: float, start: int) -> list[float]:
        centres = []
        top = round(baseline) - BASELINE_PX
        for index, character in enumerate(line):
            centre = (start + index + 0.5) * PITCH_PX
            left = round(centre + rng.normal(0, 0.35)) - PITCH_PX
            x0, x1 = max(0, left), min(canvas.shape[1], left + 2 * PITCH_PX)
            y0, y1 = max(0, top), min(height, top + HEIGHT_PX)
            if x1 > x0 and y1 > y0:
                glyph = glyphs.coverage[ALPHABET.index(character)]
                if digit_scale < 1 and character in DIGITS:
                    shrink = np.array(
                        [[1, 0, 0], [0, digit_scale, (1 - digit_scale) * BASELINE_PX]], np.float32
                    )
                    glyph = cv2.warpAffine(glyph, shrink, (2 * PITCH_PX, HEIGHT_PX))
                part = glyph[y0 - top : y1 - top, x0 - left : x1 - left]
                np.maximum(canvas[y0:y1, x0:x1], part, out=canvas[y0:y1, x0:x1])
            centres.append(left + PITCH_PX + 0.0)
        return centres

    centres = put(text, base, first_cell)
    for direction in (-1, 1):
        if rng.random() < 0.7:
            start = first_cell if rng.random() < 0.7 else 0
            put(draw_text(rng, cells - start), base + direction * gap_px, start)
    return canvas, float(base), centres


def wear(rng: np.random.Generator, canvas: Floats) -> Floats:
    """Make strokes fatter or thinner, round their ends, and let ink fail in places. Values stay in [0, 1]."""
    level = rng.uniform(0.22, 0.78)
    soft = cv2.GaussianBlur(canvas, (0, 0), rng.uniform(0.7, 1.3))
    worn = np.clip((soft - level) * 3 + 0.5, 0, 1)
    if rng.random() < 0.25:
        h, w = worn.shape
        patches = rng.random((max(2, h // 5), max(2, w // 5)), dtype=np.float32)
        failing = cv2.resize(patches, (w, h), interpolation=cv2.INTER_LINEAR)
        worn *= np.clip((failing - rng.uniform(0.05, 0.3)) * 6, rng.uniform(0, 0.6), 1)
    return worn


def paper(rng: np.random.Generator, height: int, width: int, cell_px: float, contrast: float) -> Floats:
    """Return a background float32 (height, width) in gray levels: shade, blotches, guilloche, ruled lines.

    contrast: gray levels between paper and ink; patterns are bounded by it, so that most strips stay legible.
    """
    image = np.full((height, width), rng.uniform(80, 245), np.float32)
    if rng.random() < 0.6:
        blotches = rng.normal(
            0, rng.uniform(0.02, 0.25) * contrast, (rng.integers(2, 6), rng.integers(4, 26))
        )
        image += cv2.resize(blotches.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    if rng.random() < 0.45:
        y, x = np.mgrid[0:height, 0:width].astype(np.float32) / cell_px
        for _ in range(rng.integers(1, 3)):
            angle, frequency = rng.uniform(0, np.pi), rng.uniform(1.0, 16.0)
            bend = rng.uniform(0, 0.6) * np.sin(x * rng.uniform(0.2, 1.2) + rng.uniform(0, 6))
            wave = np.sin((x * np.cos(angle) + (y + bend) * np.sin(angle)) * frequency)
            image += rng.uniform(0.02, 0.25) * contrast * wave
    if rng.random() < 0.15:
        for _ in range(rng.integers(1, 4)):
            ends = rng.integers(0, [width, height], (2, 2))
            thickness = int(rng.integers(1, 3))
            cv2.line(image, ends[0].tolist(), ends[1].tolist(), rng.uniform(30, 250), thickness, cv2.LINE_AA)
    return image


def expose(
    rng: np.random.Generator, coverage: Floats, cell_px: float, margin_px: tuple[float, float]
) -> Floats:
    """Lay the ink on paper and light it.

    coverage: float32 (h, w). margin_px: columns left and right of which nothing is printed, may lie outside.
    Returns float32 (h, w) in gray levels.
    """
    height, width = coverage.shape
    contrast = rng.uniform(35, 200)
    background = paper(rng, height, width, cell_px, contrast)
    columns = np.arange(width, dtype=np.float32)
    for side, edge in ((-1, margin_px[0]), (1, margin_px[1])):
        if 0 < edge < width and rng.random() < 0.5:
            # the page's edge, a shadow in the fold, or the finger that holds the page
            border = edge + side * rng.uniform(0.1, 1.5) * cell_px
            beyond = (columns < border) if side < 0 else (columns > border)
            background[:, beyond] = rng.uniform(0, 255)
            if rng.random() < 0.5:
                texture = rng.normal(0, rng.uniform(2, 40), (height, width)).astype(np.float32)
                background[:, beyond] += cv2.GaussianBlur(texture, (0, 0), rng.uniform(0.5, 2))[:, beyond]
    if rng.random() < 0.5:
        ink = background - contrast
    else:
        ink = np.full_like(background, max(rng.uniform(0, 50), float(background.mean()) - contrast))
    image = background * (1 - coverage) + ink * coverage
    if rng.random() < 0.2:
        spread = rng.uniform(1, 6) * cell_px
        spot = np.exp(-((columns - rng.uniform(0, width)) ** 2) / (2 * spread**2))
        if rng.random() < 0.5:
            image += rng.uniform(30, 150) * spot
        else:
            image = image * (1 - 0.8 * spot) + rng.uniform(60, 250) * 0.8 * spot
    if rng.random() < 0.15:
        edge = rng.uniform(0, width)
        slope = (np.arange(height, dtype=np.float32)[:, None] - height / 2) * rng.uniform(-2, 2)
        shadow = 1 / (1 + np.exp(np.clip((columns + slope - edge) / rng.uniform(0.3, 4), -30, 30)))
        image *= 1 - rng.uniform(0.2, 0.6) * shadow
    return image.astype(np.float32)


def photograph(rng: np.random.Generator, image: Floats, cell_px: float) -> Floats:
    """Blur, add noise and compress at the resolution of the capture. cell_px: pitch in this image."""
    if rng.random() < 0.75:
        widest = min(1.7, 0.14 * cell_px)
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.2, max(0.3, widest)))
    if rng.random() < 0.15:
        length = int(rng.integers(2, max(3, round(0.3 * cell_px) + 1)))
        image = cv2.blur(image, (length, 1) if rng.random() < 0.5 else (1, length))
    if rng.random() < 0.15:
        softened = cv2.GaussianBlur(image, (0, 0), 1.0)
        image = image + rng.uniform(0.3, 1.5) * (image - softened)
    if rng.random() < 0.75:
        noise = rng.normal(0, rng.uniform(0.5, 9), image.shape).astype(np.float32)
        image = image + (noise if rng.random() < 0.6 else cv2.GaussianBlur(noise, (0, 0), 0.8) * 1.6)
    image = np.clip(image, 0, 255)
    if rng.random() < 0.5:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25 if cell_px > 8 else 45, 92))]
        packed = cv2.imencode(".jpg", image.astype(np.uint8), quality)[1]
        image = cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE).astype(np.float32)
    return image


def draw_strip(rng: np.random.Generator, glyphs: GlyphSet) -> Strip:
    """Draw one strip with its labels. rng is advanced; the same state gives the same strip."""
    visible = int(STRIP_WIDTH_PX / STRIP_PITCH_PX)
    cells = visible + 6
    first_cell = int(rng.integers(3, 12)) if rng.random() < 0.35 else 0
    stop_cell = int(rng.integers(max(first_cell + 3, 12), cells - 3)) if rng.random() < 0.2 else cells
    text = draw_text(rng, stop_cell - first_cell)
    canvas, base, centres = print_lines(
        rng, glyphs, text, first_cell, cells, rng.uniform(1.55, 2.75) * PITCH_PX
    )
    canvas = wear(rng, canvas)

    scale_x = rng.uniform(10.6, 13.4) / PITCH_PX
    scale_y = rng.uniform(9.8, 16.5) / glyphs.cap_height_px
    angle = np.deg2rad(rng.normal(0, 0.8))
    shear = rng.uniform(-0.14, 0.14)
    matrix = np.array(
        [
            [scale_x * np.cos(angle), scale_x * (shear - np.sin(angle))],
            [scale_y * np.sin(angle), scale_y * np.cos(angle)],
        ]
    )
    middle = np.array([cells * PITCH_PX / 2, base - glyphs.cap_height_px / 2])
    target = np.array([STRIP_WIDTH_PX / 2 + rng.uniform(-9, 9), STRIP_HEIGHT_PX / 2 + rng.uniform(-2.6, 2.6)])
    offset = target - matrix @ middle
    rows = np.full(len(centres), middle[1])
    columns_in_strip = (matrix @ np.stack([np.array(centres), rows]) + offset[:, None])[0]

    capture_pitch = rng.uniform(4.2, 7.5) if rng.random() < 0.45 else rng.uniform(7.5, 15.0)
    zoom = capture_pitch / STRIP_PITCH_PX
    size = (max(16, round(STRIP_WIDTH_PX * zoom)), max(8, round(STRIP_HEIGHT_PX * zoom)))
    zoom_x, zoom_y = size[0] / STRIP_WIDTH_PX, size[1] / STRIP_HEIGHT_PX
    to_capture = np.hstack([matrix, offset[:, None]]) * np.array([[zoom_x], [zoom_y]])
    reduction = (1 / abs(to_capture[1, 1]) + 1 / abs(to_capture[0, 0])) / 2
    if reduction > 1:
        canvas = cv2.GaussianBlur(canvas, (0, 0), 0.42 * reduction)
    coverage = cv2.warpAffine(canvas, to_capture.astype(np.float32), size, flags=cv2.INTER_LINEAR)
    margin = (
        (columns_in_strip[0] - 0.5 * STRIP_PITCH_PX) * zoom_x,
        (columns_in_strip[-1] + 0.5 * STRIP_PITCH_PX) * zoom_x,
    )
    image = photograph(rng, expose(rng, coverage, capture_pitch, margin), capture_pitch)
    method = cv2.INTER_AREA
    if zoom <= 1:
        method = cv2.INTER_LINEAR if rng.random() < 0.7 else cv2.INTER_CUBIC
    image = cv2.resize(image, (STRIP_WIDTH_PX, STRIP_HEIGHT_PX), interpolation=method)
    normalised = (image - image.mean()) / (image.std() + 4)
    return Strip(normalised.astype(np.float32), label_frames(text, columns_in_strip))


def label_frames(text: str, centres_px: NDArray[np.float64]) -> NDArray[np.int64]:
    """Label each frame: the nearest character, BLANK between characters, IGNORED where neither is plain.

    centres_px: float64 (len(text),), centre columns of the characters in the strip.
    Returns int64 (60,).
    """
    frames = (np.arange(STRIP_WIDTH_PX // FRAME_PX) + 0.5) * FRAME_PX - 0.5
    distance = np.abs(frames[:, None] - centres_px[None])
    nearest = distance.argmin(1)
    gap = distance[np.arange(len(frames)), nearest]
    classes = np.array([1 + ALPHABET.index(character) for character in text], np.int64)
    labels = np.where(gap <= 2.1, classes[nearest], np.where(gap > 3.9, BLANK, IGNORED))
    # a character cut by the strip's end may no longer be legible
    cut = (centres_px[nearest] < 5) | (centres_px[nearest] > STRIP_WIDTH_PX - 5)
    return np.where(cut & (gap <= 6), IGNORED, labels).astype(np.int64)
