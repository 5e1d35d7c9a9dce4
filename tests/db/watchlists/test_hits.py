"""Hits: one claimant, an answer with its reason, two persons where somebody would be stopped; silence for the
rest.
"""

import threading

import pytest
from django.db import close_old_connections, connections

from audit.core.actor import Role
from audit.models import AuditEntry
from tests.db.conftest import make_officer
from tests.db.watchlists.conftest import entry
from watchlists.core.screening import Action
from watchlists.models import Adjudication, Hit
from watchlists.queries import visible_entries, visible_hits
from watchlists.services import HitRefused, HitUnknown, adjudicate_hit, claim_hit, release_hit
from watchlists.services.withheld import write_withheld_hits

TRUE, FALSE = Adjudication.Answer.TRUE_MATCH, Adjudication.Answer.FALSE_MATCH


@pytest.fixture
def make_hit(activate, screen_reading, make_reading):
    """make_hit(**changes): the hit on one entry, by name."""

    def make(**changes: object) -> Hit:
        activate(entry(**changes))
        screening = screen_reading(make_reading()).screening
        write_withheld_hits()
        return Hit.objects.get(screening=screening)

    return make


@pytest.fixture
def erik(airport, actor_of):
    """A second-line officer at the airport."""
    return actor_of(make_officer("erik", "UT-0005", airport, Role.SECOND_LINE))


def test_open_hit_is_claimed_once(make_hit, erik, second, at) -> None:
    hit = make_hit()

    assert claim_hit(actor=erik, at=at, hit_id=hit.id).claimed_by_id == erik.user_id
    with pytest.raises(HitRefused, match="hit_not_open"):
        claim_hit(actor=second, at=at, hit_id=hit.id)


