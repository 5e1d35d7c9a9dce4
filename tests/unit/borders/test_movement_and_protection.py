"""Impossible journeys, unusual use, manifests, and children on record: a table of cases for each check."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from biometrics.core.outcomes import Finding, Outcome, Route, Severity
from borders.core.record_checks import (
    MANIFEST_CHECKS,
    MOVEMENT_CHECKS,
    PROTECTION_CHECKS,
    Announced,
    Companion,
    History,
    PartyMember,
    PastCrossing,
    Post,
    check_manifest,
    check_movement,
    check_protection,
    distance_km,
    judge_age,
    judge_document_face,
    least_minutes,
    youngest_birth_date,
)

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
HERE, THERE, NOWHERE = Post("UTAPT", 59.65, 17.92), Post("UTSEA", 57.70, 11.94), Post("UTX")
PASS, FAIL, UNDETERMINED, NOT_APPLICABLE = (
    Outcome.PASS,
    Outcome.FAIL,
    Outcome.UNDETERMINED,
    Outcome.NOT_APPLICABLE,
)


def crossed(minutes: float, post: Post = THERE) -> PastCrossing:
    return PastCrossing(AT - timedelta(minutes=minutes), False, post, "document")


def history(*crossings: PastCrossing, **changes: object) -> History:
    return replace(History(crossings=crossings, document_crossings=crossings), **changes)  # type: ignore[arg-type]


MOVEMENTS = [
    ("TRAVEL.SPEED", history(), NOT_APPLICABLE, "no_earlier_crossing"),
    ("TRAVEL.SPEED", history(crossed(5, HERE)), PASS, "same_post"),
    ("TRAVEL.SPEED", history(crossed(40)), FAIL, "too_fast"),
    ("TRAVEL.SPEED", history(crossed(60)), PASS, ""),
    ("TRAVEL.SPEED", history(crossed(5, NOWHERE)), NOT_APPLICABLE, "no_places_of_posts"),
    ("TRAVEL.TWO_PLACES", history(), PASS, ""),
    ("TRAVEL.TWO_PLACES", history(document_in_use_at=("UTSEA",)), FAIL, "in_use_elsewhere"),
    ("USE.FREQUENCY", history(*(crossed(60 * i) for i in range(1, 39))), PASS, ""),
    ("USE.FREQUENCY", history(*(crossed(60 * i) for i in range(1, 40))), FAIL, "unusually_often"),
    ("USE.DOCUMENTS", history(other_documents=(("A", AT - timedelta(days=3)),)), PASS, ""),
    (
        "USE.DOCUMENTS",
        history(other_documents=tuple((n, AT - timedelta(days=3)) for n in "ABC")),
        FAIL,
        "many_documents",
    ),
    ("USE.DOCUMENTS", history(other_documents=tuple((n, AT - timedelta(days=400)) for n in "ABC")), PASS, ""),
    ("USE.LOST_REPORTS", history(lost_reports=2), PASS, ""),
    ("USE.LOST_REPORTS", history(lost_reports=3), FAIL, "many_reports"),
]


@pytest.mark.parametrize(("code", "past", "outcome", "reason"), MOVEMENTS)
def test_movement(code: str, past: History, outcome: Outcome, reason: str) -> None:
    found = {f.code: f for f in check_movement(history=past, post=HERE, at=AT)}
    assert tuple(found) == tuple(c.code for c in MOVEMENT_CHECKS)
    assert (found[code].outcome, found[code].reason) == (outcome, reason)


def test_without_an_identity_nothing_is_said_of_movement() -> None:
    assert {f.outcome for f in check_movement(history=None, post=HERE, at=AT)} == {UNDETERMINED}


def test_the_least_time_of_a_pair_of_posts_goes_before_the_distance() -> None:
    pairs = {"TRAVEL.SPEED": {"least_minutes": [{"from": "UTSEA", "to": "UTAPT", "minutes": "240"}]}}
    assert least_minutes(HERE, THERE, pairs) == 240
    assert least_minutes(HERE, NOWHERE) is None
    assert least_minutes(HERE, HERE) == 0


@pytest.mark.parametrize(
    ("a", "b", "km"),
    [
        (Post("A", 0, 0), Post("B", 0, 180), 20015),
        (Post("A", 90, 0), Post("B", -90, 50), 20015),
        (Post("A", 51.47, -0.45), Post("B", 40.64, -73.78), 5540),
        (Post("A", 10, 179.9), Post("B", 10, -179.9), 22),
    ],
)
def test_great_circle(a: Post, b: Post, km: float) -> None:
    distance = distance_km(a, b)
    assert distance == pytest.approx(km, rel=0.01)
    assert distance == distance_km(b, a)


ANNA = Announced("L898902C3", "UTO", "ERIKSSON", "ANNA MARIA", date(1974, 8, 12))


@pytest.mark.parametrize(
    ("manifest", "outcome", "reason"),
    [
        (None, NOT_APPLICABLE, "no_manifest"),
        ((), FAIL, "not_announced"),
        ((ANNA,), PASS, ""),
        ((replace(ANNA, secondary_identifier=""),), PASS, ""),
        ((replace(ANNA, document_number="L89-8902 C3"),), PASS, ""),
        ((replace(ANNA, birth_date=None),), PASS, ""),
        ((replace(ANNA, primary_identifier="ERIKS"),), PASS, ""),
        ((replace(ANNA, birth_date=date(1974, 8, 13)),), FAIL, "announced_otherwise"),
        ((replace(ANNA, issuing_state="FRA"),), FAIL, "announced_otherwise"),
        ((replace(ANNA, document_number="X1"),), FAIL, "other_document_announced"),
        ((replace(ANNA, document_number="X1", primary_identifier="LI"),), FAIL, "not_announced"),
        ((replace(ANNA, birth_date=date(1974, 8, 13)), ANNA), PASS, ""),
    ],
)
def test_manifest(manifest, outcome: Outcome, reason: str) -> None:
    found = check_manifest(booth=ANNA, manifest=manifest)
    assert found.check in MANIFEST_CHECKS
    assert (found.outcome, found.reason) == (outcome, reason)


def member(number: int, surname: str, born: date | None) -> PartyMember:
    return PartyMember(UUID(int=number), surname, born, person=f"person {number}")


ADULT = member(1, "HALVORSEN", date(1980, 1, 1))
CHILD = member(2, "ORTEGA", date(2015, 1, 1))


def companion(number: int, surname: str = "NDIAYE", days: float = 30, **changes: object) -> Companion:
    entered = AT - timedelta(days=days)
    made = Companion(f"t{number}", surname, date(2014, 6, 1), f"party{number}", entered, True)
    return replace(made, **changes)  # type: ignore[arg-type]


def protect(subject: PartyMember = ADULT, *others: PartyMember, **changes: object) -> dict[str, Finding]:
    given: dict = {
        "subject": subject,
        "party": (subject, *others),
        "party_travelers": (),
        "history": History(),
        "entering": True,
        "observations": (),
        "booking": (),
        "minor_below_years": 18,
        "at": AT,
    }
    return {f.code: f for f in check_protection(**(given | changes))}


TWO_BEFORE = History(companions=(companion(1), companion(2, "LINDQVIST", 90)))
ONE_BEFORE = History(companions=(companion(1),))
PROTECTIONS = [
    ("PROTECT.CHANGING_MINORS", protect(ADULT, CHILD, history=TWO_BEFORE), FAIL, "other_minors_each_time"),
    ("PROTECT.CHANGING_MINORS", protect(ADULT, CHILD, history=ONE_BEFORE), PASS, ""),
    ("PROTECT.CHANGING_MINORS", protect(ADULT, history=TWO_BEFORE), PASS, ""),
    (
        "PROTECT.CHANGING_MINORS",
        protect(
            ADULT, CHILD, history=History(companions=(companion(1, "HALVORSEN"), companion(2, "HALVORSEN")))
        ),
        PASS,
        "",
    ),
    ("PROTECT.CHANGING_MINORS", protect(CHILD), NOT_APPLICABLE, "minor"),
    ("PROTECT.CHANGING_MINORS", protect(ADULT, history=None), UNDETERMINED, "identity_unknown"),
    ("PROTECT.MINOR_LEFT", protect(ADULT, history=ONE_BEFORE), NOT_APPLICABLE, "entry"),
    ("PROTECT.MINOR_LEFT", protect(ADULT, history=ONE_BEFORE, entering=False), FAIL, "unrelated_minor_stays"),
    (
        "PROTECT.MINOR_LEFT",
        protect(
            ADULT, history=History(companions=(companion(1, left_at=AT - timedelta(days=2)),)), entering=False
        ),
        PASS,
        "",
    ),
    (
        "PROTECT.MINOR_LEFT",
        protect(ADULT, history=ONE_BEFORE, entering=False, party_travelers=("t1",)),
        PASS,
        "",
    ),
    (
        "PROTECT.MINOR_LEFT",
        protect(ADULT, history=History(companions=(companion(1, "HALVORSEN"),)), entering=False),
        PASS,
        "",
    ),
    ("PROTECT.DOCUMENTS_HELD", protect(ADULT), NOT_APPLICABLE, "alone"),
    ("PROTECT.DOCUMENTS_HELD", protect(ADULT, CHILD), NOT_APPLICABLE, "not_observed"),
    (
        "PROTECT.DOCUMENTS_HELD",
        protect(ADULT, CHILD, observations=("documents_held_by_other",)),
        FAIL,
        "one_person_holds_documents",
    ),
    ("PROTECT.SHARED_BOOKING", protect(ADULT), NOT_APPLICABLE, "no_shared_booking"),
    ("PROTECT.SHARED_BOOKING", protect(ADULT, booking=(CHILD,)), FAIL, "minor_with_strangers"),
    (
        "PROTECT.SHARED_BOOKING",
        protect(ADULT, booking=(replace(CHILD, primary_identifier="HALVORSEN"),)),
        PASS,
        "",
    ),
]


@pytest.mark.parametrize(("code", "found", "outcome", "reason"), PROTECTIONS)
def test_protection(code: str, found: dict[str, Finding], outcome: Outcome, reason: str) -> None:
    assert tuple(found) == tuple(c.code for c in PROTECTION_CHECKS)
    assert (found[code].outcome, found[code].reason) == (outcome, reason)


def test_every_alarm_about_a_child_asks_protection_and_none_blocks() -> None:
    for check in PROTECTION_CHECKS:
        assert check.route is Route.PROTECTION
        assert check.severity is not Severity.BLOCK


@pytest.mark.parametrize(
    ("raw", "born"),
    [
        ("85<<<<", date(1985, 12, 31)),
        ("8502<<", date(1985, 2, 28)),
        ("8412<<", date(1984, 12, 31)),
        ("10<<<<", date(2010, 12, 31)),
        ("260000", AT.date()),
        ("27<<<<", date(1927, 12, 31)),
        ("<<<<<<", None),
        ("", None),
    ],
)
def test_who_may_be_a_child_is_asked_about_as_one(raw: str, born: date | None) -> None:
    assert youngest_birth_date(raw, at=AT) == born


@pytest.mark.parametrize(
    ("scores", "threshold", "outcome"),
    [((), 0.4, NOT_APPLICABLE), ((0.1,), 0.4, FAIL), ((0.1, 0.4), 0.4, PASS), ((), None, UNDETERMINED)],
)
def test_the_face_that_crossed_with_the_document_before(scores, threshold, outcome) -> None:
    assert judge_document_face(scores=scores, threshold=threshold).outcome is outcome


@pytest.mark.parametrize(("seen", "outcome"), [(None, NOT_APPLICABLE), (50, PASS), (70, FAIL), (20, FAIL)])
def test_an_apparent_age_informs_and_no_more(seen, outcome) -> None:
    found = judge_age(apparent_years=seen, birth_date=date(1974, 8, 12), at=AT)
    assert (found.outcome, found.check.severity) == (outcome, Severity.INFORM)
