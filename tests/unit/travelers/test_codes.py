"""The table of codes of Doc 9303-3 section 5."""

import pycountry
import pytest

from travelers.core.codes import FURTHER_CODES, ISO_ALPHA_3, is_known_code, normalise_code


def test_table_of_states_is_that_of_iso_3166() -> None:
    assert {country.alpha_3 for country in pycountry.countries} == ISO_ALPHA_3


def test_further_codes_are_none_of_iso_3166() -> None:
    assert ISO_ALPHA_3.isdisjoint(FURTHER_CODES)


@pytest.mark.parametrize("code", ["D", "UTO", "XXA", "RKS", "GBN", "FRA", "DEU"])
def test_code_of_the_standard_is_known(code: str) -> None:
    assert is_known_code(code)


@pytest.mark.parametrize("code", ["", "QQQ", "fra", "FR", "D<<", "XZZ"])
def test_other_code_is_unknown(code: str) -> None:
    assert not is_known_code(code)


def test_germany_is_one_letter_in_the_zone() -> None:
    assert normalise_code("DEU") == normalise_code("D<<") == "D"
