"""Retention over virtual time, 0 to 6 years: what is due goes, what is not stays, and overstayers are warned of first."""

import json
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from biometrics.models import CapturedImage, SubjectKey
from borders.core.retention import DEFAULTS, Period
from borders.models import (
    AdvancePassengerManifest,
    Crossing,
    Erasure,
    Inspection,
    ManifestPassenger,
    OverstayNotice,
    RetentionClass,
    RetentionFile,
    Stay,
)
from borders.services.custody import (
    RetentionRefused,
    Walk,
    decide_retention,
    erase_expired,
    erase_inspections,
    periods_in_force,
    place_hold,
    propose_retention,
)
from borders.services.custody.scope import NOBODY_ID
from borders.services.decisions import decide
from tests.db.borders.custody.conftest import SWEEP
from travelers.models import Traveler

pytestmark = pytest.mark.django_db
YEAR, DAY = timedelta(days=365.2425), timedelta(days=1)


def sweep(at: datetime, **options):
    return erase_expired(actor=SWEEP, at=at, **options)


def travelers():
    return Traveler.objects.exclude(id=NOBODY_ID)


def leave(passes, passed, when: datetime):
    return passes(when=when, direction="EXIT", seed=5)


def test_the_classes_as_delivered_are_those_of_the_regulation(db):
    assert periods_in_force() == DEFAULTS


@pytest.mark.parametrize(("years", "days", "left"), [(1, 0, 1), (3, -1, 1), (3, 0, 1), (3, 1, 0), (6, 0, 0)])
def test_a_file_goes_three_years_and_a_day_after_the_exit(passes, at, years, days, left):
    leave(passes, passes(), at + 10 * DAY)
    exit_at = Crossing.objects.get(direction="EXIT").occurred_at
    now = exit_at.replace(year=exit_at.year + years) + days * DAY
    with time_machine.travel(now, tick=False):
        sweep(now)
    assert travelers().count() == left


def test_the_records_go_on_the_day_before_the_file(passes, at):
    leave(passes, passes(), at + 10 * DAY)
    exit_at = Crossing.objects.get(direction="EXIT").occurred_at
    found = sweep(exit_at.replace(year=exit_at.year + 3))
    assert found.by_class == {"RECORD:CROSSING": 1}
    assert travelers().count() == 1
    assert not Stay.objects.exists()
    assert Inspection.objects.filter(erased_at__isnull=True).count() == 0
    assert RetentionFile.objects.get().latest_at == exit_at
    assert sweep(exit_at.replace(year=exit_at.year + 3) + DAY).by_class == {"TRAVELER:FILE": 1}
    assert not travelers().exists()


@pytest.mark.parametrize(("years", "days", "left"), [(4, 0, 1), (5, 0, 1), (5, 1, 0), (6, 0, 0)])
def test_without_an_exit_everything_stays_five_years_after_the_stay_ended(
    passes, anna_visits, at, years, days, left
):
    stay = anna_visits()
    end = at.replace(
        year=stay.allowed_until.year, month=stay.allowed_until.month, day=stay.allowed_until.day, hour=0
    )
    sweep(end.replace(year=end.year + years) + days * DAY)
    assert travelers().count() == left


@pytest.fixture
def anna_visits(passes, anna):
    from dataclasses import replace

    def visit(**changes) -> Stay:
        return passes(keyed=replace(anna, nationality="XXX"), **changes).stay

    return visit


def test_a_family_member_goes_a_year_and_a_day_after_the_exit(passes, at):
    leave(passes, passes(), at + 10 * DAY)
    RetentionFile.objects.create(
        traveler=travelers().get(), family=True, family_basis="Residence card", updated_at=at
    )
    exit_at = Crossing.objects.get(direction="EXIT").occurred_at
    a_year_on = exit_at.replace(year=exit_at.year + 1)
    assert sweep(a_year_on - DAY).by_class == {}
    assert sweep(a_year_on).by_class == {"RECORD:FAMILY": 1}
    assert sweep(a_year_on + DAY).by_class == {"TRAVELER:FILE": 1}


