"""Write visible digital seals, genuine and tampered. Source: Doc 9303-13."""

import base64
import json
from dataclasses import replace
from datetime import date
from typing import Any

from borders.demo.pki.certificates import SIGNER, Issued, issue_signer
from borders.demo.pki.keys import SigningKey, make_ec_key
from tests.documents.pki.state import SIGNER_AT, TestState
from travelers.core.seals.c40 import encode_c40
from travelers.core.seals.vds_nc import canonical_json

VISA_ZONE = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"[:28])


def seal_signer(state: TestState, key: SigningKey | None = None, **changed: Any) -> Issued:
    """Return the certificate of a seal signer: two capitals for a name, directly under the country signer."""
    key = key or make_ec_key("brainpoolP256r1", plain=True, seed=b"seal")
    profile = replace(SIGNER, common_name="TS", serial_number=0x32, document_types=("V",), **changed)
    return issue_signer(state.csca, key, SIGNER_AT, profile)


def number_of(day: date) -> bytes:
    return int(f"{day:%m%d%Y}").to_bytes(3, "big")


def make_seal(
    signer: Issued,
    *,
    state: str = "UTO",
    identifier: str = "UTTS",
    reference: str = "32",
    signed: date = date(2024, 6, 1),
    features: dict[int, bytes] | None = None,
) -> bytes:
    """Return a visa seal of version 4."""
    if features is None:
        features = {
            0x02: encode_c40("".join(VISA_ZONE)),
            0x04: b"\xa0\x00\x00",
            0x05: encode_c40("L898902C3"),
        }
    header = (
        b"\xdc\x03"
        + encode_c40(state.ljust(3, "<"))
        + encode_c40(f"{identifier}{len(reference):02x}{reference}".upper())
        + number_of(signed)
        + number_of(signed)
        + b"\x5d\x01"
    )
    message = header + b"".join(bytes([tag, len(value)]) + value for tag, value in features.items())
    signature = signer.key.sign(message)
    return message + bytes([0xFF, len(signature)]) + signature


def make_vds_nc(
    signer: Issued, *, state: str = "UTO", alg: str = "ES256", number: str = "L898902C3"
) -> bytes:
    """Return a seal of the other kind: proof of a vaccination."""
    content = {
        "msg": {"uvci": "U32870", "pid": {"n": "Eriksson Anna Märia", "dob": "1974-08-12", "i": number}},
        "hdr": {"t": "icao.vacc", "v": 1, "is": state},
    }
    signature = {
        "alg": alg,
        "cer": base64.b64encode(signer.der).decode(),
        "sigvl": base64.urlsafe_b64encode(signer.key.sign(canonical_json(content))).decode().rstrip("="),
    }
    return json.dumps({"data": content, "sig": signature}, indent=1, ensure_ascii=False).encode()
