"""The seal for screens and large codes: JSON with its certificate inside. Source: Doc 9303-13, part B (VDS-NC)."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from travelers.core.chip.algorithms import Family, SignatureAlgorithm
from travelers.core.chip.certificate import Certificate, parse_certificate
from travelers.core.chip.errors import Malformed

MAX_OCTETS = 16 * 1024
MAX_DEPTH = 12
_ALGORITHMS = {
    "ES256": SignatureAlgorithm(Family.ECDSA_PLAIN, "sha256"),
    "ES384": SignatureAlgorithm(Family.ECDSA_PLAIN, "sha384"),
    "ES512": SignatureAlgorithm(Family.ECDSA_PLAIN, "sha512"),
}


@dataclass(frozen=True, slots=True)
class NonConstrainedSeal:
    """One seal as read. kind, version, issuing_state: of its header. message: what it says, JSON values.

    signed: the canonical form of `data`, which the signature covers.
    """

    kind: str
    version: int
    issuing_state: str
    message: Mapping[str, Any]
    algorithm: SignatureAlgorithm
    certificate: Certificate
    signed: bytes
    signature: bytes

    @property
    def document_number(self) -> str:
        """Return the travel document that the seal names, "" if it names none."""
        person = self.message.get("pid")
        if not isinstance(person, dict):
            return ""
        found = person.get("i") or person.get("dn")
        return found if isinstance(found, str) else ""


def parse_vds_nc(data: bytes) -> NonConstrainedSeal:
    """Return a seal; nothing is verified. data: UTF-8 text of the bar code.

    Raises Malformed: SEAL_TOO_LARGE, SEAL_JSON, SEAL_HEADER, SEAL_SIGNATURE, ALGORITHM_UNKNOWN, and as
    parse_certificate.
    """
    if len(data) > MAX_OCTETS:
        raise Malformed("SEAL_TOO_LARGE")
    root = _json(data)
    content, signature = root.get("data"), root.get("sig")
    if not isinstance(content, dict) or not isinstance(signature, dict) or set(root) != {"data", "sig"}:
        raise Malformed("SEAL_JSON")
    header, message = content.get("hdr"), content.get("msg")
    if not isinstance(header, dict) or not isinstance(message, dict):
        raise Malformed("SEAL_JSON")
    kind, version, state = header.get("t"), header.get("v"), header.get("is")
    if not (isinstance(kind, str) and type(version) is int and isinstance(state, str)):
        raise Malformed("SEAL_HEADER")
    if signature.get("alg") not in _ALGORITHMS:
        raise Malformed("ALGORITHM_UNKNOWN")
    return NonConstrainedSeal(
        kind=kind,
        version=version,
        issuing_state=state,
        message=MappingProxyType(message),
        algorithm=_ALGORITHMS[signature["alg"]],
        certificate=parse_certificate(_base64(signature.get("cer"))),
        signed=canonical_json(content),
        signature=_base64(signature.get("sigvl")),
    )


def canonical_json(value: object) -> bytes:
    """Return JSON in its one canonical form: members sorted by UTF-16 units, no spaces. Source: RFC 8785.

    Raises Malformed(SEAL_JSON) for a number that is no integer of up to 53 bits: seals hold none.
    """
    return _canonical(value, 0).encode()


def _canonical(value: object, depth: int) -> str:
    if depth > MAX_DEPTH:
        raise Malformed("SEAL_JSON")
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int) and abs(value) < 1 << 53:
        return str(value)
    if isinstance(value, list):
        return f"[{','.join(_canonical(item, depth + 1) for item in value)}]"
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        members = (
            f"{json.dumps(name, ensure_ascii=False)}:{_canonical(value[name], depth + 1)}" for name in names
        )
        return f"{{{','.join(members)}}}"
    raise Malformed("SEAL_JSON")


def _json(data: bytes) -> dict[str, Any]:
    try:
        root = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
        json.dumps(root, ensure_ascii=False).encode()  # a lone surrogate can stand in no text
    except (ValueError, RecursionError):
        raise Malformed("SEAL_JSON") from None
    if not isinstance(root, dict):
        raise Malformed("SEAL_JSON")
    return root


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object whose names stand once: two readers must not see two messages."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("repeated name")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _base64(text: object) -> bytes:
    """Return octets of base64 or base64url, with or without padding."""
    if not isinstance(text, str) or not text.isascii():
        raise Malformed("SEAL_SIGNATURE")
    plain = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("SEAL_SIGNATURE") from None
