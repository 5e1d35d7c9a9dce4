"""The compact seal: header, message and signature in a Data Matrix, QR or Aztec code. Source: Doc 9303-13, part A."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from travelers.core.chip.errors import Malformed
from travelers.core.seals.c40 import decode_c40

MAGIC = 0xDC
MAX_SEAL_OCTETS = 4096
SIGNATURE_TAG = 0xFF
# version octet to the length of the certificate reference: fixed in version 3, written out in version 4
_VERSIONS = {0x02: 5, 0x03: None}
VISA, EMERGENCY = (0x5D, 0x01), (0x5E, 0x03)
ZONE, ENTRIES, STAY, PASSPORT_NUMBER = 0x02, 0x03, 0x04, 0x05


@dataclass(frozen=True, slots=True)
class Seal:
    """One seal as read. profile: (document feature definition, document type category).

    country, signer: of the signer identifier, two characters each. certificate_reference: the certificate's
    serial number in hexadecimal. features: by tag, unknown ones too. signed: what the signature covers.
    """

    version: int
    issuing_state: str
    country: str
    signer: str
    certificate_reference: str
    issue_date: date
    signature_date: date
    profile: tuple[int, int]
    features: Mapping[int, bytes]
    signed: bytes
    signature: bytes

    @property
    def zone(self) -> tuple[str, ...]:
        """Return the MRZ of a visa or an emergency document, () in another profile. Raises Malformed(SEAL_ZONE)."""
        if self.profile not in (VISA, EMERGENCY):
            return ()
        tag = 0x02 if ZONE in self.features else 0x01
        if tag not in self.features:
            raise Malformed("SEAL_ZONE")
        text = decode_c40(self.features[tag])
        # a visa of type A has its first line whole and 28 characters of the second (Doc 9303-7)
        columns = 44 if len(text) in (72, 88) and tag == 0x01 and self.profile == VISA else 36
        if len(text) not in (64, 72, 88):
            raise Malformed("SEAL_ZONE")
        return text[:columns], text[columns:].ljust(columns, "<")

    @property
    def passport_number(self) -> str:
        """Return the number of the passport that a visa belongs to, "" in another profile."""
        if self.profile != VISA or PASSPORT_NUMBER not in self.features:
            return ""
        return decode_c40(self.features[PASSPORT_NUMBER]).rstrip("<")


def parse_seal(data: bytes) -> Seal:
    """Return a seal; nothing is verified. data: octets of the bar code.

    Raises Malformed: SEAL_TOO_LARGE, SEAL_MAGIC, SEAL_VERSION, SEAL_HEADER, SEAL_DATE, SEAL_FEATURE,
    DUPLICATE_FEATURE, SEAL_SIGNATURE, TRAILING_BYTES, TRUNCATED, C40.
    """
    if len(data) > MAX_SEAL_OCTETS:
        raise Malformed("SEAL_TOO_LARGE")
    if data[:1] != bytes([MAGIC]):
        raise Malformed("SEAL_MAGIC")
    if len(data) < 2 or data[1] not in _VERSIONS:
        raise Malformed("SEAL_VERSION")
    state = decode_c40(_take(data, 2, 2))
    signer, reference, position = _signer(data, _VERSIONS[data[1]])
    issued, signed = (_date(_take(data, position + at, 3)) for at in (0, 3))
    profile = _take(data, position + 6, 2)
    features, end, signature = _message(data, position + 8)
    return Seal(
        version=data[1] + 1,
        issuing_state=state.rstrip("<"),
        country=signer[:2],
        signer=signer[2:],
        certificate_reference=reference,
        issue_date=issued,
        signature_date=signed,
        profile=(profile[0], profile[1]),
        features=MappingProxyType(features),
        signed=data[:end],
        signature=signature,
    )


def _take(data: bytes, position: int, count: int) -> bytes:
    if position + count > len(data):
        raise Malformed("TRUNCATED")
    return data[position : position + count]


def _signer(data: bytes, reference_length: int | None) -> tuple[str, str, int]:
    """Return signer identifier, certificate reference and where they end: one C40 text of both."""
    head = 4
    if reference_length is None:
        text = decode_c40(_take(data, 4, 4))
        try:
            reference_length = int(text[4:6], 16)
        except ValueError:
            raise Malformed("SEAL_HEADER") from None
        head = 6
    size = (head + reference_length + 2) // 3 * 2
    text = decode_c40(_take(data, 4, size))
    signer, reference = text[:4], text[head : head + reference_length]
    if len(text) != head + reference_length or not signer.isalnum() or not reference.isalnum():
        raise Malformed("SEAL_HEADER")
    return signer, reference, 4 + size


def _date(data: bytes) -> date:
    """Return a date written as the number MMDDYYYY. Source: Doc 9303-13 section 2.3.1."""
    digits = f"{int.from_bytes(data, 'big'):08d}"
    try:
        return date(int(digits[4:]), int(digits[:2]), int(digits[2:4]))
    except ValueError:
        raise Malformed("SEAL_DATE") from None


def _message(data: bytes, position: int) -> tuple[dict[int, bytes], int, bytes]:
    """Return the features, where they end, and the signature, which is the last element."""
    features: dict[int, bytes] = {}
    while True:
        tag = _take(data, position, 1)[0]
        value, after = _value(data, position + 1)
        if tag == SIGNATURE_TAG:
            if after != len(data):
                raise Malformed("TRAILING_BYTES")
            if not value:
                raise Malformed("SEAL_SIGNATURE")
            return features, position, value
        if tag in features:
            raise Malformed("DUPLICATE_FEATURE")
        features[tag] = value
        position = after


def _value(data: bytes, position: int) -> tuple[bytes, int]:
    """Return a value and where it ends.

    The length is one octet, 0 to 254 (Doc 9303-13). Writers that follow DER put 81 before one from 128; no
    signature has 129 octets, so 81 before such a length is theirs.
    """
    length = _take(data, position, 1)[0]
    position += 1
    if length == 0xFF:
        raise Malformed("SEAL_FEATURE")
    if length == 0x81 and _take(data, position, 1)[0] >= 0x80:
        length = data[position]
        position += 1
    return _take(data, position, length), position + length
