"""Letters on paper: one page of A4 as PDF, in a language that runs from the left or from the right, with nothing fetched.

The typeface is DejaVu Sans (Latin, Greek, Cyrillic, Arabic), cut to these scripts; see borders/fonts/LICENSE.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

FONTS = Path(__file__).resolve().parents[1] / "fonts"
FAMILY = "DejaVuSans"
MARGIN_MM, LINE_MM = 20.0, 5.4
LABEL_SHARE = 0.36
SCRIPTS = {"ar": ("rtl", "arab")}
# so that codes and addresses keep their order within a line that runs from the right (Unicode UAX #9)
FIRST_STRONG, POP = "\u2068", "\u2069"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its paragraphs."""

    heading: str
    paragraphs: Sequence[str]


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter, every word of it already in its language. rows: label and value. signatures: what stands below each line."""

    language: str
    title: str
    sender: str
    rows: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    signatures: Sequence[str]
    footnote: str
    reference: str
    page_word: str
    made_at: datetime


def render_letter(letter: Letter) -> bytes:
    """Return a letter as PDF; the same letter gives the same text. It carries no data besides what can be read on it."""
    page = _Page(letter)
    page.add_page()
    page.write_head()
    page.write_rows()
    for section in letter.sections:
        page.write_section(section)
    page.write_signatures()
    return bytes(page.output())


class _Page(FPDF):
    def __init__(self, letter: Letter) -> None:
        super().__init__(format="A4")
        self.letter = letter
        self.runs_from_right = letter.language in settings.LANGUAGES_BIDI
        self.side = Align.R if self.runs_from_right else Align.L
        self.set_margin(MARGIN_MM)
        self.set_auto_page_break(auto=True, margin=MARGIN_MM)
        self.set_creation_date(letter.made_at)
        self.set_title(f"{letter.title} {letter.reference}")
        self.set_lang(letter.language)
        for style, file in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
            self.add_font(FAMILY, style, FONTS / file)
        direction, script = SCRIPTS.get(letter.language, ("ltr", "latn"))
        self.set_text_shaping(True, direction=direction, script=script, language=letter.language)

    def footer(self) -> None:
        self.set_y(-MARGIN_MM + 6)
        self.set_font(FAMILY, "", 8)
        words = f"{isolate(self.letter.reference)} · {self.letter.page_word} {self.page_no()}"
        self.cell(0, 4, words, align=self.side)

    def write_head(self) -> None:
        self._write(self.letter.sender, size=10)
        self.ln(4)
        self._write(self.letter.title, size=16, style="B", line_mm=8)
        self.ln(3)

    def write_rows(self) -> None:
        label_mm, top = self.epw * LABEL_SHARE, self.get_y()
        value_mm = self.epw - label_mm
        left = self.l_margin
        at_label, at_value = (left + value_mm, left) if self.runs_from_right else (left, left + label_mm)
        for label, value in self.letter.rows:
            top = self.get_y()
            self.set_xy(at_label, top)
            self._write(label, size=9, width=label_mm)
            below = self.get_y()
            self.set_xy(at_value, top)
            self._write(isolate(value), size=10, style="B", width=value_mm)
            self.set_xy(left, max(below, self.get_y()) + 0.6)
        self.ln(2)

    def write_section(self, section: Section) -> None:
        self._write(section.heading, size=11, style="B", line_mm=7)
        for paragraph in section.paragraphs:
            self._write(paragraph, size=10)
            self.ln(1)
        self.ln(2)

    def write_signatures(self) -> None:
        if not self.letter.signatures:
            return
        if self.will_page_break(30):
            self.add_page()
        self.ln(14)
        gap = 10.0
        width = (self.epw - gap * (len(self.letter.signatures) - 1)) / len(self.letter.signatures)
        top, below = self.get_y(), self.get_y()
        words = list(self.letter.signatures)
        for place, text in enumerate(reversed(words) if self.runs_from_right else words):
            left = self.l_margin + place * (width + gap)
            self.line(left, top, left + width, top)
            self.set_xy(left, top + 1)
            self._write(text, size=8, width=width, line_mm=4)
            below = max(below, self.get_y())
        self.set_xy(self.l_margin, below + 2)
        self._write(self.letter.footnote, size=8, line_mm=4)

    def _write(
        self, text: str, *, size: float, style: str = "", width: float = 0, line_mm: float = LINE_MM
    ) -> None:
        self.set_font(FAMILY, style, size)
        self.multi_cell(
            width, line_mm, text, align=self.side, new_x=XPos.LMARGIN, new_y=YPos.NEXT, wrapmode="WORD"
        )


def isolate(text: str) -> str:
    """Return a text that keeps its own direction within the line around it."""
    return f"{FIRST_STRONG}{text}{POP}" if text else text
