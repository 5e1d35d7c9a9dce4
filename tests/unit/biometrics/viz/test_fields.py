"""Printed fields out of hand-made boxes: what agrees, what differs, and what no alarm may come from."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.core.mrz import build_td3, parse_mrz
from biometrics.core.viz import (
    COMPARED_FIELDS,
    FieldStatus,
    PrintedField,
    PrintedName,
    TextBox,
    confirm,
    read_printed_fields,
)

AT = datetime(2026, 11, 22, tzinfo=UTC)
ERIKSSON = parse_mrz(
    ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"), at=AT
)
Line = tuple[str, int, int]
# text, left, top: as on the data page of Doc 9303-4, appendix A
PAGE: tuple[Line, ...] = (
    ("UTOPIA", 20, 10),
    ("Passport Number/ Nº de passeport", 420, 40),
    ("L898902C3", 430, 64),
    ("Surname/ Nom", 200, 90),
    ("ERIKSSON", 210, 114),
    ("Given names/ Prénoms", 200, 140),
    ("ANNA MARIA", 210, 164),
    ("Nationality/ Nationalité", 200, 190),
    ("UTOPIAN (UTO)", 210, 214),
    ("Date of Birth/ Date de naissance", 200, 240),
    ("12 AUG/AOUT 74", 210, 264),
    ("Personal No./ Nº personnel", 560, 240),
    ("ZE 184226 B", 570, 264),
    ("Sex/ Sexe", 200, 290),
    ("F", 210, 314),
    ("Place of birth/ Lieu de naissance", 420, 290),
    ("ZENITH", 430, 314),
    ("Date of issue/ Date de délivrance", 200, 340),
    ("16 APR/AVR 07", 210, 364),
    ("Date of expiry/ Date d'expiration", 200, 390),
    ("15 APR/AVR 12", 210, 414),
)


def boxes(lines: tuple[Line, ...], score: float = 0.99) -> list[TextBox]:
    """Return a box a line, 20 pixels high and ten a character."""
    return [TextBox(text, (x, y, x + 10 * len(text), y + 20), score) for text, x, y in lines]


def changed(old: str, new: str) -> tuple[Line, ...]:
    return tuple((new if text == old else text, x, y) for text, x, y in PAGE)


def field(lines: tuple[Line, ...], name: PrintedName, score: float = 0.99) -> PrintedField:
    return read_printed_fields(boxes(lines, score), ERIKSSON, at=AT).get(name)


def test_a_genuine_page_agrees_in_every_field() -> None:
    found = read_printed_fields(boxes(PAGE), ERIKSSON, at=AT)
    assert {f.name: f.status for f in found.fields} == {
        **dict.fromkeys(COMPARED_FIELDS, FieldStatus.AGREES),
        PrintedName.ISSUE_DATE: FieldStatus.READ,
    }
    assert found.values() == {
        "primary_identifier": "ERIKSSON",
        "secondary_identifier": "ANNA MARIA",
        "document_number": "L898902C3",
        "birth_date": "1974-08-12",
        "expiry_date": "2012-04-15",
        "nationality": "UTO",
        "sex": "F",
    }
    assert found.get(PrintedName.ISSUE_DATE).value == "2007-04-16"
    assert found.get(PrintedName.BIRTH_DATE).box_xyxy == (210, 264, 350, 284)


@pytest.mark.parametrize(
    ("old", "new", "name", "value"),
    [
        ("12 AUG/AOUT 74", "12 AUG/AOUT 84", PrintedName.BIRTH_DATE, "1984-08-12"),
        ("12 AUG/AOUT 74", "12 SEP/SEP 1974", PrintedName.BIRTH_DATE, "1974-09-12"),
        ("12 AUG/AOUT 74", "04.08.1974", PrintedName.BIRTH_DATE, "1974-08-04"),
        ("12 AUG/AOUT 74", "12/08/1984", PrintedName.BIRTH_DATE, "1984-08-12"),
        ("15 APR/AVR 12", "15 APR/AVR 22", PrintedName.EXPIRY_DATE, "2022-04-15"),
        ("L898902C3", "L898902C8", PrintedName.DOCUMENT_NUMBER, "L898902C8"),
        ("ERIKSSON", "WOOLOOM", PrintedName.PRIMARY_IDENTIFIER, "WOOLOOM"),
        ("F", "M", PrintedName.SEX, "M"),
    ],
)
def test_a_clearly_other_value_beside_its_label_differs(
    old: str, new: str, name: PrintedName, value: str
) -> None:
    found = field(changed(old, new), name)
    assert (found.status, found.value) == (FieldStatus.DIFFERS, value)


@pytest.mark.parametrize(
    ("old", "new", "name", "reason"),
    [
        ("12 AUG/AOUT 74", "12 AUGIAOUT T4", PrintedName.BIRTH_DATE, "a date that is not whole"),
        ("12 AUG/AOUT 74", "16 APR/AVR 07", PrintedName.BIRTH_DATE, "shares nothing: another field's date"),
        ("12 AUG/AOUT 74", "15 APR/AVR 12", PrintedName.BIRTH_DATE, "the expiry date"),
        ("12 AUG/AOUT 74", "15.04.2012", PrintedName.BIRTH_DATE, "the expiry date in another notation"),
        ("12 AUG/AOUT 74", "12 AUG 2517", PrintedName.BIRTH_DATE, "another calendar"),
        ("12 AUG/AOUT 74", "12 AUG 2074", PrintedName.BIRTH_DATE, "not born yet, the same two digits or not"),
        ("L898902C3", "7408122468", PrintedName.DOCUMENT_NUMBER, "another shape: another number"),
        ("L898902C3", "X113355Z7", PrintedName.DOCUMENT_NUMBER, "most characters differ: another number"),
        ("ERIKSSON", "ERIKKSON", PrintedName.PRIMARY_IDENTIFIER, "a letter may be misread"),
        ("ERIKSSON", "ЭРИКССОН", PrintedName.PRIMARY_IDENTIFIER, "another script"),
        ("UTOPIAN (UTO)", "UTOPIENNE", PrintedName.NATIONALITY, "an adjective"),
        ("F", "K", PrintedName.SEX, "a letter of another language"),
    ],
)
def test_what_may_be_misread_or_belong_elsewhere_never_differs(
    old: str, new: str, name: PrintedName, reason: str
) -> None:
    assert field(changed(old, new), name).status is not FieldStatus.DIFFERS, reason


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("L898902C3", "L8989O2C3", PrintedName.DOCUMENT_NUMBER),
        ("L898902C3", "L 898902 C3", PrintedName.DOCUMENT_NUMBER),
        ("ERIKSSON", "Eriksson", PrintedName.PRIMARY_IDENTIFIER),
        ("12 AUG/AOUT 74", "12.08.1974", PrintedName.BIRTH_DATE),
        ("12 AUG/AOUT 74", "08/12/1974", PrintedName.BIRTH_DATE),
        ("F", "F/F", PrintedName.SEX),
        ("F", "K/F", PrintedName.SEX),
    ],
)
def test_other_ways_to_print_the_same_value_agree(old: str, new: str, name: PrintedName) -> None:
    assert field(changed(old, new), name).status is FieldStatus.AGREES


def test_a_number_misread_in_a_confusable_character_is_given_as_the_zone_has_it() -> None:
    assert field(changed("L898902C3", "L8989O2C3"), PrintedName.DOCUMENT_NUMBER).value == "L898902C3"


def test_a_value_read_with_a_low_score_never_differs() -> None:
    forged = changed("12 AUG/AOUT 74", "12 AUG/AOUT 84")
    assert field(forged, PrintedName.BIRTH_DATE, score=0.9).status is FieldStatus.DOUBTFUL


def test_the_value_of_the_zone_anywhere_on_the_page_agrees() -> None:
    page = (*changed("12 AUG/AOUT 74", "12 AUG/AOUT 84"), ("12.08.1974", 600, 420))
    assert field(page, PrintedName.BIRTH_DATE).status is FieldStatus.AGREES


def test_without_labels_agreement_is_still_found_and_nothing_differs() -> None:
    forged = changed("12 AUG/AOUT 74", "12 AUG/AOUT 84")
    labels = ("/", "No")
    plain = tuple(line for line in forged if not any(mark in line[0] for mark in labels) or "AUG" in line[0])
    found = read_printed_fields(boxes(plain), ERIKSSON, at=AT)
    assert found.get(PrintedName.BIRTH_DATE).status is FieldStatus.NOT_FOUND
    assert found.get(PrintedName.DOCUMENT_NUMBER).status is FieldStatus.AGREES
    assert FieldStatus.DIFFERS not in {f.status for f in found.fields}


def test_names_on_one_line_and_dates_in_two_boxes_are_found() -> None:
    lines = (
        ("Name/ Nom", 200, 90),
        ("ERIKSSON, ANNA MARIA", 210, 114),
        ("Date of Birth", 200, 240),
        ("12 AUG /AOUT", 210, 264),
        ("74", 340, 264),
    )
    found = read_printed_fields(boxes(lines), ERIKSSON, at=AT)
    assert found.values() == {
        "primary_identifier": "ERIKSSON",
        "secondary_identifier": "ANNA MARIA",
        "birth_date": "1974-08-12",
    }


def test_a_signature_is_no_printed_name() -> None:
    found = read_printed_fields(boxes((("Anna Maria Eriksson", 500, 414),)), ERIKSSON, at=AT)
    assert found.values() == {}


def test_names_with_marks_agree_with_their_forms_in_the_zone() -> None:
    lines = build_td3(
        document_code="P", issuing_state="UTO", primary_identifier="Müller", secondary_identifier="Zoë",
        document_number="L898902C3", nationality="UTO", birth_date="740812", sex="F", expiry_date="320415",
    )  # fmt: skip
    page = (
        ("Name/Surname/Nom", 200, 90),
        ("MÜLLER", 210, 114),
        ("Vornamen/Given names", 200, 140),
        ("ZOË", 210, 164),
    )
    found = read_printed_fields(boxes(page), parse_mrz(lines, at=AT), at=AT)
    assert found.values() == {"primary_identifier": "MÜLLER", "secondary_identifier": "ZOË"}


def test_a_second_look_must_give_the_same_value() -> None:
    differing = field(changed("12 AUG/AOUT 74", "12 AUG/AOUT 84"), PrintedName.BIRTH_DATE)
    same = TextBox("12 AUG/AOUT 84", (0, 0, 1, 1), 0.98)
    assert confirm(differing, [same], ERIKSSON, at=AT).status is FieldStatus.DIFFERS
    for text, score in (
        ("12 AUG/AOUT 74", 0.98),
        ("12 AUG/AOUT 94", 0.98),
        ("12 AUG/AOUT 84", 0.7),
        ("", 0.0),
    ):
        again = confirm(differing, [TextBox(text, (0, 0, 1, 1), score)], ERIKSSON, at=AT)
        assert (again.status, again.value) == (FieldStatus.DOUBTFUL, "")
    assert confirm(differing, [], ERIKSSON, at=AT).status is FieldStatus.DOUBTFUL


def test_an_empty_page_has_no_field() -> None:
    assert {f.status for f in read_printed_fields([], ERIKSSON, at=AT).fields} == {FieldStatus.NOT_FOUND}


sides = st.integers(0, 900)
any_box = st.builds(
    lambda text, x, y, w, h, score: TextBox(text, (x, y, x + w, y + h), score),
    st.one_of(st.text(max_size=20), st.sampled_from([text for text, _, _ in PAGE])),
    sides, sides, st.integers(1, 300), st.integers(1, 60), st.floats(0, 1),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(any_box, max_size=15))
def test_any_boxes_give_every_field_once(found: list[TextBox]) -> None:
    names = [f.name for f in read_printed_fields(found, ERIKSSON, at=AT).fields]
    assert names == [*COMPARED_FIELDS, PrintedName.ISSUE_DATE]
