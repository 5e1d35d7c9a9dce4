"""Read the glyphs of the MRZ alphabet from a font file."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

ALPHABET = "<0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PITCH_PX = 24
HEIGHT_PX = 48
BASELINE_PX = 36


@dataclass(frozen=True, slots=True)
class GlyphSet:
    """The 37 glyphs of one font cut at a pitch of PITCH_PX.

    coverage: float32 (37, HEIGHT_PX, 2 * PITCH_PX) in [0, 1], 1 = ink; the cell's centre line is column
    PITCH_PX, the base line is row BASELINE_PX. cap_height_px: height of the letter H in these pixels.
    """

    coverage: NDArray[np.float32]
    cap_height_px: float


def load_glyphs(path: Path, *, slant: float = 0.0) -> GlyphSet:
    """Draw the alphabet from the font at path.

    slant: horizontal shift for each unit of height, subtracted, so that an oblique cut stands upright.
    Returns a GlyphSet. Raises OSError if the font cannot be read.
    """
    pixels_per_advance = ImageFont.truetype(str(path), 1000).getlength("H") / 1000
    oversampling = 4
    font = ImageFont.truetype(str(path), round(oversampling * PITCH_PX / pixels_per_advance))
    width, height = 2 * PITCH_PX * oversampling, HEIGHT_PX * oversampling
    shear = np.array([[1, slant, -slant * (BASELINE_PX - 9) * oversampling], [0, 1, 0]], np.float32)
    glyphs = []
    for character in ALPHABET:
        cell = Image.new("L", (width, height), 0)
        origin = (width / 2, BASELINE_PX * oversampling)
        ImageDraw.Draw(cell).text(origin, character, fill=255, font=font, anchor="ms")
        drawn = np.asarray(cell).astype(np.float32) / 255
        if slant:
            drawn = cv2.warpAffine(drawn, shear, (width, height))
        glyphs.append(cv2.resize(drawn, (2 * PITCH_PX, HEIGHT_PX), interpolation=cv2.INTER_AREA))
    coverage = np.stack(glyphs)
    rows = np.nonzero(coverage[ALPHABET.index("H")].max(1) > 0.5)[0]
    return GlyphSet(coverage, float(rows[-1] - rows[0] + 1))
