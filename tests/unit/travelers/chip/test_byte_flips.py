"""No changed byte goes unnoticed. Here a sample; `python -m tests.bench chip_flips` changes every byte to every value."""

import random
from dataclasses import replace

import pytest

from tests.documents.pki.state import make_state, rsa_algorithm, rsa_key, utopia, verify
from travelers.core.chip import Mechanism, Verdict


def rsa_state():
    key = replace(rsa_key(2048), algorithm=rsa_algorithm("sha256", 32))
    return make_state(key, key)


@pytest.mark.parametrize("make", [utopia, rsa_state])
def test_a_changed_byte_of_the_security_object_is_detected(make):
    state = make()
    files, store = state.files(), state.store()
    chance = random.Random(9303)
    for position in range(len(files.sod)):
        sod = bytearray(files.sod)
        sod[position] ^= chance.randint(1, 255)
        found = verify(replace(files, sod=bytes(sod)), store).passive_authentication
        assert found.result is not Verdict.VALID, position


def test_a_changed_byte_of_a_group_is_detected():
    state = utopia()
    files, store = state.files(), state.store()
    chance = random.Random(9303)
    for number, data in state.groups.items():
        for position in chance.sample(range(len(data)), min(40, len(data))):
            changed = bytearray(data)
            changed[position] ^= chance.randint(1, 255)
            groups = files.groups | {number: bytes(changed)}
            hashes = verify(replace(files, groups=groups), store).mechanisms[Mechanism.HASHES]
            assert (hashes.result, hashes.code) == (Verdict.INVALID, "HASH_MISMATCH")
            assert hashes.detail["groups"][f"DG{number}"] == "HASH_MISMATCH"
