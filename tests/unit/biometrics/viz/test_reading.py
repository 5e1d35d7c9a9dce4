"""The text reader on pages of the demo, from pixels to fields."""

from datetime import UTC, date, datetime

import cv2
import numpy as np
import pytest

from biometrics.core.mrz import MrzReading, parse_mrz
from biometrics.core.viz import COMPARED_FIELDS, FieldStatus, PrintedName
from biometrics.services.mrz import read_page
from biometrics.services.viz import PrintedReading, read_printed
from borders.demo.captures import CaptureKind, capture
from borders.demo.cast import make_cast
from borders.demo.pages import draw_page

AT = datetime(2026, 11, 22, tzinfo=UTC)
CAST = make_cast(AT.date())
PORTRAIT = cv2.imencode(".jpg", np.full((430, 340, 3), 190, np.uint8))[1].tobytes()


def seen(name: str, kind: CaptureKind = CaptureKind.HAND_HELD) -> tuple[np.ndarray, MrzReading]:
    content = capture(draw_page(getattr(CAST, name), PORTRAIT), 3, kind)
    picture = np.asarray(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR))
    return picture, read_page(image_bgr=picture)


def read(picture: np.ndarray, zone: MrzReading, budget_ms: float = 60_000) -> PrintedReading:
    assert zone.corners is not None
    mrz = parse_mrz(zone.lines_read, at=AT)
    return read_printed(image_bgr=picture, corners=zone.corners, mrz=mrz, at=AT, budget_ms=budget_ms)


@pytest.mark.parametrize("name", ["anna", "bjorn", "second_identity"])
def test_genuine_pages_agree_in_every_field(name: str) -> None:
    found = read(*seen(name))
    assert found.is_whole
    status = {field.name: field.status for field in found.fields}
    assert {status[name] for name in COMPARED_FIELDS} == {FieldStatus.AGREES}
    issued = {field.name: field.value for field in found.fields}[PrintedName.ISSUE_DATE]
    assert issued == "" or date.fromisoformat(issued) == getattr(CAST, name).issue_date


def test_a_page_upside_down_is_read_all_the_same() -> None:
    picture, _ = seen("anna", CaptureKind.FLATBED)
    turned = np.ascontiguousarray(picture[::-1, ::-1])
    found = read(turned, read_page(image_bgr=turned))
    number = next(field for field in found.fields if field.name is PrintedName.DOCUMENT_NUMBER)
    assert number.status is FieldStatus.AGREES
    # the value stands in the lower half of a picture that lies on its head
    assert min(y for _, y in number.corners) > picture.shape[0] / 2


def test_a_spent_budget_stops_the_reading_and_says_so() -> None:
    found = read(*seen("anna", CaptureKind.FLATBED), budget_ms=0)
    assert not found.is_whole
    assert {field.status for field in found.fields} == {FieldStatus.NOT_FOUND}
