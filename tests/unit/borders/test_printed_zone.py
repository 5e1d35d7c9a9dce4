"""What was read from the page beside what the booth sent: who wins, and what is said of fields not found."""

import pytest

from biometrics.core.outcomes import Check, Finding, Outcome, Severity
from borders.core.printed_zone import FIELDS_OF_CHECK, explain_from_page, needs_reading, values_in_force
from travelers.core.checks.printed import PRINTED_CHECKS, VIZ_BIRTH_DATE, VIZ_NAME, VIZ_SEX

CORNERS = [[0, 0], [9, 0], [9, 9], [0, 9]]


def entry(status: str, value: str = "") -> dict[str, object]:
    return {"status": status, "value": value, "score": 0.98, "corners": CORNERS}


READ = {
    "fields": {
        "birth_date": entry("differs", "1984-08-12"),
        "document_number": entry("agrees", "L898902C3"),
        "issue_date": entry("read", "2007-04-16"),
        "primary_identifier": entry("doubtful"),
        "secondary_identifier": entry("not_found"),
        "sex": entry("not_found"),
    },
    "reason": "",
}


def test_every_check_of_the_printed_zone_has_its_fields() -> None:
    assert set(FIELDS_OF_CHECK) == {check.code for check in PRINTED_CHECKS}


def test_only_what_is_sure_is_compared() -> None:
    assert values_in_force(sent={}, read=READ) == {
        "birth_date": "1984-08-12",
        "document_number": "L898902C3",
        "issue_date": "2007-04-16",
    }


def test_what_the_booth_sent_wins() -> None:
    assert values_in_force(sent={"birth_date": "1974-08-12"}, read=READ)["birth_date"] == "1974-08-12"


def test_after_a_correction_only_what_differed_still_speaks() -> None:
    assert values_in_force(sent={}, read=READ, is_corrected=True) == {"birth_date": "1984-08-12"}


@pytest.mark.parametrize("read", [{}, {"fields": {}, "reason": "out_of_time"}])
def test_a_page_that_was_not_read_adds_nothing(read: dict[str, object]) -> None:
    assert values_in_force(sent={"sex": "F"}, read=read) == {"sex": "F"}


@pytest.mark.parametrize(
    ("sent", "needed"),
    [
        ({}, True),
        ({"sex": "F", "nationality": "UTO"}, True),
        (dict.fromkeys(("primary_identifier", "document_number", "birth_date", "expiry_date"), "x"), False),
        (dict.fromkeys(("primary_identifier", "document_number", "birth_date", "expiry_date"), " "), True),
    ],
)
def test_a_page_is_read_unless_the_booth_sent_what_matters(sent: dict[str, str], needed: bool) -> None:
    assert needs_reading(sent) is needed


def test_a_field_not_known_for_sure_informs_and_refers_nobody() -> None:
    found = [Finding(check, Outcome.NOT_APPLICABLE, "not_printed") for check in (VIZ_NAME, VIZ_SEX)]
    name, sex = explain_from_page(found, sent={}, read=READ)
    assert (name.outcome, name.reason) == (Outcome.UNDETERMINED, "doubtful_on_page")
    assert (sex.outcome, sex.reason) == (Outcome.UNDETERMINED, "not_found_on_page")
    assert {f.check.severity for f in (name, sex)} == {Severity.INFORM}


def test_time_that_ran_out_is_named() -> None:
    found = [Finding(VIZ_SEX, Outcome.NOT_APPLICABLE, "not_printed")]
    (sex,) = explain_from_page(found, sent={}, read={"fields": {}, "reason": "out_of_time"})
    assert (sex.outcome, sex.reason) == (Outcome.UNDETERMINED, "out_of_time")


def test_a_difference_keeps_its_weight_and_says_where_it_stands() -> None:
    (birth,) = explain_from_page([Finding(VIZ_BIRTH_DATE, Outcome.FAIL, "different")], sent={}, read=READ)
    assert (birth.outcome, birth.check.severity) == (Outcome.FAIL, Severity.BLOCK)
    assert birth.detail == {"read_from_page": {"birth_date": {"score": 0.98, "corners": CORNERS}}}


@pytest.mark.parametrize(
    "finding",
    [
        Finding(VIZ_SEX, Outcome.NOT_APPLICABLE, "no_document"),
        Finding(VIZ_SEX, Outcome.UNDETERMINED, "doubtful"),
        Finding(Check("MRZ.READ", "", Severity.REVIEW), Outcome.NOT_APPLICABLE, "not_printed"),
    ],
)
def test_findings_with_another_reason_stay_as_they_are(finding: Finding) -> None:
    assert explain_from_page([finding], sent={}, read=READ) == (finding,)


def test_without_a_reading_of_the_page_nothing_is_explained() -> None:
    finding = Finding(VIZ_SEX, Outcome.NOT_APPLICABLE, "not_printed")
    assert explain_from_page([finding], sent={}, read={}) == (finding,)
