"""The story book holds together: what it expects exists, and it can be played again tomorrow."""

import itertools
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from borders.core.checks import CHECKS_OF_STEP
from borders.core.decision_rules import LINE_OF_STATE, VERDICTS_OF_LINE, Line, Verdict
from borders.core.recommendation import Advice
from borders.core.record_checks import age_at, share_surname
from borders.core.requests import Demands, InspectionRequest, check_request
from borders.demo.places import FIRST_LINE, PORTS, SECOND_LINE
from borders.demo.portraits import live_capture, portrait
from borders.demo.seeding.lists import PICTURE_ON_FILE
from borders.demo.story import Scene, tell_story

TODAY = date(2026, 11, 20)
STORY = tell_story(TODAY)
FAMILY = [scene for scene in STORY if scene.party == "four"]
MINOR_BELOW = 18

days = st.dates(date(2025, 1, 1), date(2060, 12, 31))


def find(key: str, story: tuple[Scene, ...] = STORY) -> Scene:
    return next(scene for scene in story if scene.key == key)


def test_story_has_its_travellers_at_every_kind_of_port_in_both_directions() -> None:
    assert len({scene.holder for scene in STORY}) >= 14
    assert {(PORTS[scene.port][1], scene.direction.value) for scene in STORY} == set(
        itertools.product(("AIR", "LAND", "SEA"), ("ENTRY", "EXIT"))
    )


def test_keys_are_each_of_one_scene() -> None:
    assert len({scene.key for scene in STORY}) == len(STORY)


@pytest.mark.parametrize("scene", STORY, ids=lambda scene: scene.key)
def test_expected_codes_are_of_checks_that_exist(scene: Scene) -> None:
    declared = {check.code for checks in CHECKS_OF_STEP.values() for check in checks}
    assert scene.expected.codes <= declared


@pytest.mark.parametrize("scene", STORY, ids=lambda scene: scene.key)
def test_advice_agrees_with_the_codes(scene: Scene) -> None:
    assert (scene.expected.advice is Advice.REFER) == bool(scene.expected.codes)


@pytest.mark.parametrize("scene", STORY, ids=lambda scene: scene.key)
def test_answers_are_those_that_each_line_may_give_and_lead_to_the_expected_state(scene: Scene) -> None:
    first, second = scene.first_line, scene.second_line
    assert Verdict(first.outcome) in VERDICTS_OF_LINE[Line.FIRST]
    if second is None:
        assert first.outcome == scene.expected.state
    else:
        assert LINE_OF_STATE[first.outcome] is Line.SECOND
        assert Verdict(second.outcome) in VERDICTS_OF_LINE[Line.SECOND]
        assert second.reason
        assert second.outcome == scene.expected.state


@pytest.mark.parametrize("scene", STORY, ids=lambda scene: scene.key)
def test_booth_sends_what_the_port_asks_for(scene: Scene) -> None:
    request = InspectionRequest(
        client_reference=scene.key,
        direction=scene.direction.value,
        conveyance=scene.conveyance,
        purpose_of_travel=scene.purpose,
        address_of_stay=scene.address,
        page_image=b"page",
    )
    check_request(request, Demands(needs_conveyance=True, asks_purpose=True, asks_address=True))


def test_first_and_second_line_are_two_persons_at_every_port() -> None:
    assert all(FIRST_LINE[port][0] != SECOND_LINE[port][0] for port in PORTS)


def test_whoever_is_let_in_with_a_document_leaves_again() -> None:
    balance: dict[str, int] = {}
    for scene in STORY:
        if scene.expected.state == "CLEARED" and scene.document is not None:
            step = 1 if scene.direction.value == "ENTRY" else -1
            number = scene.document.document_number
            balance[number] = balance.get(number, 0) + step
            assert balance[number] in (0, 1)
    assert set(balance.values()) == {0}


