"""Draw document pages: the data page of a passport (TD3) and both sides of an identity card (TD1), in ICAO
layout.

Sizes and places are in millimetres from the top left corner. The same document and portrait give the same
pixels. Source: Doc 9303-3 section 3 (visual zone), -4 and -5 section 4 (machine readable zone: OCR-B,
2.54 mm a character).
"""

import functools
import hashlib
import importlib.util
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pycountry
from PIL import Image, ImageDraw, ImageFont

from borders.demo.documents import DemoDocument, Holder, PageLayout, mrz_lines

Pixels = npt.NDArray[np.uint8]

PIXELS_PER_MM = 11
PASSPORT_MM = (125.0, 88.0)
CARD_MM = (85.6, 54.0)
CARD_GAP_MM = 4.0
MRZ_PITCH_MM = 2.54
MRZ_LINE_MM = 6.35
MRZ_PASSPORT_LEFT_MM, MRZ_PASSPORT_BASE_MM = 6.3, 8.2
MRZ_CARD_LEFT_MM, MRZ_CARD_BASE_MM = 4.7, 5.2
MRZ_ZONE_MM = 23.2

INK = (28, 26, 24)
LABEL = (88, 84, 96)
SCANNER_LID = (24, 24, 26)
OCRB = Path(__file__).resolve().parent / "fonts" / "OCRB.otf"

STATE_NAMES = {"UTO": "Utopia", "D": "Germany", "XXA": "Stateless person"}
TINTS = ((226, 234, 240), (236, 230, 222), (224, 238, 228), (238, 226, 232), (230, 228, 242), (240, 238, 222))


def draw_page(document: DemoDocument, portrait_jpeg: bytes) -> Pixels:
    """Return the page as it would come from a perfect scanner, uint8 (H, W, 3) BGR, 11 pixels a millimetre.

    portrait_jpeg: the picture of the holder that the document carries.
    """
    portrait = cv2.imdecode(np.frombuffer(portrait_jpeg, np.uint8), cv2.IMREAD_COLOR)
    if document.layout is PageLayout.PASSPORT:
        return _draw_passport(document, portrait)
    front, back = _draw_card_front(document, portrait), _draw_card_back(document)
    gap = np.full((round(CARD_GAP_MM * PIXELS_PER_MM), front.shape[1], 3), SCANNER_LID, np.uint8)
    return np.vstack((front, gap, back))


