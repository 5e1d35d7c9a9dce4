"""The networks, built once into the product's own folder."""

from pathlib import Path

import pytest

from biometrics.networks.build import ensure

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def network_dir() -> Path:
    folder = ROOT / ".cache" / "networks"
    ensure(folder)
    return folder
