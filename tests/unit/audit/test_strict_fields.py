"""Input fields refuse what cannot be a name, a date, or a field at all."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import serializers

from audit.api.serializers import PlainDateField, StrictSerializer, TextField


class Form(StrictSerializer):
    name = TextField(max_length=10, required=False)
    born = PlainDateField(required=False)
    code = TextField(max_length=3, pattern=r"[A-Z]{0,3}", required=False, allow_blank=True)


def codes(sent: Any) -> dict[str, str]:
    form = Form(data=sent)
    if form.is_valid():
        return {}
    return {field: errors[0].code for field, errors in form.errors.items()}


REFUSED = [
    ({"name": "A\x00B"}, {"name": "characters_not_allowed"}),
    ({"name": "A\nB"}, {"name": "characters_not_allowed"}),
    ({"name": "A\x7f"}, {"name": "characters_not_allowed"}),
    ({"name": "A\x85B"}, {"name": "characters_not_allowed"}),
    ({"name": "A\ud800"}, {"name": "characters_not_allowed"}),
    ({"name": "A\ufffd"}, {"name": "characters_not_allowed"}),
    ({"name": "A\ue000"}, {"name": "characters_not_allowed"}),
    ({"name": "A\u2028B"}, {"name": "characters_not_allowed"}),
    ({"name": "x" * 11}, {"name": "max_length"}),
    ({"name": "x" * 1_000_000}, {"name": "max_length"}),
    ({"name": ""}, {"name": "blank"}),
    ({"name": "   "}, {"name": "blank"}),
    ({"name": None}, {"name": "null"}),
    ({"name": 7}, {"name": "not_a_string"}),
    ({"name": True}, {"name": "not_a_string"}),
    ({"name": ["A"]}, {"name": "not_a_string"}),
    ({"name": {"a": 1}}, {"name": "not_a_string"}),
    ({"born": "0001-01-01"}, {"born": "date_out_of_range"}),
    ({"born": "1899-12-31"}, {"born": "date_out_of_range"}),
    ({"born": "2200-01-01"}, {"born": "date_out_of_range"}),
    ({"born": "1974-02-30"}, {"born": "invalid"}),
    ({"born": "74-08-12"}, {"born": "invalid"}),
    ({"born": "12.08.1974"}, {"born": "invalid"}),
    ({"born": "1974-08-12T00:00:00"}, {"born": "invalid"}),
    ({"born": "１９７４-08-12"}, {"born": "invalid"}),
    ({"born": "1974-W33-1"}, {"born": "invalid"}),
    ({"born": 19740812}, {"born": "not_a_string"}),
    ({"born": 145497600.0}, {"born": "not_a_string"}),
    ({"code": "ut"}, {"code": "pattern"}),
    ({"code": "UTO1"}, {"code": "max_length"}),
    ({"surname": "A"}, {"surname": "unknown_field"}),
    ({"name": "A", "__proto__": 1}, {"__proto__": "unknown_field"}),
    ({"ERIKSSON, ANNA": 1}, {"?": "unknown_field"}),
    ([], {"non_field_errors": "not_an_object"}),
    ("text", {"non_field_errors": "not_an_object"}),
]


@pytest.mark.parametrize(("sent", "expected"), REFUSED)
def test_bad_input_is_refused_with_the_field_and_a_code(sent: Any, expected: dict[str, str]) -> None:
    assert codes(sent) == expected


ACCEPTED = [
    ({"name": "إريكسون"}, "إريكسون"),
    ({"name": "אנה מריה"}, "אנה מריה"),
    ({"name": "E\u0301va"}, "\u00c9va"),
    ({"name": "A\u0328\u0301"}, "\u0104\u0301"),
    ({"name": "ஶ்ரீ"}, "ஶ்ரீ"),
    ({"name": "𠮷田"}, "𠮷田"),
    ({"name": "  Anna "}, "Anna"),
    ({"name": "a\u200db"}, "a\u200db"),
    ({"name": "O’Brien-Ng"}, "O’Brien-Ng"),
]


@pytest.mark.parametrize(("sent", "expected"), ACCEPTED)
def test_names_of_every_script_are_kept_in_composed_form(sent: Any, expected: str) -> None:
    form = Form(data=sent)
    assert form.is_valid(), form.errors
    assert form.validated_data["name"] == expected


@pytest.mark.parametrize("text", ["1900-01-01", "1974-08-12", "2024-02-29", "2199-12-31"])
def test_dates_within_reach_are_dates(text: str) -> None:
    form = Form(data={"born": text})
    assert form.is_valid(), form.errors
    assert form.validated_data["born"] == date.fromisoformat(text)


def test_a_password_is_kept_as_it_was_typed() -> None:
    field = TextField(max_length=20, trim_whitespace=False, normalise=False)
    assert field.run_validation(" e\u0301 ") == " e\u0301 "


@given(st.text(max_size=60))
def test_any_text_is_kept_or_refused_by_the_named_error(text: str) -> None:
    try:
        kept = TextField(max_length=20).run_validation(text)
    except serializers.ValidationError:
        return
    assert len(kept) <= 20
    kept.encode()
