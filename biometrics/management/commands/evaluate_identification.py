"""Measure 1:N search with people who are enrolled and people who are not."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from django.core.management.base import BaseCommand, CommandError

from biometrics.core.error_rates import (
    FPIR_TARGETS,
    Curve,
    ListRefused,
    Picture,
    RateAtFpir,
    RowFault,
    Searches,
    SizeFigures,
    count_rank1,
    draw_det,
    join_searches,
    measure_by_size,
    measure_fnir,
    parse_pictures,
    search_all,
    trace_identification,
)
from biometrics.core.faces import FaceEngine, compare, fuse_templates
from biometrics.management import face_runs
from biometrics.management.face_runs import Templates, interval, rate_name, rounded
from biometrics.networks.files import NetworkFileError
from biometrics.services.engines import DEFAULT_ENGINE, ENGINE_NAMES
from biometrics.services.face_files import is_list_fault

# scores kept for the figures by size: 800 MB of float32 at most, half of it in use twice
MAX_SCORES = 100_000_000
PROBES_AT_ONCE = 512


class Command(BaseCommand):
    help = (
        "Measure 1:N search on labelled pictures (columns image,subject; several rows a subject in ENROL.csv are several "
        "enrolment images, an empty subject in PROBES.csv is nobody enrolled): one JSON document on standard output. "
        "Exits 2 when a list or some of its rows cannot be used; good rows still count."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("enrol", metavar="ENROL.csv", help="columns image,subject")
        parser.add_argument(
            "probes", metavar="PROBES.csv", help="columns image,subject; empty subject: not enrolled"
        )
        parser.add_argument(
            "--root", metavar="DIR", help="where file names start (default: the folder of ENROL.csv)"
        )
        parser.add_argument("--engine", choices=ENGINE_NAMES, default=DEFAULT_ENGINE)
        parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes")
        parser.add_argument("--det", metavar="FILE", help="write the curve of FNIR over FPIR as PNG")

    def handle(
        self, *args: Any, enrol: str, probes: str, root: str | None, engine: str, workers: int, det: str | None,
        **options: Any,
    ) -> None:  # fmt: skip
        begun = time.perf_counter()
        face_runs.check_workers(workers, self.stdout)
        enrol_path, probes_path = Path(enrol), Path(probes)
        enrolled, enrol_faults = self.read(enrol_path, needs_subject=True)
        searched, probe_faults = self.read(probes_path, needs_subject=False)
        folder = face_runs.check_root(root, enrol_path, self.stdout)
        try:
            opened = face_runs.open_engine(engine)
        except NetworkFileError as error:
            face_runs.refuse_networks(self.stdout, error)
        files = [row.image for row in (*enrolled, *searched)]
        templates = face_runs.make_templates(files, folder, engine_name=engine, workers=workers)
        enrol_faults += missing_files(enrolled, templates)
        probe_faults += missing_files(searched, templates)
        answer = describe_set(enrolled, searched, templates, opened)
        answer["rows_refused"] = {
            "enrol": face_runs.describe_faults(enrol_faults), "probes": face_runs.describe_faults(probe_faults)
        }  # fmt: skip
        gallery, columns = build_gallery(enrolled, templates, opened)
        kept = [row for row in searched if row.image in templates.rows]
        if len(gallery) and kept:
            answer |= measure(opened, gallery, columns, kept, templates)
            if det is not None:
                curve = Curve(opened.name, answer.pop("_curve"))
                content = draw_det(
                    [curve], title=f"1:N, engine {opened.name}, {len(gallery):,} enrolled",
                    x_label="false positive identification rate", y_label="false negative identification rate",
                    marks=FPIR_TARGETS,
                )  # fmt: skip
                answer["det_curve"] = face_runs.write_plot(Path(det), content)
            answer.pop("_curve", None)
        answer["seconds"] = round(time.perf_counter() - begun, 1)
        face_runs.write_json(self.stdout, answer)
        if enrol_faults or probe_faults or not len(gallery) or not kept:
            raise CommandError("rows_refused", returncode=face_runs.EXIT_REFUSED)

    def read(self, path: Path, *, needs_subject: bool) -> tuple[tuple[Picture, ...], tuple[RowFault, ...]]:
        content = face_runs.read_list(path, self.stdout)
        try:
            return parse_pictures(content, needs_subject=needs_subject)
        except ListRefused as error:
            face_runs.refuse_list(self.stdout, path, error)


def missing_files(rows: tuple[Picture, ...], templates: Templates) -> tuple[RowFault, ...]:
    """Return a fault for each row whose file is not there."""
    return tuple(
        RowFault(row.line, "image", templates.codes[row.image])
        for row in rows
        if is_list_fault(templates.codes[row.image])
    )


def build_gallery(
    rows: tuple[Picture, ...], templates: Templates, engine: FaceEngine
) -> tuple[npt.NDArray[np.float32], dict[str, int]]:
    """Return one fused template a subject, float32 (N, D), and the row of each subject; subjects without template lack."""
    images: dict[str, list[int]] = {}
    for row in rows:
        if row.image in templates.rows:
            images.setdefault(row.subject, []).append(templates.rows[row.image])
    fused = [
        fuse_templates(templates.matrix[sorted(set(places))], metric=engine.metric)
        for places in images.values()
    ]
    matrix = np.stack(fused) if fused else np.empty((0, engine.dimension), np.float32)
    return matrix, {subject: place for place, subject in enumerate(images)}


def search(
    engine: FaceEngine,
    gallery: npt.NDArray[np.float32],
    columns: dict[str, int],
    rows: list[Picture],
    templates: Templates,
) -> tuple[Searches, npt.NDArray[np.float32] | None, float]:
    """Return what searching the gallery with every probe gives, all scores where they are few enough, and seconds."""
    probes = templates.matrix[[templates.rows[row.image] for row in rows]]
    own = own_columns(rows, columns)
    parts: list[Searches] = []
    kept: list[npt.NDArray[np.float32]] = []
    keeps_scores = len(gallery) * len(probes) <= MAX_SCORES
    spent_s = 0.0
    with face_runs.show_progress() as progress:
        task = progress.add_task("Searches", total=len(probes))
        for begin in range(0, len(probes), PROBES_AT_ONCE):
            block = slice(begin, begin + PROBES_AT_ONCE)
            begun = time.perf_counter()
            scores = np.stack([compare(probe, gallery, metric=engine.metric) for probe in probes[block]])
            spent_s += time.perf_counter() - begun
            parts.append(search_all(scores, own[block], own[block]))
            if keeps_scores:
                kept.append(scores)
            progress.advance(task, len(scores))
    return join_searches(parts), np.concatenate(kept) if keeps_scores else None, spent_s


def own_columns(rows: list[Picture], columns: dict[str, int]) -> npt.NDArray[np.int64]:
    """Return the gallery row of each probe's own subject, -1 for those not enrolled."""
    return np.array([columns.get(row.subject, -1) if row.subject else -1 for row in rows], np.int64)


