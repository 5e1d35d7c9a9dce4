"""Issuer, date of issue, chip and visa: a table of cases for each code, and a proof that the table is complete."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from biometrics.core.mrz import build_mrva, build_td3
from biometrics.core.outcomes import Finding, Outcome, Severity
from tests.documents.genuine import read_facts
from travelers.core.checks import (
    CHIP_CHECKS,
    ISSUE_CHECKS,
    ISSUER_CHECKS,
    VISA_CHECKS,
    ChipFacts,
    DocumentFacts,
    Mechanism,
    MechanismFact,
    MechanismResult,
    ReadingSource,
    ReadingStatus,
    SealFacts,
    VisaFacts,
    check_document,
)
from travelers.core.checks.zone import MRZ_FORM
from travelers.core.data.issuers import ISSUERS
from travelers.core.number_formats import NumberFormatError, compile_format, lies_between

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PASS, FAIL, UNDETERMINED, NOT_APPLICABLE = (
    Outcome.PASS,
    Outcome.FAIL,
    Outcome.UNDETERMINED,
    Outcome.NOT_APPLICABLE,
)
ELEMENTS = {
    "document_code": "P",
    "issuing_state": "FRA",
    "primary_identifier": "MARTIN",
    "secondary_identifier": "CHLOE",
    "document_number": "12AB34567",
    "nationality": "FRA",
    "birth_date": "900101",
    "sex": "F",
    "expiry_date": "300101",
}
PRINTED = {"primary_identifier": "Martin", "birth_date": "1990-01-01", "issue_date": "2020-01-02"}
NUMBER_CELL = frozenset({(1, 2)})


def passport(printed: Mapping[str, str] = PRINTED, **changes: str) -> DocumentFacts:
    """Return the facts of Chloé Martin's passport, read with certainty."""
    return read_facts(build_td3(**(ELEMENTS | changes)), printed, at=AT)


def issued(day: str, **changes: str) -> DocumentFacts:
    return passport(PRINTED | {"issue_date": day}, **changes)


def with_chip(result: MechanismResult | None = None, *mechanisms: Mechanism, **changes: Any) -> DocumentFacts:
    """Return the passport with a chip that holds, but for these mechanisms."""
    facts = {m: MechanismFact(MechanismResult.VALID) for m in Mechanism}
    facts |= {m: MechanismFact(result, "BECAUSE") for m in mechanisms if result is not None}
    chip = ChipFacts(attempted=True, read=True, mechanisms=facts, dg1_lines=build_td3(**ELEMENTS))
    return replace(passport(), chip=replace(chip, **changes))


def visa(seal: SealFacts | None = None, **changes: str) -> DocumentFacts:
    fields = ELEMENTS | {"document_code": "V", "issuing_state": "ESP", "expiry_date": "270101"} | changes
    return replace(passport(), visa=VisaFacts(build_mrva(**fields), seal))


