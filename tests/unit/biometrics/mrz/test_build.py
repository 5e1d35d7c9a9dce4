"""Building zones: the specimens of Doc 9303-4 to 9303-7 again, and that parsing undoes building."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.core.mrz import (
    MrzBuildError,
    build_mrva,
    build_mrvb,
    build_td1,
    build_td2,
    build_td3,
    parse_mrz,
)

AT = datetime(2026, 11, 22, tzinfo=UTC)
ERIKSSON = {
    "issuing_state": "UTO",
    "primary_identifier": "Eriksson",
    "secondary_identifier": "Anna Maria",
    "nationality": "UTO",
    "birth_date": "740812",
    "sex": "F",
    "expiry_date": "120415",
}
VISA = {**ERIKSSON, "nationality": "XXX", "birth_date": "400907", "expiry_date": "961210"}


def test_the_passport_of_doc_9303_part_4_appendix_b() -> None:
    assert build_td3(
        document_code="P", document_number="L898902C3", optional_data="ZE184226B", **ERIKSSON
    ) == ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")


def test_the_card_of_doc_9303_part_5_appendix_b() -> None:
    assert build_td1(document_code="I", document_number="D23145890", **ERIKSSON) == (
        "I<UTOD231458907<<<<<<<<<<<<<<<",
        "7408122F1204159UTO<<<<<<<<<<<6",
        "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
    )


def test_the_document_of_doc_9303_part_6_appendix_b() -> None:
    assert build_td2(document_code="I", document_number="D23145890", **ERIKSSON) == (
        "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
        "D231458907UTO7408122F1204159<<<<<<<6",
    )


def test_the_visas_of_doc_9303_part_7() -> None:
    assert build_mrva(document_code="V", document_number="L8988901C", optional_data="6ZE184226B", **VISA) == (
        "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L8988901C4XXX4009078F96121096ZE184226B<<<<<<",
    )
    assert build_mrvb(document_code="V", document_number="L8988901C", **VISA) == (
        "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
        "L8988901C4XXX4009078F9612109<<<<<<<<",
    )


def test_a_long_number_goes_on_in_the_optional_data() -> None:
    lines = build_td1(document_code="I", document_number="D23145890734", **ERIKSSON)
    assert lines[0] == "I<UTOD23145890<7349<<<<<<<<<<<"
    assert parse_mrz(lines, at=AT).all_check_digits_hold


def test_names_too_long_are_cut_and_end_in_a_letter() -> None:
    line, _ = build_td3(
        document_code="PP",
        document_number="L898902C3",
        **{
            **ERIKSSON,
            "primary_identifier": "Nilavadhanananda",
            "secondary_identifier": "Arnpol Petch Charonguang",
        },
    )
    assert line == "PPUTONILAVADHANANANDA<<ARNPOL<PETCH<CHARONGU"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("issuing_state", "UTOP"),
        ("birth_date", "19740812"),
        ("sex", "FF"),
        ("nationality", "UTOPIA"),
        ("birth_date", "74-812"),
    ],
)
def test_a_value_too_long_for_its_field_is_refused(field: str, value: str) -> None:
    with pytest.raises(MrzBuildError) as caught:
        build_td3(document_code="P", document_number="L898902C3", **{**ERIKSSON, field: value})
    assert caught.value.field == field
    assert value not in str(caught.value)


LETTERS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=12)
NUMBERS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=9)


@given(st.sampled_from([build_td1, build_td2, build_td3, build_mrva, build_mrvb]), LETTERS, LETTERS, NUMBERS)
def test_parsing_undoes_building(build, primary: str, secondary: str, number: str) -> None:  # type: ignore[no-untyped-def]
    visa = build in (build_mrva, build_mrvb)
    code = "V" if visa else "P" if build is build_td3 else "C"
    fields = {**ERIKSSON, "primary_identifier": primary, "secondary_identifier": secondary}
    mrz = parse_mrz(build(document_code=code, document_number=number, **fields), at=AT)
    assert mrz.all_check_digits_hold
    assert (mrz.primary_identifier, mrz.secondary_identifier) == (primary, secondary)
    assert mrz.document_number == number
    assert mrz.birth_date.raw == "740812"
