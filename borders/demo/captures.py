"""What a booth's camera or scanner makes of a page. The same page and seed give the same bytes."""

from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

WIDTH_PX = 1400
LARGEST_BYTES = 300_000
QUALITIES = (86, 78, 70, 62, 50)


class CaptureKind(StrEnum):
    """How the page was taken."""

    FLATBED = "FLATBED"
    HAND_HELD = "HAND_HELD"


def capture(page_bgr: Pixels, seed: int, kind: CaptureKind) -> bytes:
    """Return a JPEG file of the page, 1,400 pixels wide and at most 300 kB.

    page_bgr: uint8 (H, W, 3), as pages.draw_page gives it. kind: FLATBED turns it a little; HAND_HELD
    sees it askew on a desk, in uneven light.
    """
    random = np.random.default_rng(seed)
    if kind is CaptureKind.FLATBED:
        picture = _place(page_bgr, random, margin=0.025, turn_deg=0.9, skew=0.0, desk=(30, 30, 32))
        return _encode(_add_noise(picture, random, sigma=1.6))
    picture = _place(page_bgr, random, margin=0.06, turn_deg=3.0, skew=0.022, desk=(92, 112, 138))
    lit = _light(picture, random, strength=0.22)
    return _encode(_add_noise(cv2.GaussianBlur(lit, (0, 0), 0.6), random, sigma=3.0))


def unreadable(page_bgr: Pixels, seed: int) -> bytes:
    """Return a JPEG file in which the lower third of the page is lost: lifted off the glass, out of focus,
    under a reflection.
    """
    random = np.random.default_rng(seed)
    picture = _place(page_bgr, random, margin=0.025, turn_deg=1.5, skew=0.0, desk=(30, 30, 32)).astype(
        np.float32
    )
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    lost = np.clip((y / height - 0.64) / 0.06, 0, 1)[..., None]
    blurred = cv2.GaussianBlur(picture, (0, 0), 15)
    picture = picture * (1 - lost) + blurred * lost
    for centre in (0.25, 0.6, 0.9):
        spot = np.exp(-(((x / width - centre) / 0.16) ** 2) - ((y / height - 0.84) / 0.09) ** 2)
        picture += 95 * spot[..., None] * lost
    return _encode(_add_noise(np.clip(picture, 0, 255).astype(np.uint8), random, sigma=2.5))


def _place(
    page: Pixels,
    random: np.random.Generator,
    *,
    margin: float,
    turn_deg: float,
    skew: float,
    desk: tuple[int, int, int],
) -> Pixels:
    """Return the page on a desk, 1,400 pixels wide. margin, skew: of its width."""
    height, width = page.shape[:2]
    scale = WIDTH_PX / (width * (1 + 2 * margin))
    view = (WIDTH_PX, round((height + 2 * margin * width) * scale))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    angle = np.radians(random.uniform(-turn_deg, turn_deg))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    seen = (corners - (width / 2, height / 2)) @ turn.T + random.uniform(-skew, skew, (4, 2)) * width
    # the turned page must still fit into the view
    fit = min(view[0] / np.ptp(seen[:, 0]), view[1] / np.ptp(seen[:, 1]), scale) * 0.995
    seen = (seen * fit + (view[0] / 2, view[1] / 2)).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(corners, seen)
    return cv2.warpPerspective(
        page, matrix, view, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_CONSTANT, borderValue=desk
    )


def _light(picture: Pixels, random: np.random.Generator, *, strength: float) -> Pixels:
    height, width = picture.shape[:2]
    angle = random.uniform(0, 2 * np.pi)
    x, y = np.linspace(-0.5, 0.5, width)[None], np.linspace(-0.5, 0.5, height)[:, None]
    ramp = 1 + strength * (x * np.cos(angle) + y * np.sin(angle))
    return np.clip(picture * ramp[..., None], 0, 255).astype(np.uint8)


def _add_noise(picture: Pixels, random: np.random.Generator, *, sigma: float) -> Pixels:
    noise = random.normal(0, sigma, picture.shape).astype(np.float32)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def _encode(picture: Pixels) -> bytes:
    """Return the best JPEG file that is not too large."""
    for quality in QUALITIES:
        content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
        if len(content) <= LARGEST_BYTES:
            break
    return content
