"""Exceptions and notices: what a false match leaves, and what the owner of a silent entry is told."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from audit.core.actor import Role
from audit.models import AuditEntry
from tests.db.conftest import make_officer
from tests.db.watchlists.conftest import entry
from watchlists.core.screening import Action
from watchlists.models import Hit, MatchException, OwnerNotice
from watchlists.services import (
    adjudicate_hit,
    claim_hit,
    end_exception,
    see_notice,
    write_due_notices,
)
from watchlists.services.exceptions import ExceptionRefused, presented_of_reading
from watchlists.services.notices import NoticeUnknown


@pytest.fixture
def erik(airport, actor_of):
    """A second-line officer at the airport."""
    return actor_of(make_officer("erik", "UT-0005", airport, Role.SECOND_LINE))


@pytest.fixture
def false_match(activate, screen_reading, make_reading, erik, at):
    """A false match on an entry of the list, answered by Erik."""
    activate(entry(action=Action.SECOND_LINE))
    hit = Hit.objects.get(screening=screen_reading(make_reading()).screening)
    claim_hit(actor=erik, at=at, hit_id=hit.id)
    adjudicate_hit(actor=erik, at=at, hit_id=hit.id, answer="FALSE_MATCH", reason="Another birth place")
    return hit


def hits_of(result) -> int:
    return Hit.objects.filter(screening=result.screening).count()


def test_false_match_is_not_asked_again(false_match, screen_reading, make_reading) -> None:
    result = screen_reading(make_reading())

    assert hits_of(result) == 0
    exception = MatchException.objects.get()
    assert result.screening.excepted == [{"entry": str(false_match.entry_id), "exception": str(exception.id)}]
    assert {f.outcome.value for f in result.findings if f.check.code == "SCREEN.NAME"} == {"PASS"}


@pytest.mark.parametrize(
    "changes",
    [
        {"document_number": "P99999999"},
        {"issuing_state": "FRA"},
        {"secondary_identifier": "BRITTA"},
        {"birth_date": date(1980, 2, 28), "birth_date_raw": "800228"},
        {"nationality": "FRA"},
    ],
)
def test_exception_is_void_for_another_traveler_or_document(
    false_match, screen_reading, make_reading, changes: dict[str, object]
) -> None:
    assert hits_of(screen_reading(make_reading(**changes))) == 1


def test_exception_is_void_when_the_entry_changes(
    false_match, activate, screen_reading, make_reading
) -> None:
    activate(entry(action=Action.SECOND_LINE, reason="Another warrant"))

    assert hits_of(screen_reading(make_reading())) == 1


def test_exception_holds_when_another_version_has_the_entry_unchanged(
    false_match, activate, screen_reading, make_reading
) -> None:
    activate(entry(action=Action.SECOND_LINE), entry(source_id="UT-2"))

    result = screen_reading(make_reading())
    assert list(
        Hit.objects.filter(screening=result.screening).values_list("entry__source_id", flat=True)
    ) == ["UT-2"]


def test_true_match_leaves_no_exception(activate, screen_reading, make_reading, erik, at) -> None:
    activate(entry(action=Action.SECOND_LINE))
    hit = Hit.objects.get(screening=screen_reading(make_reading()).screening)
    claim_hit(actor=erik, at=at, hit_id=hit.id)
    adjudicate_hit(actor=erik, at=at, hit_id=hit.id, answer="TRUE_MATCH", reason="Same")

    assert not MatchException.objects.exists()


def test_exception_ends_with_the_document(activate, screen_reading, make_reading, erik, at) -> None:
    activate(entry(action=Action.SECOND_LINE))
    reading = make_reading(expiry_date=at.date() + timedelta(days=30))
    hit = Hit.objects.get(screening=screen_reading(reading).screening)
    claim_hit(actor=erik, at=at, hit_id=hit.id)
    adjudicate_hit(actor=erik, at=at, hit_id=hit.id, answer="FALSE_MATCH", reason="Another person")

    assert MatchException.objects.get().ends_at.date() == at.date() + timedelta(days=30)


def test_exception_is_ended_by_a_supervisor(
    false_match, screen_reading, make_reading, owner, erik, at
) -> None:
    exception = MatchException.objects.get()

    with pytest.raises(ExceptionRefused, match="role_required"):
        end_exception(actor=erik, at=at, exception_id=exception.id)
    end_exception(actor=owner, at=at, exception_id=exception.id)

    assert hits_of(screen_reading(make_reading())) == 1
    with pytest.raises(ExceptionRefused, match="exception_ended"):
        end_exception(actor=owner, at=at, exception_id=exception.id)


def test_answer_keeps_the_evidence_as_it_was(false_match) -> None:
    evidence = false_match.adjudications.get().evidence

    assert evidence["presented"]["primary_identifier"] == "SVENSSON"
    assert evidence["entry"]["content_hash"] == false_match.entry.content_hash
    assert evidence["list_version"] == 1
    assert evidence["threshold"] == false_match.threshold
    assert evidence["explanation"] == false_match.explanation
    assert evidence["key_version"] == false_match.screening.key_version


def test_acts_on_exceptions_write_audit(false_match, owner, at) -> None:
    end_exception(actor=owner, at=at, exception_id=MatchException.objects.get().id)

    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {
        "match_exception.made",
        "match_exception.ended",
    }


def test_owner_is_told_of_a_silent_hit_once(activate, screen_reading, make_reading, at, owner) -> None:
    activate(entry(action=Action.SILENT))
    screen_reading(make_reading())

    assert not OwnerNotice.objects.exists()
    assert (write_due_notices(at=at), write_due_notices(at=at)) == (1, 0)
    notice = OwnerNotice.objects.get()
    assert (notice.owner_unit, notice.hit.silent) == ("National Police", True)
    assert see_notice(actor=owner, at=at, notice_id=notice.id).seen_by_id == owner.user_id


def test_nobody_is_told_of_a_hit_that_the_booth_sees(activate, screen_reading, make_reading, at) -> None:
    activate(entry())
    screen_reading(make_reading())

    assert write_due_notices(at=at) == 0


def test_notice_exists_for_owners_alone(activate, screen_reading, make_reading, at, erik) -> None:
    activate(entry(action=Action.SILENT))
    screen_reading(make_reading())
    write_due_notices(at=at)

    with pytest.raises(NoticeUnknown):
        see_notice(actor=erik, at=at, notice_id=OwnerNotice.objects.get().id)


def test_exception_is_void_once_the_record_was_corrected(false_match, screen_reading, make_reading) -> None:
    reading = make_reading()
    corrected = replace(presented_of_reading(reading), birth_date="1980-02-28")

    assert hits_of(screen_reading(reading, corrected=corrected)) == 1


def test_answer_keeps_what_was_looked_up_besides(activate, screen_reading, make_reading, erik, at) -> None:
    activate(entry(action=Action.SECOND_LINE))
    reading = make_reading(primary_identifier="OTHER")
    corrected = replace(presented_of_reading(reading), primary_identifier="SVENSSON")
    hit = Hit.objects.get(screening=screen_reading(reading, corrected=corrected).screening)
    claim_hit(actor=erik, at=at, hit_id=hit.id)

    adjudicate_hit(actor=erik, at=at, hit_id=hit.id, answer="FALSE_MATCH", reason="Another birth place")

    assert hit.adjudications.get().evidence["corrected"]["primary_identifier"] == "SVENSSON"
    assert hits_of(screen_reading(reading, corrected=corrected)) == 0