def test_a_refusal_goes_after_three_years_and_what_nobody_decided_after_one(
    ready, png, bob_here, alice_here, at
):
    refused, undecided = ready(face_image=png(1)), ready(face_image=png(2))
    decide(actor=alice_here, at=at, inspection_id=refused.id, outcome="REFERRED")
    decide(actor=bob_here, at=at, inspection_id=refused.id, outcome="REFUSED", reason="No valid document")
    assert sweep(at + YEAR - DAY).by_class == {}
    assert sweep(at + YEAR + DAY).by_class == {"RECORD:UNDECIDED": 1}
    assert Inspection.objects.get(id=undecided.id).erased_at is not None
    assert sweep(at + 3 * YEAR - DAY).by_class == {}
    assert sweep(at + 3 * YEAR + DAY).by_class == {"RECORD:REFUSAL": 1}
    row = Inspection.objects.get(id=refused.id)
    assert (row.state, row.reading.primary_identifier, row.reading.lines) == ("REFUSED", "", [])


def test_a_traveller_who_comes_again_keeps_the_file_and_loses_the_old_record(passes, at):
    leave(passes, passes(), at + 10 * DAY)
    again = passes(when=at + 2 * YEAR, seed=7)
    found = sweep(at + 3 * YEAR + 12 * DAY)
    assert found.by_class == {"RECORD:CROSSING": 1}
    assert travelers().count() == 1
    assert Stay.objects.get().id == again.stay.id
    assert Crossing.objects.filter(traveler_id=NOBODY_ID).count() == 2


def test_images_go_earlier_where_a_state_wants_it(dora, david, passes, at):
    passed = passes()
    row = propose_retention(
        actor=dora,
        at=at,
        code="IMAGES",
        years=0,
        months=6,
        days=0,
        legal_basis="National act 4",
        reason="Shorter",
    )
    assert sweep(at + YEAR / 2 + 2 * DAY).by_class == {}
    decide_retention(actor=david, at=at, retention_id=row.id, approve=True)
    assert sweep(at + YEAR / 2 + 2 * DAY).by_class == {"IMAGES:IMAGES": 1}
    assert CapturedImage.objects.get().erased_at is not None
    assert SubjectKey.objects.get().destroyed_at is not None
    assert travelers().get().primary_identifier == "ERIKSSON"
    assert Inspection.objects.get(id=passed.inspection.id).erased_at is None
    assert sweep(at + YEAR / 2 + 3 * DAY).by_class == {}


def test_a_dry_run_says_the_same_and_changes_nothing(passes, at):
    leave(passes, passes(), at + 10 * DAY)
    now = at + 4 * YEAR
    planned = sweep(now, dry_run=True)
    assert travelers().exists()
    assert not Erasure.objects.exists()
    assert sweep(now).by_class == planned.by_class == {"TRAVELER:FILE": 1}
    assert sweep(now).by_class == {}


def test_a_batch_is_bounded_and_says_that_more_is_due(ready, png, at):
    for shade in range(3):
        ready(face_image=png(shade))
    found = sweep(at + 2 * YEAR, limit=2)
    assert (found.by_class, found.more) == ({"RECORD:UNDECIDED": 2}, True)
    assert sweep(at + 2 * YEAR, limit=2).more is False


def test_what_is_held_is_counted_and_stays(passes, dora, at):
    passed = passes()
    place_hold(
        actor=dora,
        at=at,
        traveler_id=passed.crossing.traveler_id,
        reason="Appeal",
        authority="Court",
        review_on=at.date() + DAY,
    )
    found = sweep(at + 6 * YEAR)
    assert (found.held, found.by_class) == (1, {})
    assert travelers().exists()


@pytest.fixture
def hold(dora, at):
    def place(**subject):
        place_hold(
            actor=dora, at=at, reason="Appeal", authority="Court", review_on=(at + 400 * DAY).date(), **subject
        )  # fmt: skip

    return place


def test_held_records_stand_in_no_others_way(ready, png, hold, at):
    rows = [ready(face_image=png(n), client_reference=f"held-{n:08d}") for n in range(4)]
    for row in sorted(rows, key=lambda r: (r.opened_at, r.id))[:2]:
        hold(inspection_id=row.id)
    found = sweep(at + 2 * YEAR, limit=2)
    assert (found.by_class, found.held) == ({"RECORD:UNDECIDED": 2}, 2)
    assert Inspection.objects.filter(erased_at__isnull=True).count() == 2


