#!/usr/bin/env python3
"""Verify the audit trail of a border system without that system: for an auditor who trusts neither it nor its operators.

Needs Python 3.11, `cryptography`, and `psycopg` to read a database (a role with SELECT on the two tables is enough) or the
file that `manage.py export_audit` wrote. --heads: what the posts and the outside archive kept (*.notes); --keys: keys.txt as
you were given it. Prints one line for each thing that is wrong and ends with 1; ends with 0 when the trail is whole.

A row: canonical JSON (RFC 8785). Leaf: SHA-256(0x00 || row). Root: RFC 9162 section 2.1.1. Block: SHA-256 of the canonical
JSON of its header. Head: a signed note (C2SP signed-note, Ed25519) over number of rows and hash of the newest block.
"""

import argparse
import base64
import hashlib
import itertools
import json
import sys
from decimal import Decimal
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TIME = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
HEADER = ("stream", "number", "first_row", "row_count", "root", "previous_hash", "sealed_at")
ROW = (
    *(
        "id",
        "kind",
        "action",
        "actor",
        "actor_label",
        "roles",
        "purpose",
        "origin",
        "port",
        "object_type",
        "object_id",
    ),
    *("at", "fields", "detail"),
)
BLOCKS = f"""SELECT stream, number, first_row, row_count, root, previous_hash, {TIME.format("sealed_at")}, block_hash, note,
 encode(leaf_hashes, 'hex'), entry_ids::text[] FROM audit_auditblock ORDER BY stream COLLATE "C", number"""
ROWS = f"""SELECT e.id::text, kind, action, actor_id, actor_label, roles, purpose, origin, port_id::text, object_type, object_id,
 {TIME.format("e.at")}, fields::text, detail::text FROM unnest(%s::uuid[]) WITH ORDINALITY o (id, place)
 LEFT JOIN audit_auditentry e ON e.id = o.id ORDER BY place"""
PRUNINGS = "SELECT note FROM audit_auditpruning ORDER BY pruned_at, id"
LOOSE = """SELECT id::text FROM audit_auditentry EXCEPT (SELECT unnest(entry_ids)::text FROM audit_auditblock
 UNION ALL SELECT entry_id::text FROM audit_waitingentry) ORDER BY 1"""

LOST = """SELECT entry_id::text FROM audit_waitingentry w
 WHERE NOT EXISTS (SELECT FROM audit_auditentry e WHERE e.id = w.entry_id) UNION
 SELECT jsonb_array_elements_text(e.detail -> 'ids') FROM audit_waitingentry w
 JOIN audit_auditentry e ON e.id = w.entry_id WHERE e.action = 'audit.rows_lost' ORDER BY 1"""


