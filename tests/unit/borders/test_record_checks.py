"""The record and the party: overstays, unpaired crossings, minors alone or brought by a stranger."""

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.core.outcomes import Outcome, Route, Severity
from borders.core.record_checks import (
    PARTY_MINOR_ACCOMPANIED,
    PARTY_UNRELATED_MINORS,
    RECORD_CHECKS,
    PartyMember,
    age_at,
    check_party,
    check_stay,
    latest_birth_date_of_adults,
    share_surname,
    surname_words,
)
from borders.core.stays import OpenStay

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ENTERED = datetime(2026, 9, 1, 10, 0, tzinfo=UTC)
IN_TIME = OpenStay(ENTERED, date(2026, 11, 29))
TOO_LONG = OpenStay(ENTERED, date(2026, 11, 10))
NO_LIMIT = OpenStay(ENTERED, None)
PASS, FAIL, UNDETERMINED, NOT_APPLICABLE = (
    Outcome.PASS,
    Outcome.FAIL,
    Outcome.UNDETERMINED,
    Outcome.NOT_APPLICABLE,
)


@pytest.mark.parametrize(
    ("entering", "identified", "own", "stay", "direction", "overstay"),
    [
        (True, True, False, None, (PASS, ""), (NOT_APPLICABLE, "entry")),
        (True, True, False, IN_TIME, (FAIL, "exit_missing"), (NOT_APPLICABLE, "entry")),
        (True, True, True, NO_LIMIT, (FAIL, "exit_missing"), (NOT_APPLICABLE, "entry")),
        (False, True, False, IN_TIME, (PASS, ""), (PASS, "")),
        (False, True, False, TOO_LONG, (PASS, ""), (FAIL, "overstayed")),
        (False, True, False, NO_LIMIT, (PASS, ""), (NOT_APPLICABLE, "no_limit")),
        (False, True, False, None, (FAIL, "entry_missing"), (UNDETERMINED, "entry_missing")),
        (False, True, True, None, (NOT_APPLICABLE, "own_national"), (NOT_APPLICABLE, "own_national")),
        (False, True, True, TOO_LONG, (PASS, ""), (NOT_APPLICABLE, "own_national")),
        (True, False, False, None, (UNDETERMINED, "identity_unknown"), (NOT_APPLICABLE, "entry")),
        (False, False, False, None, (UNDETERMINED, "identity_unknown"), (UNDETERMINED, "identity_unknown")),
    ],
)
def test_stays(entering, identified, own, stay, direction, overstay) -> None:
    found = check_stay(entering=entering, identified=identified, own_national=own, open_stay=stay, at=AT)
    assert [(f.outcome, f.reason) for f in found] == [direction, overstay]


def test_an_overstay_says_how_many_days() -> None:
    _, overstay = check_stay(entering=False, identified=True, own_national=False, open_stay=TOO_LONG, at=AT)
    assert overstay.detail == {"allowed_until": "2026-11-10", "days": 10}


@pytest.mark.parametrize(
    ("born", "at", "age"),
    [
        (date(2008, 11, 20), AT, 18),
        (date(2008, 11, 21), AT, 17),
        (date(2008, 2, 29), datetime(2026, 2, 28, tzinfo=UTC), 17),
        (date(2008, 2, 29), datetime(2026, 3, 1, tzinfo=UTC), 18),
        (date(2026, 11, 20), AT, 0),
    ],
)
def test_age_in_completed_years(born: date, at: datetime, age: int) -> None:
    assert age_at(birth_date=born, at=at) == age


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ERIKSSON", {"ERIKSSON"}),
        ("DE LA CRUZ", {"CRUZ"}),
        ("VAN DER MUELLEN", {"MUELLEN"}),
        ("SMITH-JONES", {"SMITH", "JONES"}),
        ("LI", {"LI"}),
        ("NG LI", {"NG", "LI"}),
        ("AL", {"AL"}),
        ("", set()),
    ],
)
def test_telling_words_of_a_surname(text: str, words: set[str]) -> None:
    assert surname_words(text) == words


