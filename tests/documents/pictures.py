"""Pictures of genuine pages, and of pages whose pixels somebody has forged."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from borders.demo import pages as demo_pages
from borders.demo.captures import CaptureKind, capture
from borders.demo.documents import DemoDocument, Holder, PageLayout
from borders.demo.pages import (
    INK,
    MRZ_LINE_MM,
    MRZ_PASSPORT_BASE_MM,
    MRZ_PASSPORT_LEFT_MM,
    MRZ_PITCH_MM,
    PASSPORT_MM,
    PIXELS_PER_MM,
    draw_page,
)
from borders.demo.portraits import face_names, portrait
from tests.documents.genuine import Rng, draw_paper, pick

Pixels = npt.NDArray[np.uint8]
LATIN_SURNAMES = (
    "Eriksson",
    "Mueller",
    "Okonkwo",
    "Suzuki",
    "Dvorak",
    "Nagy",
    "Ionescu",
    "Haddad",
    "Perera",
    "Tran",
)
LATIN_GIVEN = (
    "Anna Maria",
    "Joerg",
    "Chidi",
    "Haruka",
    "Jiri",
    "Eszter",
    "Stefan",
    "Layla",
    "Priya",
    "Minh Anh",
)
PHOTO_MM = (6.0, 14.0, 34.0, 43.5)


@dataclass(frozen=True, slots=True)
class Picture:
    """image_bgr: as a booth sends it, decoded. document: what the page says."""

    image_bgr: Pixels
    document: DemoDocument
    face: str


Forge = Callable[[Rng], Picture]


def draw_document(rng: Rng, layout: PageLayout = PageLayout.PASSPORT) -> DemoDocument:
    """Return an invented passport or card whose holder is one of the drawn faces."""
    paper = draw_paper(rng, kind=layout.value, adult=True)
    while paper.birth_date is None:
        paper = draw_paper(rng, kind=layout.value, adult=True)
    holder = Holder(
        pick(rng, LATIN_SURNAMES),
        pick(rng, LATIN_GIVEN),
        paper.birth_date,
        pick(rng, ("M", "F", "X")),
        paper.nationality,
        "Zenith",
        pick(rng, face_names()),
    )
    return DemoDocument(
        layout, paper.issuing_state, paper.document_number[:9], holder, paper.issue_date, paper.expiry_date
    )


def _page(rng: Rng, layout: PageLayout = PageLayout.PASSPORT) -> tuple[Pixels, DemoDocument]:
    document = draw_document(rng, layout)
    return draw_page(document, portrait(document.holder.face)), document


def _taken(rng: Rng, page: Pixels, document: DemoDocument) -> Picture:
    kind = CaptureKind.FLATBED if rng.random() < 0.6 else CaptureKind.HAND_HELD
    content = capture(page, int(rng.integers(2**31)), kind)
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    return Picture(np.asarray(image, np.uint8), document, document.holder.face)


def genuine_picture(rng: Rng) -> Picture:
    """Return a genuine page: passports, some cards, under a reader or in a hand."""
    layout = PageLayout.CARD if rng.random() < 0.2 else PageLayout.PASSPORT
    return _taken(rng, *_page(rng, layout))


# recapture


def screen_recapture(rng: Rng) -> Picture:
    """A page shown on a screen and photographed: stripes of three colours and dark gaps, two to four pixels apart."""
    picture = _taken(rng, *_page(rng))
    image = picture.image_bgr.astype(np.float32)
    height, width = image.shape[:2]
    turn = np.deg2rad(rng.uniform(-6, 6))
    pitch = float(rng.uniform(2.3, 4.5))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    u, v = (x * np.cos(turn) + y * np.sin(turn)) / pitch, (y * np.cos(turn) - x * np.sin(turn)) / pitch
    depth = float(rng.uniform(0.12, 0.35))
    for channel in range(3):
        stripes = 1 + depth * np.cos(2 * np.pi * (u + channel / 3))
        gaps = 1 + 0.6 * depth * np.cos(2 * np.pi * v)
        image[..., channel] *= stripes * gaps
    image = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.3, 0.6)))
    image += rng.normal(0, float(rng.uniform(1, 4)), image.shape)
    return replace(picture, image_bgr=_compressed(rng, image))


def print_recapture(rng: Rng) -> Picture:
    """A page printed by a halftone and photographed: dots on a turned grid, darker where the page is."""
    picture = _taken(rng, *_page(rng))
    image = picture.image_bgr.astype(np.float32) / 255
    height, width = image.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    pitch = float(rng.uniform(2.6, 5))
    printed = np.empty_like(image)
    for channel, angle in enumerate(np.deg2rad(np.array([15, 75, 45]) + rng.uniform(-8, 8))):
        u, v = (
            (x * np.cos(angle) + y * np.sin(angle)) / pitch,
            (y * np.cos(angle) - x * np.sin(angle)) / pitch,
        )
        cell = (np.cos(2 * np.pi * u) + np.cos(2 * np.pi * v)) / 4 + 0.5
        dots = 1 / (1 + np.exp(-(image[..., channel] - cell) * 8))
        share = float(rng.uniform(0.35, 0.8))
        printed[..., channel] = share * dots + (1 - share) * image[..., channel]
    seen = cv2.GaussianBlur(printed * 255, (0, 0), float(rng.uniform(0.4, 0.8)))
    seen += rng.normal(0, float(rng.uniform(1, 4)), seen.shape)
    return replace(picture, image_bgr=_compressed(rng, seen))


def _compressed(rng: Rng, image: npt.NDArray[np.float32]) -> Pixels:
    packed = cv2.imencode(
        ".jpg", np.clip(image, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(72, 95))]
    )[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)


# zone


def _zone_place(line: int, column: int) -> tuple[float, float]:
    """Return where a character of a passport's zone stands on the page: left edge and base line, in pixels."""
    x = (MRZ_PASSPORT_LEFT_MM + column * MRZ_PITCH_MM) * PIXELS_PER_MM
    y = (PASSPORT_MM[1] - MRZ_PASSPORT_BASE_MM - (1 - line) * MRZ_LINE_MM) * PIXELS_PER_MM
    return x, y


