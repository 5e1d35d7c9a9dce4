"""Fixtures of the MRZ tests."""

import pytest

from biometrics.core.mrz import Recogniser
from tests.unit.biometrics.mrz.pages import open_recogniser


@pytest.fixture(scope="session")
def recognise() -> Recogniser:
    return open_recogniser()