def test_a_walk_goes_on_where_it_stopped_and_sees_each_once(ready, png, hold, at):
    rows = [ready(face_image=png(n), client_reference=f"walk-{n:08d}") for n in range(3)]
    hold(inspection_id=min(rows, key=lambda r: (r.opened_at, r.id)).id)
    walk = Walk(at=at + 2 * YEAR)
    rounds = [sweep(at + 2 * YEAR, limit=1, walk=walk) for _ in range(3)]
    assert [(r.held, sum(r.by_class.values()), r.more) for r in rounds] == [
        (1, 1, True), (0, 1, True), (0, 0, False)
    ]  # fmt: skip


def test_a_round_without_time_begins_nothing_and_says_that_there_is_more(ready, png, at):
    ready(face_image=png(1))
    walk = Walk(at=at + 2 * YEAR)
    assert (sweep(at + 2 * YEAR, budget_s=0, walk=walk).more, walk.finished) == (True, False)
    assert sweep(at + 2 * YEAR, walk=walk).by_class == {"RECORD:UNDECIDED": 1}


def test_travellers_that_are_not_due_are_looked_at_once_a_walk(passes, at, django_assert_max_num_queries):
    leave(passes, passes(), at + 10 * DAY)
    now = at + 2 * YEAR
    walk = Walk(at=now)
    assert [sweep(now, walk=walk).more, walk.finished] == [False, True]
    with django_assert_max_num_queries(4):  # periods, manifests, notices
        assert sweep(now, walk=walk).by_class == {}


def test_a_period_changed_meanwhile_begins_the_walk_anew(dora, david, ready, png, at):
    ready(face_image=png(1))
    walk = Walk(at=at + YEAR / 2)
    assert sweep(at + YEAR / 2, walk=walk).by_class == {}
    row = propose_retention(
        actor=dora, at=at, code="UNDECIDED", years=0, months=1, days=0, legal_basis="Act", reason="Shorter"
    )
    decide_retention(actor=david, at=at, retention_id=row.id, approve=True)
    assert sweep(at + YEAR / 2, walk=walk).by_class == {"RECORD:UNDECIDED": 1}


def test_one_that_cannot_be_erased_is_passed_over_and_counted(monkeypatch, ready, png, at):
    rows = [ready(face_image=png(n), client_reference=f"fail-{n:08d}") for n in range(3)]
    poison = min(rows, key=lambda r: (r.opened_at, r.id)).id

    def fail(**given):
        if poison in given["inspection_ids"]:
            raise RuntimeError("of a traveller named ERIKSSON")
        return erase_inspections(**given)

    monkeypatch.setattr("borders.services.custody.expiry.erase_inspections", fail)
    found = sweep(at + 2 * YEAR)
    assert (found.by_class, found.failed) == ({"RECORD:UNDECIDED": 2}, {"RuntimeError": 1})
    assert Inspection.objects.get(erased_at__isnull=True).id == poison


def test_a_held_stay_that_is_overdue_keeps_no_other_from_its_notice(passes, anna_visits, anna, hold, at):
    from dataclasses import replace

    early = anna_visits()
    hold(traveler_id=early.traveler_id)
    other = replace(anna, nationality="XXX", document_number="UT0000009", primary_identifier="SPECIMEN")
    later = passes(when=at + 40 * DAY, seed=9, keyed=other).stay
    due = at.replace(
        year=later.allowed_until.year + 5, month=later.allowed_until.month, day=later.allowed_until.day, hour=0
    )  # fmt: skip
    assert sweep(due - timedelta(days=30), limit=1).notices == 1
    assert OverstayNotice.objects.get().stay_id == later.id


def test_the_state_is_warned_of_an_overstayer_three_months_before(anna_visits, at):
    stay = anna_visits()
    end = (
        at.replace(
            year=stay.allowed_until.year, month=stay.allowed_until.month, day=stay.allowed_until.day, hour=0
        )
        + DAY
    )
    due = end.replace(year=end.year + 5)
    assert sweep(due - timedelta(days=95)).notices == 0
    assert sweep(due - timedelta(days=88)).notices == 1
    assert sweep(due - timedelta(days=87)).notices == 0
    assert OverstayNotice.objects.get().due_at == due
    sweep(due)
    assert not OverstayNotice.objects.exists()


