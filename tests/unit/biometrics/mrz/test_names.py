"""Names in the zone: Doc 9303-3, sections 4.6 and 6, and the truncation examples of parts 4 to 6."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.core.mrz import TransliterationError, is_mrz_name_of, mrz_name_forms, transliterate
from biometrics.core.mrz.alphabet import ALPHABET


@pytest.mark.parametrize(
    ("name", "written", "source"),
    [
        ("Anna Maria", "ANNA<MARIA", "4.6: words are parted by one filler"),
        ("Smith-Jones", "SMITH<JONES", "4.6: a hyphen becomes a filler"),
        ("O'Connor", "OCONNOR", "4.6: an apostrophe is left out"),
        ("D’Artagnan", "DARTAGNAN", "4.6: whatever shape the apostrophe has"),
        ("Erik, Jr.", "ERIK<JR", "4.6: other punctuation is left out"),
        ("Müller", "MUELLER", "6.A"),
        ("Ångström", "AANGSTROEM", "6.A"),
        ("Þór Æsir", "THOR<AESIR", "6.A"),
        ("Strauß", "STRAUSS", "6.A"),
        ("Łukasz Đorđe", "LUKASZ<DORDE", "6.A"),
        ("Ñúñez", "NUNEZ", "6.A"),
        ("İlkay Işık", "ILKAY<ISIK", "6.A: Turkish i with and without a dot"),
        ("Щербаков", "SHCHERBAKOV", "6.B"),
        ("Юлия", "IULIIA", "6.B"),
        ("عبّاس", "EBBAS", "6.C note 3: shadda doubles"),
        ("فضّة", "FXDZXDZXAH", "6.C: teh marbuta at the end of a name"),
        ("VAN<DER<MUELLEN", "VAN<DER<MUELLEN", "what is in the zone's letters stays"),
        ("", "", "nothing"),
    ],
)
def test_names_take_the_recommended_form(name: str, written: str, source: str) -> None:
    assert transliterate(name) == written, source


@pytest.mark.parametrize(
    ("letter", "forms"),
    [
        ("Ä", {"AE", "A"}),
        ("Ö", {"OE", "O"}),
        ("Ü", {"UE", "UXX", "U"}),
        ("Å", {"AA", "A"}),
        ("Ñ", {"N", "NXX"}),
        ("Ø", {"OE", "O"}),
        ("ß", {"SS"}),
        ("Þ", {"TH"}),
        ("É", {"E"}),
    ],
)
def test_letters_with_several_forms_have_all_of_them(letter: str, forms: set[str]) -> None:
    assert mrz_name_forms(letter) == forms


def test_cyrillic_names_have_the_forms_of_each_language() -> None:
    assert {"GRYGORII", "HRYHORII"} & mrz_name_forms("Григорій") == {"HRYHORII"}
    assert "YUSHCHENKO" in mrz_name_forms("Ющенко")
    assert "SHTEREVA" in mrz_name_forms("Щерева")


def test_the_recommended_form_is_one_of_the_forms() -> None:
    for name in ("Jürgen Øst", "Щербаков", "Ñandú"):
        assert transliterate(name) in mrz_name_forms(name)


@pytest.mark.parametrize("name", ["山田", "Ə", "A1", "☃"])
def test_a_character_without_a_form_is_refused_and_not_repeated(name: str) -> None:
    with pytest.raises(TransliterationError) as caught:
        mrz_name_forms(name)
    assert name not in str(caught.value)


WOOLOOMOOLOO = "BENNELONG WOOLOOMOOLOO WARRANDYTE WARNAMBOOL"


@pytest.mark.parametrize(
    ("identifier", "name", "truncated", "expected"),
    [
        ("MUELLER", "Müller", False, True),
        ("MULLER", "Müller", False, True),
        ("MILLER", "Müller", False, False),
        ("SMITH JONES", "Smith-Jones", False, True),
        ("SMITH<JONES", "Smith-Jones", False, True),
        ("BENNELONG WOOLOOMOOLOO WARRANDYTE W", WOOLOOMOOLOO, True, True),
        ("BENNELONG WOOLOOM WARRAND WARNAM", WOOLOOMOOLOO, True, True),
        ("BENNE WOOLO WARRA WARNA", WOOLOOMOOLOO, True, True),
        ("BENNELONG WOOLOOM WARRAND WARNAM", WOOLOOMOOLOO, False, False),
        ("CHAYAPA DEJTHAMRONG K", "Chayapa Dejthamrong Krasuang", True, True),
        ("CHAYAPA DEJTHAMRONG B", "Chayapa Dejthamrong Krasuang", True, False),
        ("", "", False, True),
    ],
)
def test_printed_names_are_compared_by_membership_and_by_words_where_cut(
    identifier: str, name: str, truncated: bool, expected: bool
) -> None:
    assert is_mrz_name_of(identifier, name, truncated=truncated) is expected


@given(st.text(max_size=30))
def test_any_text_gives_a_name_of_the_zone_or_the_named_error(name: str) -> None:
    try:
        written = transliterate(name)
    except TransliterationError:
        return
    assert set(written) <= set(ALPHABET)
    assert "<<" not in written
    assert transliterate(written) == written
