"""Measure 1:1 comparison on pairs whose truth is known."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError

from biometrics.core.error_rates import (
    FMR_TARGETS,
    Count,
    Curve,
    ListRefused,
    Pair,
    RateAtFmr,
    RowFault,
    ScoredPairs,
    compare_groups,
    draw_det,
    measure_fnmr,
    number_subjects,
    parse_pairs,
    rate_at_threshold,
    threshold_at_fmr,
    trace_det,
)
from biometrics.core.faces import FaceEngine, compare_pairs
from biometrics.management import face_runs
from biometrics.management.face_runs import Templates, interval, rate_name, rounded
from biometrics.networks.files import NetworkFileError
from biometrics.services.engines import DEFAULT_ENGINE, ENGINE_NAMES
from biometrics.services.face_files import is_list_fault

# where groups are compared: the strictest FMR that the set as a whole can say
GROUP_TARGETS = (1e-3, 1e-2)
MAX_DET_POINTS = 120


class Command(BaseCommand):
    help = (
        "Measure 1:1 comparison on labelled pairs (columns reference,probe,mated,group): one JSON document on standard "
        "output, a DET curve as PNG. Exits 2 when the list or some of its rows cannot be used; good rows still count."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("pairs", metavar="PAIRS.csv", help="columns reference,probe,mated,group")
        parser.add_argument(
            "--root", metavar="DIR", help="where file names start (default: the list's folder)"
        )
        parser.add_argument("--engine", choices=ENGINE_NAMES, default=DEFAULT_ENGINE)
        parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes")
        parser.add_argument(
            "--det", metavar="FILE", help="where the DET curve goes (default: det_ENGINE.png here)"
        )

    def handle(
        self,
        *args: Any,
        pairs: str,
        root: str | None,
        engine: str,
        workers: int,
        det: str | None,
        **options: Any,
    ) -> None:
        begun = time.perf_counter()
        face_runs.check_workers(workers, self.stdout)
        path = Path(pairs)
        content = face_runs.read_list(path, self.stdout)
        folder = face_runs.check_root(root, path, self.stdout)
        try:
            rows, faults = parse_pairs(content)
            opened = face_runs.open_engine(engine)
        except ListRefused as error:
            face_runs.refuse_list(self.stdout, path, error)
        except NetworkFileError as error:
            face_runs.refuse_networks(self.stdout, error)
        files = [file for row in rows for file in (row.reference, row.probe)]
        templates = face_runs.make_templates(files, folder, engine_name=engine, workers=workers)
        kept, more = split_rows(rows, templates)
        faults += more
        answer = describe_set(rows, kept, templates, faults, opened)
        if kept:
            scored, compare_us = score_rows(opened, kept, templates)
            answer |= describe_rates(scored)
            answer["groups"], answer["group_comparison"] = describe_groups(kept, scored)
            curves = draw_curves(kept, scored, opened)
            answer["det_curve"] |= face_runs.write_plot(Path(det or f"det_{engine}.png"), curves)
            answer["milliseconds"] = face_runs.describe_times(templates.elapsed_ms)
            answer["milliseconds"]["compare"] = {"mean": round(compare_us / 1e3, 5)}
        answer["seconds"] = round(time.perf_counter() - begun, 1)
        face_runs.write_json(self.stdout, answer)
        if faults or not kept:
            raise CommandError(
                f"rows_refused: {len({fault.line for fault in faults})}", returncode=face_runs.EXIT_REFUSED
            )


def split_rows(rows: tuple[Pair, ...], templates: Templates) -> tuple[list[Pair], tuple[RowFault, ...]]:
    """Return the rows with two templates, and a fault for each file that is not there."""
    kept, faults = [], []
    for row in rows:
        for column, file in (("reference", row.reference), ("probe", row.probe)):
            if is_list_fault(templates.codes[file]):
                faults.append(RowFault(row.line, column, templates.codes[file]))
        if row.reference in templates.rows and row.probe in templates.rows:
            kept.append(row)
    return kept, tuple(faults)


def score_rows(engine: FaceEngine, rows: list[Pair], templates: Templates) -> tuple[ScoredPairs, float]:
    """Return the scores of the rows, and microseconds a comparison."""
    a = np.array([templates.rows[row.reference] for row in rows])
    b = np.array([templates.rows[row.probe] for row in rows])
    begun = time.perf_counter()
    scores = compare_pairs(templates.matrix, a, b, metric=engine.metric)
    each_us = (time.perf_counter() - begun) / len(rows) * 1e6
    mated = np.array([row.is_mated for row in rows])
    subjects = number_subjects([(row.reference, row.probe, row.is_mated) for row in rows])
    return ScoredPairs(scores.astype(np.float64), mated, subjects), each_us


def describe_set(
    rows: tuple[Pair, ...],
    kept: list[Pair],
    templates: Templates,
    faults: tuple[RowFault, ...],
    engine: FaceEngine,
) -> dict[str, Any]:
    """Return what was measured and what could not be."""
    mated = sum(row.is_mated for row in kept)
    lost = [
        row for row in rows
        if not any(is_list_fault(templates.codes[file]) for file in (row.reference, row.probe))
    ]  # fmt: skip
    all_mated = sum(row.is_mated for row in lost)
    return {
        "engine": {"name": engine.name, "version": engine.version, "metric": engine.metric.value},
        "pairs": {"listed": len(rows), "compared": len(kept), "mated": mated, "non_mated": len(kept) - mated},
        "failures_to_acquire": face_runs.describe_acquisition(templates)
        | {
            "mated_pairs_lost": all_mated - mated,
            "non_mated_pairs_lost": len(lost) - all_mated - (len(kept) - mated),
        },
        "rows_refused": face_runs.describe_faults(faults),
    }


def describe_rates(scored: ScoredPairs) -> dict[str, Any]:
    """Return FNMR at each FMR, and the DET curve in points."""
    points = trace_det(scored)
    step = max(1, -(-len(points) // MAX_DET_POINTS))
    return {
        "fnmr_at_fmr": {rate_name(rate.fmr_target): describe_rate(rate) for rate in measure_fnmr(scored)},
        "det_curve": {
            "columns": ["threshold", "fmr", "fnmr"],
            "points": [[round(float(value), 6) for value in point] for point in points[::step]],
        },
    }


def describe_rate(rate: RateAtFmr) -> dict[str, Any]:
    """Return one rate as JSON shows it; null with a reason where the set is too small."""
    return {
        "fnmr": rounded(rate.fnmr),
        "interval_95": interval(rate.interval),
        "interval_method": rate.interval_method,
        "threshold": rounded(rate.threshold),
        "fmr": rounded(rate.fmr, 8),
        "false_matches": rate.false_matches,
        "false_non_matches": rate.false_non_matches,
        "thirty_errors_of_each_kind": rate.is_firm,
        "reason": rate.reason,
    }


def describe_groups(rows: list[Pair], scored: ScoredPairs) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the same per group, and the groups beside one another at one threshold; nothing if no row names a group."""
    names = np.array([row.group for row in rows])
    labels = sorted(set(names.tolist()) - {""})
    if not labels:
        return {}, None
    parts = {label: scored.select(names == label) for label in labels}
    found: dict[str, Any] = {}
    common = common_threshold(scored)
    missed, matched = {}, {}
    for label, part in parts.items():
        found[label] = {
            "pairs": {"mated": int(part.mated.sum()), "non_mated": int((~part.mated).sum())},
            "fnmr_at_fmr": {rate_name(rate.fmr_target): describe_rate(rate) for rate in measure_fnmr(part)},
        }
        if common is not None:
            rate = rate_at_threshold(part, common[1])
            missed[label] = Count(rate.false_non_matches, rate.mated)
            matched[label] = Count(rate.false_matches, rate.non_mated)
            found[label]["at_common_threshold"] = {
                "fnmr": rounded(rate.fnmr),
                "fnmr_interval_95": interval(rate.fnmr_interval) if rate.mated else None,
                "false_non_matches": rate.false_non_matches,
                "fmr": rounded(rate.fmr, 8),
                "fmr_interval_95": interval(rate.fmr_interval) if rate.non_mated else None,
                "false_matches": rate.false_matches,
            }
    if common is None:
        return found, {"threshold": None, "reason": "too_few_non_mated_comparisons"}
    comparison = {"threshold": rounded(common[1]), "fmr_target": rate_name(common[0])}
    comparison |= {"fnmr": describe_ratio(missed), "fmr": describe_ratio(matched)}
    return found, comparison


