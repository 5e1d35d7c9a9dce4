"""Chip files in a folder, and trust from files: what the commands read."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

from django.core.management.base import CommandError

from travelers.core.chip import (
    ActiveAuthenticationEvidence,
    ChipAuthenticationEvidence,
    ChipFiles,
    Malformed,
)
from travelers.core.chip.data_groups import MAX_GROUP_OCTETS
from travelers.core.chip.master_list import MAX_LIST_OCTETS

_GROUP = re.compile(r"DG([1-9]|1[0-6])\.bin")
_EVIDENCE_OCTETS = 16 * 1024


def read_chip_files(folder: Path) -> ChipFiles:
    """Return the files of one chip: EF_SOD.bin, EF_COM.bin, DG1.bin to DG16.bin, any subset.

    Evidence of the booth, if there is any: AA_CHALLENGE.bin with AA_RESPONSE.bin, and CA.json with protocol, key_id,
    terminal_private_key, response (hexadecimal) and counter.
    """
    if not folder.is_dir():
        raise CommandError(f"{folder} is not a folder.")
    groups: dict[int, bytes] = {}
    for path in sorted(folder.iterdir()):
        found = _GROUP.fullmatch(path.name)
        if found:
            groups[int(found[1])] = read_bounded(path, MAX_GROUP_OCTETS + 1)
    challenge, response = _optional(folder, "AA_CHALLENGE.bin"), _optional(folder, "AA_RESPONSE.bin")
    active = None
    if challenge is not None and response is not None:
        active = ActiveAuthenticationEvidence(challenge, response)
    return ChipFiles(
        _optional(folder, "EF_SOD.bin"),
        _optional(folder, "EF_COM.bin"),
        groups,
        active,
        _chip_authentication(folder / "CA.json"),
    )


def read_bounded(path: Path, limit: int = MAX_LIST_OCTETS) -> bytes:
    """Return a file, of a longer one only so much that it is seen to be too long."""
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from None


def read_each(paths: Iterable[Path]) -> list[bytes]:
    return [read_bounded(path) for path in paths]


def _optional(folder: Path, name: str) -> bytes | None:
    path = folder / name
    return read_bounded(path, MAX_GROUP_OCTETS) if path.is_file() else None


def _chip_authentication(path: Path) -> ChipAuthenticationEvidence | None:
    if not path.is_file():
        return None
    try:
        sent = json.loads(read_bounded(path, _EVIDENCE_OCTETS))
        return ChipAuthenticationEvidence(
            protocol=str(sent["protocol"]),
            key_id=None if sent.get("key_id") is None else int(sent["key_id"]),
            terminal_private_key=bytes.fromhex(sent["terminal_private_key"]),
            response=bytes.fromhex(sent["response"]),
            counter=int(sent.get("counter", 2)),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, Malformed):
        raise CommandError(f"{path.name} is not chip authentication evidence.") from None
