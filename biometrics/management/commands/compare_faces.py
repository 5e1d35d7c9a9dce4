"""Compare the faces of two pictures."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from biometrics.core.faces import FaceEngine, starting_point
from biometrics.core.faces import score as compare_vectors
from biometrics.management.face_runs import EXIT_REFUSED, open_engine, refuse_networks, write_json
from biometrics.networks.files import NetworkFileError
from biometrics.services.engines import DEFAULT_ENGINE, ENGINE_NAMES
from biometrics.services.face_files import FileFace, read_face_file


class Command(BaseCommand):
    help = (
        "Compare the faces of two pictures: one JSON document on standard output. Exits 0 when there is a decision, "
        "match or not; 2 when there is none, with a code and what to do."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("reference", metavar="REFERENCE", help="picture with the face that is claimed")
        parser.add_argument("probe", metavar="PROBE", help="picture with the face that claims it")
        parser.add_argument("--engine", choices=ENGINE_NAMES, default=DEFAULT_ENGINE)
        parser.add_argument(
            "--threshold",
            type=float,
            metavar="SCORE",
            help="instead of the engine's starting value at FMR 1e-4",
        )

    def handle(
        self, *args: Any, reference: str, probe: str, engine: str, threshold: float | None, **options: Any
    ) -> None:
        begun = time.perf_counter()
        try:
            opened = open_engine(engine)
        except NetworkFileError as error:
            refuse_networks(self.stdout, error)
        opened_ms = (time.perf_counter() - begun) * 1e3
        sides = {
            "reference": read_face_file(opened, Path(reference)),
            "probe": read_face_file(opened, Path(probe)),
        }
        answer = describe_comparison(opened, sides, threshold)
        answer["reference"] = describe_side(reference, sides["reference"])
        answer["probe"] = describe_side(probe, sides["probe"])
        answer["milliseconds"] |= {
            "open_engine": round(opened_ms, 2), "total": round((time.perf_counter() - begun) * 1e3, 2)
        }  # fmt: skip
        write_json(self.stdout, answer)
        if answer["decision"] == "UNDETERMINED":
            raise CommandError(answer["code"], returncode=EXIT_REFUSED)


def describe_comparison(
    engine: FaceEngine, sides: dict[str, FileFace], threshold: float | None
) -> dict[str, Any]:
    """Return score, threshold and decision; UNDETERMINED with the first side's code if a side has no template."""
    point = starting_point(engine.name, fmr=1e-4)
    answer: dict[str, Any] = {
        "decision": "UNDETERMINED",
        "code": "",
        "score": None,
        "threshold": point.threshold if threshold is None else threshold,
        "operating_point": point.target if threshold is None else "given on the command line",
        "engine": {"name": engine.name, "version": engine.version, "metric": engine.metric.value},
    }
    a, b = (side.vector for side in sides.values())
    begun = time.perf_counter()
    if a is None or b is None:
        side = "reference" if a is None else "probe"
        answer["code"] = str(sides[side].code)
        answer["side"] = side
    else:
        value = compare_vectors(engine, a, b)
        answer["score"] = round(value, 4)
        answer["decision"] = "MATCH" if value >= answer["threshold"] else "NO_MATCH"
        answer["code"] = "faces_match" if answer["decision"] == "MATCH" else "faces_do_not_match"
    answer["milliseconds"] = {"compare": round((time.perf_counter() - begun) * 1e3, 3)}
    return answer


def describe_side(file: str, face: FileFace) -> dict[str, Any]:
    """Return what one picture gave: code, faces, the box that counts, quality with advice, milliseconds a step."""
    chosen = face.extraction.choice.face if face.extraction is not None else None
    return {
        "file": file,
        "code": str(face.code),
        "turn_deg": face.extraction.choice.turn_deg if face.extraction is not None else 0,
        "refused_for": list(face.refused_for),
        "face_count": face.extraction.choice.count if face.extraction is not None else None,
        "box": [round(value, 1) for value in chosen.box_xyxy] if chosen is not None else None,
        "landmarks": (
            [[round(float(x), 1), round(float(y), 1)] for x, y in chosen.landmarks]
            if chosen is not None
            else None
        ),
        "detection_score": round(chosen.score, 4) if chosen is not None else None,
        "other_boxes": [
            [round(value, 1) for value in other.box_xyxy]
            for other in (face.extraction.faces if face.extraction is not None else ())
            if other is not chosen
        ],
        "quality": face.quality.as_json() if face.quality is not None else None,
        "advice": list(face.advice),
        "milliseconds": {step: round(value, 2) for step, value in face.elapsed_ms.items()},
    }
