"""Parsing: the specimen zones of Doc 9303-4 to 9303-7, their name examples, and what is no zone."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.core.mrz import (
    FieldName,
    LayoutName,
    Mrz,
    MrzFormatError,
    MrzFormatErrorCode,
    build_td1,
    check_digit,
    parse_mrz,
    split_mrz,
)
from biometrics.core.mrz.alphabet import ALPHABET

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TD3 = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
TD2 = ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6")
TD1 = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
MRVA = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<")
MRVB = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<")
# an invented card in the old French layout
FRENCH = ("IDFRAERIKSSON<<<<<<<<<<<<<<<<<952042", "0509952018746ANNA<<MARIA<<<7408122F7")


@pytest.mark.parametrize(
    ("lines", "layout", "number", "source"),
    [
        (TD3, LayoutName.TD3, "L898902C3", "Doc 9303-4 appendix B"),
        (TD2, LayoutName.TD2, "D23145890", "Doc 9303-6 appendix B"),
        (TD1, LayoutName.TD1, "D23145890", "Doc 9303-5 appendix B"),
        (MRVA, LayoutName.MRVA, "L8988901C", "Doc 9303-7 appendix B"),
        (MRVB, LayoutName.MRVB, "L8988901C", "Doc 9303-7 appendix C"),
    ],
)
def test_specimen_zones_are_read_whole(
    lines: tuple[str, ...], layout: LayoutName, number: str, source: str
) -> None:
    mrz = parse_mrz(lines, at=AT)
    assert mrz.layout is layout, source
    assert mrz.document_number == number
    assert (mrz.primary_identifier, mrz.secondary_identifier) == ("ERIKSSON", "ANNA MARIA")
    assert mrz.issuing_state == "UTO"
    assert mrz.sex == "F"
    assert mrz.all_check_digits_hold


def test_the_passport_specimen_in_full() -> None:
    mrz = parse_mrz(TD3, at=AT)
    assert mrz.document_code == "P"
    assert mrz.nationality == "UTO"
    assert mrz.birth_date.date == date(1974, 8, 12)
    assert mrz.expiry_date is not None
    assert mrz.expiry_date.date == date(2012, 4, 15)
    assert mrz.optional_data == "ZE184226B"
    assert not mrz.names_truncated
    assert [digit.field for digit in mrz.check_digits] == [
        FieldName.DOCUMENT_NUMBER,
        FieldName.BIRTH_DATE,
        FieldName.EXPIRY_DATE,
        FieldName.OPTIONAL_DATA,
        FieldName.COMPOSITE,
    ]


def test_the_old_french_card_has_neither_expiry_nor_nationality() -> None:
    mrz = parse_mrz(FRENCH, at=AT)
    assert mrz.layout is LayoutName.FRENCH_IDENTITY_CARD
    assert (mrz.primary_identifier, mrz.secondary_identifier) == ("ERIKSSON", "ANNA MARIA")
    assert mrz.document_number == "050995201874"
    assert mrz.birth_date.date == date(1974, 8, 12)
    assert mrz.expiry_date is None
    assert mrz.nationality == ""
    assert mrz.all_check_digits_hold


def test_the_french_driving_licence_is_one_line() -> None:
    """Layout: npm `mrz` (cheminfo/mrz, frenchDrivingLicenceFields), whose specimen line carries other names."""
    mrz = parse_mrz(("D1FRA13AA000026181231ERIKSSON4",), at=AT)
    assert mrz.layout is LayoutName.FRENCH_DRIVING_LICENCE
    assert (mrz.document_code, mrz.issuing_state, mrz.document_number) == ("D1", "FRA", "13AA00002")
    assert mrz.expiry_date is not None
    assert mrz.expiry_date.date == date(2018, 12, 31)
    assert (mrz.primary_identifier, mrz.secondary_identifier) == ("ERIKSSON", "")
    assert mrz.names_truncated
    assert (mrz.birth_date.raw, mrz.birth_date.rule) == ("", "unknown")
    assert mrz.all_check_digits_hold
    wrong = parse_mrz(("D1FRA13AA000027181231ERIKSSON4",), at=AT)
    assert not wrong.check_digits[0].holds


def test_the_swiss_driving_licence_has_lines_of_9_30_and_30_and_no_digit() -> None:
    """Layout: npm `mrz` (cheminfo/mrz, swissDrivingLicenseFields); a public parser, not the official specification."""
    lines = ("AAA001D<<", "FACHE100200300001<<740812<<<<<", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
    mrz = parse_mrz(lines, at=AT)
    assert mrz.layout is LayoutName.SWISS_DRIVING_LICENCE
    assert (mrz.document_code, mrz.issuing_state, mrz.document_number) == ("FA", "CHE", "100200300001")
    assert mrz.birth_date.date == date(1974, 8, 12)
    assert (mrz.primary_identifier, mrz.secondary_identifier) == ("ERIKSSON", "ANNA MARIA")
    assert mrz.optional_data == "AAA001D"
    assert mrz.check_digits == ()
    assert not mrz.all_check_digits_hold, "no digit vouches for anything"


def test_a_belgian_card_carries_its_number_of_twelve_in_two_places() -> None:
    lines = build_td1(
        document_code="ID", issuing_state="BEL", primary_identifier="Eriksson", secondary_identifier="Anna Maria",
        document_number="592123456789", nationality="UTO", birth_date="740812", sex="F", expiry_date="320415",
    )  # fmt: skip
    assert lines[0].startswith("IDBEL592123456<789")
    mrz = parse_mrz(lines, at=AT)
    assert mrz.document_number == "592123456789"
    assert mrz.all_check_digits_hold


@pytest.mark.parametrize("digit", ["<", "0"])
def test_a_permit_without_an_end_has_no_expiry_date(digit: str) -> None:
    line = f"7408122F<<<<<<{digit}UTO<<<<<<<<<<<"
    composite = check_digit(TD1[0][5:] + line[:7] + line[8:15] + line[18:29])
    mrz = parse_mrz((TD1[0], line + composite, TD1[2]), at=AT)
    assert mrz.expiry_date is not None
    assert (mrz.expiry_date.date, mrz.expiry_date.rule) == (None, "unknown")
    assert mrz.all_check_digits_hold


def test_a_long_number_of_a_card_is_joined() -> None:
    """Doc 9303-5 section 4.2.2, note j."""
    mrz = parse_mrz(("I<UTOD23145890<7349<<<<<<<<<<<", *TD1[1:]), at=AT)
    assert mrz.document_number == "D23145890734"
    assert mrz.optional_data == ""
    number = mrz.check_digits[0]
    assert (number.printed, number.computed, number.holds) == ("9", "9", True)


def test_a_long_number_leaves_the_rest_of_the_optional_data() -> None:
    mrz = parse_mrz(("I<UTOD23145890<7349<ABC<<<<<<<", *TD1[1:]), at=AT)
    assert mrz.document_number == "D23145890734"
    assert mrz.optional_data == "ABC"


def test_a_filler_for_the_digit_without_a_rest_does_not_hold() -> None:
    mrz = parse_mrz(("I<UTOD23145890<<<<<<<<<<<<<<<<", *TD1[1:]), at=AT)
    assert mrz.document_number == "D23145890"
    assert not mrz.check_digits[0].holds


@pytest.mark.parametrize("digit", ["<", "0"])
def test_the_digit_of_empty_optional_data_is_filler_or_zero(digit: str) -> None:
    """Doc 9303-4 section 4.2.2, data element 42."""
    line = "L898902C36UTO7408122F1204159" + "<" * 14 + digit + "0"
    assert parse_mrz((TD3[0], line), at=AT).check_digits[3].holds


@pytest.mark.parametrize(("cell", "sex"), [("M", "M"), ("F", "F"), ("X", "X"), ("<", "")])
def test_sex_not_specified_is_empty_and_x_is_kept(cell: str, sex: str) -> None:
    line = TD3[1][:20] + cell + TD3[1][21:]
    assert parse_mrz((TD3[0], line), at=AT).sex == sex


@pytest.mark.parametrize("birth", ["<<<<<<", "74<<<<", "7408<<", "740800"])
def test_an_unknown_birth_date_is_no_error(birth: str) -> None:
    mrz = parse_mrz((TD3[0], TD3[1][:13] + birth + TD3[1][19:]), at=AT)
    assert mrz.birth_date.raw == birth
    assert mrz.birth_date.date is None
    assert mrz.birth_date.rule == "unknown"


def test_a_document_code_with_a_digit_is_read() -> None:
    assert parse_mrz(("C1USA" + TD1[0][5:], *TD1[1:]), at=AT).document_code == "C1"


@pytest.mark.parametrize(
    ("lines", "code", "field"),
    [
        ((), MrzFormatErrorCode.WRONG_SIZE, None),
        ((TD3[0],), MrzFormatErrorCode.WRONG_SIZE, None),
        ((TD3[0], TD3[1][:43]), MrzFormatErrorCode.WRONG_SIZE, None),
        ((TD3[0].lower(), TD3[1]), MrzFormatErrorCode.FOREIGN_CHARACTER, None),
        ((TD3[0] + "\n", TD3[1]), MrzFormatErrorCode.FOREIGN_CHARACTER, None),
        (("<" * 44, TD3[1]), MrzFormatErrorCode.BAD_DOCUMENT_CODE, FieldName.DOCUMENT_CODE),
        (("P<UT0" + TD3[0][5:], TD3[1]), MrzFormatErrorCode.CHARACTER_OUT_OF_PLACE, FieldName.ISSUING_STATE),
        (("P<UTO3" + TD3[0][6:], TD3[1]), MrzFormatErrorCode.CHARACTER_OUT_OF_PLACE, FieldName.NAMES),
        (
            (TD3[0], TD3[1].replace("740812", "74O812")),
            MrzFormatErrorCode.CHARACTER_OUT_OF_PLACE,
            FieldName.BIRTH_DATE,
        ),
        ((TD3[0], TD3[1].replace("F12", "A12")), MrzFormatErrorCode.CHARACTER_OUT_OF_PLACE, FieldName.SEX),
    ],
)
def test_what_is_no_zone_is_refused_with_code_and_field(
    lines: tuple[str, ...], code: MrzFormatErrorCode, field: FieldName | None
) -> None:
    with pytest.raises(MrzFormatError) as caught:
        parse_mrz(lines, at=AT)
    assert caught.value.code is code
    assert caught.value.field is field


def test_no_error_repeats_the_text() -> None:
    with pytest.raises(MrzFormatError) as caught:
        parse_mrz(("P<UTOERIKSS0N" + "<" * 31, TD3[1]), at=AT)
    assert "ERIKSS" not in str(caught.value)


@pytest.mark.parametrize("lines", [TD3, TD2, TD1])
def test_data_group_1_is_cut_into_lines(lines: tuple[str, ...]) -> None:
    """Doc 9303-10 section 4.7.1."""
    assert split_mrz("".join(lines)) == lines


def test_data_group_1_of_another_length_is_refused() -> None:
    with pytest.raises(MrzFormatError):
        split_mrz("P" * 87)


def parses_or_is_refused(lines: list[str]) -> bool:
    try:
        return isinstance(parse_mrz(lines, at=AT), Mrz)
    except MrzFormatError as error:
        return error.code in MrzFormatErrorCode


@given(st.lists(st.text(max_size=50), max_size=4))
def test_any_lines_give_a_value_or_the_named_error(lines: list[str]) -> None:
    assert parses_or_is_refused(lines)


@given(
    st.sampled_from([(2, 44), (2, 36), (3, 30)]).flatmap(
        lambda size: st.lists(
            st.text(ALPHABET, min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0]
        )
    )
)
def test_any_lines_of_the_alphabet_in_a_layouts_size_give_a_value_or_the_named_error(
    lines: list[str],
) -> None:
    assert parses_or_is_refused(lines)


@given(
    st.sampled_from([TD3, TD2, TD1, MRVA, MRVB, FRENCH]),
    st.integers(0, 2),
    st.integers(0, 43),
    st.sampled_from(ALPHABET),
)
def test_a_specimen_with_one_character_changed_gives_a_value_or_the_named_error(
    lines: tuple[str, ...], line: int, position: int, character: str
) -> None:
    changed = list(lines)
    index, at = line % len(lines), position % len(lines[0])
    changed[index] = changed[index][:at] + character + changed[index][at + 1 :]
    assert parses_or_is_refused(changed)
