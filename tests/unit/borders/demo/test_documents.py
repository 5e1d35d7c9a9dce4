"""The machine readable zones of the demo's documents."""

from dataclasses import fields
from datetime import UTC, date, datetime

import pytest

from biometrics.core.mrz import LayoutName, parse_mrz
from biometrics.core.mrz.checks import compare_check_digits
from biometrics.core.mrz.layouts import BY_NAME
from borders.demo.cast import make_cast
from borders.demo.documents import DemoDocument, declared_fields, keyed_fields, mrz_lines, printed_fields

TODAY = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CAST = make_cast(TODAY)
DOCUMENTS = {
    f.name: getattr(CAST, f.name) for f in fields(CAST) if isinstance(getattr(CAST, f.name), DemoDocument)
}
FORGED_NUMBERS = {"wrong_digit", "first_minor"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_zone_parses_to_what_the_registry_has(name: str) -> None:
    document = DOCUMENTS[name]
    read = parse_mrz(mrz_lines(document), at=AT)
    assert read.layout.value == document.layout.value
    assert read.document_number == document.document_number
    assert read.birth_date.date == document.holder.birth_date
    assert read.expiry_date is not None
    assert read.expiry_date.date == document.expiry_date
    assert read.nationality == document.holder.nationality


@pytest.mark.parametrize("name", DOCUMENTS)
def test_check_digits_are_wrong_only_where_the_number_was_forged(name: str) -> None:
    document = DOCUMENTS[name]
    digits = compare_check_digits(BY_NAME[LayoutName(document.layout.value)], mrz_lines(document))
    wrong = {digit.field.value for digit in digits if not digit.holds}
    assert wrong == ({"document_number", "composite"} if name in FORGED_NUMBERS else set())


def test_page_shows_another_birth_date_than_the_zone_where_it_was_altered() -> None:
    altered = {
        name
        for name, document in DOCUMENTS.items()
        if printed_fields(document)["birth_date"] != document.holder.birth_date.isoformat()
    }
    assert altered == {"altered_birth", "second_minor"}


def test_numbers_hold_no_character_that_looks_like_another() -> None:
    assert not {character for document in DOCUMENTS.values() for character in document.document_number} & set(
        "O0I1"
    )


def test_numbers_are_each_of_one_document() -> None:
    numbers = [(document.issuing_state, document.document_number) for document in DOCUMENTS.values()]
    assert len(set(numbers)) == len(numbers)


def test_officer_keys_the_codes_that_the_page_does_not_repeat() -> None:
    keyed = keyed_fields(CAST.bjorn)
    assert (keyed["document_code"], keyed["issuing_state"], keyed["nationality"]) == ("I", "D", "D")


def test_person_without_a_document_declares_no_number() -> None:
    assert set(declared_fields(CAST.undocumented_person)) == {
        "primary_identifier",
        "secondary_identifier",
        "birth_date",
        "nationality",
        "sex",
    }