def common_threshold(scored: ScoredPairs) -> tuple[float, float] | None:
    """Return the FMR and the threshold of the whole set at which groups are compared."""
    for target in GROUP_TARGETS:
        threshold = threshold_at_fmr(scored.scores[~scored.mated], target)
        if threshold is not None:
            return target, threshold
    return None


def describe_ratio(counts: dict[str, Count]) -> dict[str, Any]:
    """Return the ratio between the highest and the lowest rate, and whether it is above two."""
    ratio = compare_groups(counts)
    return {
        "ratio": rounded(ratio.ratio, 3),
        "interval_95": interval(ratio.interval),
        "highest": ratio.highest,
        "lowest": ratio.lowest,
        "alarm": ratio.is_alarm,
        "beyond_chance": ratio.is_supported,
        "reason": ratio.reason,
    }


def draw_curves(rows: list[Pair], scored: ScoredPairs, engine: FaceEngine) -> bytes:
    """Return the DET curve of the set and of its groups, as PNG."""
    names = np.array([row.group for row in rows])
    curves = [Curve("all", trace_det(scored)[:, 1:])]
    for label in sorted(set(names.tolist()) - {""}):
        curves.append(Curve(label, trace_det(scored.select(names == label))[:, 1:]))
    return draw_det(
        curves, title=f"DET, engine {engine.name}, {len(rows):,} comparisons", x_label="false match rate",
        y_label="false non-match rate", marks=FMR_TARGETS,
    )  # fmt: skip
