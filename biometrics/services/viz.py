"""The printed fields of a page, read by RapidOCR (PP-OCRv6, both models inside the package) after the zone.

One engine a process, one thread, a budget in milliseconds. Nothing is fetched: the models are named by their path.
"""

import functools
import importlib.util
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from biometrics.core.mrz import Mrz
from biometrics.core.viz import (
    COMPARED_FIELDS,
    FieldStatus,
    PrintedField,
    PrintedName,
    PrintedZone,
    TextBox,
    confirm,
    cut_printed_zone,
    read_printed_fields,
)

Pixels = npt.NDArray[Any]
Corners = tuple[tuple[float, float], ...]

BUDGET_MS = 2500.0
DETECTION_SIDE_PX = 736
# of a line: the reader was made for 320 px, but pads a short line with as much as is asked for
NARROWEST_LINE_PX = 96
# lines smaller than this carry no field, and lines beyond this number no more fields than those before
SMALLEST_LINE_PX = 7
MOST_LINES = 60
# the second look at a value that differs: the box grown by this share of its height
SECOND_LOOK_GROWTH = 0.18


@dataclass(frozen=True, slots=True)
class PlacedField:
    """A printed field with its place: corners in pixels of the picture, top left first, clockwise; or ()."""

    name: PrintedName
    status: FieldStatus
    value: str
    score: float
    corners: Corners


@dataclass(frozen=True, slots=True)
class PrintedReading:
    """What one page gave, each of COMPARED_FIELDS and the issue date.

    is_whole: False where the time was up before every line was read. elapsed_ms: step -> milliseconds.
    """

    fields: tuple[PlacedField, ...]
    is_whole: bool
    line_count: int
    elapsed_ms: dict[str, float]


NOTHING = tuple(PlacedField(name, FieldStatus.NOT_FOUND, "", 0.0, ()) for name in COMPARED_FIELDS)


def read_printed(
    *,
    image_bgr: Pixels,
    corners: Corners,
    mrz: Mrz,
    at: datetime,
    budget_ms: float = BUDGET_MS,
) -> PrintedReading:
    """Read what is printed above a zone that has been read.

    image_bgr: uint8 (H, W, 3). corners: of the zone, in its pixels. mrz: the lines as read. at: aware time of
    capture. Never raises on an image.
    """
    begun = time.perf_counter()

    def elapsed() -> float:
        return (time.perf_counter() - begun) * 1e3

    columns = {"TD1": 30, "TD3": 44, "MRV-A": 44}.get(mrz.layout.value, 36)
    zone = cut_printed_zone(image_bgr, corners, columns)
    if zone is None:
        return PrintedReading(NOTHING, True, 0, {"cut": elapsed()})
    engine = _engine(os.getpid())
    quads = engine.find_lines(zone.image_bgr)
    found_at = elapsed()
    boxes = []
    for quad in quads:
        if elapsed() > budget_ms:
            break
        boxes.append(engine.read_line(zone.image_bgr, quad))
    fields = read_printed_fields(boxes, mrz, at=at)
    for field in fields.fields:
        if field.status is FieldStatus.DIFFERS and field.box_xyxy is not None:
            # a wrong alarm costs more than a missed one: such a value is read once more, cut out anew
            again = [] if elapsed() > budget_ms else engine.look_again(zone.image_bgr, field.box_xyxy)
            fields = fields.replaced(confirm(field, again, mrz, at=at))
    whole = len(boxes) == len(quads)
    placed = tuple(_place(field, zone) for field in fields.fields)
    return PrintedReading(placed, whole, len(boxes), {"find": found_at, "read": elapsed() - found_at})


def _place(field: PrintedField, zone: PrintedZone) -> PlacedField:
    corners = () if field.box_xyxy is None else zone.box_in_picture(field.box_xyxy)
    return PlacedField(field.name, field.status, field.value, field.score, corners)


def open_text_reader() -> None:
    """Open the text reader of this process and let it look once at an empty picture."""
    _engine(os.getpid()).find_lines(np.full((64, 320, 3), 255, np.uint8))


class _Engine:
    """RapidOCR with its own models, one thread, no angle classifier: the page is upright already."""

    def __init__(self) -> None:
        # imported here, once a process: it takes a second and is needed by the workers alone
        from rapidocr import RapidOCR
        from rapidocr.utils.process_img import get_rotate_crop_image

        package = importlib.util.find_spec("rapidocr")
        if package is None or package.origin is None:
            raise ModuleNotFoundError("rapidocr")
        models = Path(package.origin).parent / "models"
        self._cut: Callable[[Pixels, Pixels], Pixels] = get_rotate_crop_image
        self._run = RapidOCR(
            params={
                "Global.log_level": "critical",
                "Global.use_cls": False,
                "Global.use_preprocess_img": False,
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                "Det.model_path": str(models / "PP-OCRv6_det_small.onnx"),
                "Det.limit_type": "max",
                "Det.limit_side_len": DETECTION_SIDE_PX,
                "Rec.model_path": str(models / "PP-OCRv6_rec_small.onnx"),
                "Rec.rec_batch_num": 1,
                "Rec.rec_img_shape": [3, 48, NARROWEST_LINE_PX],
            }
        )

    def find_lines(self, image_bgr: Pixels) -> list[Pixels]:
        """Return the corners of each line of text, float32 (4, 2), the highest lines first, at most MOST_LINES."""
        found = self._run(image_bgr, use_det=True, use_cls=False, use_rec=False)
        quads = [] if found.boxes is None else [np.asarray(quad, np.float32) for quad in found.boxes]
        quads = [quad for quad in quads if np.ptp(quad[:, 1]) >= SMALLEST_LINE_PX]
        return sorted(quads, key=lambda quad: -float(np.ptp(quad[:, 1])))[:MOST_LINES]

    def read_line(self, image_bgr: Pixels, quad: Pixels) -> TextBox:
        """Return the text of one line."""
        found = self._run(self._cut(image_bgr, quad.copy()), use_det=False, use_cls=False, use_rec=True)
        text, score = (found.txts[0], float(found.scores[0])) if found.txts else ("", 0.0)
        (x0, y0), (x1, y1) = quad.min(axis=0).tolist(), quad.max(axis=0).tolist()
        return TextBox(text, (x0, y0, x1, y1), score)

    def look_again(self, image_bgr: Pixels, box: tuple[float, float, float, float]) -> list[TextBox]:
        """Return the text of a box cut out a little larger."""
        x0, y0, x1, y1 = box
        more = (y1 - y0) * SECOND_LOOK_GROWTH
        height, width = image_bgr.shape[:2]
        x0, y0, x1, y1 = (
            max(0.0, x0 - more),
            max(0.0, y0 - more),
            min(width, x1 + more),
            min(height, y1 + more),
        )
        quad = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float32)
        return [self.read_line(image_bgr, quad)]


@functools.cache
def _engine(process_id: int) -> _Engine:
    # the process id belongs to the key: a session opened before a fork must not be used behind it
    return _Engine()
