"""A run finds every pair once, goes on where it was left, and leaves alone what came after it began."""

import threading
import time
from datetime import datetime, timedelta
from io import StringIO
from uuid import UUID

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from audit.core.actor import system_actor
from audit.models import AuditEntry, new_id
from audit.services.broker import Resent, SendFailed
from biometrics import tasks
from biometrics.models import DeduplicationPair, DeduplicationRun, Gallery, OperatingPoint
from biometrics.services import deduplication
from biometrics.services.deduplication import (
    DeduplicationRefused,
    deduplicate_block,
    running_deduplications,
    start_deduplication,
    stop_deduplication,
)
from biometrics.services.galleries import NewMember, enrol_many, remove, seal_gallery
from biometrics.services.operating_points import NoOperatingPoint
from borders.models import Officer
from tests.db.biometrics.conftest import MakeTemplate, unit_vectors

pytestmark = pytest.mark.django_db
ACTOR = system_actor("test")
SUBJECTS = 40
# (subject, its twin): the same face under two identities
TWINS = ((3, 17), (5, 39), (20, 21))


@pytest.fixture
def point(alice: Officer, bob: Officer, at: datetime) -> OperatingPoint:
    return OperatingPoint.objects.create(
        purpose="CROSSINGS_IDENTIFICATION",
        engine="sface",
        engine_version="1",
        threshold=0.6,
        target="of the tests",
        provenance="of the tests",
        version=1,
        state="ACTIVE",
        proposed_by=alice.user,
        proposed_at=at,
        approved_by=bob.user,
        approved_at=at,
    )


@pytest.fixture
def subjects(template_of: MakeTemplate, at: datetime) -> list[UUID]:
    """A gallery of 40 subjects, some with two templates, three of them enrolled twice under another id."""
    ids = [new_id() for _ in range(SUBJECTS)]
    vectors = unit_vectors(SUBJECTS)
    for one, twin in TWINS:
        vectors[twin] = vectors[one] + 0.03 * unit_vectors(1, seed=twin)[0]
        vectors[twin] /= np.linalg.norm(vectors[twin])
    members = [NewMember(template_of(v), i) for v, i in zip(vectors, ids, strict=True)]
    members += [
        NewMember(template_of(vectors[n]), ids[n]) for n in (3, 8)
    ]  # a second image of the same person
    enrol_many(actor=ACTOR, at=at, gallery="crossings", members=members)
    return ids


def start(at: datetime) -> DeduplicationRun:
    return start_deduplication(actor=ACTOR, at=at, gallery="crossings", engine="sface", engine_version="1")


def finish(run: DeduplicationRun, at: datetime, block: int = 7) -> DeduplicationRun:
    while deduplicate_block(actor=ACTOR, at=at, run_id=run.id, block=block):
        pass
    run.refresh_from_db()
    return run


def found_pairs(run: DeduplicationRun) -> set[frozenset[UUID]]:
    return {frozenset((pair.subject_a, pair.subject_b)) for pair in run.pairs.all()}


def twins_of(subjects: list[UUID]) -> set[frozenset[UUID]]:
    return {frozenset((subjects[a], subjects[b])) for a, b in TWINS}


@pytest.mark.parametrize("block", [1, 7, 256])
@pytest.mark.parametrize("sealed", [False, True])
def test_every_pair_is_found_once(
    point: OperatingPoint, subjects: list[UUID], at: datetime, block: int, sealed: bool
) -> None:
    if sealed:
        seal_gallery(gallery=Gallery.objects.get(), metric=deduplication.metric_of("sface"))
    run = finish(start(at), at, block)
    assert run.state == "FINISHED"
    assert run.done_count == run.member_count == SUBJECTS + 2
    assert run.pair_count == run.pairs.count() == len(TWINS)
    assert found_pairs(run) == twins_of(subjects)
    assert all(pair.score > 0.9 for pair in run.pairs.all())


def test_run_goes_on_where_it_was_left(point: OperatingPoint, subjects: list[UUID], at: datetime) -> None:
    run = start(at)
    for _ in range(3):
        deduplicate_block(actor=ACTOR, at=at, run_id=run.id, block=5)
    run.refresh_from_db()
    assert run.done_count == 15
    later = at + timedelta(minutes=1)
    assert running_deduplications(before=later) == [run.id]
    assert running_deduplications(before=at) == []
    finish(run, at)
    assert run.done_count == SUBJECTS + 2
    assert found_pairs(run) == twins_of(subjects)
    assert running_deduplications(before=later) == []