UNREADABLE = DocumentFacts(source=ReadingSource.MRZ, status=ReadingStatus.UNREADABLE, reason="no_zone_found")
NO_CHIP = replace(passport(), chip=ChipFacts(attempted=True))
OLD = replace(issued("2005-01-02"), chip=ChipFacts(attempted=True))
BAD_LINES = (build_td3(**ELEMENTS)[0], build_td3(**ELEMENTS)[1][:43] + "X")
M, R = Mechanism, MechanismResult
CASES: list[tuple[str, DocumentFacts, Outcome, str]] = [
    ("MRZ.FORM", passport(), PASS, ""),
    ("MRZ.FORM", UNREADABLE, UNDETERMINED, "unreadable"),
    ("MRZ.FORM", replace(passport(), lines=BAD_LINES), FAIL, "wrong_kind"),
    (
        "MRZ.FORM",
        replace(passport(), lines=BAD_LINES, doubtful=frozenset({(1, 43)})),
        UNDETERMINED,
        "doubtful",
    ),
    ("MRZ.FORM", replace(passport(), lines=("P<FRA",)), FAIL, "wrong_length"),
    ("DOCUMENT.ISSUED", passport(), PASS, ""),
    ("DOCUMENT.ISSUED", issued("2026-11-21"), FAIL, "issued_in_future"),
    ("DOCUMENT.ISSUED", issued("1989-12-31"), FAIL, "issued_before_birth"),
    ("DOCUMENT.ISSUED", issued("2026-11-20"), PASS, ""),
    ("DOCUMENT.ISSUED", issued("2024-05-05", expiry_date="240505"), FAIL, "issued_after_expiry"),
    ("DOCUMENT.ISSUED", passport({}), NOT_APPLICABLE, "no_issue_date"),
    ("DOCUMENT.VALIDITY", passport(), PASS, ""),
    ("DOCUMENT.VALIDITY", issued("2019-01-01"), FAIL, "too_long_for_issuer"),
    ("DOCUMENT.VALIDITY", issued("2019-12-15"), PASS, ""),  # within the days of grace
    ("DOCUMENT.VALIDITY", passport({}, expiry_date="390101"), FAIL, "too_long_for_issuer"),
    ("DOCUMENT.VALIDITY", issued("2019-01-01", issuing_state="TUV"), FAIL, "too_long_for_passports"),
    ("DOCUMENT.VALIDITY", issued("2022-01-02", birth_date="120101"), FAIL, "too_long_for_child"),
    ("DOCUMENT.REMAINING", passport(), NOT_APPLICABLE, "not_asked"),
    ("NUMBER.FORMAT", passport(), PASS, ""),
    ("NUMBER.FORMAT", passport(document_number="AB1234567"), FAIL, "other_format_unconfirmed"),
    (
        "NUMBER.FORMAT",
        replace(passport(document_number="AB1234567"), doubtful=NUMBER_CELL),
        UNDETERMINED,
        "doubtful",
    ),
    ("NUMBER.FORMAT", passport(issuing_state="TUV"), NOT_APPLICABLE, "no_format_known"),
    ("NUMBER.SERIES", passport(), NOT_APPLICABLE, "no_series_known"),
    ("NUMBER.BLANK", passport(), NOT_APPLICABLE, "no_ranges_kept"),
    ("DOCUMENT.TYPE", passport(), PASS, ""),
    ("DOCUMENT.TYPE", replace(passport(), document_code="X"), FAIL, "unknown_type"),
    ("DOCUMENT.FANTASY", passport(), PASS, ""),
    ("DOCUMENT.FANTASY", passport(issuing_state="WSA"), FAIL, "fantasy"),
    ("DOCUMENT.FANTASY", passport(issuing_state="YUG"), FAIL, "state_no_more"),
    ("CHIP.EXPECTED", passport(), NOT_APPLICABLE, "chip_not_attempted"),
    ("CHIP.EXPECTED", with_chip(), PASS, ""),
    ("CHIP.EXPECTED", NO_CHIP, FAIL, "absent_or_unreadable"),
    ("CHIP.EXPECTED", OLD, NOT_APPLICABLE, "older_than_chips"),
    ("CHIP.SIGNATURE", NO_CHIP, NOT_APPLICABLE, "chip_not_read"),
    *((f"CHIP.{m.name}", with_chip(), PASS, "") for m in (M.SIGNATURE, M.HASHES, M.CHAIN, M.REVOCATION)),
    ("CHIP.SIGNATURE", with_chip(R.INVALID, M.SIGNATURE), FAIL, "because"),
    ("CHIP.SIGNATURE", with_chip(R.MALFORMED, M.SIGNATURE), FAIL, "because"),
    ("CHIP.HASHES", with_chip(R.INVALID, M.HASHES), FAIL, "because"),
    ("CHIP.CHAIN", with_chip(R.NO_TRUST_ANCHOR, M.CHAIN), UNDETERMINED, "because"),
    ("CHIP.CHAIN", with_chip(R.EXPIRED, M.CHAIN), FAIL, "because"),
    ("CHIP.REVOCATION", with_chip(R.REVOKED, M.REVOCATION), FAIL, "because"),
    ("CHIP.COUNTRY", with_chip(), PASS, ""),
    ("CHIP.COUNTRY", with_chip(R.INVALID, M.COUNTRY), FAIL, "because"),
    ("CHIP.CLONE", with_chip(), PASS, ""),
    ("CHIP.CLONE", with_chip(R.INVALID, M.ACTIVE_AUTHENTICATION), FAIL, "because"),
    (
        "CHIP.CLONE",
        with_chip(R.UNDETERMINED, M.ACTIVE_AUTHENTICATION, M.CHIP_AUTHENTICATION),
        UNDETERMINED,
        "because",
    ),
    (
        "CHIP.CLONE",
        with_chip(R.NOT_PRESENT, M.ACTIVE_AUTHENTICATION, M.CHIP_AUTHENTICATION),
        NOT_APPLICABLE,
        "chip_has_no_such_proof",
    ),
    ("CHIP.COMMON", with_chip(), PASS, ""),
    ("CHIP.COMMON", with_chip(R.INVALID, M.COMMON), FAIL, "because"),
    ("CHIP.ZONE", with_chip(), PASS, ""),
    ("CHIP.ZONE", with_chip(dg1_lines=()), UNDETERMINED, "no_zone_in_chip"),
    ("CHIP.ZONE", with_chip(dg1_lines=("nonsense",)), FAIL, "not_parsed"),
    ("CHIP.ZONE", with_chip(dg1_lines=build_td3(**(ELEMENTS | {"birth_date": "910101"}))), FAIL, "different"),
    ("CHIP.PRINTED", with_chip(), PASS, ""),
    (
        "CHIP.PRINTED",
        with_chip(dg1_lines=build_td3(**(ELEMENTS | {"birth_date": "910101"}))),
        FAIL,
        "different",
    ),
    ("VISA.ZONE", passport(), NOT_APPLICABLE, "no_visa"),
    ("VISA.ZONE", visa(), PASS, ""),
    ("VISA.ZONE", replace(passport(), visa=VisaFacts(("V<ESP",))), FAIL, "not_parsed"),
    ("VISA.HOLDER", visa(), PASS, ""),
    ("VISA.HOLDER", visa(primary_identifier="DURAND"), FAIL, "different"),
    ("VISA.HOLDER", visa(birth_date="90<<<<"), PASS, ""),
    ("VISA.PASSPORT", visa(), PASS, ""),
    ("VISA.PASSPORT", visa(document_number="V1234567", optional_data="99ZZ99999"), FAIL, "other_passport"),
    ("VISA.PASSPORT", visa(document_number="V1234567"), NOT_APPLICABLE, "number_of_passport_not_in_visa"),
    ("VISA.EXPIRED", visa(), PASS, ""),
    ("VISA.EXPIRED", visa(expiry_date="261119"), FAIL, "expired"),
    ("VISA.SEAL", visa(), NOT_APPLICABLE, "no_seal"),
    ("VISA.SEAL", visa(SealFacts(R.VALID, passport_number="12AB34567")), PASS, ""),
    ("VISA.SEAL", visa(SealFacts(R.INVALID, "SIGNATURE_INVALID")), FAIL, "signature_invalid"),
    ("VISA.SEAL", visa(SealFacts(R.NO_TRUST_ANCHOR)), UNDETERMINED, "no_trust_anchor"),
    ("VISA.SEAL", visa(SealFacts(R.VALID, zone_lines=("V<ESPOTHER", "X"))), FAIL, "sealed_zone_differs"),
]
RANGE = {"issuing_state": "FRA", "first": "12AB34500", "last": "12AB34599", "reason": "theft"}
WINDOW = RANGE | {"issued_from": "2010", "issued_until": "2014"}
GOVERNED: list[tuple[str, dict[str, object], DocumentFacts, Outcome, str, Severity]] = [
    ("NUMBER.BLANK", {"ranges": [RANGE]}, passport(), FAIL, "stolen_blank_or_revoked", Severity.BLOCK),
    ("NUMBER.BLANK", {"ranges": [RANGE | {"issuing_state": "ITA"}]}, passport(), PASS, "", Severity.BLOCK),
    (
        "NUMBER.BLANK",
        {"ranges": [RANGE]},
        replace(passport(), doubtful=NUMBER_CELL),
        UNDETERMINED,
        "doubtful",
        Severity.REVIEW,
    ),
    ("NUMBER.SERIES", {"never_issued": [RANGE]}, passport(), FAIL, "never_issued", Severity.REVIEW),
    ("NUMBER.SERIES", {"windows": [WINDOW]}, passport(), FAIL, "other_years", Severity.REVIEW),
    ("NUMBER.SERIES", {"windows": [WINDOW]}, issued("2012-01-01"), PASS, "", Severity.REVIEW),
    ("DOCUMENT.TYPE", {"not_recognised": ["FRA:P"]}, passport(), FAIL, "not_recognised", Severity.BLOCK),
    ("DOCUMENT.FANTASY", {"further_codes": ["FRA"]}, passport(), FAIL, "fantasy", Severity.BLOCK),
    (
        "NUMBER.FORMAT",
        {"confirmed": ["FRA"]},
        passport(document_number="AB1234567"),
        FAIL,
        "other_format",
        Severity.REVIEW,
    ),
    ("DOCUMENT.REMAINING", {"months": 6}, passport(expiry_date="270101"), FAIL, "too_short", Severity.INFORM),
    ("DOCUMENT.REMAINING", {"months": 6}, passport(), PASS, "", Severity.INFORM),
]


