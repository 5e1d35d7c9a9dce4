"""Every cryptographic tamper is detected, by the mechanism and with the code that docs/chip.md names."""

import pytest

from tests.documents.pki.forgeries import KINDS, Kind
from travelers.core.chip import Mechanism


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.name)
def test_a_forged_chip_is_named(kind: Kind):
    found = kind.make().verify().mechanisms[Mechanism(kind.mechanism)]
    assert (found.result, found.code) == (kind.result, kind.code)