def test_run_whose_task_the_broker_lost_is_sent_again(
    point: OperatingPoint, subjects: list[UUID], at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(at)
    sent: list[UUID] = []
    monkeypatch.setattr(tasks, "_resume", sent.append)
    resent = Resent()
    # a task that may still be in the queue is left to it; and what was sent again is not sent at every sweep
    minutes = [
        m for m in range(0, 45, 1) if tasks.resume_deduplications(at=at + timedelta(minutes=m), resent=resent)
    ]
    assert (minutes, set(sent)) == ([11, 26, 41], {run.id})
    finish(run, at)
    assert tasks.resume_deduplications(at=at + timedelta(hours=1), resent=Resent()) == 0


def test_broker_that_is_down_does_not_hold_the_sweep(
    point: OperatingPoint, subjects: list[UUID], at: datetime
) -> None:
    start(at)
    resent = Resent()
    begun = time.monotonic()
    for _ in range(2):
        with pytest.raises(SendFailed):
            tasks.resume_deduplications(at=at + timedelta(hours=1), resent=resent)
    assert time.monotonic() - begun < 10


def test_block_that_fails_leaves_nothing_behind(
    point: OperatingPoint, subjects: list[UUID], at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(at)
    deduplicate_block(actor=ACTOR, at=at, run_id=run.id, block=4)
    before = DeduplicationRun.objects.values().get()

    def fail(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(deduplication, "_raise_scores", fail)
        with pytest.raises(KeyboardInterrupt):
            deduplicate_block(actor=ACTOR, at=at, run_id=run.id, block=38)
    assert DeduplicationRun.objects.values().get() == before
    assert found_pairs(finish(run, at)) == twins_of(subjects)


def test_block_done_by_another_worker_is_not_counted_twice(
    point: OperatingPoint, subjects: list[UUID], at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(at)
    inner = deduplication.find_alike
    overtaken = threading.Event()

    def find(**given: object) -> object:
        if not overtaken.is_set():  # another worker takes the same block while this one compares
            overtaken.set()
            assert deduplicate_block(actor=ACTOR, at=at, run_id=run.id, block=10)
        return inner(**given)

    monkeypatch.setattr(deduplication, "find_alike", find)
    assert not deduplicate_block(actor=ACTOR, at=at, run_id=run.id, block=10)
    run.refresh_from_db()
    assert run.done_count == 10
    assert finish(run, at).done_count == SUBJECTS + 2


def test_who_is_enrolled_later_belongs_to_the_next_run(
    point: OperatingPoint, subjects: list[UUID], template_of: MakeTemplate, at: datetime
) -> None:
    run = start(at)
    enrol_many(
        actor=ACTOR,
        at=at,
        gallery="crossings",
        members=[NewMember(template_of(unit_vectors(1)[0]), new_id())],
    )
    assert found_pairs(finish(run, at)) == twins_of(subjects)
    assert run.done_count == SUBJECTS + 2


def test_who_is_removed_meanwhile_is_not_reported(
    point: OperatingPoint, subjects: list[UUID], at: datetime
) -> None:
    run = start(at)
    remove(actor=ACTOR, at=at, gallery="crossings", subject_id=subjects[17])
    remove(actor=ACTOR, at=at, gallery="crossings", subject_id=subjects[3])
    assert found_pairs(finish(run, at)) == twins_of(subjects) - {frozenset((subjects[3], subjects[17]))}


def test_one_run_a_gallery_at_a_time(point: OperatingPoint, subjects: list[UUID], at: datetime) -> None:
    run = start(at)
    with pytest.raises(DeduplicationRefused) as refused:
        start(at)
    assert refused.value.code == "already_running"
    stop_deduplication(actor=ACTOR, at=at, run_id=run.id)
    assert not deduplicate_block(actor=ACTOR, at=at, run_id=run.id)
    with pytest.raises(DeduplicationRefused):
        stop_deduplication(actor=ACTOR, at=at, run_id=run.id)
    assert start(at).state == "RUNNING"


def test_without_a_threshold_in_force_nothing_starts(subjects: list[UUID], at: datetime) -> None:
    with pytest.raises(NoOperatingPoint):
        start(at)
    assert not DeduplicationRun.objects.exists()


def test_run_is_audited(point: OperatingPoint, subjects: list[UUID], at: datetime) -> None:
    finish(start(at), at)
    actions = AuditEntry.objects.filter(object_type="deduplication").order_by("id")
    assert list(actions.values_list("action", flat=True)) == [
        "deduplication.started",
        "deduplication.finished",
    ]


def test_command_finishes_the_run_that_was_interrupted(
    point: OperatingPoint, subjects: list[UUID], at: datetime
) -> None:
    run = start(at)
    deduplicate_block(actor=ACTOR, at=at, run_id=run.id, block=20)
    out = StringIO()
    call_command("deduplicate_gallery", "crossings", stdout=out)
    assert DeduplicationRun.objects.get().id == run.id
    assert "42 templates compared, 3 pairs" in out.getvalue()
    assert DeduplicationPair.objects.count() == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nothing",), "There is no gallery"),
        (("crossings", "--stop"), "No run of this gallery"),
        (("crossings",), "No threshold is in force"),
    ],
)
def test_command_says_what_is_missing(subjects: list[UUID], arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("deduplicate_gallery", *arguments)
