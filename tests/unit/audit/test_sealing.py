"""Canonical bytes, trees, chains and notes."""

import hashlib
import math

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from audit.core.notes import (
    Head,
    NoteInvalid,
    format_head,
    format_verifier_key,
    is_signed,
    join_note,
    parse_head,
    parse_verifier_keys,
    sign_note,
    split_notes,
)
from audit.core.sealing import (
    NO_BLOCK,
    ROW_COLUMNS,
    block_hash,
    canonical_json,
    canonical_row,
    ecmascript_number,
    leaf_hash,
    make_block,
    merkle_root,
)
from deploy import verify_audit as stranger

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
HEAD = Head("bmis.example/audit", "central", 40, 3, "ab" * 32, "2026-11-22T13:00:00.000000Z")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        # RFC 8785 appendix B
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (-5e-324, "-5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (9.999999999999997e22, "9.999999999999997e+22"),
        (1e23, "1e+23"),
        (999999999999999700000.0, "999999999999999700000"),
        (1e21, "1e+21"),
        (333333333.3333332, "333333333.3333332"),
        (0.000001, "0.000001"),
        (9.999999999999997e-7, "9.999999999999997e-7"),
        (-0.0000033333333333333333, "-0.0000033333333333333333"),
    ],
)
def test_number_is_written_as_ecmascript_does(value, text):
    assert ecmascript_number(value) == text


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_number_that_json_lacks_is_refused(value):
    with pytest.raises(ValueError, match="no such number"):
        ecmascript_number(value)


def test_keys_are_sorted_by_utf16_as_in_the_rfc():
    # RFC 8785 section 3.2.3
    unsorted = dict.fromkeys(["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"], 0)
    assert [*map(str, canonical_json(unsorted)[1:-1].split(","))] == [
        f"{canonical_json(key)}:0"
        for key in ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_both_verifiers_write_the_same_json(value):
    assert canonical_json(value) == stranger.canonical(value)


@given(st.lists(st.text(max_size=8), min_size=11, max_size=11), st.none() | st.integers(1, 10**9))
def test_row_is_canonical_json_of_its_columns(texts, account):
    values = dict(zip(ROW_COLUMNS, [*texts, "", "", ""], strict=True)) | {
        "actor": str(account) if account else None,
        "detail": '{"b": 1.0, "a": [1e-7]}',
        "fields": "[]",
        "port": None,
        "at": "2026-11-22T13:00:00.000000Z",
        "id": "01",
        "kind": "READ",
    }
    plain = values | {"actor": account, "detail": {"b": 1.0, "a": [1e-7]}, "fields": []}
    assert canonical_row([values[name] for name in ROW_COLUMNS]).decode() == canonical_json(plain)


def plain_root(leaves: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, word by word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256().digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + plain_root(leaves[:half]) + plain_root(leaves[half:])).digest()


@pytest.mark.parametrize("count", [*range(18), 100, 1023, 1025])
def test_root_is_that_of_the_rfc(count):
    leaves = [leaf_hash(str(n).encode()) for n in range(count)]
    assert merkle_root(leaves) == plain_root(leaves) == stranger.root_of(leaves)


def test_blocks_number_their_rows_without_gaps_and_name_the_one_before():
    first = make_block(previous=None, stream="central", leaves=[leaf_hash(b"a")] * 3, sealed_at="t")
    second = make_block(previous=first, stream="central", leaves=[leaf_hash(b"b")] * 2, sealed_at="t")
    assert (first.number, first.first_row, first.last_row, first.previous_hash) == (1, 1, 3, NO_BLOCK)
    assert (second.number, second.first_row, second.last_row) == (2, 4, 5)
    assert second.previous_hash == block_hash(first)


def test_head_survives_its_note():
    note = sign_note(format_head(HEAD), name=HEAD.origin, key=KEY)
    keys = parse_verifier_keys(["# ours", format_verifier_key(HEAD.origin, KEY.public_key())])
    assert parse_head(note) == HEAD
    assert is_signed(note, keys)
    assert split_notes(join_note(note) * 2 + "cut off") == [note, note]


@pytest.mark.parametrize(
    "change", [("40\n", "41\n"), ("block 3", "block 4"), ("central", "centra1"), ("13:00", "13:01")]
)
def test_changed_note_is_not_signed(change):
    note = sign_note(format_head(HEAD), name=HEAD.origin, key=KEY).replace(*change, 1)
    keys = parse_verifier_keys([format_verifier_key(HEAD.origin, KEY.public_key())])
    assert not is_signed(note, keys)


def test_key_that_bears_another_id_is_refused():
    name, _, key = format_verifier_key("bmis.example/audit", KEY.public_key()).split("+", 2)
    with pytest.raises(NoteInvalid):
        parse_verifier_keys([f"{name}+00000000+{key}"])


@given(st.text())
def test_any_signature_line_counts_or_does_not(text):
    keys = parse_verifier_keys([format_verifier_key(HEAD.origin, KEY.public_key())])
    assert not is_signed(f"{format_head(HEAD)}\n\u2014 {HEAD.origin} {text}\n", keys)


@given(st.text())
def test_any_text_is_a_head_or_named_as_none(text):
    try:
        head = parse_head(text)
    except NoteInvalid:
        return
    assert text.startswith(format_head(head))
