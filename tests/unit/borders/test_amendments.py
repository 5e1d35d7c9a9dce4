"""What was corrected on request counts in later checks, and makes no document contradict the record."""

import pytest

from borders.core.amendments import Amendment, set_right

ANNA = {"primary_identifier": "ERIKSSON", "secondary_identifier": "ANNA MARIA", "birth_date": "1974-08-12"}
BORN = Amendment("birth_date", "1974-08-12", "1974-08-13")
BORN_AGAIN = Amendment("birth_date", "1974-08-13", "1974-08-14")


@pytest.mark.parametrize(
    ("now", "amendments", "counted", "fields"),
    [
        ("1974-08-12", [], "1974-08-12", ()),
        ("1974-08-13", [BORN], "1974-08-13", ("birth_date",)),
        ("1974-08-12", [BORN], "1974-08-12", ()),
        ("1999-01-01", [BORN], "1974-08-13", ("birth_date",)),
        ("1974-08-13", [BORN, BORN_AGAIN], "1974-08-13", ("birth_date",)),
        ("1974-08-14", [BORN, BORN_AGAIN], "1974-08-14", ("birth_date",)),
        ("1999-01-01", [BORN, BORN_AGAIN], "1974-08-14", ("birth_date",)),
        ("1999-01-01", [Amendment("sex", "F", "M")], "1974-08-12", ()),
    ],
    ids=[
        "nothing was corrected",
        "the document says what is right",
        "the document still says what was wrong",
        "the document says something else",
        "the document says what was right in between",
        "the document says what is right after two corrections",
        "the document says something else after two corrections",
        "another field was corrected",
    ],
)
def test_recorded_values_count_as_they_were_set_right(now, amendments, counted, fields) -> None:
    values, corrected = set_right(ANNA, now={**ANNA, "birth_date": now}, amendments=amendments)

    assert values == {**ANNA, "birth_date": counted}
    assert corrected == fields


def test_what_the_document_says_is_set_right_where_it_was_corrected() -> None:
    values, corrected = set_right(ANNA, now={}, amendments=[BORN, BORN_AGAIN])

    assert values == {**ANNA, "birth_date": "1974-08-14"}
    assert corrected == ("birth_date",)


def test_an_empty_field_that_was_corrected_is_set_right() -> None:
    recorded = {**ANNA, "secondary_identifier": ""}

    values, _ = set_right(recorded, now={}, amendments=[Amendment("secondary_identifier", "", "ANNA MARIA")])

    assert values == ANNA
