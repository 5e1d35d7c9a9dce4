"""Dates, States, sexes and numbers as lists write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from travelers.core.codes import KNOWN_CODES, normalise_code
from watchlists.core.birth_date_texts import YEARS, read_birth_date_text, write_birth_date
from watchlists.core.birth_dates import BirthDate
from watchlists.core.document_ranges import RangeRefused, range_of, split_number
from watchlists.core.importers.countries import state_code
from watchlists.core.importers.country_names import NAMES_OF_STATES
from watchlists.core.importers.dates import numbered_parts, read_birth_date, read_day, read_moment
from watchlists.core.importers.parts import document_numbers, sex_of, split_name
from watchlists.core.names import PersonName


@pytest.mark.parametrize(
    ("text", "born"),
    [
        ("07 Oct 1954", BirthDate(1954, 10, 7)),
        ("7 October 1954", BirthDate(1954, 10, 7)),
        ("October 7, 1954", BirthDate(1954, 10, 7)),
        ("Oct 1954", BirthDate(1954, 10)),
        ("1954-10-07", BirthDate(1954, 10, 7)),
        ("1954/10/07", BirthDate(1954, 10, 7)),
        ("07/10/1954", BirthDate(1954, 10, 7)),
        ("dd/mm/1954", BirthDate(1954)),
        ("00/10/1954", BirthDate(1954, 10)),
        ("1954", BirthDate(1954)),
        ("circa 1954", BirthDate(1954, circa=True)),
        ("Approximately 1954", BirthDate(1954, circa=True)),
        ("circa Oct 1954", BirthDate(1954, 10, circa=True)),
        ("1975 to 1978", BirthDate(1975, until_year=1978)),
        ("Between 1975 and 1978", BirthDate(1975, until_year=1978)),
        ("1975-1978", BirthDate(1975, until_year=1978)),
        ("1978 to 1975", BirthDate(1975, until_year=1978)),
        ("30 Feb 1954", None),
        ("1954-13-01", None),
        ("1754", None),
        ("soon", None),
        ("", None),
        ("1" * 5000, None),
    ],
)
def test_birth_date_is_read_from_any_spelling(text: str, born: BirthDate | None) -> None:
    assert read_birth_date(text) == born


@given(
    st.builds(BirthDate, st.sampled_from(YEARS), st.integers(1, 12), st.integers(1, 28))
    | st.builds(BirthDate, st.sampled_from(YEARS), st.integers(1, 12), circa=st.booleans())
    | st.builds(BirthDate, st.sampled_from(YEARS), circa=st.booleans())
    | st.integers(1850, 2090).flatmap(
        lambda y: st.builds(BirthDate, st.just(y), until_year=st.integers(y + 1, 2100))
    )
)
def test_stored_birth_date_is_read_as_it_was_written(born: BirthDate) -> None:
    assert read_birth_date_text(write_birth_date(born)) == born


@given(st.text(max_size=60))
def test_any_text_is_a_date_or_none(text: str) -> None:
    read_birth_date(text)
    read_day(text)
    read_moment(text)
    document_numbers(text)
    split_number(text)
    state_code(text)
    list(numbered_parts(text))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Germany", "D"),
        ("DEU", "D"),
        ("fr", "FRA"),
        ("Democratic People's Republic of Korea", "PRK"),
        ("Korea, North", "PRK"),
        ("Congo, Democratic Republic of the", "COD"),
        ("Côte d'Ivoire", "CIV"),
        ("The Gambia", "GMB"),
        ("Türkiye", "TUR"),
        ("Atlantis", ""),
        ("", ""),
    ],
)
def test_state_is_known_by_code_and_name(text: str, code: str) -> None:
    assert state_code(text) == code


def test_every_state_of_the_names_is_a_known_code() -> None:
    codes = {normalise_code(line.split(":")[0].strip()) for line in NAMES_OF_STATES.strip().splitlines()}
    assert codes <= KNOWN_CODES


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("L898902C3", ("L898902C3",)),
        ("L898902C3 (issued in Zenith)", ("L898902C3",)),
        ("A1234567; B7654321", ("A1234567", "B7654321")),
        ("Passport No. 12-345-678", ("12-345-678",)),
        ("Utopian passport number 094629366", ("094629366",)),
        ("N/A", ()),
        ("", ()),
        ("unknown", ()),
    ],
)
def test_numbers_are_taken_out_of_remarks(text: str, numbers: tuple[str, ...]) -> None:
    assert document_numbers(text) == numbers


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ERIKSSON, Anna Maria", PersonName("ERIKSSON", "Anna Maria")),
        ("Anna Maria Eriksson", PersonName("Anna Maria Eriksson")),
        ("Eriksson,", PersonName("Eriksson")),
        ("a, b, c", PersonName("a", "b, c")),
    ],
)
def test_comma_parts_a_name(text: str, name: PersonName) -> None:
    assert split_name(text) == name


@pytest.mark.parametrize(("text", "sex"), [("Male", "M"), ("f", "F"), ("X", "X"), ("U", ""), ("", "")])
def test_sex_is_read_or_unknown(text: str, sex: str) -> None:
    assert sex_of(text) == sex


@pytest.mark.parametrize(
    ("first", "latest", "code"),
    [
        ("A0001", "B0002", "different_prefix"),
        ("A001", "A0002", "different_length"),
        ("A0002", "A0001", "reversed"),
        ("", "A0001", "bad_number"),
        ("A" * 30 + "1", "A" * 30 + "2", "bad_number"),
        ("1" * 19, "2" * 19, "bad_number"),
    ],
)
def test_two_numbers_that_span_nothing_are_refused(first: str, latest: str, code: str) -> None:
    with pytest.raises(RangeRefused, match=code):
        range_of(first, latest, issuing_state="UTO")


def test_parts_of_a_numbered_cell_are_apart() -> None:
    assert list(numbered_parts("(1) France (2) Iran")) == ["France", "Iran"]
    assert list(numbered_parts("France")) == ["France"]
