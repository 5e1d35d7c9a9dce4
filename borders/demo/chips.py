"""The chips of the demo: genuine ones of Utopia, one that was altered, one that was copied, one of a State unknown here.

Utopia's keys come from fixed words and protect nothing. Source of the files: Doc 9303-10.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from borders.demo.documents import DemoDocument, mrz_lines
from borders.demo.pki.certificates import AUTHORITY, SIGNER, Issued, issue_crl, issue_csca, issue_signer
from borders.demo.pki.chips import make_com, make_dg1, make_dg2, make_dg14, make_dg15, make_sod
from borders.demo.pki.keys import PLAIN_OIDS, SigningKey, make_ec_key
from borders.demo.portraits import portrait

CHALLENGE = bytes.fromhex("F173589974BF40C6")
_REVOKED = 0x0BAD


class ChipKind(StrEnum):
    """What became of a chip. NONE: the booth does not ask for one."""

    NONE = "NONE"
    GENUINE = "GENUINE"
    ALTERED = "ALTERED"
    COPIED = "COPIED"
    UNKNOWN_STATE = "UNKNOWN_STATE"


@dataclass(frozen=True, slots=True)
class ChipUpload:
    """What a booth sends of a chip. parts: files by the name of their part. evidence: `chip` of the JSON part."""

    parts: Mapping[str, bytes]
    evidence: Mapping[str, Any]


@functools.cache
def utopian_authority(year: int, country: str = "UT") -> Issued:
    """Return the country signer, valid from twelve years before a year."""
    key = make_ec_key("brainpoolP384r1", "sha384", seed=f"demo CSCA {country}".encode(), explicit=True)
    profile = replace(AUTHORITY, country=country, common_name=f"CSCA of the demonstration {country}")
    return issue_csca(key, datetime(year - 12, 1, 1, tzinfo=UTC), profile, years=20)


@functools.cache
def utopian_revocation_list(year: int) -> bytes:
    """Return a list that revokes one signer of nobody here, current for the whole year and the next."""
    return issue_crl(utopian_authority(year), (_REVOKED,), datetime(year, 1, 1, tzinfo=UTC), days=800)


def make_chip(document: DemoDocument, kind: ChipKind, today: date) -> ChipUpload | None:
    """Return the chip of a document as the booth reads it, None for NONE."""
    if kind is ChipKind.NONE:
        return None
    country = "NL" if kind is ChipKind.UNKNOWN_STATE else "UT"
    csca = utopian_authority(today.year, country)
    key = make_ec_key("P-256", seed=f"demo signer {country}".encode())
    begin = datetime(document.issue_date.year - 1, 1, 1, tzinfo=UTC)
    signer = issue_signer(csca, key, begin, replace(SIGNER, country=country), years=13)
    chip_key = make_ec_key("P-256", plain=True, seed=f"chip {document.document_number}".encode())
    groups = {
        1: make_dg1(mrz_lines(document)),
        2: make_dg2(portrait(document.holder.face)),
        14: make_dg14(signature_oid=PLAIN_OIDS["sha256"]),
        15: make_dg15(chip_key),
    }
    signed_at = datetime.combine(document.issue_date, datetime.min.time(), UTC)
    read = dict(groups)
    if kind is ChipKind.ALTERED:
        # the chip was another person's; the forger wrote the zone of the page over it and could not sign
        groups = groups | {1: make_dg1(mrz_lines(_before(document)))}
    sod = make_sod(groups, signer, csca.name, signing_time=signed_at)
    answers = _stranger() if kind is ChipKind.COPIED else chip_key
    parts = {"ef_sod": sod, "ef_com": make_com(tuple(groups))}
    parts |= {f"dg{number}": content for number, content in read.items()}
    response = answers.sign(CHALLENGE).hex()
    return ChipUpload(parts, {"active_authentication": {"challenge": CHALLENGE.hex(), "response": response}})


def _before(document: DemoDocument) -> DemoDocument:
    """Return the document as it was issued, to another holder."""
    holder = replace(document.holder, primary_identifier="Nordahl", secondary_identifier="Peter")
    return replace(document, holder=holder)


def _stranger() -> SigningKey:
    """Return a key of a blank chip that a copy was written to."""
    return make_ec_key("P-256", plain=True, seed=b"blank chip")
