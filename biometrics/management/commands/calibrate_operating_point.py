"""Propose a threshold measured on a labelled set; a second person puts it in force."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import numpy as np
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.utils import timezone

from audit.core.actor import Actor
from biometrics.core.error_rates import (
    ListRefused,
    RateAtFmr,
    RateAtFpir,
    measure_fnir,
    measure_fnmr,
    parse_pairs,
    parse_pictures,
)
from biometrics.core.faces import FaceEngine, starting_point
from biometrics.core.gallery.thresholds import spread_between
from biometrics.management import face_runs
from biometrics.management.commands import evaluate_faces, evaluate_identification
from biometrics.management.face_runs import interval, rate_name, rounded
from biometrics.models import OperatingPoint
from biometrics.networks.files import NetworkFileError
from biometrics.services.engines import DEFAULT_ENGINE, ENGINE_NAMES
from biometrics.services.operating_points import propose_operating_point

Purpose = OperatingPoint.Purpose
IDENTIFICATION = (Purpose.WATCHLIST_IDENTIFICATION, Purpose.CROSSINGS_IDENTIFICATION)
DEFAULT_FMR, DEFAULT_FPIR = 1e-4, 1e-2
TAIL = (1e-4, 1e-5)


class Command(BaseCommand):
    help = (
        "Measure the threshold for an error rate on a labelled set and propose it: PAIRS.csv for 1:1, or ENROL.csv and "
        "PROBES.csv for 1:N. Nothing is in force until another person approves it (approve_operating_point). "
        "Exits 2 when the set cannot say."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("lists", nargs="+", metavar="LIST.csv", help="PAIRS.csv, or ENROL.csv PROBES.csv")
        parser.add_argument(
            "--root", metavar="DIR", help="where file names start (default: the folder of the first list)"
        )
        parser.add_argument("--engine", choices=ENGINE_NAMES, default=DEFAULT_ENGINE)
        parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes")
        parser.add_argument(
            "--purpose", choices=[purpose.value for purpose in (Purpose.VERIFICATION, *IDENTIFICATION)]
        )
        parser.add_argument(
            "--rate",
            type=float,
            help="false match rate (default 1e-4), or false positive identification rate (1e-2)",
        )
        parser.add_argument(
            "--proposer", metavar="USERNAME", help="who proposes it; without, nothing is recorded"
        )
        parser.add_argument(
            "--provenance", metavar="TEXT", help="what the set is: where, when, which cameras"
        )

    def handle(
        self, *args: Any, lists: list[str], root: str | None, engine: str, workers: int, **options: Any
    ) -> None:
        face_runs.check_workers(workers, self.stdout)
        if len(lists) > 2:
            face_runs.refuse(self.stdout, "one_or_two_lists")
        purpose = self.check_purpose(options["purpose"], len(lists))
        rate = options["rate"] or (DEFAULT_FMR if len(lists) == 1 else DEFAULT_FPIR)
        if not 0 < rate < 1:
            face_runs.refuse(self.stdout, "rate_out_of_range", detail="between 0 and 1")
        proposer = self.find_proposer(options["proposer"])
        paths = [Path(path) for path in lists]
        folder = face_runs.check_root(root, paths[0], self.stdout)
        try:
            opened = face_runs.open_engine(engine)
        except NetworkFileError as error:
            face_runs.refuse_networks(self.stdout, error)
        found, size = (
            self.measure_pairs(paths[0], folder, opened, workers, rate)
            if len(lists) == 1
            else self.measure_searches(paths, folder, opened, workers, rate)
        )
        name = "FMR" if len(lists) == 1 else "FPIR"
        answer = {
            "purpose": purpose.value,
            "engine": {"name": opened.name, "version": opened.version},
            "target": f"{name} {rate_name(rate)}",
            "set": size,
            **self.describe(found),
        }
        if found.reason is not None or found.threshold is None:
            face_runs.refuse(self.stdout, str(found.reason), **answer)
        answer["proposed"] = None
        if proposer is not None:
            answer["proposed"] = self.propose(
                proposer, purpose, opened, found.threshold, answer, options["provenance"], rate
            )
        face_runs.write_json(self.stdout, answer)

    def check_purpose(self, given: str | None, lists: int) -> OperatingPoint.Purpose:
        if given is None:
            return Purpose.VERIFICATION if lists == 1 else Purpose.WATCHLIST_IDENTIFICATION
        purpose = Purpose(given)
        if (purpose in IDENTIFICATION) is not (lists == 2):
            face_runs.refuse(
                self.stdout, "purpose_needs_other_lists", detail="1:1 one list of pairs, 1:N two lists"
            )
        return purpose

    def find_proposer(self, username: str | None) -> Any:
        if username is None:
            return None
        user = get_user_model().objects.filter(username=username, is_active=True).first()
        if user is None:
            face_runs.refuse(self.stdout, "proposer_unknown")
        return user

    def measure_pairs(
        self, path: Path, folder: Path, engine: FaceEngine, workers: int, rate: float
    ) -> tuple[RateAtFmr, dict[str, int]]:
        try:
            rows, faults = parse_pairs(face_runs.read_list(path, self.stdout))
        except ListRefused as error:
            face_runs.refuse_list(self.stdout, path, error)
        files = [file for row in rows for file in (row.reference, row.probe)]
        templates = face_runs.make_templates(files, folder, engine_name=engine.name, workers=workers)
        kept, more = evaluate_faces.split_rows(rows, templates)
        # a threshold for everybody must not rest on a list that is partly wrong
        if faults or more:
            face_runs.refuse(
                self.stdout, "rows_refused", rows_refused=face_runs.describe_faults((*faults, *more))
            )
        if not kept:
            face_runs.refuse(self.stdout, "no_templates")
        scored, _ = evaluate_faces.score_rows(engine, kept, templates)
        mated = int(scored.mated.sum())
        size = {
            "mated": mated,
            "non_mated": len(kept) - mated,
            "failures_to_acquire": templates.failures.total(),
        }
        return measure_fnmr(scored, targets=(rate,))[0], size

    def measure_searches(
        self, paths: list[Path], folder: Path, engine: FaceEngine, workers: int, rate: float
    ) -> tuple[RateAtFpir, dict[str, int]]:
        parsed = []
        for path, needs_subject in zip(paths, (True, False), strict=True):
            try:
                parsed.append(
                    parse_pictures(face_runs.read_list(path, self.stdout), needs_subject=needs_subject)
                )
            except ListRefused as error:
                face_runs.refuse_list(self.stdout, path, error)
        (enrolled, enrol_faults), (searched, probe_faults) = parsed
        files = [row.image for row in (*enrolled, *searched)]
        templates = face_runs.make_templates(files, folder, engine_name=engine.name, workers=workers)
        faults = (
            *enrol_faults, *probe_faults, *evaluate_identification.missing_files(enrolled, templates),
            *evaluate_identification.missing_files(searched, templates),
        )  # fmt: skip
        if faults:
            face_runs.refuse(self.stdout, "rows_refused", rows_refused=face_runs.describe_faults(faults))
        gallery, columns = evaluate_identification.build_gallery(enrolled, templates, engine)
        kept = [row for row in searched if row.image in templates.rows]
        if not len(gallery) or not kept:
            face_runs.refuse(self.stdout, "no_templates")
        searches, _, _ = evaluate_identification.search(engine, gallery, columns, kept, templates)
        mated = int(np.count_nonzero(searches.is_mated))
        size = {
            "enrolled": len(gallery),
            "mated": mated,
            "non_mated": len(kept) - mated,
            "failures_to_acquire": templates.failures.total(),
        }
        return measure_fnir(searches, targets=(rate,))[0], size

    def describe(self, found: RateAtFmr | RateAtFpir) -> dict[str, Any]:
        miss = ("fnmr", found.fnmr) if isinstance(found, RateAtFmr) else ("fnir", found.fnir)
        return {
            "threshold": rounded(found.threshold),
            miss[0]: rounded(miss[1]),
            f"{miss[0]}_interval_95": interval(found.interval),
            "thirty_errors_of_each_kind": found.is_firm,
        }

    def propose(
        self, user: Any, purpose: OperatingPoint.Purpose, engine: FaceEngine, threshold: float,
        answer: dict[str, Any], provenance: str | None, rate: float,
    ) -> dict[str, Any]:  # fmt: skip
        measured = ", ".join(f"{name} {count}" for name, count in answer["set"].items())
        miss = "fnmr" if "fnmr" in answer else "fnir"
        low, high = answer[f"{miss}_interval_95"]
        text = f"{provenance or 'A labelled set'}: {measured}; {miss.upper()} {answer[miss]:.4f} (95 %: {low:.4f} to {high:.4f})."
        enrolled = f" at {answer['set']['enrolled']:,} enrolled" if "enrolled" in answer["set"] else ""
        at = timezone.now()
        point = propose_operating_point(
            actor=Actor(label=user.get_username(), user_id=user.pk, purpose="calibration"),
            at=at,
            purpose=purpose.value,
            engine=engine.name,
            engine_version=engine.version,
            threshold=round(threshold, 6),
            target=answer["target"] + enrolled,
            provenance=text,
            **follow_size(engine, answer["set"], rate),
        )
        return {
            "id": str(point.id),
            "version": point.version,
            "state": point.state,
            "awaits": "another person",
        }


def follow_size(engine: FaceEngine, size: dict[str, int], rate: float) -> dict[str, Any]:
    """Return what a 1:N threshold needs to follow the size of the gallery; nothing for 1:1.

    The spread of the non-mated scores' tail is that between the engine's starting points.
    """
    if "enrolled" not in size:
        return {}
    low, high = (starting_point(engine.name, fmr=fmr).threshold for fmr in TAIL)
    return {
        "calibrated_size": size["enrolled"],
        "calibrated_fpir": rate,
        "score_spread": spread_between(low=low, low_rate=TAIL[0], high=high, high_rate=TAIL[1]),
    }
