"""Readings are kept as they were read, whatever they gave, and the checks see the lines as read."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from audit.models import AuditEntry
from biometrics.core.mrz import CheckDigitVerdict, Repair, build_mrva, build_td3
from biometrics.core.outcomes import Outcome
from tests.db.travelers.conftest import ERIKSSON, read_lines
from travelers.core.checks import DocumentFacts, check_document, check_holder
from travelers.core.keyed import KeyedFields, KeyedFieldsRefused
from travelers.models import DocumentReading
from travelers.queries import document_facts, earlier_holders
from travelers.services import AlreadyCorrected, record_keyed_reading, record_mrz_reading

KEYED = KeyedFields(
    document_code="P",
    issuing_state="UTO",
    document_number="L898902C3",
    primary_identifier="Eriksson",
    secondary_identifier="Anna Maria",
    nationality="UTO",
    birth_date=date(1974, 8, 12),
    sex="F",
    expiry_date=date(2032, 4, 15),
)


def outcome_of(facts: DocumentFacts, code: str, at) -> tuple[Outcome, str]:
    finding = next(f for f in check_document(facts, at=at) if f.code == code)
    return finding.outcome, finding.reason


def test_accepted_reading_keeps_lines_and_data_elements(record_reading) -> None:
    row = DocumentReading.objects.get(id=record_reading().id)

    assert (row.source, row.status, row.reason, row.layout) == ("MRZ", "ACCEPTED", "", "TD3")
    assert row.lines == list(build_td3(**ERIKSSON))
    assert (row.primary_identifier, row.secondary_identifier) == ("ERIKSSON", "ANNA MARIA")
    assert (row.document_number, row.birth_date, row.birth_date_raw) == (
        "L898902C3",
        date(1974, 8, 12),
        "740812",
    )
    assert [d["verdict"] for d in row.check_digits] == ["holds"] * 5
    assert row.elapsed_ms == 16.5


def test_layout_of_a_visa_is_kept_and_has_no_composite_digit(pipeline, at, make_image, make_reading) -> None:
    visa = build_mrva(**(ERIKSSON | {"document_code": "V"}))
    reading = replace(make_reading(), lines=visa, lines_read=visa, layout="MRV-A", findings=())

    row = record_mrz_reading(actor=pipeline, at=at, image=make_image(), reading=reading)

    assert document_facts(reading=row).layout == "MRV-A"
    assert outcome_of(document_facts(reading=row), "MRZ.COMPOSITE", at)[0] is Outcome.NOT_APPLICABLE


def test_unreadable_page_is_a_row_with_its_reason(pipeline, at, make_image, unreadable) -> None:
    row = record_mrz_reading(actor=pipeline, at=at, image=make_image(), reading=unreadable)

    assert (row.status, row.reason, row.document_number) == ("UNREADABLE", "no_zone_found", "")
    assert outcome_of(document_facts(reading=row), "MRZ.READ", at) == (Outcome.UNDETERMINED, "no_zone_found")


def test_lines_that_do_not_parse_are_unreadable_and_no_exception(
    pipeline, at, make_image, make_reading
) -> None:
    broken = replace(make_reading(), lines=("1" * 44, "<" * 44))

    row = record_mrz_reading(actor=pipeline, at=at, image=make_image(), reading=broken)

    assert (row.status, row.reason) == ("UNREADABLE", "not_parsed")


def test_wrong_printed_digit_read_with_confidence_fails(pipeline, at, make_image) -> None:
    first, second = build_td3(**ERIKSSON)
    wrong = (first, second[:19] + "0" + second[20:])

    row = record_mrz_reading(actor=pipeline, at=at, image=make_image(), reading=read_lines(wrong))

    assert (row.status, row.reason) == ("REVIEW", "wrong_check_digits")
    facts = document_facts(reading=row)
    assert outcome_of(facts, "MRZ.CHECK_DIGITS", at) == (Outcome.FAIL, "wrong_as_printed")
    assert outcome_of(facts, "MRZ.READ", at) == (Outcome.PASS, "")


def test_repaired_reading_makes_the_digits_undetermined_and_feeds_the_checks_as_read(
    pipeline, at, make_image
) -> None:
    lines = build_td3(**ERIKSSON)
    as_read = (lines[0], lines[1].replace("L898902C3", "L8989O2C3"))
    reading = read_lines(lines, lines_read=as_read, repairs=(Repair(1, 5, "O", "0"),))

    row = record_mrz_reading(actor=pipeline, at=at, image=make_image(), reading=reading)
    facts = document_facts(reading=row, printed={"document_number": "L898902C3"})

    assert (row.status, row.reason, row.document_number) == ("REVIEW", "repaired", "L898902C3")
    assert facts.document_number == "L8989O2C3"
    assert outcome_of(facts, "MRZ.CHECK_DIGITS", at) == (Outcome.UNDETERMINED, "repaired")
    assert outcome_of(facts, "VIZ.DOCUMENT_NUMBER", at) == (Outcome.UNDETERMINED, "doubtful")


def test_altered_birth_date_against_the_page_fails(record_reading, at) -> None:
    facts = document_facts(reading=record_reading(), printed={"birth_date": "1984-08-12"})

    assert outcome_of(facts, "VIZ.BIRTH_DATE", at) == (Outcome.FAIL, "different")


def test_keyed_reading_is_kept_in_upper_case_and_names_who_keyed_it(alice, actor_of, at) -> None:
    row = record_keyed_reading(actor=actor_of(alice), at=at, fields=KEYED, source="KEYED")

    assert (row.source, row.status, row.primary_identifier) == ("KEYED", "ACCEPTED", "ERIKSSON")
    assert (row.read_by_id, row.birth_date_raw) == (alice.user_id, "740812")


def test_refused_keyed_fields_leave_no_row(alice, actor_of, at) -> None:
    with pytest.raises(KeyedFieldsRefused):
        record_keyed_reading(actor=actor_of(alice), at=at, fields=KeyedFields(), source="DECLARED")

    assert not DocumentReading.objects.exists()


def test_reading_is_corrected_once(alice, actor_of, at, record_reading) -> None:
    wrong = record_reading(primary_identifier="ERIKSON")
    actor = actor_of(alice)
    record_keyed_reading(actor=actor, at=at, fields=KEYED, source="KEYED", corrects=wrong)

    with pytest.raises(AlreadyCorrected):
        record_keyed_reading(actor=actor, at=at, fields=KEYED, source="KEYED", corrects=wrong)


def test_keying_a_forged_page_again_does_not_clear_its_check_digit(
    pipeline, alice, actor_of, at, make_image
) -> None:
    first, second = build_td3(**ERIKSSON)
    wrong = (first, second[:19] + "0" + second[20:])
    row = record_mrz_reading(actor=pipeline, at=at, image=make_image(), reading=read_lines(wrong))

    keyed = record_keyed_reading(actor=actor_of(alice), at=at, fields=KEYED, source="KEYED", corrects=row)

    facts = document_facts(reading=keyed)
    assert {d.verdict for d in facts.check_digits} == {CheckDigitVerdict.WRONG_AS_PRINTED}
    assert outcome_of(facts, "MRZ.CHECK_DIGITS", at)[0] is Outcome.FAIL


def test_nothing_sent_is_a_person_without_a_document(at) -> None:
    assert outcome_of(document_facts(reading=None), "DOCUMENT.PRESENT", at) == (Outcome.FAIL, "no_document")


def test_document_seen_with_another_holder_is_found(record_reading, at) -> None:
    record_reading()
    later = record_reading(primary_identifier="SVENSSON", secondary_identifier="BRITA")

    earlier = earlier_holders(reading=later, before=at + timedelta(seconds=1))

    assert [e.primary_identifier for e in earlier] == ["ERIKSSON"]
    assert check_holder(document_facts(reading=later), earlier).reason == "other_name"


def test_reading_that_was_corrected_is_no_earlier_holder(record_reading, alice, actor_of, at) -> None:
    misread = record_reading(primary_identifier="ERIKSON")
    keyed = record_keyed_reading(actor=actor_of(alice), at=at, fields=KEYED, source="KEYED", corrects=misread)

    assert earlier_holders(reading=keyed, before=at) == ()
    assert [e.primary_identifier for e in earlier_holders(reading=record_reading(), before=at)] == [
        "ERIKSSON"
    ]


@pytest.mark.parametrize("change", [{"issuing_state": "FRA"}, {"document_number": "L898902C4"}])
def test_another_document_has_other_holders(record_reading, at, change: dict[str, str]) -> None:
    record_reading(**change)

    assert earlier_holders(reading=record_reading(), before=at) == ()


def test_recording_a_reading_writes_audit_without_personal_data(record_reading) -> None:
    row = record_reading()

    entry = AuditEntry.objects.get(action="reading.recorded")
    assert entry.object_id == str(row.id)
    assert not {"ERIKSSON", "L898902C3", "740812"} & set(str(entry.detail).replace("'", " ").split())
