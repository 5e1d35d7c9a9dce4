"""Write the files of a chip: EF.COM, data groups and EF.SOD. Source: Doc 9303-10 sections 4.6 and 4.7."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from borders.demo.pki import der
from borders.demo.pki.certificates import Issued
from borders.demo.pki.keys import SigningKey, digest_info
from borders.demo.pki.signed_data import signed_data
from travelers.core.chip.data_groups import TAGS


def make_dg1(lines: Sequence[str]) -> bytes:
    return der.tlv(TAGS[1], der.tlv(0x5F1F, "".join(lines).encode("ascii")))


def make_dg2(image: bytes, *, width: int = 0, height: int = 0) -> bytes:
    """Return data group 2 with one portrait in a record of ISO/IEC 19794-5:2005. image: a JPEG or JPEG 2000 file."""
    kind = 0 if image.startswith(b"\xff\xd8") else 1
    face = (
        (20 + 12 + len(image)).to_bytes(4, "big")
        + bytes(16)
        + bytes([1, kind])
        + width.to_bytes(2, "big")
        + height.to_bytes(2, "big")
        + bytes(6)
        + image
    )
    record = b"FAC\x00010\x00" + (14 + len(face)).to_bytes(4, "big") + b"\x00\x01" + face
    header = der.tlv(0xA1, der.tlv(0x81, b"\x02"), der.tlv(0x87, b"\x01\x01"), der.tlv(0x88, b"\x00\x08"))
    return _biometric(der.tlv(0x7F60, header, der.tlv(0x5F2E, record)))


def make_dg2_39794(image: bytes) -> bytes:
    """Return data group 2 with one portrait in a block of ISO/IEC 39794-5."""
    header = der.tlv(0xA1, der.tlv(0x81, b"\x02"), der.tlv(0x87, b"\x01\x01"), der.tlv(0x88, b"\x00\x28"))
    version = der.context(
        0, der.context(0, b"\x03", constructed=False), der.context(1, b"\x07\xe3", constructed=False)
    )
    picture = der.context(
        0,
        der.context(0, image, constructed=False),
        der.context(1, der.context(0, b"\x01", constructed=False)),
    )
    representation = der.sequence(der.context(0, b"\x01", constructed=False), der.context(1, picture))
    block = der.tlv(0x65, version, der.context(1, representation))
    return _biometric(der.tlv(0x7F60, header, der.tlv(0x7F2E, block)))


def _biometric(template: bytes) -> bytes:
    return der.tlv(TAGS[2], der.tlv(0x7F61, der.tlv(0x02, b"\x01"), template))


def make_dg11(full_name: str) -> bytes:
    return der.tlv(TAGS[11], der.tlv(0x5C, b"\x5f\x0e"), der.tlv(0x5F0E, full_name.encode()))


def make_dg12(issued: date) -> bytes:
    return der.tlv(
        TAGS[12],
        der.tlv(0x5C, b"\x5f\x19\x5f\x26"),
        der.tlv(0x5F19, b"PASSPORT OFFICE"),
        der.tlv(0x5F26, f"{issued:%Y%m%d}".encode()),
    )


def make_dg14(
    *,
    chip_key: SigningKey | None = None,
    protocol: str = "0.4.0.127.0.7.2.2.3.2.2",
    signature_oid: str = "",
) -> bytes:
    """Return data group 14: chip authentication with an elliptic curve key, and how active authentication signs."""
    infos = []
    if chip_key is not None:
        infos.append(der.sequence(der.oid(protocol), der.integer(1)))
        infos.append(der.sequence(der.oid("0.4.0.127.0.7.2.2.1.2"), chip_key.public_info))
    if signature_oid:
        infos.append(der.sequence(der.oid("2.23.136.1.1.5"), der.integer(1), der.oid(signature_oid)))
    return der.tlv(TAGS[14], der.set_of(infos))


def make_dg15(key: SigningKey) -> bytes:
    return der.tlv(TAGS[15], key.public_info)


def make_com(numbers: Sequence[int], *, lds: str = "0107", unicode: str = "040000") -> bytes:
    return der.tlv(
        0x60,
        der.tlv(0x5F01, lds.encode()),
        der.tlv(0x5F36, unicode.encode()),
        der.tlv(0x5C, bytes(TAGS[n] for n in sorted(numbers))),
    )


def make_security_object(
    groups: Mapping[int, bytes], digest: str, *, version: int = 0, further: Sequence[bytes] = ()
) -> bytes:
    """Return the LDS security object over data groups. further: entries besides, as forgeries have them."""
    hashes = [
        der.sequence(der.integer(n), der.octets(hashlib.new(digest, data).digest()))
        for n, data in sorted(groups.items())
    ]
    versions = [der.sequence(der.printable("0108"), der.printable("040000"))] if version == 1 else []
    return der.sequence(der.integer(version), digest_info(digest), der.sequence(*hashes, *further), *versions)


def make_sod(
    groups: Mapping[int, bytes],
    signer: Issued,
    issuer_name: bytes,
    *,
    digest: str = "sha256",
    signing_time: datetime | None = None,
    version: int = 0,
    content: bytes | None = None,
    **changed: Any,
) -> bytes:
    """Return EF.SOD. digest: of the groups. changed: arguments of signed_data that a forgery changes."""
    return der.tlv(
        0x77,
        signed_data(
            content=content or make_security_object(groups, digest, version=version),
            content_type=changed.pop("content_type", "2.23.136.1.1.1"),
            signer=signer,
            issuer_name=issuer_name,
            signing_time=signing_time,
            **changed,
        ),
    )
