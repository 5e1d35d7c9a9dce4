"""Sealing: only the right key opens, only what it belongs to, and a slot says whose key it is."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.core.envelope import (
    SEALED_OVERHEAD,
    SLOT_BYTES,
    Belonging,
    Kind,
    SealBroken,
    SlotDamaged,
    destroyed_slot,
    master_key_id,
    open_sealed,
    read_slot,
    seal,
    slot_of,
    unwrap_key,
    wrap_key,
)

KEY, OTHER_KEY, NONCE = bytes(range(32)), bytes(32), bytes(12)
SUBJECT = UUID(int=7)
FACE = Belonging(SUBJECT, Kind.TEMPLATE, UUID(int=8), "inspection", "sface 1")


def sealed(content: bytes = b"a face") -> bytes:
    return seal(content, key=KEY, slot=41, nonce=NONCE, belonging=FACE)


@given(st.binary(max_size=300))
def test_what_is_sealed_opens_again_and_grows_by_a_constant(content):
    octets = seal(content, key=KEY, slot=2**40, nonce=NONCE, belonging=FACE)
    assert open_sealed(octets, key=KEY, belonging=FACE) == content
    assert (len(octets), slot_of(octets)) == (len(content) + SEALED_OVERHEAD, 2**40)


@pytest.mark.parametrize(
    "change",
    [
        {"subject": UUID(int=9)},
        {"kind": Kind.IMAGE},
        {"item": UUID(int=9)},
        {"purpose": "watchlist"},
        {"model": "sface 2"},
        {"purpose": "inspectionsface", "model": " 1"},
    ],
)
def test_it_opens_only_as_what_it_belongs_to(change):
    with pytest.raises(SealBroken):
        open_sealed(sealed(), key=KEY, belonging=replace(FACE, **change))


def test_another_key_does_not_open_it():
    with pytest.raises(SealBroken):
        open_sealed(sealed(), key=OTHER_KEY, belonging=FACE)


@given(st.integers(0, len(sealed()) - 1), st.integers(1, 255))
def test_no_changed_byte_goes_unnoticed(place, change):
    octets = bytearray(sealed())
    octets[place] ^= change
    with pytest.raises(SealBroken):
        open_sealed(bytes(octets), key=KEY, belonging=FACE)


@given(st.binary(max_size=120))
def test_any_bytes_give_a_content_or_the_named_error(octets):
    with pytest.raises(SealBroken):
        open_sealed(octets, key=KEY, belonging=FACE)


def test_a_slot_gives_back_the_key_under_its_master_key_only():
    slot = read_slot(wrap_key(KEY, master=OTHER_KEY, nonce=NONCE, subject=SUBJECT))
    assert (slot.subject, slot.master_key_id) == (SUBJECT, master_key_id(OTHER_KEY))
    assert unwrap_key(slot, master=OTHER_KEY) == KEY
    with pytest.raises(SealBroken):
        unwrap_key(slot, master=KEY)
    with pytest.raises(SealBroken):
        unwrap_key(replace(slot, subject=UUID(int=9)), master=OTHER_KEY)


def test_a_destroyed_slot_says_whose_it_was_and_holds_no_key():
    octets = destroyed_slot(SUBJECT)
    slot = read_slot(octets)
    assert len(octets) == SLOT_BYTES
    assert (slot.is_destroyed, slot.subject) == (True, SUBJECT)
    assert not any(octets[41:-4])


@given(st.binary(min_size=0, max_size=2 * SLOT_BYTES))
def test_a_torn_slot_is_named_so(octets):
    with pytest.raises(SlotDamaged):
        read_slot(octets)