@pytest.mark.parametrize(
    ("a", "b", "shared"),
    [
        ("ERIKSSON", "ERIKSSON", True),
        ("GARCIA LOPEZ", "LOPEZ RUIZ", True),
        ("DE LA CRUZ", "DE LA VEGA", False),
        ("AL HAMID", "AL RASHID", False),
        ("", "", False),
    ],
)
def test_sharing_a_surname(a: str, b: str, shared: bool) -> None:
    assert share_surname(a, b) is shared


ADULT, MINOR = date(1985, 1, 1), date(2015, 1, 1)
NUMBERS = itertools.count(1)


def person(surname: str, born: date | None, gone: bool = False, same: str = "") -> PartyMember:
    return PartyMember(UUID(int=next(NUMBERS)), surname, born, gone, same)


def judge(subject: PartyMember, *others: PartyMember) -> tuple[tuple[Outcome, str], tuple[Outcome, str]]:
    found = check_party(
        subject_id=subject.inspection_id, members=[*others, subject], minor_below_years=18, at=AT
    )
    assert [f.check for f in found] == [PARTY_MINOR_ACCOMPANIED, PARTY_UNRELATED_MINORS]
    return (found[0].outcome, found[0].reason), (found[1].outcome, found[1].reason)


ALONE = (NOT_APPLICABLE, "alone")


def test_an_adult_alone_is_not_asked() -> None:
    assert judge(person("ERIKSSON", ADULT)) == ((NOT_APPLICABLE, "adult"), ALONE)


def test_a_minor_alone_is_a_question_for_protection() -> None:
    assert judge(person("ERIKSSON", MINOR)) == ((FAIL, "alone"), ALONE)


@pytest.mark.parametrize(
    ("from_years", "consent", "expected"),
    [
        (18, True, (FAIL, "alone")),
        (11, True, (PASS, "")),
        (12, True, (FAIL, "alone")),
        (11, False, (FAIL, "alone")),
    ],
)
def test_a_guardians_consent_counts_from_the_age_that_a_rule_sets(from_years, consent, expected) -> None:
    child = replace(person("ERIKSSON", MINOR), has_consent=consent)
    accompanied, _ = check_party(
        subject_id=child.inspection_id,
        members=[child],
        minor_below_years=18,
        at=AT,
        settings={"PARTY.MINOR_ACCOMPANIED": {"consent_from_years": from_years}},
    )
    assert (accompanied.outcome, accompanied.reason) == expected
    assert accompanied.detail.get("consent", False) is consent


@pytest.mark.parametrize("years", [0, 1, 17, 18, 21])
@pytest.mark.parametrize("day", ["2024-02-29", "2026-02-28", "2026-11-22"])
def test_the_latest_birth_date_of_adults_is_the_limit_of_their_age(years: int, day: str) -> None:
    at = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    limit = latest_birth_date_of_adults(minor_below_years=years, at=at)
    assert age_at(birth_date=limit, at=at) >= years
    assert age_at(birth_date=limit + timedelta(days=1), at=at) < years


def test_somebody_of_unknown_age_is_not_taken_for_an_adult() -> None:
    assert judge(person("", None)) == ((UNDETERMINED, "age_unknown"), ALONE)


def test_a_minor_with_a_parent_passes() -> None:
    assert judge(person("ERIKSSON", MINOR), person("ERIKSSON", ADULT)) == ((PASS, ""), (PASS, ""))


def test_a_minor_with_a_stranger_does_not() -> None:
    found = judge(person("OKAFOR", MINOR), person("ERIKSSON", ADULT))
    assert found == ((FAIL, "no_shared_surname"), (PASS, ""))


def test_a_minor_waits_for_members_not_yet_read() -> None:
    found = judge(person("OKAFOR", MINOR), person("", None))
    assert found == ((UNDETERMINED, "party_incomplete"), (UNDETERMINED, "party_incomplete"))


def test_an_adult_who_has_withdrawn_accompanies_nobody() -> None:
    assert judge(person("OKAFOR", MINOR), person("OKAFOR", ADULT, gone=True))[0] == (FAIL, "alone")


def test_one_adult_with_unrelated_minors_is_an_alarm_on_each_of_them() -> None:
    adult = person("STONE", ADULT)
    minors = [person(name, MINOR) for name in ("OKAFOR", "NGUYEN", "PETROVA")]
    for member in (adult, *minors):
        others = [m for m in (adult, *minors) if m is not member]
        assert judge(member, *others)[1] == (FAIL, "one_adult_unrelated_minors")