@pytest.mark.django_db(transaction=True)
def test_of_two_claims_at_once_one_wins(make_hit, erik, second, at) -> None:
    hit = make_hit()
    start = threading.Barrier(2)
    answers = []

    def run(actor) -> None:
        close_old_connections()
        try:
            start.wait(timeout=10)
            answers.append(claim_hit(actor=actor, at=at, hit_id=hit.id).claimed_by_id)
        except HitRefused as error:
            answers.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(actor,)) for actor in (erik, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert answers.count("hit_not_open") == 1
    assert len(answers) == 2


def test_hit_is_answered_by_its_claimant_only(make_hit, erik, second, at) -> None:
    hit = make_hit(action=Action.SECOND_LINE)
    claim_hit(actor=erik, at=at, hit_id=hit.id)

    with pytest.raises(HitRefused, match="hit_not_claimed"):
        adjudicate_hit(actor=second, at=at, hit_id=hit.id, answer=FALSE, reason="Another face")
    adjudicate_hit(actor=erik, at=at, hit_id=hit.id, answer=FALSE, reason="Another face")

    hit.refresh_from_db()
    assert hit.state == "FALSE_MATCH"
    assert hit.adjudications.get().adjudicated_by_id == erik.user_id


def test_answered_hit_is_not_answered_again(make_hit, erik, at) -> None:
    hit = make_hit(action=Action.SECOND_LINE)
    claim_hit(actor=erik, at=at, hit_id=hit.id)
    adjudicate_hit(actor=erik, at=at, hit_id=hit.id, answer=TRUE, reason="Same person")

    with pytest.raises(HitRefused, match="hit_not_claimed"):
        adjudicate_hit(actor=erik, at=at, hit_id=hit.id, answer=FALSE, reason="No")
    assert Adjudication.objects.count() == 1


def test_inconclusive_hit_is_taken_up_again(make_hit, erik, second, at) -> None:
    hit = make_hit()
    claim_hit(actor=erik, at=at, hit_id=hit.id)
    adjudicate_hit(actor=erik, at=at, hit_id=hit.id, answer="INCONCLUSIVE", reason="No fingerprints")

    assert claim_hit(actor=second, at=at, hit_id=hit.id).state == "CLAIMED"


@pytest.mark.parametrize("reason", ["", "   "])
def test_answer_needs_a_reason(make_hit, erik, at, reason: str) -> None:
    hit = make_hit()
    claim_hit(actor=erik, at=at, hit_id=hit.id)

    with pytest.raises(HitRefused, match="reason_required"):
        adjudicate_hit(actor=erik, at=at, hit_id=hit.id, answer=FALSE, reason=reason)


def test_true_match_that_stops_a_traveler_needs_a_second_person(make_hit, erik, dora, at) -> None:
    hit = make_hit(action=Action.STOP_ARREST)
    claim_hit(actor=erik, at=at, hit_id=hit.id)
    answer = {"actor": erik, "at": at, "hit_id": hit.id, "answer": TRUE, "reason": "Same scar"}

    with pytest.raises(HitRefused, match="second_person_required"):
        adjudicate_hit(**answer)
    assert adjudicate_hit(**answer, seconded_by=dora.user_id).seconded_by_id == dora.user_id


def test_false_match_on_a_stop_needs_one_person(make_hit, erik, at) -> None:
    hit = make_hit(action=Action.STOP_ARREST)
    claim_hit(actor=erik, at=at, hit_id=hit.id)

    assert adjudicate_hit(actor=erik, at=at, hit_id=hit.id, answer=FALSE, reason="Another face")


def test_true_match_of_a_face_needs_a_second_person(
    activate, screen_reading, make_reading, compare_face, make_template, erik, at
) -> None:
    version = activate(entry(action=Action.INQUIRY, faces=(make_template().id,)))
    reading = make_reading(primary_identifier="ERIKSSON", secondary_identifier="ANNA")
    screen_reading(reading, compare_face([version.entries.get().id]))
    hit = Hit.objects.get()
    claim_hit(actor=erik, at=at, hit_id=hit.id)

    with pytest.raises(HitRefused, match="second_person_required"):
        adjudicate_hit(actor=erik, at=at, hit_id=hit.id, answer=TRUE, reason="Same face")


@pytest.mark.parametrize("who", ["erik", "alice", "charlie"])
def test_second_person_is_another_adjudicator_at_the_same_port(
    make_hit, erik, alice, charlie, at, who: str
) -> None:
    hit = make_hit(action=Action.STOP_ARREST)
    claim_hit(actor=erik, at=at, hit_id=hit.id)
    user_id = {"erik": erik.user_id, "alice": alice.user_id, "charlie": charlie.user_id}[who]

    with pytest.raises(HitRefused, match="second_person_not_allowed"):
        adjudicate_hit(actor=erik, at=at, hit_id=hit.id, answer=TRUE, reason="Same", seconded_by=user_id)


def test_claimed_hit_is_given_back(make_hit, erik, at) -> None:
    hit = make_hit()
    claim_hit(actor=erik, at=at, hit_id=hit.id)

    released = release_hit(actor=erik, at=at, hit_id=hit.id)

    assert (released.state, released.claimed_by_id) == ("OPEN", None)


def test_supervisor_gives_back_the_hit_of_somebody_else(make_hit, erik, second, owner, at) -> None:
    hit = make_hit()
    claim_hit(actor=erik, at=at, hit_id=hit.id)

    with pytest.raises(HitRefused, match="hit_not_claimed"):
        release_hit(actor=second, at=at, hit_id=hit.id)
    assert release_hit(actor=owner, at=at, hit_id=hit.id).state == "OPEN"


def test_officer_of_the_first_line_may_not_claim(make_hit, alice, actor_of, at) -> None:
    with pytest.raises(HitRefused, match="role_required"):
        claim_hit(actor=actor_of(alice), at=at, hit_id=make_hit().id)


def test_hit_of_another_port_does_not_exist(make_hit, charlie, actor_of, at) -> None:
    hit = make_hit()

    with pytest.raises(HitUnknown):
        claim_hit(actor=actor_of(charlie), at=at, hit_id=hit.id)
    assert not visible_hits(actor=actor_of(charlie)).exists()


def test_silent_hit_and_entry_exist_for_their_owners_alone(
    make_hit, erik, owner, airport, actor_of, at
) -> None:
    hit = make_hit(action=Action.SILENT)
    supervisor = actor_of(make_officer("fritz", "UT-0006", airport, Role.SUPERVISOR))

    for actor in (erik, supervisor):
        assert not visible_hits(actor=actor).exists()
        assert not visible_entries(actor=actor, at=at).exists()
        with pytest.raises(HitUnknown):
            claim_hit(actor=actor, at=at, hit_id=hit.id)
    assert visible_hits(actor=owner).get() == hit
    assert visible_entries(actor=owner, at=at).get() == hit.entry


def test_entries_are_read_by_supervisors_and_owners_only(activate, alice, erik, owner, actor_of, at) -> None:
    activate(entry())

    assert visible_entries(actor=owner, at=at).exists()
    for actor in (actor_of(alice), erik):
        assert not visible_entries(actor=actor, at=at).exists()


def test_every_act_on_a_hit_writes_audit(make_hit, erik, at) -> None:
    hit = make_hit()
    claim_hit(actor=erik, at=at, hit_id=hit.id)
    release_hit(actor=erik, at=at, hit_id=hit.id)
    claim_hit(actor=erik, at=at, hit_id=hit.id)
    adjudicate_hit(actor=erik, at=at, hit_id=hit.id, answer=FALSE, reason="Another face")

    trail = AuditEntry.objects.filter(object_type="hit", object_id=str(hit.id)).order_by("id")
    assert list(trail.values_list("action", flat=True)) == [
        "hit.claimed",
        "hit.released",
        "hit.claimed",
        "hit.adjudicated",
    ]