def measure(
    engine: FaceEngine,
    gallery: npt.NDArray[np.float32],
    columns: dict[str, int],
    rows: list[Picture],
    templates: Templates,
) -> dict[str, Any]:
    """Return all rates of searching the gallery with every probe."""
    searches, scores, spent_s = search(engine, gallery, columns, rows, templates)
    rank1 = count_rank1(searches)
    times = face_runs.describe_times(templates.elapsed_ms)
    times["search"] = {"mean": round(spent_s * 1e3 / len(rows), 4)}
    own = own_columns(rows, columns)
    sizes = measure_by_size(scores, own, own) if scores is not None else None
    return {
        "rank_1": {
            "rate": rounded(rank1.share),
            "interval_95": interval(rank1.interval) if rank1.total else None,
            "hits": rank1.hits,
            "total": rank1.total,
        },
        "fnir_at_fpir": {rate_name(rate.fpir_target): describe_rate(rate) for rate in measure_fnir(searches)},
        "by_gallery_size": [describe_size(size) for size in sizes] if sizes is not None else None,
        "by_gallery_size_reason": None if sizes is not None else "too_many_scores",
        "milliseconds": times,
        "_curve": trace_identification(searches)[:, 1:],
    }


def describe_set(
    enrolled: tuple[Picture, ...], searched: tuple[Picture, ...], templates: Templates, engine: FaceEngine
) -> dict[str, Any]:
    """Return what was measured and what could not be."""
    subjects = {row.subject for row in enrolled}
    ready = {row.subject for row in enrolled if row.image in templates.rows}
    found = [row for row in searched if row.image in templates.rows]
    mated = sum(row.subject in ready for row in found)
    unknown = sum(bool(row.subject) and row.subject not in subjects for row in searched)
    return {
        "engine": {"name": engine.name, "version": engine.version, "metric": engine.metric.value},
        "enrolled": {
            "images": sum(row.image in templates.rows for row in enrolled),
            "subjects": len(ready),
            "subjects_without_template": len(subjects) - len(ready),
        },
        "probes": {"mated": mated, "non_mated": len(found) - mated, "of_unknown_subjects": unknown},
        "failures_to_acquire": face_runs.describe_acquisition(templates),
    }


def describe_rate(rate: RateAtFpir) -> dict[str, Any]:
    """Return one rate as JSON shows it; null with a reason where the set is too small."""
    return {
        "fnir": rounded(rate.fnir),
        "interval_95": interval(rate.interval),
        "interval_method": rate.interval_method,
        "threshold": rounded(rate.threshold),
        "fpir": rounded(rate.fpir),
        "false_alarms": rate.false_alarms,
        "missed": rate.missed,
        "thirty_errors_of_each_kind": rate.is_firm,
        "reason": rate.reason,
    }


def describe_size(figures: SizeFigures) -> dict[str, Any]:
    """Return the means at one gallery size."""
    return {
        "enrolled": figures.size,
        "draws": figures.draws,
        "probes": {"mated": figures.mated, "non_mated": figures.non_mated},
        "rank_1": rounded(figures.rank1),
        "fnir_at_fpir": {
            rate_name(target): {"fnir": rounded(fnir), "threshold": rounded(threshold)}
            for target, fnir, threshold in zip(FPIR_TARGETS, figures.fnir, figures.threshold, strict=True)
        },
    }
