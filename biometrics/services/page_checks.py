"""The page checks with the glyphs of OCR-B that this deployment has."""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from biometrics.core.outcomes import Finding, Settings
from biometrics.core.page_checks import judge_page

GLYPHS = Path(__file__).resolve().parent.parent / "networks" / "ocrb_glyphs.npz"


def check_page(
    *,
    image_bgr: npt.NDArray[Any],
    lines: Sequence[str],
    corners: Sequence[tuple[float, float]],
    face_xyxy: Sequence[float] | None,
    settings: Settings,
) -> tuple[Finding, ...]:
    """Return the findings of PAGE_CHECKS."""
    return judge_page(
        image_bgr=image_bgr,
        lines=lines,
        corners=corners,
        face_xyxy=face_xyxy,
        glyphs=_glyphs(),
        settings=settings,
    )


@functools.cache
def _glyphs() -> npt.NDArray[np.uint8]:
    with np.load(GLYPHS) as kept:
        return np.asarray(kept["glyphs"], np.uint8)