def _cut_out(page: Pixels, line: int, first: int, last: int) -> tuple[slice, slice]:
    x0, base = _zone_place(line, first)
    x1, _ = _zone_place(line, last)
    return slice(round(base - 3.4 * PIXELS_PER_MM), round(base + 0.9 * PIXELS_PER_MM)), slice(
        round(x0) - 2, round(x1)
    )


def _paper_colour(page: Pixels) -> npt.NDArray[np.float32]:
    rows = page[-round(23 * PIXELS_PER_MM) :]
    return np.quantile(rows.reshape(-1, 3), 0.7, axis=0).astype(np.float32)


def _lines(document: DemoDocument) -> tuple[str, ...]:
    return demo_pages.mrz_lines(document)


def other_font(rng: Rng) -> Picture:
    """The second line, printed anew in a type that is at hand, one character to a place."""
    page, document = _page(rng)
    return _taken(rng, _reprint(rng, page, document, 1, 0, 44), document)


def other_font_in_part(rng: Rng) -> Picture:
    """Six to nine characters of the second line printed anew in another type."""
    page, document = _page(rng)
    first, last = ((0, 9), (13, 20), (21, 28))[int(rng.integers(3))]
    return _taken(rng, _reprint(rng, page, document, 1, first, last), document)


def _reprint(rng: Rng, page: Pixels, document: DemoDocument, line: int, first: int, last: int) -> Pixels:
    rows, columns = _cut_out(page, line, first, last)
    patched = page.copy()
    patched[rows, columns] = np.clip(_paper_colour(page) + rng.uniform(-6, 6), 0, 255)
    picture = Image.fromarray(patched[..., ::-1])
    pen = ImageDraw.Draw(picture)
    weight = pick(rng, ("Medium", "Bold"))
    size = round(float(rng.uniform(3.0, 3.5)) * PIXELS_PER_MM)
    font: ImageFont.FreeTypeFont = demo_pages._font(weight, size)
    text = _lines(document)[line]
    for column in range(first, last):
        x, base = _zone_place(line, column)
        middle = x + MRZ_PITCH_MM * PIXELS_PER_MM / 2
        pen.text((middle, base), text[column], fill=INK, font=font, anchor="ms")
    return np.ascontiguousarray(np.asarray(picture)[..., ::-1])


def shifted_stretch(rng: Rng) -> Picture:
    """A strip with some characters of the second line pasted a third to seven tenths of a millimetre too high or low."""
    page, document = _page(rng)
    first, last = ((0, 10), (13, 20), (21, 28))[int(rng.integers(3))]
    rows, columns = _cut_out(page, 1, first, last)
    shift = round(float(rng.uniform(0.33, 0.7)) * PIXELS_PER_MM) * (1 if rng.random() < 0.5 else -1)
    patched = page.copy()
    patch = page[rows, columns].copy()
    patched[rows, columns] = np.clip(_paper_colour(page) + rng.uniform(-5, 5), 0, 255)
    patched[rows.start + shift : rows.stop + shift, columns] = patch
    return _taken(rng, patched, document)