def test_false_family_goes_to_protection_and_nobody_of_it_is_refused() -> None:
    assert len(FAMILY) == 4
    assert {scene.expected.state for scene in FAMILY} == {"REFERRED"}
    assert all("PARTY.UNRELATED_MINORS" in scene.expected.codes for scene in FAMILY)


def test_person_with_two_identities_shows_one_face_under_two_names() -> None:
    first, second = find("first-identity-in"), find("second-identity")
    assert first.face == second.face
    assert first.holder.primary_identifier != second.holder.primary_identifier


def test_no_capture_is_compared_with_itself() -> None:
    crossed = {(s.face, s.live) for s in STORY if s.key in ("first-identity-in", "first-identity-out")}
    second, missing = find("second-identity"), find("third-minor")
    assert (
        len({live_capture(*picture) for picture in crossed} & {live_capture(second.face, second.live)}) == 0
    )
    assert live_capture(missing.face, missing.live) != live_capture(missing.face, PICTURE_ON_FILE)


@pytest.mark.parametrize("scene", STORY, ids=lambda scene: scene.key)
def test_pictures_of_every_scene_are_drawn(scene: Scene) -> None:
    assert portrait(scene.holder.face).startswith(b"\xff\xd8")
    assert live_capture(scene.face, scene.live).startswith(b"\xff\xd8")


def test_faces_are_shared_only_by_the_two_identities_of_one_person() -> None:
    holders: dict[str, set[str]] = {}
    for scene in STORY:
        holders.setdefault(scene.face, set()).add(scene.key.partition("-")[0])
    # whoever is never let in is never enrolled, so that face may come again under another name
    let_in = {scene.face for scene in STORY if scene.expected.state == "CLEARED"}
    shared = [keys for face, keys in holders.items() if len(keys) > 1 and face in let_in]
    assert shared == [{"first", "second"}]


def test_silent_hit_changes_nothing_at_the_booth() -> None:
    assert find("silent-in").expected.advice is Advice.CLEAR


@given(today=days)
def test_only_the_expired_document_is_expired_on_any_day(today: date) -> None:
    expired = {
        scene.key
        for scene in tell_story(today)
        if scene.document is not None and scene.document.expiry_date < today
    }
    assert expired == {"expired"}


@given(today=days)
def test_documents_were_issued_before_the_earliest_crossing_on_any_day(today: date) -> None:
    document = find("overstayer", tell_story(today)).document
    assert document is not None
    assert (today - document.issue_date).days > 130


@given(today=days)
def test_family_is_one_adult_with_three_unrelated_minors_on_any_day(today: date) -> None:
    at = datetime.combine(today, time(9), UTC)
    escort, *minors = (scene.holder for scene in tell_story(today) if scene.party == "four")
    assert age_at(birth_date=escort.birth_date, at=at) >= MINOR_BELOW
    for minor in minors:
        assert 5 < age_at(birth_date=minor.birth_date, at=at) < MINOR_BELOW
        assert not share_surname(minor.primary_identifier, escort.primary_identifier)


@given(today=days)
def test_daughter_is_a_minor_who_shares_a_surname_with_her_mother_on_any_day(today: date) -> None:
    story = tell_story(today)
    mother, daughter = find("mother-in", story).holder, find("daughter-in", story).holder
    assert age_at(birth_date=daughter.birth_date, at=datetime.combine(today, time(9), UTC)) < MINOR_BELOW
    assert share_surname(mother.primary_identifier, daughter.primary_identifier)


@given(first=days, later=days)
def test_identities_of_adults_do_not_move_with_the_day(first: date, later: date) -> None:
    def adults(today: date) -> list[tuple[str, date]]:
        minors = {"daughter-in", "daughter-out", "first-minor", "second-minor", "third-minor"}
        return [
            (scene.key, scene.holder.birth_date) for scene in tell_story(today) if scene.key not in minors
        ]

    assert adults(first) == adults(later)
