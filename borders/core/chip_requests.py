"""What a booth may send of a chip, and its part in the fingerprint of a request."""

import hashlib
from collections.abc import Mapping

from travelers.core.chip import ChipFiles
from travelers.core.chip.active_authentication import CHALLENGE_OCTETS, MAX_RESPONSE_OCTETS
from travelers.core.chip.data_groups import MAX_COM_OCTETS, MAX_GROUP_OCTETS, TAGS
from travelers.core.chip.security_object import MAX_SOD_OCTETS

# the part of the upload that holds a file, and the most octets it may have
CHIP_PARTS: Mapping[str, int] = {
    "ef_sod": MAX_SOD_OCTETS,
    "ef_com": MAX_COM_OCTETS,
    **{f"dg{number}": MAX_GROUP_OCTETS for number in TAGS},
}
CHIP_OCTETS = 3 * 1024 * 1024
SEAL_PART = "seal"
SEAL_OCTETS = 16 * 1024


def chip_parts(files: ChipFiles) -> dict[str, bytes]:
    """Return the files of a chip by the name of their part."""
    named = {"ef_sod": files.sod, "ef_com": files.com}
    named |= {f"dg{number}": content for number, content in files.groups.items()}
    return {name: content for name, content in named.items() if content is not None}


def find_chip_fault(files: ChipFiles) -> tuple[str, str] | None:
    """Return (code, field) of the first fault, None if the files may be taken.

    Codes: unknown_field, chip_file_empty, chip_file_too_large, invalid.
    """
    parts = chip_parts(files)
    for name, content in parts.items():
        if name not in CHIP_PARTS:
            return "unknown_field", name
        if not content:
            return "chip_file_empty", name
        if len(content) > CHIP_PARTS[name]:
            return "chip_file_too_large", name
    if sum(map(len, parts.values())) > CHIP_OCTETS:
        return "chip_file_too_large", "chip"
    active = files.active_authentication
    if active is not None and len(active.challenge) != CHALLENGE_OCTETS:
        return "invalid", "chip.active_authentication.challenge"
    if active is not None and not 0 < len(active.response) <= MAX_RESPONSE_OCTETS:
        return "invalid", "chip.active_authentication.response"
    return None


def canonical_chip(files: ChipFiles) -> dict[str, object]:
    """Return a chip as JSON values: the same for the same files and evidence, and for nothing else."""
    canonical: dict[str, object] = {
        name: hashlib.sha256(content).hexdigest() for name, content in chip_parts(files).items()
    }
    active, agreement = files.active_authentication, files.chip_authentication
    if active is not None:
        canonical["active_authentication"] = [active.challenge.hex(), active.response.hex()]
    if agreement is not None:
        canonical["chip_authentication"] = [
            agreement.protocol,
            agreement.key_id,
            agreement.terminal_private_key.hex(),
            agreement.response.hex(),
            agreement.counter,
        ]
    return canonical
