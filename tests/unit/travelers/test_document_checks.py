"""The document checks: a table of cases for each code, and a proof that the table of checks is complete."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.core.mrz import CheckDigitVerdict, build_td3, parse_mrz
from biometrics.core.outcomes import Finding, Outcome, Severity
from tests.unit.travelers.document_facts import (
    AT,
    DECLARED,
    HOLDS,
    NOTHING,
    UNREADABLE,
    digits,
    keyed,
    passport,
    printed,
    read,
)
from travelers.core.checks import (
    DOCUMENT_CHECKS,
    HOLDER_CHECKS,
    PRINTED_CHECKS,
    PRINTED_FIELDS,
    VALIDITY_CHECKS,
    ZONE_CHECKS,
    DocumentFacts,
    EarlierHolder,
    ReadingSource,
    ReadingStatus,
    ReviewReason,
    check_document,
    check_holder,
    digits_kept_by_correction,
    fields_as_read,
)

NAME_CELLS = frozenset({(0, 8)})
CASES: list[tuple[str, DocumentFacts, Outcome, str]] = [
    # code, facts, outcome, reason
    ("MRZ.READ", read(), Outcome.PASS, ""),
    ("MRZ.READ", UNREADABLE, Outcome.UNDETERMINED, "no_zone_found"),
    (
        "MRZ.READ",
        read(status=ReadingStatus.REVIEW, reason=ReviewReason.DOUBTFUL),
        Outcome.UNDETERMINED,
        "doubtful",
    ),
    (
        "MRZ.READ",
        read(status=ReadingStatus.REVIEW, reason=ReviewReason.REPAIRED),
        Outcome.UNDETERMINED,
        "repaired",
    ),
    ("MRZ.READ", read(status=ReadingStatus.REVIEW, reason=ReviewReason.WRONG_CHECK_DIGITS), Outcome.PASS, ""),
    ("MRZ.READ", keyed(), Outcome.NOT_APPLICABLE, "keyed"),
    ("MRZ.READ", DECLARED, Outcome.NOT_APPLICABLE, "declared"),
    ("MRZ.READ", NOTHING, Outcome.NOT_APPLICABLE, "no_page"),
    ("MRZ.CHECK_DIGITS", read(), Outcome.PASS, ""),
    (
        "MRZ.CHECK_DIGITS",
        read(check_digits=digits("birth_date", CheckDigitVerdict.WRONG_AS_PRINTED)),
        Outcome.FAIL,
        "wrong_as_printed",
    ),
    (
        "MRZ.CHECK_DIGITS",
        read(check_digits=digits("birth_date", CheckDigitVerdict.HOLDS_AFTER_REPAIR)),
        Outcome.UNDETERMINED,
        "repaired",
    ),
    (
        "MRZ.CHECK_DIGITS",
        read(check_digits=digits("birth_date", CheckDigitVerdict.DOUBTFUL)),
        Outcome.UNDETERMINED,
        "doubtful",
    ),
    (
        "MRZ.CHECK_DIGITS",
        read(check_digits=digits("composite", CheckDigitVerdict.WRONG_AS_PRINTED)),
        Outcome.PASS,
        "",
    ),
    ("MRZ.CHECK_DIGITS", UNREADABLE, Outcome.UNDETERMINED, "unreadable"),
    ("MRZ.CHECK_DIGITS", keyed(), Outcome.NOT_APPLICABLE, "no_zone"),
    (
        "MRZ.CHECK_DIGITS",
        keyed(check_digits=digits("birth_date", CheckDigitVerdict.WRONG_AS_PRINTED)[1:2]),
        Outcome.FAIL,
        "wrong_as_printed",
    ),
    ("MRZ.COMPOSITE", read(), Outcome.PASS, ""),
    (
        "MRZ.COMPOSITE",
        read(check_digits=digits("composite", CheckDigitVerdict.WRONG_AS_PRINTED)),
        Outcome.FAIL,
        "wrong_as_printed",
    ),
    ("MRZ.COMPOSITE", read(check_digits=HOLDS[:-1]), Outcome.NOT_APPLICABLE, "no_digit_in_layout"),
    ("MRZ.ISSUING_STATE", read(), Outcome.PASS, ""),
    ("MRZ.ISSUING_STATE", passport(issuing_state="D"), Outcome.PASS, ""),
    ("MRZ.ISSUING_STATE", passport(issuing_state="QQQ"), Outcome.FAIL, "unknown_code"),
    (
        "MRZ.ISSUING_STATE",
        replace(passport(issuing_state="QQQ"), doubtful=frozenset({(0, 3)})),
        Outcome.UNDETERMINED,
        "doubtful",
    ),
    ("MRZ.ISSUING_STATE", UNREADABLE, Outcome.UNDETERMINED, "unreadable"),
    ("MRZ.ISSUING_STATE", DECLARED, Outcome.NOT_APPLICABLE, "no_document"),
    ("MRZ.NATIONALITY", read(), Outcome.PASS, ""),
    # stateless persons and refugees are lawful holders
    *(("MRZ.NATIONALITY", passport(nationality=c), Outcome.PASS, "") for c in ("XXA", "XXB", "XXC", "XXX")),
    ("MRZ.NATIONALITY", passport(nationality="QQQ"), Outcome.FAIL, "unknown_code"),
    ("MRZ.NATIONALITY", keyed(nationality=""), Outcome.NOT_APPLICABLE, "no_code"),
    ("MRZ.SPECIMEN", read(), Outcome.NOT_APPLICABLE, "specimens_accepted"),
    ("MRZ.SPECIMEN", read(accept_specimens=False), Outcome.FAIL, "specimen_state"),
    (
        "MRZ.SPECIMEN",
        replace(
            passport(issuing_state="D", primary_identifier="MUSTERMANN", secondary_identifier="ERIKA"),
            accept_specimens=False,
        ),
        Outcome.FAIL,
        "known_specimen",
    ),
    (
        "MRZ.SPECIMEN",
        replace(passport(primary_identifier="SPECIMEN"), accept_specimens=False),
        Outcome.FAIL,
        "specimen_name",
    ),
    ("MRZ.SPECIMEN", replace(passport(), accept_specimens=False), Outcome.PASS, ""),
    ("DOCUMENT.PRESENT", read(), Outcome.PASS, ""),
    ("DOCUMENT.PRESENT", UNREADABLE, Outcome.PASS, ""),
    ("DOCUMENT.PRESENT", DECLARED, Outcome.FAIL, "no_document"),
    ("DOCUMENT.PRESENT", NOTHING, Outcome.FAIL, "no_document"),
    ("DOCUMENT.KEYED", read(), Outcome.PASS, ""),
    ("DOCUMENT.KEYED", keyed(), Outcome.FAIL, "keyed_by_hand"),
    ("DOCUMENT.KEYED", DECLARED, Outcome.NOT_APPLICABLE, "no_document"),
    ("DOCUMENT.EXPIRED", read(), Outcome.PASS, ""),
    ("DOCUMENT.EXPIRED", passport(expiry_date="120110"), Outcome.PASS, ""),
    ("DOCUMENT.EXPIRED", passport(expiry_date="120109"), Outcome.FAIL, "expired"),
    (
        "DOCUMENT.EXPIRED",
        replace(passport(expiry_date="120109"), doubtful=frozenset({(1, 22)})),
        Outcome.UNDETERMINED,
        "doubtful",
    ),
    (
        "DOCUMENT.EXPIRED",
        keyed(expiry_date=None, expiry_date_raw=""),
        Outcome.UNDETERMINED,
        "expiry_date_unknown",
    ),
    (
        "DOCUMENT.EXPIRED",
        read(expiry_date=None, expiry_date_raw=""),
        Outcome.NOT_APPLICABLE,
        "no_expiry_date_in_layout",
    ),
    ("DOCUMENT.EXPIRED", UNREADABLE, Outcome.UNDETERMINED, "unreadable"),
    ("DOCUMENT.DATES", read(), Outcome.PASS, ""),
    # Doc 9303-3 section 4.8: parts of a birth date that are not known are fillers
    ("DOCUMENT.DATES", passport(birth_date="<<<<<<"), Outcome.PASS, ""),
    ("DOCUMENT.DATES", passport(birth_date="60<<<<"), Outcome.PASS, ""),
    ("DOCUMENT.DATES", passport(birth_date="740231"), Outcome.FAIL, "impossible_birth_date"),
    ("DOCUMENT.DATES", passport(expiry_date="201301"), Outcome.FAIL, "impossible_expiry_date"),
    (
        "DOCUMENT.DATES",
        replace(passport(birth_date="740231"), doubtful=frozenset({(1, 17)})),
        Outcome.UNDETERMINED,
        "doubtful",
    ),
    ("DOCUMENT.DATES", keyed(birth_date=date(2012, 1, 11)), Outcome.FAIL, "born_after_capture"),
    ("DOCUMENT.DATES", keyed(birth_date=date(2012, 1, 10)), Outcome.PASS, ""),
    ("DOCUMENT.DATES", keyed(birth_date=date(1891, 1, 10)), Outcome.FAIL, "too_old"),
    ("DOCUMENT.DATES", keyed(birth_date=date(1892, 1, 10)), Outcome.PASS, ""),
    (
        "DOCUMENT.DATES",
        keyed(expiry_date=date(1989, 1, 1), expiry_date_raw="890101"),
        Outcome.FAIL,
        "expired_before_birth",
    ),
    ("DOCUMENT.DATES", NOTHING, Outcome.NOT_APPLICABLE, "no_document"),
    ("VIZ.NAME", printed(primary_identifier="Martin", secondary_identifier="Chloé"), Outcome.PASS, ""),
    ("VIZ.NAME", printed(primary_identifier="Marten"), Outcome.FAIL, "different"),
    (
        "VIZ.NAME",
        replace(printed(primary_identifier="Marten"), doubtful=NAME_CELLS),
        Outcome.UNDETERMINED,
        "doubtful",
    ),
    ("VIZ.NAME", printed(), Outcome.NOT_APPLICABLE, "not_printed"),
    ("VIZ.NAME", printed(primary_identifier="王"), Outcome.UNDETERMINED, "no_form_in_zone"),
    ("VIZ.BIRTH_DATE", printed(birth_date="1990-01-01"), Outcome.PASS, ""),
    ("VIZ.BIRTH_DATE", printed(birth_date="1991-01-01"), Outcome.FAIL, "different"),
    ("VIZ.BIRTH_DATE", printed(birth_date="01.01.1990"), Outcome.UNDETERMINED, "printed_date_not_read"),
    ("VIZ.BIRTH_DATE", printed(birth_date="1990-02-30"), Outcome.UNDETERMINED, "printed_date_not_read"),
    (
        "VIZ.BIRTH_DATE",
        replace(passport(birth_date="60<<<<"), printed={"birth_date": "1960-07-01"}),
        Outcome.PASS,
        "",
    ),
    (
        "VIZ.BIRTH_DATE",
        replace(passport(birth_date="60<<<<"), printed={"birth_date": "1961-07-01"}),
        Outcome.FAIL,
        "different",
    ),
    (
        "VIZ.BIRTH_DATE",
        replace(passport(birth_date="<<<<<<"), printed={"birth_date": "1961-07-01"}),
        Outcome.NOT_APPLICABLE,
        "date_unknown_in_zone",
    ),
    ("VIZ.DOCUMENT_NUMBER", printed(document_number="12 ab-34567"), Outcome.PASS, ""),
    ("VIZ.DOCUMENT_NUMBER", printed(document_number="12AB34568"), Outcome.FAIL, "different"),
    (
        "VIZ.DOCUMENT_NUMBER",
        replace(printed(document_number="12AB34568"), doubtful=frozenset({(1, 8)})),
        Outcome.UNDETERMINED,
        "doubtful",
    ),
    ("VIZ.EXPIRY_DATE", printed(expiry_date="2018-01-01"), Outcome.PASS, ""),
    ("VIZ.EXPIRY_DATE", printed(expiry_date="2019-01-01"), Outcome.FAIL, "different"),
    (
        "VIZ.EXPIRY_DATE",
        keyed(expiry_date_raw="", printed={"expiry_date": "2019-01-01"}),
        Outcome.NOT_APPLICABLE,
        "no_date_in_zone",
    ),
    ("VIZ.NATIONALITY", printed(nationality="FRA"), Outcome.PASS, ""),
    ("VIZ.NATIONALITY", printed(nationality="ITA"), Outcome.FAIL, "different"),
    ("VIZ.NATIONALITY", printed(nationality="Française"), Outcome.NOT_APPLICABLE, "no_code_printed"),
    (
        "VIZ.NATIONALITY",
        replace(passport(nationality="D"), printed={"nationality": "DEU"}),
        Outcome.PASS,
        "",
    ),
    ("VIZ.SEX", printed(sex="F"), Outcome.PASS, ""),
    ("VIZ.SEX", printed(sex="M"), Outcome.FAIL, "different"),
    ("VIZ.SEX", replace(passport(sex=""), printed={"sex": "X"}), Outcome.PASS, ""),
    ("VIZ.SEX", printed(sex="Weiblich"), Outcome.UNDETERMINED, "printed_sex_not_read"),
    ("VIZ.SEX", UNREADABLE, Outcome.UNDETERMINED, "unreadable"),
    ("VIZ.SEX", replace(DECLARED, printed={"sex": "F"}), Outcome.NOT_APPLICABLE, "no_document"),
]


def finding_of(code: str, facts: DocumentFacts) -> Finding:
    return next(f for f in check_document(facts, at=AT) if f.code == code)


@pytest.mark.parametrize(("code", "facts", "outcome", "reason"), CASES)
def test_check_gives_the_outcome_of_the_table(
    code: str, facts: DocumentFacts, outcome: Outcome, reason: str
) -> None:
    finding = finding_of(code, facts)

    assert (finding.outcome, finding.reason) == (outcome, reason)


def test_every_document_check_is_declared_once_and_reported_once_in_order() -> None:
    codes = [check.code for check in DOCUMENT_CHECKS]

    assert len(codes) == len(set(codes))
    for facts in (read(), keyed(), UNREADABLE, DECLARED, NOTHING):
        assert [f.code for f in check_document(facts, at=AT)] == codes


# the others have their table in test_further_checks.py
CHECKED_HERE = [c for c in (*ZONE_CHECKS, *VALIDITY_CHECKS, *PRINTED_CHECKS) if c.code != "MRZ.FORM"]


@pytest.mark.parametrize("check", CHECKED_HERE, ids=lambda check: check.code)
def test_every_declared_check_passes_and_does_not_pass_in_some_case(check) -> None:
    outcomes = {outcome for code, _, outcome, _ in CASES if code == check.code}

    assert Outcome.PASS in outcomes
    assert outcomes & {Outcome.FAIL, Outcome.UNDETERMINED}


@pytest.mark.parametrize("check", [*DOCUMENT_CHECKS, *HOLDER_CHECKS], ids=lambda check: check.code)
def test_every_declared_check_has_a_statement_and_a_source(check) -> None:
    assert check.statement.endswith(".")
    assert check.clause


def test_clean_passport_has_no_finding_against_it() -> None:
    outcomes = {f.outcome for f in check_document(read(), at=AT)}

    assert outcomes == {Outcome.PASS, Outcome.NOT_APPLICABLE}


def test_undetermined_never_weighs_more_than_a_review() -> None:
    for _, facts, _, _ in CASES:
        for finding in check_document(facts, at=AT):
            if finding.outcome is Outcome.UNDETERMINED:
                assert finding.check.severity is not Severity.BLOCK


def test_unreadable_page_passes_only_for_being_a_document() -> None:
    passed = {f.code for f in check_document(UNREADABLE, at=AT) if f.outcome is Outcome.PASS}

    assert passed == {"DOCUMENT.PRESENT", "DOCUMENT.KEYED"}


@pytest.mark.parametrize(
    ("printed_name", "zone_name", "outcome"),
    [
        # Doc 9303-3 section 6: one letter, several forms in the zone
        (("Müller", "Jörg"), ("MUELLER", "JOERG"), Outcome.PASS),
        (("Müller", "Jörg"), ("MULLER", "JORG"), Outcome.PASS),
        (("Müller", "Jörg"), ("MUXXLLER", "JOERG"), Outcome.PASS),
        (("Ødegård", "Åse"), ("OEDEGAARD", "AASE"), Outcome.PASS),
        (("O'Connor", "Enya Siobhan"), ("OCONNOR", "ENYA SIOBHAN"), Outcome.PASS),
        (("Martin", "Anne-Marie"), ("MARTIN", "ANNE MARIE"), Outcome.PASS),
        (("Müller", "Jörg"), ("MILLER", "JOERG"), Outcome.FAIL),
        (("Martin", "Anne"), ("MARTIN", "ANNA"), Outcome.FAIL),
    ],
)
def test_printed_name_is_compared_in_every_form_of_the_zone(
    printed_name: tuple[str, str], zone_name: tuple[str, str], outcome: Outcome
) -> None:
    facts = read(
        primary_identifier=zone_name[0],
        secondary_identifier=zone_name[1],
        printed={"primary_identifier": printed_name[0], "secondary_identifier": printed_name[1]},
    )

    assert finding_of("VIZ.NAME", facts).outcome is outcome


def test_name_cut_at_the_end_of_the_zone_is_compared_as_a_prefix() -> None:
    # Doc 9303-4 section 4.2.3, example: the secondary identifier is cut where the field ends
    primary, secondary = "NILAVADHANANANDA", "CHAYAPA DEJTHAMRONG KRASUANG"
    lines = build_td3(
        document_code="P",
        issuing_state="UTO",
        primary_identifier=primary,
        secondary_identifier=secondary,
        document_number="L898902C3",
        nationality="UTO",
        birth_date="740812",
        sex="F",
        expiry_date="180415",
    )
    fields = {"primary_identifier": primary, "secondary_identifier": secondary}

    assert parse_mrz(lines, at=AT).names_truncated
    assert finding_of("VIZ.NAME", read(lines, printed=fields)).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("earlier", "outcome", "reason"),
    [
        ((), Outcome.PASS, ""),
        ((EarlierHolder("ERIKSSON", "ANNA MARIA", date(1974, 8, 12)),), Outcome.PASS, ""),
        ((EarlierHolder("ERIKSSON", "ANNA", None),), Outcome.PASS, ""),
        ((EarlierHolder("ERIKSSON", "ANNA MAR", date(1974, 8, 12)),), Outcome.PASS, ""),
        (
            (EarlierHolder("ERIKSSON", "ANNA MARIA", date(1975, 8, 12)),),
            Outcome.FAIL,
            "other_birth_date",
        ),
        ((EarlierHolder("SVENSSON", "ANNA MARIA", date(1974, 8, 12)),), Outcome.FAIL, "other_name"),
        ((EarlierHolder("ERIKSSON", "BRITA", None),), Outcome.FAIL, "other_name"),
        (
            (
                EarlierHolder("ERIKSSON", "ANNA MARIA", date(1974, 8, 12)),
                EarlierHolder("SVENSSON", "BRITA", None),
            ),
            Outcome.FAIL,
            "other_name",
        ),
    ],
)
def test_document_seen_with_another_holder_fails(
    earlier: tuple[EarlierHolder, ...], outcome: Outcome, reason: str
) -> None:
    finding = check_holder(read(), earlier)

    assert (finding.code, finding.outcome, finding.reason) == ("DOCUMENT.HOLDER", outcome, reason)


def test_name_keyed_with_its_own_letters_is_the_name_of_the_zone() -> None:
    facts = read(primary_identifier="MUELLER", secondary_identifier="JOERG", birth_date=None)

    assert check_holder(facts, (EarlierHolder("MÜLLER", "JÖRG", None),)).outcome is Outcome.PASS


def test_another_holder_of_a_number_that_may_be_misread_is_undetermined() -> None:
    facts = read(doubtful=frozenset({(1, 3)}))

    finding = check_holder(facts, (EarlierHolder("SVENSSON", "BRITA", None),))

    assert (finding.outcome, finding.reason) == (Outcome.UNDETERMINED, "doubtful")


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        (UNREADABLE, Outcome.UNDETERMINED),
        (DECLARED, Outcome.NOT_APPLICABLE),
        (NOTHING, Outcome.NOT_APPLICABLE),
    ],
)
def test_holder_without_a_document_to_look_up_does_not_pass(facts: DocumentFacts, outcome: Outcome) -> None:
    assert check_holder(facts, ()).outcome is outcome


def test_wrong_printed_digit_survives_a_correction_that_keys_the_same_value() -> None:
    wrong = digits("birth_date", CheckDigitVerdict.WRONG_AS_PRINTED)

    assert [d.field for d in digits_kept_by_correction(wrong, {"primary_identifier"})] == ["birth_date"]


def test_wrong_printed_digit_goes_with_the_value_that_the_officer_read_otherwise() -> None:
    wrong = digits("birth_date", CheckDigitVerdict.WRONG_AS_PRINTED)

    assert digits_kept_by_correction(wrong, {"birth_date"}) == ()


def test_lines_that_do_not_parse_give_no_data_elements() -> None:
    assert fields_as_read(("P<UTO", "?"), at=AT) is None


@given(
    text=st.dictionaries(st.sampled_from(PRINTED_FIELDS), st.text(max_size=40)),
    birth=st.text("0123456789<", min_size=6, max_size=6),
    source=st.sampled_from(ReadingSource),
    status=st.sampled_from(ReadingStatus),
)
def test_any_printed_text_gives_every_finding(
    text: dict[str, str], birth: str, source: ReadingSource, status: ReadingStatus
) -> None:
    facts = read(printed=text, birth_date_raw=birth, source=source, status=status)

    assert [f.check.code for f in check_document(facts, at=AT)] == [c.code for c in DOCUMENT_CHECKS]
