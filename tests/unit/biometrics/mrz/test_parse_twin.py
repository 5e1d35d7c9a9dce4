"""The fast parser and the plain one give the same value, or the same refusal, for every text."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.core.mrz import Mrz, MrzFormatError, MrzFormatErrorCode, check_digit, parse_mrz
from biometrics.core.mrz.alphabet import ALPHABET, weighted_sum
from tests.bench.mrz_fuzz import SPECIMENS, fuzz
from tests.reference.mrz_parse_plain import check_digit_plain, parse_plain

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def outcome(parse: Any, lines: Any) -> Mrz | tuple[object, object]:
    try:
        return parse(lines, at=AT)  # type: ignore[no-any-return]
    except MrzFormatError as error:
        return error.code, error.field


@pytest.mark.parametrize("lines", SPECIMENS, ids=lambda lines: lines[0][:5])
def test_both_parsers_read_the_specimens_alike(lines: tuple[str, ...]) -> None:
    assert isinstance(outcome(parse_mrz, lines), Mrz)
    assert outcome(parse_mrz, lines) == outcome(parse_plain, lines)


changes = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 43), st.sampled_from(ALPHABET + "é\n ٠")), max_size=5
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SPECIMENS), changes)
def test_both_parsers_agree_on_damaged_specimens(
    specimen: tuple[str, ...], changed: list[tuple[int, int, str]]
) -> None:
    lines = list(specimen)
    for row, position, character in changed:
        line = lines[row % len(lines)]
        at = position % len(line)
        lines[row % len(lines)] = line[:at] + character + line[at + 1 :]
    assert outcome(parse_mrz, lines) == outcome(parse_plain, lines)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=46), max_size=4))
def test_both_parsers_agree_on_any_texts(lines: list[str]) -> None:
    assert outcome(parse_mrz, lines) == outcome(parse_plain, lines)


@pytest.mark.parametrize("given_bytes", [b"", b"P<UTO", (b"P" * 44, b"<" * 44), bytearray(88)])
def test_bytes_are_refused_like_foreign_characters_or_a_wrong_size(given_bytes: Any) -> None:
    with pytest.raises(MrzFormatError) as caught:
        parse_mrz(given_bytes, at=AT)
    assert caught.value.code in (MrzFormatErrorCode.FOREIGN_CHARACTER, MrzFormatErrorCode.WRONG_SIZE)


@given(st.text(ALPHABET, max_size=200), st.integers(0, 5))
def test_sums_and_digits_equal_the_plain_ones(text: str, first_index: int) -> None:
    assert check_digit(text) == check_digit_plain(text)
    assert weighted_sum("<" * first_index + text) == weighted_sum(text, first_index)


@pytest.mark.parametrize("text", ["é", "a", " ", "A\n", "\ud800", "٣", "?"])
def test_a_digit_of_foreign_characters_is_refused(text: str) -> None:
    with pytest.raises(KeyError):
        check_digit(text)


def test_twenty_thousand_fuzzed_calls_raise_nothing_else() -> None:
    (outcomes,) = fuzz(20_000, seed=5)
    assert outcomes.total() == 20_000
    assert outcomes["parsed"] > 1000
    assert not [name for name in outcomes if name.startswith("SURPRISE")]