def finding(
    facts: DocumentFacts, code: str, settings: Mapping[str, Mapping[str, object]] | None = None
) -> Finding:
    found = {f.code: f for f in check_document(facts, at=AT, settings=settings or {})}
    return found[code]


@pytest.mark.parametrize(("code", "facts", "outcome", "reason"), CASES, ids=[f"{c[0]}-{c[3]}" for c in CASES])
def test_check_says(code: str, facts: DocumentFacts, outcome: Outcome, reason: str) -> None:
    found = finding(facts, code)
    assert (found.outcome, found.reason) == (outcome, reason)


@pytest.mark.parametrize(("code", "values", "facts", "outcome", "reason", "severity"), GOVERNED)
def test_a_rule_in_force_changes_what_a_check_says(code, values, facts, outcome, reason, severity) -> None:
    found = finding(facts, code, {code: values})
    assert (found.outcome, found.reason, found.check.severity) == (outcome, reason, severity)


@pytest.mark.parametrize(
    "check",
    [MRZ_FORM, *ISSUE_CHECKS, *ISSUER_CHECKS, *CHIP_CHECKS, *VISA_CHECKS],
    ids=lambda check: check.code,
)
def test_every_check_passes_in_one_case_and_not_in_another(check) -> None:
    outcomes = {c[2] for c in CASES if c[0] == check.code} | {c[3] for c in GOVERNED if c[0] == check.code}
    assert PASS in outcomes
    assert outcomes & {FAIL, UNDETERMINED}


