"""The drawn faces of the demo country: every engine knows each again and tells all apart.

A floor, not an error rate: drawings chosen for this purpose say nothing about people.
"""

import itertools
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from biometrics.core.faces import (
    FaceEngine,
    FaceOutcome,
    FaceRule,
    extract_template,
    score,
    starting_point,
)
from biometrics.core.images import decode_image, inspect_image
from biometrics.core.quality import assess
from biometrics.services.engines import ENGINE_NAMES, load_engine
from borders.demo.seeding.thresholds import THRESHOLDS

FACES = Path(__file__).resolve().parents[2] / "borders" / "demo" / "faces"
MANIFEST = json.loads((FACES / "manifest.json").read_text())
# at least so alike, at most so alike: drawings of two people are more alike than photographs of two people
MATED_FLOOR = {"sface": 0.75, "dlib": 0.66}
NON_MATED_CEILING = {"sface": 0.63, "dlib": 0.54}
PORTRAIT_CEILING = {"sface": 0.62, "dlib": 0.515}


@dataclass(frozen=True, eq=False)
class Sample:
    identity: str
    path: str
    vector: np.ndarray


@pytest.fixture(scope="module", params=ENGINE_NAMES)
def engine(request: pytest.FixtureRequest, network_dir: Path) -> FaceEngine:
    return load_engine(request.param, network_dir=network_dir)


@pytest.fixture(scope="module")
def samples(engine: FaceEngine) -> list[Sample]:
    found = []
    for person in MANIFEST:
        for path in (person["portrait"], *person["lives"]):
            extraction = extract_template(
                engine, decode_image((FACES / path).read_bytes()), rule=FaceRule.CENTRAL
            )
            assert extraction.outcome is FaceOutcome.FACE_FOUND, path
            assert extraction.vector is not None
            found.append(Sample(person["identity"], path, extraction.vector))
    return found


def test_there_are_at_least_twenty_people() -> None:
    assert len({person["identity"] for person in MANIFEST}) >= 20
    assert all(len(person["lives"]) >= 2 for person in MANIFEST)


def pairs(engine: FaceEngine, samples: list[Sample], *, mated: bool) -> list[tuple[float, str, str]]:
    """Score, and the two pictures, of every pair of one kind."""
    return [
        (score(engine, a.vector, b.vector), a.path, b.path)
        for a, b in itertools.combinations(samples, 2)
        if (a.identity == b.identity) is mated
    ]


def test_every_mated_pair_is_alike(engine: FaceEngine, samples: list[Sample]) -> None:
    found = pairs(engine, samples, mated=True)
    assert len(found) == 3 * len(MANIFEST)
    assert min(found)[0] >= MATED_FLOOR[engine.name], min(found)
    assert min(found)[0] >= starting_point(engine.name, fmr=1e-5).threshold


def test_no_portrait_is_like_another_persons_picture(engine: FaceEngine, samples: list[Sample]) -> None:
    found = [
        pair for pair in pairs(engine, samples, mated=False) if any("portrait" in path for path in pair[1:])
    ]
    assert len(found) > 900
    assert max(found)[0] < PORTRAIT_CEILING[engine.name], max(found)


def test_no_two_people_are_taken_for_one_in_the_demos_gallery(
    engine: FaceEngine, samples: list[Sample]
) -> None:
    found = pairs(engine, samples, mated=False)
    assert max(found)[0] < NON_MATED_CEILING[engine.name], max(found)
    in_force = {wanted.purpose: wanted.threshold for wanted in THRESHOLDS if wanted.engine == engine.name}
    for purpose in ("WATCHLIST_IDENTIFICATION", "CROSSINGS_IDENTIFICATION"):
        assert max(found)[0] < in_force[purpose] <= min(pairs(engine, samples, mated=True))[0] - 0.02


def test_every_picture_passes_the_quality_measures(network_dir: Path) -> None:
    engine = load_engine("sface", network_dir=network_dir)
    for person in MANIFEST:
        for path in (person["portrait"], *person["lives"]):
            image = decode_image((FACES / path).read_bytes())
            assert assess(image, engine.detect(image)).defects == (), path


def test_the_pictures_stay_small() -> None:
    paths = [FACES / path for person in MANIFEST for path in (person["portrait"], *person["lives"])]
    assert sum(path.stat().st_size for path in paths) < 4_000_000
    for person in MANIFEST:
        header = inspect_image((FACES / person["portrait"]).read_bytes())
        assert (header.width, header.height) == (480, 600)
