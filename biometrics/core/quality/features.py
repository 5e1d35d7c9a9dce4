"""Eyes, mouth, what covers the face, what stands behind it: estimates from five points and pixels, no network behind them."""

import cv2
import numpy as np

from biometrics.core.quality.light import distance_from_skin
from biometrics.core.quality.picture import (
    CHIP_EYE_DISTANCE,
    CHIP_EYES_Y,
    CHIP_SIDE,
    Array,
    FaceImage,
    NotMeasurable,
)

MIDDLE = CHIP_SIDE / 2
LEAST_EYE_CONTRAST = 12.0
BACKGROUND_WIDTH = 96
LEAST_BACKGROUND = 0.04
MOST_FROM_SKIN = 6.0  # CIELAB units; grey is 7 away
# zones that are skin on a bare face: x and y in inter-eye distances from between the eyes, half width, half height
SKIN_ZONES = (
    (-0.42, 0.55, 0.14, 0.13),
    (0.42, 0.55, 0.14, 0.13),
    (0.0, 0.38, 0.10, 0.16),
    (0.0, -0.38, 0.28, 0.10),
    (-0.38, 1.02, 0.10, 0.12),
    (0.38, 1.02, 0.10, 0.12),
    (0.0, 1.42, 0.16, 0.08),
)


def estimate_eyes_open(picture: FaceImage) -> float:
    """Return the height of the dark of the less open eye, in inter-eye distances: a lid line is thin, an iris is high.

    Blind to dark glasses, which count as open. Raises NotMeasurable where an eye hardly differs from its surroundings.
    """
    heights = []
    for side in (-1, 1):
        x = MIDDLE + side * CHIP_EYE_DISTANCE / 2
        around = picture.part(picture.grey_chip, x=x, y=CHIP_EYES_Y, half_width=0.30, half_height=0.26)
        strip = picture.part(picture.grey_chip, x=x, y=CHIP_EYES_Y, half_width=0.11, half_height=0.24)
        profile = strip.mean(axis=1)
        bright, dark = float(np.percentile(around, 90)), float(profile.min())
        if bright - dark < LEAST_EYE_CONTRAST:
            raise NotMeasurable
        # sub-pixel: how much of the profile's fall from bright to dark there is, in rows
        fall = np.clip((bright - profile) / (bright - dark), 0.0, 1.0)
        heights.append(float(_run_around(fall > 0.5, int(profile.argmin())).sum()) / CHIP_EYE_DISTANCE)
    return min(heights)


def estimate_mouth_open(picture: FaceImage) -> float:
    """Return the share of the mouth's surroundings that is the dark of an open mouth, or teeth; 0 to 1."""
    x, y = picture.mouth
    lab = picture.part(picture.lab_chip, x=float(x), y=float(y), half_width=0.28, half_height=0.30)
    skin = picture.skin_lab
    lightness, chroma = lab[..., 0], np.hypot(lab[..., 1], lab[..., 2])
    dark = lightness < 0.45 * skin[0]
    teeth = (lightness > 0.85 * skin[0]) & (chroma < 0.45 * float(np.hypot(skin[1], skin[2])))
    return float((dark | teeth).mean())


def estimate_occlusion(picture: FaceImage) -> float:
    """Return how much of the zones that are skin on a bare face does not look like the rest of them; 0 to 1.

    The skin's colour is the median over the zones that have a colour of skin at all, so a mask, a hand of another
    colour, hair or a shadow counts, and a cover of the colour of skin does not.
    """
    zones = [
        picture.part(
            picture.lab_chip,
            x=MIDDLE + x * CHIP_EYE_DISTANCE,
            y=CHIP_EYES_Y + y * CHIP_EYE_DISTANCE,
            half_width=half_width,
            half_height=half_height,
        ).reshape(-1, 3)
        for x, y, half_width, half_height in SKIN_ZONES
    ]
    colours = np.array([np.median(zone, axis=0) for zone in zones])
    # a mask may cover most zones: what has the colour of skin speaks for the skin, if anything has
    like_skin = [distance_from_skin(float(a), float(b)) <= MOST_FROM_SKIN for _, a, b in colours]
    skin = np.median(colours[like_skin] if any(like_skin) else colours, axis=0)
    shares = []
    for zone in zones:
        off_colour = np.hypot(zone[:, 1] - skin[1], zone[:, 2] - skin[2]) > 14.0
        off_light = np.abs(zone[:, 0] - skin[0]) > 0.45 * max(float(skin[0]), 20.0)
        shares.append(float((off_colour | off_light).mean()))
    return float(np.mean(shares))


def measure_background(picture: FaceImage) -> float:
    """Return how restless the picture is beside the head: the mean step between neighbouring pixels, in grey levels.

    Looked at in a small copy of the picture, left and right of the head and above it. Raises NotMeasurable where the
    head fills it.
    """
    width = picture.image_bgr.shape[1]
    x0, y0, x1, y1 = picture.face.box_xyxy
    scale = min(1.0, BACKGROUND_WIDTH / width)
    # every k-th pixel is enough to average over: a copy of all of them costs more than all other measures
    sparse = np.ascontiguousarray(picture.image_bgr[:: max(1, int(0.5 / scale)), :: max(1, int(0.5 / scale))])
    size = (round(width * scale), max(1, round(picture.image_bgr.shape[0] * scale)))
    small = cv2.resize(sparse, size, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)
    room = 0.3 * (x1 - x0)
    beside = np.ones(grey.shape, bool)
    # the head with its hair, and everything below the chin: clothes are no background
    beside[
        max(0, int((y0 - room) * scale)) :,
        max(0, int((x0 - room) * scale)) : max(0, int((x1 + room) * scale) + 1),
    ] = False
    beside[max(0, int(y1 * scale)) :] = False
    if beside.mean() < LEAST_BACKGROUND:
        raise NotMeasurable
    steps = np.zeros(grey.shape, np.float32)
    steps[:, 1:] += np.abs(np.diff(grey, axis=1))
    steps[1:] += np.abs(np.diff(grey, axis=0))
    return float(steps[beside].mean()) / 2


def _run_around(marked: Array, start: int) -> Array:
    """Return only that run of marked places that holds `start`."""
    run = np.zeros(len(marked), bool)
    for step in (1, -1):
        at = start
        while 0 <= at < len(marked) and marked[at]:
            run[at] = True
            at += step
    return run
