"""Letters on paper: every word of every language can be set, and both directions come out as PDF."""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext
from fontTools.ttLib import TTFont

from borders.core.redress import FIELD_WORDS, LETTER_TEXTS
from borders.core.refusals import GROUND_TEXTS, NOTICE_TEXTS, Ground
from borders.services.letters import FONTS, Letter, Section, isolate, render_letter

LANGUAGES = [code for code, _ in settings.LANGUAGES]
TEXTS = [*NOTICE_TEXTS.values(), *GROUND_TEXTS.values(), *LETTER_TEXTS.values(), *FIELD_WORDS.values()]
# names as they stand on pages of many States
NAMES = "ÅÄÖØÆÇĞİŁŠŽÞßáéñőűαβγδЖЩЫЯїє ابپتثجچخدذرزژسشصضطظعغفقكگلمنهوي"


@pytest.mark.parametrize("file", ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_typeface_has_every_character_of_every_word(file: str, language: str) -> None:
    font = TTFont(FONTS / file)
    with translation.override(language):
        words = "".join(gettext(text) for text in TEXTS) + NAMES
    known = font.getBestCmap()
    font.close()

    assert {c for c in words if ord(c) not in known} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_letter_is_a_pdf_that_says_its_language_and_no_more_than_its_reference(language: str) -> None:
    letter = Letter(
        language=language,
        title="T",
        sender="Border Directorate",
        rows=[("Name", "ERIKSSON, ANNA MARIA")],
        sections=[Section("H", [f"إشعار {isolate('section 12 (1)')} é"])],
        signatures=["A", "B"],
        footnote="F",
        reference="UTAIR-20261120-7K2MQX",
        page_word="Page",
        made_at=datetime(2026, 11, 20, tzinfo=UTC),
    )

    content = render_letter(letter)

    assert content.startswith(b"%PDF")
    assert f"/Lang ({language})".encode() in content
    assert b"ERIKSSON" not in content


def test_long_letter_goes_on_to_further_pages() -> None:
    sections = [Section("H", ["word " * 300])] * 6
    at = datetime(2026, 11, 20, tzinfo=UTC)
    letter = Letter("en", "T", "S", [], sections, ["A"], "F", "R", "Page", at)

    assert render_letter(letter).count(b"/Type /Page\n") == 3


def test_every_ground_has_words() -> None:
    assert set(GROUND_TEXTS) == set(Ground)
