"""How rows of the audit trail become a block that cannot be changed unseen: canonical bytes, Merkle tree, chained headers.

A stream is the trail of one port of entry, or the central one. Its rows are numbered from 1 without gaps, in the order of
sealing; a block is the next run of them. A leaf is the hash of a row's canonical JSON, the root that of RFC 9162 section
2.1.1 over the leaves, and the block's hash that of a header that names the block before it.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from json.encoder import encode_basestring  # the C function where there is one
from typing import Any

CENTRAL = "central"
NO_BLOCK = "0" * 64
HASH_BYTES = 32
LARGEST_PLAIN = 1e21  # from here on ECMAScript writes numbers with an exponent
SMALLEST_PLAIN = 1e-6
# the act by which the sealing tells of rows that were taken out before it came to them: their ids are in the detail
ROWS_LOST = "audit.rows_lost"
ROW_COLUMNS = (
    "action",
    "actor",
    "actor_label",
    "at",
    "detail",
    "fields",
    "id",
    "kind",
    "object_id",
    "object_type",
    "origin",
    "port",
    "purpose",
    "roles",
)


@dataclass(frozen=True, slots=True)
class BlockHeader:
    """What a block says of itself.

    stream: "central" or the id of a port. number: from 1. first_row, row_count: numbers of its rows in the stream. root and
    previous_hash: 64 hex digits. sealed_at: RFC 3339, UTC, microseconds.
    """

    stream: str
    number: int
    first_row: int
    row_count: int
    root: str
    previous_hash: str
    sealed_at: str

    @property
    def last_row(self) -> int:
        return self.first_row + self.row_count - 1


def canonical_json(value: Any) -> str:
    """Return a JSON value in the form of RFC 8785: sorted keys, no spaces, numbers as ECMAScript writes them.

    value: None, bool, str, int, finite float, list, dict with str keys. Integers keep all their digits. Raises ValueError on
    NaN and infinities. Source: RFC 8785 sections 3.2.2 and 3.2.3.
    """
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, float):
        return ecmascript_number(value)
    if isinstance(value, Mapping):
        # by UTF-16 code units, which differs from Python's order beyond the basic plane
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{encode_basestring(k)}:{canonical_json(value[k])}" for k in keys) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(canonical_json, value)) + "]"
    return json.dumps(value)


def ecmascript_number(value: float) -> str:
    """Return a finite float as ECMAScript's Number::toString does. Raises ValueError otherwise. Source: RFC 8785 3.2.2.3."""
    if not math.isfinite(value):
        raise ValueError("JSON has no such number")
    if value == 0:
        return "0"
    if SMALLEST_PLAIN <= abs(value) < LARGEST_PLAIN:
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    mantissa, _, exponent = repr(value).partition(
        "e"
    )  # Python writes the same shortest digits, and an exponent here
    return f"{mantissa}e{int(exponent):+d}"


def canonical_row(row: Sequence[str | None]) -> bytes:
    """Return the canonical JSON of a row of the trail.

    row: the columns in the order of ROW_COLUMNS, each as text: `actor` the number of the account or None, `at` RFC 3339 in
    UTC with microseconds, `detail` and `fields` as JSON, `port` a UUID or None. The keys are sorted already.
    """
    (
        action,
        actor,
        label,
        at,
        detail,
        fields,
        row_id,
        kind,
        object_id,
        object_type,
        origin,
        port,
        purpose,
        roles,
    ) = row
    quote: Callable[[Any], str] = encode_basestring  # only actor and port may be None
    return (
        f'{{"action":{quote(action)},"actor":{actor or "null"},"actor_label":{quote(label)},"at":"{at}",'
        f'"detail":{canonical_text(detail)},"fields":{canonical_text(fields)},"id":"{row_id}","kind":"{kind}",'
        f'"object_id":{quote(object_id)},"object_type":{quote(object_type)},"origin":{quote(origin)},'
        f'"port":{quote(port) if port else "null"},"purpose":{quote(purpose)},"roles":{quote(roles)}}}'
    ).encode()


def canonical_text(text: str | None) -> str:
    """Return JSON text in canonical form. None counts as null. Raises ValueError on text that is not JSON."""
    if text in ("{}", "[]", "null", None):
        return text or "null"
    return canonical_json(json.loads(text or "null"))


def leaf_hash(content: bytes) -> bytes:
    """Return SHA-256(0x00 || content): 32 bytes. Source: RFC 9162 section 2.1.1."""
    return hashlib.sha256(b"\0" + content).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes: 32 bytes; that of no leaves is SHA-256 of nothing. Source: RFC 9162 section 2.1.1.

    Level by level: pairing neighbours and carrying an odd one up gives the same tree as splitting at the largest power of two.
    """
    if not leaves:
        return hashlib.sha256().digest()
    level = list(leaves)
    sha256 = hashlib.sha256
    while len(level) > 1:
        paired = [sha256(b"\1" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


def split_leaves(packed: bytes) -> list[bytes]:
    """Return the leaf hashes that lie one after the other in a block. Raises ValueError when a part is left over."""
    if len(packed) % HASH_BYTES:
        raise ValueError("not a whole number of hashes")
    return [packed[i : i + HASH_BYTES] for i in range(0, len(packed), HASH_BYTES)]


def block_hash(header: BlockHeader) -> str:
    """Return SHA-256 of the canonical JSON of a header: 64 hex digits."""
    values = {name: getattr(header, name) for name in BlockHeader.__slots__}
    return hashlib.sha256(canonical_json(values).encode()).hexdigest()


def make_block(
    *, previous: BlockHeader | None, stream: str, leaves: Iterable[bytes], sealed_at: str
) -> BlockHeader:
    """Return the header of the block that follows `previous`, or of the first one. leaves: hashes of the rows in their order."""
    hashes = list(leaves)
    return BlockHeader(
        stream=stream,
        number=previous.number + 1 if previous else 1,
        first_row=previous.last_row + 1 if previous else 1,
        row_count=len(hashes),
        root=merkle_root(hashes).hex(),
        previous_hash=block_hash(previous) if previous else NO_BLOCK,
        sealed_at=sealed_at,
    )
