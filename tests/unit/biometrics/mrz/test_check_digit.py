"""Check digits: the worked examples of Doc 9303-3 (eighth edition, 2021), appendix A; and the layouts' rules."""

import pytest

from biometrics.core.mrz import check_digit
from biometrics.core.mrz.checks import compare_check_digits
from biometrics.core.mrz.layouts import ALL_LAYOUTS, BY_NAME, FieldName, Layout, LayoutName, select_layout


@pytest.mark.parametrize(
    ("text", "digit", "source"),
    [
        ("520727", "3", "Doc 9303-3 appendix A, example 1: a date"),
        ("AB2134<<<", "5", "Doc 9303-3 appendix A, example 2: a document number"),
        (
            "HA672242<658022549601086<<<<<<<<<<<<<<0",
            "8",
            "Doc 9303-3 appendix A, example 3: composite of TD3",
        ),
        (
            "D231458907<<<<<<<<<<<<<<<34071279507122<<<<<<<<<<<",
            "2",
            "Doc 9303-3 appendix A, example 4: composite of TD1",
        ),
        ("HA672242<658022549601086<<<<<<<", "8", "Doc 9303-3 appendix A, example 5: composite of TD2"),
        ("", "0", "nothing sums to 0"),
    ],
)
def test_worked_examples_give_the_printed_digit(text: str, digit: str, source: str) -> None:
    assert check_digit(text) == digit, source


def test_a_character_outside_the_alphabet_is_refused() -> None:
    with pytest.raises(KeyError):
        check_digit("ab")


def test_two_like_swaps_on_weights_seven_and_three_cancel() -> None:
    assert check_digit("00A000000") == check_digit("OOA000000")


@pytest.mark.parametrize("layout", ALL_LAYOUTS, ids=lambda layout: layout.name.value)
def test_every_layout_is_whole(layout: Layout) -> None:
    assert max(layout.widths) == layout.columns
    for span in layout.fields.values():
        assert span.line < layout.rows
        assert 0 <= span.start < span.stop <= layout.widths[span.line]
    for rule in layout.checks:
        cells = rule.covered_cells()
        assert len(set(cells)) == len(cells)
        assert rule.cell not in cells


def test_every_layout_name_has_its_layout() -> None:
    assert set(BY_NAME) == set(LayoutName)


def test_visas_have_no_composite_digit() -> None:
    for name in (LayoutName.MRVA, LayoutName.MRVB):
        assert FieldName.COMPOSITE not in {rule.field for rule in BY_NAME[name].checks}


def test_a_wrong_digit_is_reported_with_the_right_one() -> None:
    lines = ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458908UTO7408122F1204159<<<<<<<6")
    layout = select_layout(lines)
    assert layout is not None
    number, birth, expiry, composite = compare_check_digits(layout, lines)
    assert (number.printed, number.computed, number.holds) == ("8", "7", False)
    assert birth.holds
    assert expiry.holds
    assert not composite.holds
