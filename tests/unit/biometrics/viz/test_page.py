"""The printed zone cut out of a picture by the corners of the machine readable zone."""

import cv2
import numpy as np
import pytest

from biometrics.core.viz import cut_printed_zone

# a page of 125 x 88 mm at 8 pixels a millimetre, its zone at the lower edge
WIDTH, HEIGHT, SCALE = 1000, 704, 8.0
ZONE = np.array([(53, 560), (947, 560), (947, 650), (53, 650)], np.float32)


def page_with_a_mark() -> np.ndarray:
    page = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    page[100:130, 600:640] = 0
    return page


@pytest.mark.parametrize("turn_deg", [0, 17, 90, 180, 263])
@pytest.mark.parametrize("size", [1.0, 0.4, 3.0])
def test_a_page_however_it_lies_is_cut_out_upright(turn_deg: float, size: float) -> None:
    matrix = cv2.getRotationMatrix2D((0, 0), turn_deg, size)
    edges = np.array([(0, 0, 1), (WIDTH, 0, 1), (WIDTH, HEIGHT, 1), (0, HEIGHT, 1)]) @ matrix.T
    matrix[:, 2] -= edges.min(axis=0)
    view = np.ceil(np.ptp(edges, axis=0)).astype(int)
    picture = cv2.warpAffine(
        page_with_a_mark(), matrix, (int(view[0]), int(view[1])), borderValue=(255, 255, 255)
    )
    corners = np.column_stack((ZONE, np.ones(4))) @ matrix.T
    zone = cut_printed_zone(picture, tuple(map(tuple, corners.tolist())), 44)
    assert zone is not None
    dark = np.argwhere(zone.image_bgr[..., 0] < 128)
    (y0, x0), (y1, x1) = dark.min(axis=0), dark.max(axis=0) + 1
    enlarged = min(size, 1.0, 1.6 * size)
    assert (x1 - x0) / (y1 - y0) == pytest.approx(40 / 30, rel=0.2)
    assert x1 - x0 == pytest.approx(40 * max(enlarged, min(1.0, 1.6 * size)), rel=0.25)
    # and back to where it stands in the picture
    placed = zone.box_in_picture((float(x0), float(y0), float(x1), float(y1)))
    expected = np.array([(600, 100, 1), (640, 100, 1), (640, 130, 1), (600, 130, 1)]) @ matrix.T
    assert np.abs(np.array(placed) - expected).max() < 3 * max(1.0, size)


@pytest.mark.parametrize(
    ("corners", "columns"),
    [
        (((53, 5), (947, 5), (947, 90), (53, 90)), 44),
        (((53, 560), (53, 560), (53, 650), (53, 650)), 44),
        (((53, 560), (947, 560), (947, 650), (53, 650)), 9),
    ],
    ids=["zone at the upper edge", "no length", "no such layout"],
)
def test_where_nothing_stands_above_the_zone_there_is_no_printed_zone(
    corners: tuple[tuple[float, float], ...], columns: int
) -> None:
    assert cut_printed_zone(page_with_a_mark(), corners, columns) is None
