"""Monthly accuracy on a State's own cases: what officers settled, measured with the code of the laboratory."""

import itertools
import random
from collections.abc import Iterable
from datetime import UTC, date, datetime
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Max

from audit.core.actor import Actor
from audit.services import record
from biometrics.core.error_rates import AdjudicatedCase, age_band, measure_month
from biometrics.core.faces import Metric, compare_pairs
from biometrics.models import AccuracyMeasurement, AdjudicatedComparison, Comparison
from biometrics.services.vectors import open_vector

# pictures of different travellers that are compared to learn how often strangers match
STRANGER_PAIRS = 200_000
CASES_AT_ONCE = 50_000
METRICS = {"sface": Metric.COSINE, "dlib": Metric.EUCLIDEAN}


class MonthRefused(ValueError):
    """The month cannot be measured. code: stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def record_adjudication(
    *,
    actor: Actor,
    at: datetime,
    comparison_id: UUID,
    mated: bool,
    subject_id: UUID | None = None,
    sex: str = "",
    birth_date: date | None = None,
    document_type: str = "",
) -> AdjudicatedComparison | None:
    """Record whether both faces of a 1:1 comparison were of one person, as an officer settled it; once, the first time.

    Returns None for a comparison that is not 1:1.
    """
    comparison = Comparison.objects.filter(id=comparison_id, kind=Comparison.Kind.VERIFICATION).first()
    if comparison is None:
        return None
    row, is_new = AdjudicatedComparison.objects.get_or_create(
        comparison=comparison,
        defaults={
            "mated": mated,
            "subject_id": subject_id,
            "sex": sex if sex in ("F", "M", "X") else "",
            "age_band": age_band(birth_date, at.date()),
            "document_type": document_type[:2],
            "decided_at": at,
        },
    )
    if is_new:
        record(
            actor=actor,
            at=at,
            action="comparison.adjudicated",
            object_type="comparison",
            object_id=comparison.id,
            detail={"mated": mated},
        )
    return row


def measure_accuracy(*, actor: Actor, at: datetime, month: date) -> tuple[AccuracyMeasurement, ...]:
    """Measure a month that is over, each engine version that was in use; measured again it gives a further revision.

    Mated comparisons are those adjudicated. Non-mated ones are those adjudicated and, because strangers seldom present
    themselves under one name, pairs of a live picture and the document picture of another traveller of the same sex, drawn
    at random with a fixed seed. Raises MonthRefused: month_not_over, no_cases.
    """
    begins = datetime(month.year, month.month, 1, tzinfo=UTC)
    ends = datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=UTC)
    if at < ends:
        raise MonthRefused("month_not_over")
    rows = list(
        AdjudicatedComparison.objects.filter(decided_at__gte=begins, decided_at__lt=ends)
        .select_related("comparison__probe", "comparison__reference", "comparison__operating_point")
        .order_by("id")[:CASES_AT_ONCE]
    )
    if not rows:
        raise MonthRefused("no_cases")
    versions: dict[tuple[str, str], list[AdjudicatedComparison]] = {}
    for row in rows:
        probe = row.comparison.probe
        versions.setdefault((probe.engine, probe.engine_version), []).append(row)
    return tuple(
        _measure_version(actor, at, begins.date(), engine, version, rows)
        for (engine, version), rows in sorted(versions.items())
    )


@transaction.atomic
def _measure_version(
    actor: Actor, at: datetime, month: date, engine: str, version: str, rows: list[AdjudicatedComparison]
) -> AccuracyMeasurement:
    cases = [*_adjudicated(rows), *_strangers(rows, METRICS[engine], seed=month.toordinal())]
    figures, alarms = measure_month(cases)
    known = AccuracyMeasurement.objects.filter(month=month, engine=engine, engine_version=version)
    latest = known.aggregate(latest=Max("revision"))["latest"] or 0
    mated = sum(case.is_mated for case in cases)
    measurement = AccuracyMeasurement.objects.create(
        month=month,
        engine=engine,
        engine_version=version,
        revision=latest + 1,
        mated=mated,
        non_mated=len(cases) - mated,
        figures=figures,
        alarms=list(alarms),
        measured_at=at,
    )
    record(
        actor=actor,
        at=at,
        action="accuracy.measured",
        object_type="accuracy_measurement",
        object_id=measurement.id,
        detail={"month": f"{month:%Y-%m}", "engine": engine, "cases": len(rows), "alarms": list(alarms)},
    )
    return measurement


def _adjudicated(rows: list[AdjudicatedComparison]) -> Iterable[AdjudicatedCase]:
    """Yield the adjudicated cases; whoever has no known traveller counts as somebody of their own."""
    numbers: dict[UUID, int] = {}
    alone = itertools.count(len(rows))
    for row in rows:
        if row.comparison.score is None:
            continue
        subject = next(alone) if row.subject_id is None else numbers.setdefault(row.subject_id, len(numbers))
        yield AdjudicatedCase(
            row.comparison.score,
            row.comparison.threshold,
            row.mated,
            row.sex,
            row.age_band,
            row.document_type,
            (subject, subject if row.mated else next(alone)),
        )


def _strangers(rows: list[AdjudicatedComparison], metric: Metric, *, seed: int) -> Iterable[AdjudicatedCase]:
    """Yield comparisons of one traveller's live picture with another's document picture, of the same sex.

    Both shown as one group only where they share it: an age band or document type that differs stays empty.
    """
    known = [
        row
        for row in rows
        if row.mated
        and row.subject_id is not None
        and row.comparison.reference is not None
        and row.comparison.probe.vector  # nothing is left of those that were erased
        and row.comparison.reference.vector
    ]
    by_sex: dict[str, list[int]] = {}
    for place, row in enumerate(known):
        by_sex.setdefault(row.sex, []).append(place)
    drawn = _draw_pairs(known, by_sex, random.Random(seed))
    if not drawn:
        return
    numbers = {subject: n for n, subject in enumerate(sorted({row.subject_id for row in known}, key=str))}
    vectors = np.stack(
        [np.frombuffer(open_vector(row.comparison.probe), "<f4") for row in known]
        + [np.frombuffer(open_vector(row.comparison.reference), "<f4") for row in known]
    )
    live = np.array([a for a, _ in drawn])
    document = np.array([b for _, b in drawn]) + len(known)
    scores = compare_pairs(vectors, live, document, metric=metric)
    for (a, b), value in zip(drawn, scores.tolist(), strict=True):
        one, other = known[a], known[b]
        yield AdjudicatedCase(
            value,
            one.comparison.threshold,
            False,
            one.sex,
            one.age_band if one.age_band == other.age_band else "",
            one.document_type if one.document_type == other.document_type else "",
            (numbers[one.subject_id], numbers[other.subject_id]),
        )


def _draw_pairs(
    known: list[AdjudicatedComparison], by_sex: dict[str, list[int]], generator: random.Random
) -> list[tuple[int, int]]:
    """Return up to STRANGER_PAIRS pairs of places of different travellers; all of them where there are no more."""
    everything = sum(len(places) * (len(places) - 1) for places in by_sex.values())
    if everything <= STRANGER_PAIRS:
        pairs: Iterable[tuple[int, int]] = itertools.chain.from_iterable(
            itertools.permutations(places, 2) for places in by_sex.values()
        )
    else:
        groups = [places for places in by_sex.values() if len(places) > 1]
        weights = [len(places) * (len(places) - 1) for places in groups]
        chosen = generator.choices(groups, weights, k=STRANGER_PAIRS)
        pairs = dict.fromkeys((a, b) for a, b in (generator.sample(places, 2) for places in chosen))
    return [(a, b) for a, b in pairs if known[a].subject_id != known[b].subject_id]