class _Sheet:
    """One side of a document under the pen."""

    def __init__(self, size_mm: tuple[float, float], state: str, number: str) -> None:
        self.size_mm = size_mm
        self._ground = Image.fromarray(_guilloche(size_mm, state, number))
        self._pen = ImageDraw.Draw(self._ground)

    def text(
        self, x_mm: float, y_mm: float, text: str, height_mm: float, *, bold: bool = False, ink=INK
    ) -> None:
        """Write text with its top left corner at a place. height_mm: of the font."""
        font = _font("Bold" if bold else "Medium", round(height_mm * PIXELS_PER_MM))
        self._pen.text((x_mm * PIXELS_PER_MM, y_mm * PIXELS_PER_MM), text, fill=ink, font=font, anchor="lt")

    def field(self, x_mm: float, y_mm: float, label: str, value: str, height_mm: float = 2.9) -> None:
        """Write a label with its value below."""
        self.text(x_mm, y_mm, label, 1.5, ink=LABEL)
        self.text(x_mm, y_mm + 2.1, value, height_mm, bold=True)

    def picture(
        self, x_mm: float, y_mm: float, width_mm: float, height_mm: float, picture_bgr: Pixels
    ) -> None:
        """Put in a picture, cut to the shape of its place around its middle."""
        width, height = round(width_mm * PIXELS_PER_MM), round(height_mm * PIXELS_PER_MM)
        rows, columns = picture_bgr.shape[:2]
        scale = max(width / columns, height / rows)
        resized = cv2.resize(picture_bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        top, left = (resized.shape[0] - height) // 2, (resized.shape[1] - width) // 2
        cut = np.ascontiguousarray(resized[top : top + height, left : left + width, ::-1])
        self._ground.paste(Image.fromarray(cut), (round(x_mm * PIXELS_PER_MM), round(y_mm * PIXELS_PER_MM)))

    def signature(self, x_mm: float, y_mm: float, seed: int) -> None:
        """Scribble a signature."""
        random = np.random.default_rng(seed)
        t = np.linspace(0, 1, 160)
        turns, lift = random.uniform(4, 8), random.uniform(0.6, 1.6)
        x = x_mm + 22 * t + 1.2 * np.sin(turns * 6.28 * t)
        y = y_mm + lift * np.cos(turns * 6.28 * t) * (1 - 0.5 * t) + random.uniform(-1, 1) * t
        points = [(float(a * PIXELS_PER_MM), float(b * PIXELS_PER_MM)) for a, b in zip(x, y, strict=True)]
        self._pen.line(points, fill=(40, 42, 92), width=3, joint="curve")

    def zone(self, lines: tuple[str, ...], left_mm: float, base_mm: float) -> None:
        """Write the machine readable zone on its lighter ground.

        base_mm: of the last line, from the bottom edge.
        """
        _, height_mm = self.size_mm
        top = round((height_mm - MRZ_ZONE_MM) * PIXELS_PER_MM)
        ground = np.array(self._ground)
        ground[top:] = (ground[top:] * 0.3 + 247 * 0.7).astype(np.uint8)
        self._ground = Image.fromarray(ground)
        self._pen = ImageDraw.Draw(self._ground)
        font = _zone_font()
        for index, line in enumerate(lines):
            baseline = (height_mm - base_mm - (len(lines) - 1 - index) * MRZ_LINE_MM) * PIXELS_PER_MM
            for position, character in enumerate(line):
                # each at its own place: the zone knows no kerning
                x = (left_mm + position * MRZ_PITCH_MM) * PIXELS_PER_MM
                self._pen.text((x, baseline), character, fill=INK, font=font, anchor="ls")

    def pixels(self) -> Pixels:
        return np.ascontiguousarray(np.asarray(self._ground)[..., ::-1])


def _draw_passport(document: DemoDocument, portrait: Pixels) -> Pixels:
    holder, state = document.holder, _state_name(document.issuing_state)
    sheet = _Sheet(PASSPORT_MM, document.issuing_state, document.document_number)
    sheet.text(6, 4, state.upper(), 4.2, bold=True, ink=(54, 48, 92))
    sheet.text(6, 9.2, "PASSPORT  PASSEPORT", 2.2, ink=(54, 48, 92))
    sheet.picture(6, 14, 34, 43.5, portrait)
    sheet.field(45, 4, "Type / Type", document.document_code)
    sheet.field(62, 4, "Code / Code", document.issuing_state)
    sheet.field(84, 4, "Passport No. / No du passeport", document.document_number)
    sheet.field(45, 11.5, "1 Surname / Nom", holder.primary_identifier.upper(), 3.1)
    sheet.field(45, 19, "2 Given names / Prénoms", holder.secondary_identifier.upper(), 3.1)
    sheet.field(45, 26.5, "3 Nationality / Nationalité", _nationality(holder))
    sheet.field(45, 34, "4 Date of birth / Date de naissance", _print_date(_printed_birth(document)))
    sheet.field(92, 34, "5 Sex / Sexe", holder.sex)
    sheet.field(45, 41.5, "6 Place of birth / Lieu de naissance", holder.birth_place.upper())
    sheet.field(45, 49, "7 Date of issue / Date de délivrance", _print_date(document.issue_date))
    sheet.field(92, 49, "8 Authority / Autorité", "PASSPORT OFFICE", 2.4)
    sheet.field(45, 56.5, "9 Date of expiry / Date d'expiration", _print_date(document.expiry_date))
    sheet.signature(92, 60.5, _seed(document.document_number))
    sheet.text(6, 60.5, "Demonstration. Not a travel document.", 1.5, ink=LABEL)
    sheet.zone(mrz_lines(document), MRZ_PASSPORT_LEFT_MM, MRZ_PASSPORT_BASE_MM)
    return sheet.pixels()


def _draw_card_front(document: DemoDocument, portrait: Pixels) -> Pixels:
    holder, state = document.holder, _state_name(document.issuing_state)
    sheet = _Sheet(CARD_MM, document.issuing_state, document.document_number)
    sheet.text(4, 3, state.upper(), 3.4, bold=True, ink=(54, 48, 92))
    sheet.text(4, 7.2, "IDENTITY CARD  CARTE D'IDENTITÉ", 1.8, ink=(54, 48, 92))
    sheet.picture(4, 11.5, 28, 36, portrait)
    sheet.field(56, 3, "Card No. / No de la carte", document.document_number, 2.6)
    sheet.field(35.5, 11.5, "Surname / Nom", holder.primary_identifier.upper(), 2.7)
    sheet.field(35.5, 18, "Given names / Prénoms", holder.secondary_identifier.upper(), 2.7)
    sheet.field(35.5, 24.5, "Nationality / Nationalité", _nationality(holder), 2.4)
    sheet.field(35.5, 31, "Date of birth / Date de naissance", _print_date(_printed_birth(document)), 2.4)
    sheet.field(70, 31, "Sex / Sexe", holder.sex, 2.4)
    sheet.field(35.5, 37.5, "Date of expiry / Date d'expiration", _print_date(document.expiry_date), 2.4)
    sheet.signature(36, 47.5, _seed(document.document_number))
    sheet.text(4, 50, "Demonstration. Not a travel document.", 1.4, ink=LABEL)
    return sheet.pixels()


def _draw_card_back(document: DemoDocument) -> Pixels:
    sheet = _Sheet(CARD_MM, document.issuing_state, document.document_number + " back")
    sheet.field(4.7, 3.5, "Place of birth / Lieu de naissance", document.holder.birth_place.upper(), 2.4)
    sheet.field(4.7, 11, "Date of issue / Date de délivrance", _print_date(document.issue_date), 2.4)
    sheet.field(4.7, 18.5, "Authority / Autorité", "CIVIL REGISTRY", 2.4)
    sheet.zone(mrz_lines(document), MRZ_CARD_LEFT_MM, MRZ_CARD_BASE_MM)
    return sheet.pixels()


def _printed_birth(document: DemoDocument) -> date:
    return document.printed_birth_date or document.holder.birth_date


def _print_date(day: date) -> str:
    months = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
    return f"{day.day:02d} {months[day.month - 1]} {day.year}"


def _nationality(holder: Holder) -> str:
    return f"{_state_name(holder.nationality).upper()} ({holder.nationality})"


def _state_name(code: str) -> str:
    if code in STATE_NAMES:
        return STATE_NAMES[code]
    country = pycountry.countries.get(alpha_3=code)
    return getattr(country, "common_name", country.name) if country else code


def _guilloche(size_mm: tuple[float, float], state: str, number: str) -> Pixels:
    """Return the security ground of a page, uint8 (H, W, 3) RGB: fine waves in the tint of the State, phased
    by the number.
    """
    width, height = (round(side * PIXELS_PER_MM) for side in size_mm)
    random = np.random.default_rng(_seed(number))
    tint = np.array(TINTS[_seed(state) % len(TINTS)], np.float32)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    ground = np.repeat(tint[None, None], height, 0).repeat(width, 1)
    for colour in ((9, 2, -6), (-5, 6, 8), (6, -7, 4)):
        angle, length = random.uniform(0, np.pi), random.uniform(10, 26)
        bend = 14 * np.sin(x / random.uniform(60, 140) + random.uniform(0, 6)) + 10 * np.sin(
            y / random.uniform(50, 120)
        )
        wave = np.sin((x * np.cos(angle) + y * np.sin(angle) + bend) * (6.28 / length))
        ground += wave[..., None] * np.array(colour, np.float32)
    return np.clip(ground, 0, 255).astype(np.uint8)


def _seed(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])


@functools.cache
def _font(weight: str, size_px: int) -> ImageFont.FreeTypeFont:
    """Return the type of the visual zone:

    Inter, as django-unfold ships it, because Pillow's own knows no accents.
    """
    package = importlib.util.find_spec("unfold")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("unfold")
    fonts = Path(package.origin).parent / "static" / "unfold" / "fonts" / "inter"
    return ImageFont.truetype(fonts / f"Inter-{weight}.woff2", size_px)


@functools.cache
def _zone_font() -> ImageFont.FreeTypeFont:
    advance = ImageFont.truetype(OCRB, 1000).getlength("<") / 1000
    return ImageFont.truetype(OCRB, MRZ_PITCH_MM * PIXELS_PER_MM / advance)
