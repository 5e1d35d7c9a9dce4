"""Write CMS SignedData with one signer. Source: RFC 5652."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from borders.demo.pki import der
from borders.demo.pki.keys import algorithm_info, digest_info

if TYPE_CHECKING:
    from borders.demo.pki.certificates import Issued


def signed_data(
    *,
    content: bytes,
    content_type: str,
    signer: Issued,
    issuer_name: bytes,
    certificates: Sequence[bytes] | None = None,
    signing_time: datetime | None = None,
    version: int = 3,
    signer_version: int | None = None,
    by_key_identifier: bool = False,
    attribute_content_type: str = "",
    signers: int = 1,
    sort_attributes: bool = True,
    unsigned_attributes: bytes = b"",
) -> bytes:
    """Return ContentInfo. The arguments after signing_time are what forgeries change."""
    digest = signer.key.algorithm.digest
    attributes = [
        _attribute("1.2.840.113549.1.9.3", der.oid(attribute_content_type or content_type)),
        _attribute("1.2.840.113549.1.9.4", der.octets(hashlib.new(digest, content).digest())),
    ]
    if signing_time is not None:
        attributes.append(_attribute("1.2.840.113549.1.9.5", der.time(signing_time)))
    attributes.sort(reverse=not sort_attributes)
    body = b"".join(attributes)
    signature = signer.key.sign(der.tlv(0x31, body))
    if by_key_identifier:
        identifier = der.context(0, signer.key.key_identifier, constructed=False)
    else:
        identifier = der.sequence(issuer_name, der.integer(signer.serial_number))
    signer_info = der.sequence(
        der.integer(signer_version or (3 if by_key_identifier else 1)),
        identifier,
        digest_info(digest),
        der.context(0, body),
        algorithm_info(signer.key.algorithm),
        der.octets(signature),
        *([der.context(1, unsigned_attributes)] if unsigned_attributes else []),
    )
    message = der.sequence(
        der.integer(version),
        der.set_of([digest_info(digest)]),
        der.sequence(der.oid(content_type), der.context(0, der.octets(content))),
        der.context(0, *sorted(certificates if certificates is not None else [signer.der])),
        der.tlv(0x31, *[signer_info] * signers),
    )
    return der.sequence(der.oid("1.2.840.113549.1.7.2"), der.context(0, message))


def _attribute(kind: str, value: bytes) -> bytes:
    return der.sequence(der.oid(kind), der.set_of([value]))
