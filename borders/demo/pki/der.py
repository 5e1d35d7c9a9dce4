"""Write DER. Source: ITU-T X.690."""

from collections.abc import Iterable
from datetime import datetime


def tlv(tag: int, *parts: bytes) -> bytes:
    """Return one element. tag: all its octets as one integer."""
    body = b"".join(parts)
    size = len(body)
    if size < 0x80:
        length = bytes([size])
    else:
        octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
        length = bytes([0x80 | len(octets)]) + octets
    return tag.to_bytes((tag.bit_length() + 7) // 8 or 1, "big") + length + body


def sequence(*parts: bytes) -> bytes:
    return tlv(0x30, *parts)


def set_of(parts: Iterable[bytes]) -> bytes:
    return tlv(0x31, *sorted(parts))


def integer(value: int) -> bytes:
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def boolean(value: bool) -> bytes:
    return tlv(0x01, b"\xff" if value else b"\x00")


def octets(value: bytes) -> bytes:
    return tlv(0x04, value)


def bits(value: bytes, unused: int = 0) -> bytes:
    return tlv(0x03, bytes([unused]), value)


def null() -> bytes:
    return b"\x05\x00"


def utf8(text: str) -> bytes:
    return tlv(0x0C, text.encode())


def printable(text: str) -> bytes:
    return tlv(0x13, text.encode("ascii"))


def oid(dotted: str) -> bytes:
    arcs = [int(arc) for arc in dotted.split(".")]
    body = b""
    for arc in (arcs[0] * 40 + arcs[1], *arcs[2:]):
        encoded = [arc & 0x7F]
        while arc := arc >> 7:
            encoded.append(0x80 | arc & 0x7F)
        body += bytes(reversed(encoded))
    return tlv(0x06, body)


def time(at: datetime) -> bytes:
    """Return a UTCTime up to 2049, a GeneralizedTime after (RFC 5280 section 4.1.2.5)."""
    if at.year < 2050:
        return tlv(0x17, f"{at:%y%m%d%H%M%S}Z".encode())
    return generalized(at)


def generalized(at: datetime) -> bytes:
    return tlv(0x18, f"{at:%Y%m%d%H%M%S}Z".encode())


def context(number: int, *parts: bytes, constructed: bool = True) -> bytes:
    return tlv((0xA0 if constructed else 0x80) | number, *parts)