def turned_line(rng: Rng) -> Picture:
    """The second line pasted at an angle of eight tenths to one and a half degrees."""
    page, document = _page(rng)
    rows, columns = _cut_out(page, 1, 0, 44)
    patch = page[rows, columns].astype(np.float32)
    height, width = patch.shape[:2]
    angle = float(rng.uniform(0.8, 1.5)) * (1 if rng.random() < 0.5 else -1)
    room = 30
    framed = cv2.copyMakeBorder(
        patch, room, room, 0, 0, cv2.BORDER_CONSTANT, value=_paper_colour(page).tolist()
    )
    turn = cv2.getRotationMatrix2D((width / 2, height / 2 + room), angle, 1)
    turned = cv2.warpAffine(
        framed, turn, (width, height + 2 * room), borderValue=_paper_colour(page).tolist()
    )
    ink = turned.min(2, keepdims=True) < _paper_colour(page).min() - 40
    patched = page.copy()
    patched[rows, columns] = np.clip(_paper_colour(page), 0, 255)
    top = rows.start - room
    under = patched[top : top + turned.shape[0], columns]
    under[...] = np.where(ink, np.clip(turned, 0, 255), under)
    return _taken(rng, patched, document)


# portrait


def pasted_portrait(rng: Rng) -> Picture:
    """Another portrait laid over the picture of the page by a computer: smooth, or with the noise of another camera."""
    picture = genuine_passport_picture(rng)
    image = picture.image_bgr.copy()
    height, width = image.shape[:2]
    # the page fills the picture but for its margin; the photograph's place is known to a millimetre or two
    scale = width / (PASSPORT_MM[0] * 1.05)
    left, top, wide, high = PHOTO_MM
    x0, y0 = round((left + 3.2) * scale), round((top + 0.025 * PASSPORT_MM[0]) * scale)
    x1, y1 = min(width, x0 + round(wide * scale)), min(height, y0 + round(high * scale))
    other = pick(rng, tuple(n for n in face_names() if n != picture.face))
    face = cv2.imdecode(np.frombuffer(portrait(other), np.uint8), cv2.IMREAD_COLOR)
    face = cv2.resize(face, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA).astype(np.float32)
    if rng.random() < 0.5:
        face = cv2.GaussianBlur(face, (0, 0), float(rng.uniform(0.8, 1.6)))
    else:
        face += rng.normal(0, float(rng.uniform(7, 14)), face.shape)
    image[y0:y1, x0:x1] = np.clip(face, 0, 255).astype(np.uint8)
    return Picture(_compressed(rng, image.astype(np.float32)), picture.document, other)


def matched_portrait(rng: Rng) -> Picture:
    """Another portrait laid over with soft edges and the noise of the page: what a careful forger does."""
    picture = genuine_passport_picture(rng)
    image = picture.image_bgr.astype(np.float32)
    height, width = image.shape[:2]
    scale = width / (PASSPORT_MM[0] * 1.05)
    left, top, wide, high = PHOTO_MM
    x0, y0 = round((left + 3.2) * scale), round((top + 0.025 * PASSPORT_MM[0]) * scale)
    x1, y1 = min(width, x0 + round(wide * scale)), min(height, y0 + round(high * scale))
    other = pick(rng, tuple(n for n in face_names() if n != picture.face))
    face = cv2.imdecode(np.frombuffer(portrait(other), np.uint8), cv2.IMREAD_COLOR)
    face = cv2.resize(face, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA).astype(np.float32)
    face += rng.normal(0, float(rng.uniform(1.2, 2.0)), face.shape)
    share = np.zeros((height, width, 1), np.float32)
    share[y0 + 3 : y1 - 3, x0 + 3 : x1 - 3] = 1
    share = cv2.GaussianBlur(share, (0, 0), 1.5)[..., None]
    laid = image.copy()
    laid[y0:y1, x0:x1] = face
    return Picture(_compressed(rng, share * laid + (1 - share) * image), picture.document, other)


def genuine_passport_picture(rng: Rng) -> Picture:
    """Return a genuine passport under a reader."""
    page, document = _page(rng)
    content = capture(page, int(rng.integers(2**31)), CaptureKind.FLATBED)
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    return Picture(np.asarray(image, np.uint8), document, document.holder.face)


PICTURE_KINDS: tuple[tuple[str, str, Forge], ...] = (
    ("page shown on a screen", "PAGE.RECAPTURE", screen_recapture),
    ("page printed as a halftone", "PAGE.RECAPTURE", print_recapture),
    ("line of the zone in another font", "PAGE.FONT", other_font),
    ("part of the zone in another font", "PAGE.FONT", other_font_in_part),
    ("part of the zone pasted off its line", "PAGE.BASELINE", shifted_stretch),
    ("line of the zone pasted at an angle", "PAGE.BASELINE", turned_line),
    ("portrait laid over the picture", "PAGE.PORTRAIT", pasted_portrait),
    ("portrait laid over, noise and edges matched", "PAGE.PORTRAIT", matched_portrait),
)
