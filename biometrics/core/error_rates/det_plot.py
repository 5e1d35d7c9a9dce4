"""Drawing detection error trade-off curves."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from biometrics.core.error_rates.intervals import Array

WIDTH, HEIGHT = 1000, 800
LEFT, TOP, RIGHT, BOTTOM = 110, 70, 970, 700
INK, GRID, PAPER = (30, 33, 40), (222, 225, 230), (255, 255, 255)
# distinguishable without colour vision by their lightness (Okabe and Ito)
COLOURS = (
    (0, 90, 160),
    (213, 94, 0),
    (0, 140, 110),
    (180, 60, 140),
    (90, 90, 90),
    (200, 150, 0),
    (60, 170, 220),
)
MAX_CURVES = len(COLOURS)
TICKS = (
    (1e-6, "0.0001 %"), (1e-5, "0.001 %"), (1e-4, "0.01 %"), (1e-3, "0.1 %"), (1e-2, "1 %"), (1e-1, "10 %"), (1.0, "100 %")
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Curve:
    """One line. rates: float (n, 2), false match (or alarm) rate and miss rate, 0 to 1."""

    name: str
    rates: Array


@dataclass(frozen=True)
class _Axes:
    """Where rates lie in the picture; both scales logarithmic."""

    lowest_x: float
    lowest_y: float

    def x(self, rate: float) -> float:
        share = np.log10(max(rate, self.lowest_x) / self.lowest_x) / -np.log10(self.lowest_x)
        return float(LEFT + share * (RIGHT - LEFT))

    def y(self, rate: float) -> float:
        share = np.log10(max(rate, self.lowest_y) / self.lowest_y) / -np.log10(self.lowest_y)
        return float(BOTTOM - share * (BOTTOM - TOP))


def draw_det(
    curves: Sequence[Curve], *, title: str, x_label: str, y_label: str, marks: Sequence[float] = ()
) -> bytes:
    """Return a PNG, 1000 x 800, of up to seven curves, further ones left out; both axes logarithmic.

    marks: rates on the x axis at which a fine line stands. Curves without points get an entry in the key all the same.
    Source: ISO/IEC 19795-1, DET curve.
    """
    curves = curves[:MAX_CURVES]
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(picture)
    axes = _Axes(_lowest(curves, 0), _lowest(curves, 1))
    _draw_frame(draw, axes, title, x_label, y_label)
    for mark in marks:
        if mark > axes.lowest_x:
            draw.line([(axes.x(mark), TOP), (axes.x(mark), BOTTOM)], fill=(160, 165, 175), width=1)
    font = ImageFont.load_default(15)
    for number, curve in enumerate(curves):
        colour = COLOURS[number]
        points = _steps(curve.rates, axes)
        if len(points) > 1:
            draw.line(points, fill=colour, width=3, joint="curve")
        key_y = TOP + 14 + 24 * number
        draw.line([(RIGHT - 240, key_y + 9), (RIGHT - 206, key_y + 9)], fill=colour, width=4)
        draw.text((RIGHT - 196, key_y), curve.name[:26], fill=INK, font=font)
    content = io.BytesIO()
    picture.save(content, "PNG", optimize=True)
    return content.getvalue()


def _lowest(curves: Sequence[Curve], column: int) -> float:
    """Return the power of ten below every rate that is not 0; at least one decade, at most six."""
    known = [curve.rates[:, column] for curve in curves if len(curve.rates)]
    rates = np.concatenate(known) if known else np.array([0.1])
    rates = rates[rates > 0]
    smallest = float(rates.min()) if len(rates) else 0.1
    return float(10.0 ** np.clip(np.floor(np.log10(smallest)), -6, -1))


def _steps(rates: Array, axes: _Axes) -> list[tuple[float, float]]:
    return [(axes.x(float(fmr)), axes.y(float(fnmr))) for fmr, fnmr in rates]


def _draw_frame(draw: ImageDraw.ImageDraw, axes: _Axes, title: str, x_label: str, y_label: str) -> None:
    small, normal, large = (ImageFont.load_default(size) for size in (14, 17, 22))
    for rate, text in TICKS:
        if rate >= axes.lowest_x:
            draw.line([(axes.x(rate), TOP), (axes.x(rate), BOTTOM)], fill=GRID)
            draw.text((axes.x(rate), BOTTOM + 8), text, fill=INK, font=small, anchor="ma")
        if rate >= axes.lowest_y:
            draw.line([(LEFT, axes.y(rate)), (RIGHT, axes.y(rate))], fill=GRID)
            draw.text((LEFT - 8, axes.y(rate)), text, fill=INK, font=small, anchor="rm")
    draw.rectangle([LEFT, TOP, RIGHT, BOTTOM], outline=INK, width=1)
    draw.text(((LEFT + RIGHT) / 2, 32), title, fill=INK, font=large, anchor="mm")
    draw.text(((LEFT + RIGHT) / 2, BOTTOM + 52), x_label, fill=INK, font=normal, anchor="mm")
    draw.text((LEFT - 90, TOP - 22), y_label, fill=INK, font=normal, anchor="lm")
