"""Fields keyed by an officer."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from travelers.core.keyed import KeyedFields, KeyedFieldsRefused, normalise_keyed
from travelers.core.numbers import normalise_document_number

ERIKSSON = KeyedFields(
    document_code="p",
    issuing_state="uto",
    document_number=" l898 902-c3 ",
    primary_identifier="Eriksson",
    secondary_identifier="anna   maria",
    nationality="UTO",
    birth_date=date(1974, 8, 12),
    sex="f",
    expiry_date=date(2012, 4, 15),
)


def test_keyed_fields_are_kept_in_upper_case_with_single_spaces() -> None:
    kept = normalise_keyed(ERIKSSON)

    assert (kept.primary_identifier, kept.secondary_identifier) == ("ERIKSSON", "ANNA MARIA")
    assert (kept.document_code, kept.issuing_state, kept.document_number, kept.sex) == (
        "P",
        "UTO",
        "L898902C3",
        "F",
    )


def test_person_without_a_document_has_no_document_fields() -> None:
    kept = normalise_keyed(KeyedFields(primary_identifier="Eriksson"))

    assert (kept.document_code, kept.document_number, kept.expiry_date) == ("", "", None)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"primary_identifier": "  "}, "required"),
        ({"primary_identifier": "E" * 121}, "too_long"),
        ({"secondary_identifier": "A\x00"}, "bad_characters"),
        ({"document_number": "1" * 25}, "too_long"),
        ({"document_number": "12345é"}, "bad_characters"),
        ({"issuing_state": "UTOP"}, "bad_code"),
        ({"issuing_state": "U1"}, "bad_code"),
        ({"document_code": "1P"}, "bad_code"),
        ({"nationality": "ÉTA"}, "bad_code"),
        ({"sex": "W"}, "bad_sex"),
    ],
)
def test_value_that_cannot_stand_is_refused_with_its_field(change: dict[str, str], code: str) -> None:
    with pytest.raises(KeyedFieldsRefused) as refused:
        normalise_keyed(replace(ERIKSSON, **change))

    assert refused.value.code == code
    assert refused.value.field in change
    assert not any(value.strip() and value in str(refused.value) for value in change.values())


def test_old_card_may_have_a_digit_in_its_document_code() -> None:
    assert normalise_keyed(replace(ERIKSSON, document_code="C1")).document_code == "C1"


@given(st.text(max_size=60), st.text(max_size=8), st.text(max_size=30), st.text(max_size=4))
def test_any_text_is_kept_or_refused_by_name(name: str, state: str, number: str, sex: str) -> None:
    fields = KeyedFields(
        primary_identifier=name, issuing_state=state, document_number=number, nationality=state, sex=sex
    )
    try:
        kept = normalise_keyed(fields)
    except KeyedFieldsRefused:
        return
    assert normalise_keyed(kept) == kept


@given(st.text(max_size=40))
def test_normalised_number_stays_as_it_is(number: str) -> None:
    once = normalise_document_number(number)

    assert normalise_document_number(once) == once
