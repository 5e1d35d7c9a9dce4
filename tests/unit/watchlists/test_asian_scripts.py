"""Words of Thai, Tamil and Japanese script in letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchlists.core.asian_scripts import japanese_names, tamil_spellings, thai_spellings
from watchlists.core.romanise import MAX_SPELLINGS, words_of


@pytest.mark.parametrize(
    ("word", "letters"),
    [
        ("แก้ว", "KAEW"),  # the vowel is written first and spoken after
        ("สม", "SOM"),  # O is not written between two consonants
        ("บุญ", "BUN"),  # an end sounds otherwise than a beginning
        ("ศักดิ์", "SAK"),  # silent letters
        ("เทพ", "THEP"),
        ("ทอง", "THONG"),
    ],
)
def test_thai_syllable_is_read_as_it_sounds(word: str, letters: str) -> None:
    assert thai_spellings(word)[0] == letters


@pytest.mark.parametrize(
    ("word", "letters"),
    [("முருகன்", "MURUGAN"), ("கந்தையா", "KANDAIYA"), ("இராமன்", "RAMAN"), ("சுப்பையா", "SUBAIYA")],
)
def test_tamil_word_has_a_voiced_and_an_unvoiced_spelling(word: str, letters: str) -> None:
    assert letters in tamil_spellings(word)


def test_japanese_name_is_parted_into_surname_and_given_name() -> None:
    assert words_of("宮本慎太郎") == (("MIYAMOTO",), ("SHINTARO",))


def test_chinese_name_keeps_its_syllables() -> None:
    assert words_of("林志玲") == (("LIN",), ("ZHI",), ("LING",))


def test_readings_are_of_letters_alone() -> None:
    assert all(form.isascii() and form.isupper() for forms in japanese_names().values() for form in forms)


@given(st.text(st.characters(min_codepoint=0x0E00, max_codepoint=0x0E7F), max_size=12))
def test_any_thai_text_gives_letters_or_nothing(text: str) -> None:
    assert all(form.isascii() and form.isalpha() for form in thai_spellings(text))


@given(st.text(st.characters(min_codepoint=0x0B80, max_codepoint=0x0BFF), max_size=12))
def test_any_tamil_text_gives_words_of_few_spellings(text: str) -> None:
    assert all(form.isascii() and form.isalpha() for form in tamil_spellings(text))
    assert all(len(word) <= MAX_SPELLINGS + 1 for word in words_of(text))