def canonical(value):
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(key)}:{canonical(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, float) and value:
        if 1e-6 <= abs(value) < 1e21:
            return format(Decimal(repr(value)), "f").removesuffix(".0")
        digits, _, exponent = repr(value).partition("e")
        return f"{digits}e{int(exponent):+d}"
    return "0" if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def leaf_of(row):
    values = dict(zip(ROW, row, strict=True))
    values["fields"], values["detail"] = json.loads(values["fields"]), json.loads(values["detail"])
    return hashlib.sha256(b"\0" + canonical(values).encode()).digest()


def root_of(leaves):
    while len(leaves) > 1:
        pairs = [leaves[i : i + 2] for i in range(0, len(leaves), 2)]
        leaves = [hashlib.sha256(b"\1" + b"".join(p)).digest() if len(p) == 2 else p[0] for p in pairs]
    return leaves[0] if leaves else hashlib.sha256().digest()


def read_keys(text):
    keys = (line.split("+", 2) for line in text.splitlines() if line.strip() and line[0] != "#")
    raw = {bytes.fromhex(digest): base64.b64decode(key) for _, digest, key in keys}
    return {digest: Ed25519PublicKey.from_public_bytes(key[1:]) for digest, key in raw.items()}


def read_note(note, keys):
    """Return (stream, block, rows, hash, time) of a signed head; None when no key of ours signed it."""
    text, _, signatures = note.partition("\n\n")
    for line in signatures.splitlines():
        try:
            signed = base64.b64decode(line.rpartition(" ")[2])
            keys[signed[:4]].verify(signed[4:], text.encode() + b"\n")
            origin, rows, digest, block, time = text.split("\n")
            number = int(block.removeprefix("block "))
            stream = origin.rpartition("/")[2]
            return stream, number, int(rows), base64.b64decode(digest).hex(), time.removeprefix("time ")
        except (KeyError, InvalidSignature, ValueError):
            continue
    return None


def read_pruning(note, keys):
    """Return (stream, id, first and last block, first and last row, hash, older than, time); None when it is none of ours."""
    text, _, signatures = note.partition("\n\n")
    for line in signatures.splitlines():
        try:
            signed = base64.b64decode(line.rpartition(" ")[2])
            keys[signed[:4]].verify(signed[4:], text.encode() + b"\n")
            place, named, blocks, rows, digest, older, _, time = text.split("\n")
            first, final = (int(n) for n in blocks.removeprefix("blocks ").split(" "))
            begin, end = (int(n) for n in rows.removeprefix("rows ").split(" "))
            older, time = older.removeprefix("older than "), time.removeprefix("time ")
            ends = (first, final, begin, end, base64.b64decode(digest).hex(), older, time)
            if named.startswith("pruning ") and 1 <= first <= final and begin <= end and older < time:
                return place.rpartition("/")[2], named.removeprefix("pruning "), *ends
        except (KeyError, InvalidSignature, ValueError):
            continue
    return None


def check_prunings(prunings, ends, told, say):
    """Yield statements of removed rows that do not hold; say those that do. ends: rows, hash and time of each block."""
    hold = []
    if None in prunings:
        yield f"pruning_invalid: {prunings.count(None)} statements bear no signature of these keys, or contradict themselves"
    for one in sorted(filter(None, prunings), key=lambda p: p[-1], reverse=True):
        stream, name, first, final, begin, end, digest, older, time = one
        opens, closes = ends.get((stream, first)), ends.get((stream, final))
        known = name in told or any(later[0] == "central" and time < later[-2] for later in hold)
        if (
            opens
            and known
            and closes[0][1] == end
            and opens[0][0] == begin
            and closes[1] == digest
            and closes[2] < older
        ):
            hold.append(one)
            say(
                f"pruned: stream {stream} blocks {first} to {final}, rows {begin} to {end}, sealed before {older}, on {time}"
            )
        else:
            yield f"pruning_invalid: stream {stream} block {first}"


def check(blocks, loose, outside, keys, prunings=(), say=print, lost=()):
    """Yield what is wrong. blocks: (stored columns, rows or None) by stream and number; outside: notes kept elsewhere.

    loose: rows in no block; lost: rows that were queued for one and are gone. Both may fill while the blocks are read.
    """
    prunings, ends, told = [read_pruning(note, keys) for note in prunings], {}, set()
    gone = {(p[0], n) for p in filter(None, prunings) for n in range(p[2], p[3] + 1)}
    heads = [read_note(note, keys) for note in outside]
    if None in heads:
        yield f"note_invalid: {heads.count(None)} heads from outside bear no signature of these keys"
    hashes, before = {}, {}
    for (*values, digest, note, leaves, ids), rows in blocks:
        header = dict(zip(HEADER, values, strict=True))
        stream, number, first = header["stream"], header["number"], header["first_row"]
        place = f"stream {stream} block {number}"
        if before.get("stream") != stream:
            before = {"number": 0, "first_row": 1, "row_count": 0, "hash": "0" * 64}
        follows = (before["number"] + 1, before["first_row"] + before["row_count"], before["hash"])
        if (number, first, header["previous_hash"]) != follows:
            fault = "block_missing" if number > follows[0] else "chain_broken"
            yield f"{fault}: {place}"
        own = hashlib.sha256(canonical(header).encode()).hexdigest()
        head = (stream, number, first + header["row_count"] - 1, own, header["sealed_at"])
        signed = read_note(note, keys)
        if signed != head:
            yield f"{'block_changed' if signed else 'note_invalid'}: {place}"
        ends[stream, number] = (first, first + header["row_count"] - 1), own, header["sealed_at"]
        told |= {row[10] for row in rows if row and row[2] == "audit.pruned"}
        if (stream, number) in gone and not ids and not leaves:
            before, hashes[stream, number] = header | {"hash": own}, own
            continue
        sealed = [bytes.fromhex(leaves[i : i + 64]) for i in range(0, len(leaves), 64)]
        if (
            root_of(sealed).hex() != header["root"]
            or {len(ids), len(sealed)} != {header["row_count"]}
            or digest != own
        ):
            yield f"block_changed: {place}"
        for offset, (entry, row, leaf) in enumerate(zip(ids, rows, sealed, strict=False)):
            if row is None or leaf_of(row) != leaf:
                fault = "row_changed" if row else "row_missing"
                yield f"{fault}: {place} row {first + offset} entry {entry}"
            elif row[2] == "audit.rows_lost":
                yield from (f"row_missing: entry {gone_id}" for gone_id in json.loads(row[13])["ids"])
        before, hashes[stream, number] = header | {"hash": own}, own
    yield from check_prunings(prunings, ends, told, say)
    yield from (f"row_unknown: entry {entry}" for entry in loose)
    yield from (f"row_missing: entry {entry}" for entry in lost)
    for stream, number, _, digest, _ in filter(None, heads):
        if hashes.get((stream, number)) != digest:
            fault = "head_differs" if (stream, number) in hashes else "head_missing"
            yield f"{fault}: stream {stream} block {number}"


def read_database(connection):
    for block in connection.execute(BLOCKS).fetchall():
        yield block, [row if row[0] else None for row in connection.execute(ROWS, [block[-1]])]


def read_lines(path):
    with Path(path).open(encoding="utf-8") as file:
        yield from file


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", help="postgresql://… or the file of an export")
    parser.add_argument(
        "--heads", type=Path, nargs="*", default=[], help="files or folders of heads (*.notes)"
    )
    parser.add_argument("--keys", type=Path, required=True, help="keys.txt")
    given = parser.parse_args()
    files = [f for p in given.heads for f in (sorted(p.glob("*.notes")) if p.is_dir() else [p])]
    notes = [
        n + "\n"
        for f in files
        if f.name not in ("rotations.notes", "prunings.notes")
        for n in f.read_text().split("\n=\n")[:-1]
    ]
    if "://" in given.source:
        import psycopg  # only here: an export needs no driver

        connection = psycopg.connect(given.source)
        connection.isolation_level, connection.read_only = psycopg.IsolationLevel.REPEATABLE_READ, True
        blocks = read_database(connection)
        loose = (row[0] for row in connection.execute(LOOSE).fetchall())
        lost = (row[0] for row in connection.execute(LOST).fetchall())
        prunings = [row[0] for row in connection.execute(PRUNINGS).fetchall()]
    else:
        lines = (json.loads(line) for line in read_lines(given.source))
        begin = next(lines, {"loose": []})
        loose, lost, prunings = [], [], begin.get("prunings", [])
        blocks = (
            (line["block"], line["rows"])
            for line in itertools.chain([] if "prunings" in begin else [begin], lines)
            if "block" in line or loose.extend(line["loose"]) or lost.extend(line.get("lost", []))
        )
    found = 0
    for line in check(blocks, loose, notes, read_keys(given.keys.read_text()), prunings, lost=lost):
        found += 1
        print(line)
    print(f"{found} findings" if found else "The trail is whole.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
