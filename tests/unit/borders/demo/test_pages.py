"""The drawn pages and their captures, read back by the reader that the booths use."""

from datetime import date

import cv2
import numpy as np
import pytest

from biometrics.core.mrz import ReadingStatus
from biometrics.services.mrz import read_page
from borders.demo.captures import LARGEST_BYTES, WIDTH_PX, CaptureKind, capture, unreadable
from borders.demo.cast import make_cast
from borders.demo.documents import DemoDocument, mrz_lines
from borders.demo.pages import PIXELS_PER_MM, draw_page

CAST = make_cast(date(2026, 11, 20))


def decode(content: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)


@pytest.fixture(scope="module")
def portrait() -> bytes:
    """A picture with a light oval on a grey ground."""
    picture = np.full((600, 480, 3), 210, np.uint8)
    cv2.ellipse(picture, (240, 290), (130, 180), 0, 0, 360, (170, 190, 220), -1)
    return cv2.imencode(".jpg", picture)[1].tobytes()


@pytest.fixture(scope="module")
def passport_page(portrait: bytes) -> np.ndarray:
    return draw_page(CAST.anna, portrait)


@pytest.mark.parametrize(
    "document", [CAST.anna, CAST.bjorn, CAST.altered_birth], ids=lambda d: d.layout.value
)
@pytest.mark.parametrize("kind", CaptureKind)
def test_reader_reads_the_zone_that_was_built(
    document: DemoDocument, kind: CaptureKind, portrait: bytes
) -> None:
    reading = read_page(image_bgr=decode(capture(draw_page(document, portrait), 1, kind)))
    assert (reading.status, reading.lines) == (ReadingStatus.ACCEPTED, mrz_lines(document))


def test_forged_number_is_read_as_it_is_printed(portrait: bytes) -> None:
    page = draw_page(CAST.wrong_digit, portrait)
    reading = read_page(image_bgr=decode(capture(page, 1, CaptureKind.FLATBED)))
    assert (reading.status, reading.lines_read) == (ReadingStatus.REVIEW, mrz_lines(CAST.wrong_digit))


@pytest.mark.parametrize("seed", range(3))
def test_lost_page_is_not_read(seed: int, passport_page: np.ndarray) -> None:
    reading = read_page(image_bgr=decode(unreadable(passport_page, seed)))
    assert reading.status is ReadingStatus.UNREADABLE


def test_passport_page_has_the_size_of_td3(passport_page: np.ndarray) -> None:
    assert passport_page.shape == (88 * PIXELS_PER_MM, 125 * PIXELS_PER_MM, 3)


def test_same_document_gives_the_same_page(passport_page: np.ndarray, portrait: bytes) -> None:
    assert np.array_equal(draw_page(CAST.anna, portrait), passport_page)


def test_same_seed_gives_the_same_capture_and_another_seed_another(passport_page: np.ndarray) -> None:
    first = capture(passport_page, 5, CaptureKind.HAND_HELD)
    assert capture(passport_page, 5, CaptureKind.HAND_HELD) == first
    assert capture(passport_page, 6, CaptureKind.HAND_HELD) != first


@pytest.mark.parametrize("kind", CaptureKind)
def test_capture_is_what_a_booth_sends(kind: CaptureKind, passport_page: np.ndarray) -> None:
    content = capture(passport_page, 2, kind)
    assert content.startswith(b"\xff\xd8")
    assert len(content) <= LARGEST_BYTES
    assert decode(content).shape[1] == WIDTH_PX
