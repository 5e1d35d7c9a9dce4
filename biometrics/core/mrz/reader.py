"""The whole way from a page to a reading: locate, group, rectify, recognise, snap, decode, repair, doubt."""

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.core.mrz.candidates import Candidate
from biometrics.core.mrz.doubt import MrzReading, ReadingStatus, UnreadableReason, judge_reading
from biometrics.core.mrz.look import Gray, Recognise
from biometrics.core.mrz.search import Search
from biometrics.core.mrz.stopwatch import Clock, Stopwatch

# of processor time: a page without a zone then stays under 120 ms
PAGE_BUDGET_MS = 105.0
MIN_SHORT_SIDE_PX = 24
MIN_LONG_SIDE_PX = 160
# a card on a whole scanned sheet still has 12 px a character
MAX_LONG_SIDE_PX = 2400


def read_page(
    image_bgr: NDArray[np.uint8], recognise: Recognise, *, clock: Clock, budget_ms: float = PAGE_BUDGET_MS
) -> MrzReading:
    """Read the machine readable zone of one page.

    image_bgr: uint8 (H, W, 3) BGR or (H, W) gray, of any size. recognise: a Recogniser. clock: monotonic
    seconds. budget_ms: no further search or group begins that would pass it; on a machine where a look at a group takes
    longer than usual, or where fillers in a row were seen, it grows, to three times at most. Returns a reading for every
    image; raises nothing.
    """
    watch = Stopwatch(clock, budget_ms)
    if image_bgr.size == 0:
        return _unreadable(UnreadableReason.NO_ZONE_FOUND, watch)
    gray, reduction = watch.measure("prepare", lambda: to_bounded_gray(image_bgr))
    if min(gray.shape) < MIN_SHORT_SIDE_PX or max(gray.shape) < MIN_LONG_SIDE_PX:
        return _unreadable(UnreadableReason.TOO_SMALL, watch)
    search = Search(gray, recognise, watch, reduction)
    best = search.run()
    if best is None or not best.is_zone:
        return _unreadable(search.explain_failure(), watch)
    return _report(best, watch, search.find_second_zone(best))


def to_bounded_gray(image: NDArray[np.uint8]) -> tuple[Gray, int]:
    """Return the gray image, reduced by a power of two where its long side passes MAX_LONG_SIDE_PX, and that power.

    image: as for to_gray. Up to three rows and columns that do not fill a last pixel are left out.
    """
    factor = 1
    while max(image.shape[:2]) // factor > MAX_LONG_SIDE_PX:
        factor *= 2
    if factor == 1 or min(image.shape[:2]) < factor:
        return to_gray(image), 1
    height, width = image.shape[0] // factor, image.shape[1] // factor
    # two rows a pixel are enough, and half of the memory need not be read
    rows = image[: height * factor : factor // 2, : width * factor]
    return to_gray(
        np.asarray(cv2.resize(rows, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    ), factor


def to_gray(image: NDArray[np.uint8]) -> Gray:
    """Return uint8 (H, W) of a gray (H, W), (H, W, 1), BGR (H, W, 3) or BGRA (H, W, 4) image."""
    if image.ndim == 2:
        return np.ascontiguousarray(image)
    if image.shape[2] == 3:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
    if image.shape[2] == 4:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGRA2GRAY), np.uint8)
    return np.ascontiguousarray(image[:, :, 0])


def _times(watch: Stopwatch) -> dict[str, float]:
    return {**watch.steps_ms, "total": watch.total_ms()}


def _unreadable(reason: UnreadableReason, watch: Stopwatch) -> MrzReading:
    return MrzReading(ReadingStatus.UNREADABLE, reason, elapsed_ms=_times(watch))


def _report(best: Candidate, watch: Stopwatch, has_second_zone: bool) -> MrzReading:
    return judge_reading(
        best.decoded,
        best.lines,
        best.repairs,
        best.corners,
        misfit=best.misfit,
        has_second_zone=has_second_zone,
        elapsed_ms=_times(watch),
        disputed=best.disputed,
    )
