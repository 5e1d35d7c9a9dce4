"""Look through a whole gallery for one person under two identities: block by block, and on from where a killed worker left it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from audit.core.actor import Actor
from audit.services import record
from biometrics.core.faces import DlibEngine, Metric, SFaceEngine
from biometrics.models import (
    DeduplicationPair,
    DeduplicationRun,
    Gallery,
    GalleryMember,
    OperatingPoint,
)
from biometrics.services.galleries import find_alike
from biometrics.services.galleries.rows import id_of_halves, members_between, page_records
from biometrics.services.operating_points import get_operating_point, threshold_for

BLOCK_MEMBERS = 256
METRICS: dict[str, Metric] = {"sface": SFaceEngine.metric, "dlib": DlibEngine.metric}


class DeduplicationRefused(ValueError):
    """The run cannot be started or stopped. code: stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two subjects, the smaller id first, by their two most alike templates."""

    subjects: tuple[UUID, UUID]
    members: tuple[UUID, UUID]
    score: float


@transaction.atomic
def start_deduplication(
    *,
    actor: Actor,
    at: datetime,
    gallery: str,
    engine: str,
    engine_version: str,
    purpose: str = OperatingPoint.Purpose.CROSSINGS_IDENTIFICATION,
    threshold: float | None = None,
) -> DeduplicationRun:
    """Start a run over a gallery as it is now. Blocks are done by `deduplicate_block`, one call each.

    threshold: instead of the one in force for the purpose. Raises NoOperatingPoint, DeduplicationRefused: gallery_unknown,
    already_running.
    """
    row = Gallery.objects.filter(name=gallery, engine=engine, engine_version=engine_version).first()
    if row is None:
        raise DeduplicationRefused("gallery_unknown")
    point = get_operating_point(purpose=purpose, engine=engine, engine_version=engine_version)
    try:
        with transaction.atomic():
            run = DeduplicationRun.objects.create(
                gallery=row,
                gallery_version=row.version,
                operating_point=point,
                threshold=threshold_for(point=point, size=row.size) if threshold is None else threshold,
                member_count=members_between(gallery_id=row.id, after=0, upto=row.version).count(),
                requested_by_id=actor.user_id,
                started_at=at,
                updated_at=at,
            )
    except IntegrityError:
        raise DeduplicationRefused("already_running") from None
    detail = {"gallery": str(row.id), "version": row.version, "threshold": run.threshold}
    _record(actor, at, run, "deduplication.started", detail)
    return run


def deduplicate_block(*, actor: Actor, at: datetime, run_id: UUID, block: int = BLOCK_MEMBERS) -> bool:
    """Compare the next block of members with the whole gallery and list the pairs; return whether this caller goes on.

    Safe to be killed at any moment and to run twice at once: pairs and cursor are written together, only by the one that still
    finds the cursor where it began.
    """
    run = DeduplicationRun.objects.select_related("gallery").get(id=run_id)
    if run.state != DeduplicationRun.State.RUNNING:
        return False
    dimension = (
        GalleryMember.objects.filter(gallery=run.gallery)
        .values_list("template__dimension", flat=True)
        .first()
    )
    page = None
    if dimension is not None:
        pages = page_records(
            gallery_id=run.gallery_id,
            after=0,
            upto=run.gallery_version,
            dimension=dimension,
            above=run.cursor,
            count=block,
        )
        page = next(pages, None)
    if page is None:
        return _finish(actor, at, run)
    members = [id_of_halves(member) for member in page["member"]]
    subjects = [id_of_halves(subject) for subject in page["subject"]]
    answers = find_alike(
        gallery=run.gallery,
        metric=metric_of(run.gallery.engine),
        probes=np.ascontiguousarray(page["vector"]),
        threshold=run.threshold,
        at=at,
    )
    best: dict[tuple[UUID, UUID], _Pair] = {}
    for member, subject, found in zip(members, subjects, answers, strict=True):
        for one in found:
            if one.subject_id == subject or one.version > run.gallery_version:
                continue
            (first, a), (second, b) = sorted(((subject, member), (one.subject_id, one.member_id)))
            known = best.get((first, second))
            if known is None or one.score > known.score:
                best[first, second] = _Pair((first, second), (a, b), one.score)
    return _keep(at, run, cursor=members[-1], done=len(members), pairs=list(best.values()))


@transaction.atomic
def stop_deduplication(*, actor: Actor, at: datetime, run_id: UUID) -> DeduplicationRun:
    """Stop a run; its pairs stay. Raises DeduplicationRefused: not_running."""
    stopped = DeduplicationRun.objects.filter(id=run_id, state=DeduplicationRun.State.RUNNING).update(
        state=DeduplicationRun.State.STOPPED, ended_at=at, updated_at=at
    )
    if stopped != 1:
        raise DeduplicationRefused("not_running")
    run = DeduplicationRun.objects.get(id=run_id)
    _record(actor, at, run, "deduplication.stopped", {"done": run.done_count, "pairs": run.pair_count})
    return run


def metric_of(engine: str) -> Metric:
    """Return how vectors of an engine are compared, without opening it. Raises DeduplicationRefused: engine_unknown."""
    if engine not in METRICS:
        raise DeduplicationRefused("engine_unknown")
    return METRICS[engine]


def running_deduplications(*, before: datetime) -> list[UUID]:
    """Return the runs that are not done and of which no block was done since `before`: the broker may have lost their tasks."""
    return list(
        DeduplicationRun.objects.filter(state=DeduplicationRun.State.RUNNING, updated_at__lt=before)
        .order_by("started_at")
        .values_list("id", flat=True)
    )


def _keep(at: datetime, run: DeduplicationRun, *, cursor: UUID, done: int, pairs: list[_Pair]) -> bool:
    templates = dict(
        GalleryMember.objects.filter(id__in={m for pair in pairs for m in pair.members}).values_list(
            "id", "template_id"
        )
    )
    with transaction.atomic():
        mine = DeduplicationRun.objects.filter(
            id=run.id, state=DeduplicationRun.State.RUNNING, cursor=run.cursor
        )
        if run.cursor is None:
            mine = DeduplicationRun.objects.filter(
                id=run.id, state=DeduplicationRun.State.RUNNING, cursor__isnull=True
            )
        if mine.update(cursor=cursor, done_count=F("done_count") + done, updated_at=at) != 1:
            return False  # another worker has done this block, and goes on
        if pairs:
            DeduplicationPair.objects.bulk_create(
                [
                    DeduplicationPair(
                        run=run,
                        subject_a=pair.subjects[0],
                        subject_b=pair.subjects[1],
                        template_a_id=templates[pair.members[0]],
                        template_b_id=templates[pair.members[1]],
                        score=pair.score,
                        found_at=at,
                    )
                    for pair in pairs
                ],
                ignore_conflicts=True,  # seen before from its other side, or by other templates
            )
            _raise_scores(run, pairs, templates)
            count = DeduplicationPair.objects.filter(run=run).count()
            DeduplicationRun.objects.filter(id=run.id).update(pair_count=count)
    return True


def _raise_scores(run: DeduplicationRun, pairs: list[_Pair], templates: dict[UUID, UUID]) -> None:
    """Let a pair seen before stand for its most alike templates."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE biometrics_deduplicationpair SET score = %s, template_a_id = %s, template_b_id = %s "
            "WHERE run_id = %s AND subject_a = %s AND subject_b = %s AND score < %s",
            [
                (
                    pair.score,
                    templates[pair.members[0]],
                    templates[pair.members[1]],
                    run.id,
                    *pair.subjects,
                    pair.score,
                )
                for pair in pairs
            ],
        )


@transaction.atomic
def _finish(actor: Actor, at: datetime, run: DeduplicationRun) -> bool:
    finished = DeduplicationRun.objects.filter(id=run.id, state=DeduplicationRun.State.RUNNING).update(
        state=DeduplicationRun.State.FINISHED, ended_at=at, updated_at=at
    )
    if finished == 1:
        run.refresh_from_db()
        _record(actor, at, run, "deduplication.finished", {"done": run.done_count, "pairs": run.pair_count})
    return False


def _record(
    actor: Actor, at: datetime, run: DeduplicationRun, action: str, detail: dict[str, object]
) -> None:
    record(actor=actor, at=at, action=action, object_type="deduplication", object_id=run.id, detail=detail)
