"""Turn a drawn face into the pictures of a person: a page portrait, and captures at a booth.

Every picture of an identity shares its warp (eye spacing, length of the chin, width of the jaw), so that two
people with the same drawn features still differ, as people do. Everything random comes from a generator given
by the caller.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from biometrics.core.faces import Array

DRAWING = (400, 600)  # width, height of a drawing
UNIT = 200.0
MIDDLE = (200.0, 280.0)  # about the bridge of the nose in a drawing


@dataclass(frozen=True)
class Capture:
    """Conditions of one picture. Angles in degrees; light -1 (from the left) to 1; noise in grey levels; blur in pixels."""

    width: int
    height: int
    scale: float
    roll: float = 0.0
    yaw: float = 0.0
    light: float = 0.0
    gain: float = 1.0
    blur: float = 0.0
    noise: float = 0.0
    background: tuple[int, int, int] = (232, 226, 220)
    gradient: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)


PORTRAIT = Capture(width=480, height=600, scale=1.04, background=(236, 234, 230))


def warp_identity(drawing: Array, generator: np.random.Generator) -> Array:
    """Return the drawing with this identity's own proportions. drawing: uint8 (600, 400, 4) BGRA."""
    width, height = DRAWING
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    u, v = (x - MIDDLE[0]) / UNIT, (y - MIDDLE[1]) / UNIT
    spread, brow, chin, jaw, squash, lean = generator.uniform(-1, 1, 6)
    eyes = np.exp(-((v / 0.28) ** 2))
    lower = 1 / (1 + np.exp(-(v - 0.2) / 0.08))
    source_u = u * (
        1 + 0.24 * spread * eyes * np.exp(-((u / 0.7) ** 2)) + 0.20 * jaw * lower * np.exp(-(v**2))
    )
    source_v = v * (1 + 0.16 * squash) + 0.10 * chin * np.exp(-(((v - 0.45) / 0.25) ** 2)) * np.exp(
        -((u / 0.6) ** 2)
    )
    source_v += 0.07 * brow * np.exp(-(((v + 0.12) / 0.2) ** 2)) + 0.02 * lean * u
    return cv2.remap(
        drawing,
        (source_u * UNIT + MIDDLE[0]).astype(np.float32),
        (source_v * UNIT + MIDDLE[1]).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )


def shade(drawing: Array) -> Array:
    """Return the drawing with soft round shading, so that it is less flat. drawing: uint8 (600, 400, 4) BGRA."""
    height, width = drawing.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    round_light = np.exp(-(((x - MIDDLE[0]) / 165) ** 2 + ((y - MIDDLE[1] + 15) / 225) ** 2))
    shaded = drawing.copy()
    shaded[..., :3] = np.clip(drawing[..., :3] * (0.72 + 0.34 * round_light)[..., None], 0, 255).astype(
        np.uint8
    )
    return shaded


def take(drawing: Array, capture: Capture, generator: np.random.Generator) -> Array:
    """Return one picture, uint8 (height, width, 3) BGR. drawing: uint8 (600, 400, 4) BGRA, warped and shaded."""
    turn = cv2.getRotationMatrix2D(MIDDLE, capture.roll, capture.scale)
    # a head turned a little: the drawing is squeezed and the middle of the face moves ahead
    squeeze = np.cos(np.radians(capture.yaw))
    turn[:, 0] *= squeeze
    target = np.array([capture.width / 2 + capture.shift[0], capture.height * 0.5 + capture.shift[1]])
    turn[:, 2] += target - turn @ np.array([MIDDLE[0], MIDDLE[1], 1.0])
    source = drawing
    if capture.yaw:
        y, x = np.mgrid[0 : drawing.shape[0], 0 : drawing.shape[1]].astype(np.float32)
        ahead = np.exp(-(((x - MIDDLE[0]) / 95) ** 2 + ((y - MIDDLE[1] - 20) / 165) ** 2))
        moved = (x - 85 * np.sin(np.radians(capture.yaw)) * ahead).astype(np.float32)
        source = cv2.remap(drawing, moved, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    size = (capture.width, capture.height)
    # the last row goes on downwards, so that a body never ends above the picture's edge, but not to the sides
    source = source.copy()
    source[:, (0, -1), 3] = 0
    flat = cv2.warpAffine(source, turn, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    small = flat.astype(np.float32)
    x = np.linspace(-1, 1, capture.width, dtype=np.float32)[None, :, None]
    y = np.linspace(-1, 1, capture.height, dtype=np.float32)[:, None, None]
    ground = np.array(capture.background, np.float32) * (1 + capture.gradient * y)
    alpha = small[..., 3:] / 255
    picture = small[..., :3] * alpha + ground * (1 - alpha)
    picture = picture * capture.gain * (1 + 0.35 * capture.light * x)
    if capture.blur:
        picture = cv2.GaussianBlur(picture, (0, 0), capture.blur)
    if capture.noise:
        picture = picture + generator.normal(0, capture.noise, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


def draw_conditions(generator: np.random.Generator) -> Capture:
    """Return booth conditions: 640 x 480, turned, lit, blurred and noisy within what a booth sees."""
    grey = generator.integers(90, 215)
    return Capture(
        width=640,
        height=480,
        scale=float(generator.uniform(0.67, 0.9)),
        roll=float(generator.uniform(-8, 8)),
        yaw=float(generator.uniform(-9, 9)),
        light=float(generator.uniform(-0.5, 0.5)),
        gain=float(generator.uniform(0.82, 1.12)),
        blur=float(generator.uniform(0.3, 1.1)),
        noise=float(generator.uniform(1, 5)),
        background=tuple(int(grey + tint) for tint in generator.integers(-14, 15, 3)),  # type: ignore[arg-type]
        gradient=float(generator.uniform(-0.25, 0.25)),
        shift=(float(generator.uniform(-40, 40)), float(generator.uniform(-15, 25))),
    )