def test_passengers_of_a_manifest_go_a_day_after_it(airport, at):
    manifest = AdvancePassengerManifest.objects.create(
        conveyance="UT123",
        port=airport,
        direction="ENTRY",
        scheduled_at=at,
        sha256="0" * 64,
        received_at=at,
        passenger_count=1,
    )
    manifest.passengers.create(primary_identifier="ERIKSSON")
    assert sweep(at + DAY - timedelta(hours=1)).manifests == 0
    assert sweep(at + DAY).manifests == 1
    assert not manifest.passengers.exists()
    assert AdvancePassengerManifest.objects.get().passenger_count == 1


def test_all_manifests_of_a_day_go_and_what_is_left_is_said(airport, at):
    manifests = AdvancePassengerManifest.objects.bulk_create(
        AdvancePassengerManifest(
            conveyance=f"UT{n}", port=airport, direction="ENTRY", scheduled_at=at, sha256="0" * 64,
            received_at=at, passenger_count=1,
        )
        for n in range(45)
    )  # fmt: skip
    ManifestPassenger.objects.bulk_create(
        ManifestPassenger(manifest=m, primary_identifier="ERIKSSON") for m in manifests
    )
    assert (found := sweep(at + DAY, limit=30, dry_run=True)).manifests == 30
    assert (found.more, ManifestPassenger.objects.count()) == (True, 45)
    assert ((found := sweep(at + DAY, budget_s=0)).manifests, found.more) == (20, True)
    assert ((found := sweep(at + DAY)).manifests, found.more) == (25, False)
    assert not ManifestPassenger.objects.exists()


def test_a_period_is_changed_by_two_persons(dora, david, alice_here, at):
    proposal = {
        "code": "CROSSING",
        "years": 2,
        "months": 0,
        "days": 0,
        "legal_basis": "Act 1",
        "reason": "Shorter",
    }
    with pytest.raises(PermissionDenied):
        propose_retention(actor=alice_here, at=at, **proposal)
    row = propose_retention(actor=dora, at=at, **proposal)
    with pytest.raises(RetentionRefused, match="own_proposal"):
        decide_retention(actor=dora, at=at, retention_id=row.id, approve=True)
    decide_retention(actor=david, at=at, retention_id=row.id, approve=True)
    assert periods_in_force()["CROSSING"] == Period(years=2)
    assert RetentionClass.objects.get(code="CROSSING", version=1).state == "RETIRED"
    with pytest.raises(IntegrityError), transaction.atomic():
        RetentionClass.objects.filter(id=row.id).update(decided_by=dora.user_id)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"code": "NO_SUCH"}, "code_unknown"),
        ({"years": 0}, "period_empty"),
        ({"years": -1}, "period_empty"),
        ({"legal_basis": " "}, "legal_basis_missing"),
        ({"reason": ""}, "reason_missing"),
    ],
)
def test_a_period_without_its_reasons_is_refused(dora, at, change, code):
    proposal = {
        "code": "CROSSING",
        "years": 2,
        "months": 0,
        "days": 0,
        "legal_basis": "Act 1",
        "reason": "Shorter",
    }
    with pytest.raises(RetentionRefused, match=code):
        propose_retention(actor=dora, at=at, **proposal | change)


def test_the_command_plans_at_any_time_and_erases_only_now(passes, at, capsys):
    passes()
    call_command("erase_expired", "--dry-run", "--at", (at + 6 * YEAR).isoformat())
    found = json.loads(capsys.readouterr().out)
    assert (found["dry_run"], found["erased"]) == (True, {"TRAVELER:UNLIMITED_STAY": 1})
    with pytest.raises(CommandError, match="--dry-run only"):
        call_command("erase_expired", "--at", (at + 6 * YEAR).isoformat())
    call_command("erase_expired")
    assert json.loads(capsys.readouterr().out)["erased"] == {}
    with time_machine.travel(at + 6 * YEAR):
        call_command("erase_expired")
    assert json.loads(capsys.readouterr().out)["erased"] == {"TRAVELER:UNLIMITED_STAY": 1}
