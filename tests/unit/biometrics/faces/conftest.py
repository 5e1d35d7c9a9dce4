"""Real engines and drawn faces; the networks are built once into the product's own folder."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from biometrics.core.faces import FaceEngine
from biometrics.core.images import decode_image
from biometrics.networks.build import ensure
from biometrics.services.engines import load_engine

ROOT = Path(__file__).resolve().parents[4]
FACES = ROOT / "borders" / "demo" / "faces"


@pytest.fixture(scope="session")
def network_dir() -> Path:
    folder = ROOT / ".cache" / "networks"
    ensure(folder)
    return folder


@pytest.fixture(scope="session")
def sface(network_dir: Path) -> FaceEngine:
    return load_engine("sface", network_dir=network_dir)


@pytest.fixture(scope="session")
def dlib_engine(network_dir: Path) -> FaceEngine:
    return load_engine("dlib", network_dir=network_dir)


@pytest.fixture(scope="session")
def portrait() -> npt.NDArray[np.uint8]:
    """A drawn portrait of nobody, 480 x 600."""
    return decode_image((FACES / "person_01" / "portrait.jpg").read_bytes())