def test_an_unconfirmed_row_of_the_issuers_table_only_informs() -> None:
    found = finding(passport(document_number="AB1234567"), "NUMBER.FORMAT")
    assert (found.outcome, found.check.severity) == (FAIL, Severity.INFORM)
    assert {"formats", "provenance", "reviewed_on"} <= set(found.detail)


def test_without_a_trust_anchor_a_chip_is_neither_genuine_nor_forged() -> None:
    found = finding(with_chip(R.NO_TRUST_ANCHOR, M.CHAIN), "CHIP.CHAIN")
    assert (found.outcome, found.check.severity) == (UNDETERMINED, Severity.REVIEW)


def test_a_chip_may_have_the_name_cut_otherwise_than_the_page() -> None:
    long = ELEMENTS | {
        "primary_identifier": "PAPANDREOPOULOU KONSTANTINIDOU",
        "secondary_identifier": "FATIMA ZAHRA",
    }
    page = read_facts(build_td3(**long), {}, at=AT)
    assert finding(replace(page, chip=with_chip().chip), "CHIP.ZONE").outcome is FAIL
    assert (
        finding(replace(page, chip=with_chip(dg1_lines=build_td3(**long)).chip), "CHIP.ZONE").outcome is PASS
    )


def test_a_name_cut_between_two_words_is_the_printed_name() -> None:
    names = {"primary_identifier": "Papandreopoulou-Konstantinidou", "secondary_identifier": "Fatima Zahra"}
    page = read_facts(build_td3(**(ELEMENTS | names)), names, at=AT)
    assert page.lines[0].endswith("FATIMA<")
    assert finding(page, "VIZ.NAME").outcome is PASS


@pytest.mark.parametrize(
    ("number", "first", "last", "within"),
    [
        ("AB0000500", "AB0000100", "AB0000900", True),
        ("AB0000100", "AB0000100", "AB0000900", True),
        ("AB0000900", "AB0000100", "AB0000900", True),
        ("AB0000901", "AB0000100", "AB0000900", False),
        ("AC0000500", "AB0000100", "AB0000900", False),
        ("AB000500", "AB0000100", "AB0000900", False),
        ("12345", "12300", "12399", True),
        ("AB1", "AA1", "AC1", False),
    ],
)
def test_ranges_of_numbers(number: str, first: str, last: str, within: bool) -> None:
    assert lies_between(number, first, last) is within


@pytest.mark.parametrize("written", ["", "A9?", "[A-", "a9", "{3}"])
def test_a_format_that_is_none_is_refused(written: str) -> None:
    with pytest.raises(NumberFormatError):
        compile_format(written)


@pytest.mark.parametrize("row", ISSUERS.values(), ids=lambda row: row.state)
def test_every_row_of_the_issuers_table_is_whole(row) -> None:
    assert row.provenance
    assert row.reviewed_on <= date(2026, 11, 22)
    assert 0 < row.child_years <= row.adult_years <= 15
    for written in row.formats:
        compile_format(written)