def test_a_minor_of_the_adults_own_name_is_under_the_alarm_too() -> None:
    adult, own = person("STONE", ADULT), person("STONE", MINOR)
    strangers = [person("OKAFOR", MINOR), person("NGUYEN", MINOR)]
    assert judge(own, adult, *strangers) == ((PASS, ""), (FAIL, "one_adult_unrelated_minors"))


def test_one_unrelated_minor_is_no_group() -> None:
    adult, minor = person("STONE", ADULT), person("OKAFOR", MINOR)
    assert judge(adult, minor)[1] == (PASS, "")


def test_the_same_minor_sent_twice_is_one_minor() -> None:
    adult = person("STONE", ADULT)
    twice = [person("OKAFOR", MINOR, same="X/1"), person("OKAFOR", MINOR, same="X/1")]
    assert judge(adult, *twice)[1] == (PASS, "")
    assert judge(twice[0], adult, twice[1])[1] == (PASS, "")


def test_the_alarm_does_not_end_by_turning_back() -> None:
    adult = person("STONE", ADULT, gone=True)
    minors = [person("OKAFOR", MINOR), person("NGUYEN", MINOR)]
    assert judge(minors[0], adult, minors[1])[1] == (FAIL, "one_adult_unrelated_minors")


def test_members_not_yet_read_keep_the_question_open_only_where_they_could_change_it() -> None:
    adult, minor, unread = person("STONE", ADULT), person("OKAFOR", MINOR), person("", None)
    assert judge(adult, minor, unread)[1] == (UNDETERMINED, "party_incomplete")
    assert judge(adult, unread)[1] == (PASS, "")


def test_several_adults_are_no_single_adult() -> None:
    adults = [person("STONE", ADULT), person("RIVER", ADULT)]
    minors = [person("OKAFOR", MINOR), person("NGUYEN", MINOR)]
    assert judge(adults[0], adults[1], *minors)[1] == (PASS, "several_adults")


def test_minors_without_any_adult_are_each_alone() -> None:
    minors = [person("OKAFOR", MINOR), person("NGUYEN", MINOR)]
    assert judge(minors[0], minors[1]) == ((FAIL, "alone"), (NOT_APPLICABLE, "no_adult"))


def test_party_checks_lead_to_protection() -> None:
    assert {c.route for c in RECORD_CHECKS if c.code.startswith("PARTY.")} == {Route.PROTECTION}
    assert PARTY_UNRELATED_MINORS.severity is Severity.BLOCK


MEMBERS = st.lists(
    st.builds(
        PartyMember,
        inspection_id=st.uuids(),
        primary_identifier=st.sampled_from(("", "STONE", "OKAFOR", "DE LA CRUZ", "NGUYEN")),
        birth_date=st.sampled_from((None, ADULT, MINOR)),
        gone=st.booleans(),
        person=st.sampled_from(("", "X/1", "X/2")),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda m: m.inspection_id,
)


@given(MEMBERS, st.randoms(use_true_random=False))
def test_the_order_of_members_changes_no_outcome(members: list[PartyMember], random) -> None:
    # one person sent twice under different data has no one truth, so persons are told apart here
    members = [PartyMember(m.inspection_id, m.primary_identifier, m.birth_date, m.gone) for m in members]
    shuffled = list(members)
    random.shuffle(shuffled)
    for member in members:
        a, b = (
            check_party(subject_id=member.inspection_id, members=order, minor_below_years=18, at=AT)
            for order in (members, shuffled)
        )
        assert [(f.outcome, f.reason) for f in a] == [(f.outcome, f.reason) for f in b]


@given(MEMBERS)
def test_no_minor_ever_passes_without_an_adult_present(members: list[PartyMember]) -> None:
    for member in members:
        accompanied, _ = check_party(
            subject_id=member.inspection_id, members=members, minor_below_years=18, at=AT
        )
        if accompanied.outcome is PASS:
            assert any(m.birth_date == ADULT and not m.gone for m in members if m is not member)
