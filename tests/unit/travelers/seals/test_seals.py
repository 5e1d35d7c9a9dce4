"""Visible digital seals: read as the standards' examples say, verified offline, every tamper named."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borders.demo.pki.certificates import KEY_CERT_SIGN
from borders.demo.pki.keys import make_ec_key
from tests.documents.pki.seals import VISA_ZONE, make_seal, make_vds_nc, seal_signer
from tests.documents.pki.state import AT, revocation_list, utopia
from travelers.core.chip import Verdict
from travelers.core.chip.certificate import parse_certificate
from travelers.core.chip.errors import Malformed
from travelers.core.seals import parse_seal, parse_vds_nc, verify_seal, verify_vds_nc
from travelers.core.seals.c40 import decode_c40, encode_c40
from travelers.core.seals.vds_nc import canonical_json

# BSI TR-03137 part 1, version 2.5: annexes F (visa), E (residence permit) and D (social insurance card)
VISA = bytes.fromhex(
    "dc036abc6d32c8a72cb10f7134b798155d01022cdd52134a74da1347c6fed95cb89f9fce133c133c133c133c203833734aaf47f0c32f1a1e"
    "20eb2625393afe310403a00000050633be1fed20c6ff38d5573247608c9b64cae022c1c5249660e51ae316d600f974aac2129c3f093c3595"
    "5314026304705cd24c1b8100711bd4411f068e8d93e8b7"
)
RESIDENCE = bytes.fromhex(
    "dc036abc6d32c8a727390f71341145f4fb0602305cba135875976ec066d417b59e8c6abc133c133c133c133c3fef3a2938ee43f1593d1ae5"
    "2dbb26751fe64b7c133c136b0306d79519a65306ff40158cf5b0bb7fbda099e8e7c94abefc9677b2e71e9885f5cd9057a8bfcf930a6046bc"
    "f897650af8f9b0343c034d2f64ce081f95fbf3d01292d1f8165ece27d327"
)
CARD = bytes.fromhex(
    "dc026abc6d32c8a519fc0f7134116d04fc0401083fee456d2de019a8020b506572736368776569c39f03054f7363617204134ac3a2636f62"
    "c3a96e6964696374757269 7573ff40582ed05cb05049b4fe49744d5e70a1982f8b7afb1e90259ce47ba9907efcf59483f0a0b421ec760d6f"
    "d2284bbac37e136f1e3be6e14a6f6bc012110cff919d0f"
)


def test_the_visa_of_annex_f_is_read():
    seal = parse_seal(VISA)
    assert (seal.version, seal.issuing_state, seal.country, seal.signer) == (4, "D", "DE", "TS")
    assert (seal.certificate_reference, seal.issue_date, seal.signature_date) == (
        "32",
        date(2020, 1, 1),
        date(2021, 12, 3),
    )
    assert seal.zone == ("VCD<<DENT<<ARTHUR<PHILIP<<<<<<<<<<<<", "1234567XY7GBR5203116M2005250<<<<<<<<")
    assert seal.passport_number == "47110815P"
    assert len(seal.signature) == 56


def test_the_residence_permit_of_annex_e_is_read():
    seal = parse_seal(RESIDENCE)
    assert seal.profile == (0xFB, 0x06)
    # the octets say AT, the text beside them AR
    assert decode_c40(seal.features[2]) == (
        "ATD<<RESIDORCE<<ROLAND<<<<<<<<<<<<<<6525845096USA7008038M2201018<<<<<<06"
    )
    assert decode_c40(seal.features[3]) == "UFO001979"


def test_the_card_of_annex_d_is_read_in_version_3():
    seal = parse_seal(CARD)
    assert (seal.version, seal.signer, seal.certificate_reference) == (3, "TS", "00027")
    assert decode_c40(seal.features[1]) == "65170839J003"
    assert seal.features[2].decode() == "Perschweiß"


@pytest.mark.parametrize(
    ("text", "octets"), [("BSI01", "62d719c9"), ("XK CD", "eb0466a9"), ("XKCD", "eb11fe45")]
)
def test_c40_is_that_of_annex_b(text, octets):
    assert encode_c40(text) == bytes.fromhex(octets)
    assert decode_c40(bytes.fromhex(octets)) == text.replace(" ", "<")


@given(st.text("ABCXYZ0189<", min_size=1, max_size=60))
def test_c40_comes_back(text):
    assert decode_c40(encode_c40(text)) == text


def test_canonical_json_is_that_of_rfc_8785():
    assert canonical_json({"ö": [1, True, None], "😂": "€\n", "a": {}}) == (
        '{"a":{},"ö":[1,true,null],"😂":"€\\n"}'.encode()
    )


# verification


def said(data: bytes, *, signer=None, store=None, at=AT):
    signer = signer or seal_signer(utopia())
    found = verify_seal(parse_seal(data), [parse_certificate(signer.der)], store or utopia().store(), at=at)
    return found.result, found.code


@pytest.mark.parametrize(
    ("curve", "digest"),
    [
        ("P-224", "sha224"),
        ("P-256", "sha256"),
        ("P-384", "sha384"),
        ("P-521", "sha512"),
        ("brainpoolP224r1", "sha224"),
        ("brainpoolP320r1", "sha384"),
        ("brainpoolP512r1", "sha512"),
    ],
)
def test_a_genuine_seal_is_valid(curve, digest):
    signer = seal_signer(utopia(), make_ec_key(curve, digest, plain=True, seed=b"seal"))
    data = make_seal(signer)
    assert said(data, signer=signer) == (Verdict.VALID, "OK")
    seal = parse_seal(data)
    assert seal.zone[0] == VISA_ZONE[0]
    assert seal.passport_number == "L898902C3"


def test_every_changed_byte_of_a_seal_is_noticed():
    signer = seal_signer(utopia())
    data = make_seal(signer)
    for position in range(len(data)):
        changed = bytearray(data)
        changed[position] ^= 0x01
        with suppress(Malformed):
            assert said(bytes(changed), signer=signer)[0] is not Verdict.VALID, position


ROGUE = make_ec_key("brainpoolP256r1", plain=True, seed=b"rogue seal")


@pytest.mark.parametrize(
    ("data", "options", "expected"),
    [
        (make_seal(seal_signer(utopia(), ROGUE)), {}, ("INVALID", "SIGNATURE_INVALID")),
        (make_seal(seal_signer(utopia()), reference="33"), {}, ("NO_TRUST_ANCHOR", "SIGNER_NOT_HELD")),
        (make_seal(seal_signer(utopia()), state="FRA"), {}, ("INVALID", "COUNTRY_MISMATCH")),
        (
            make_seal(seal_signer(utopia()), signed=date(2020, 1, 1)),
            {},
            ("EXPIRED", "SIGNER_NOT_VALID_AT_SIGNING"),
        ),
        (
            make_seal(seal_signer(utopia()), signed=(AT + timedelta(days=9)).date()),
            {},
            ("EXPIRED", "SIGNER_NOT_VALID_AT_SIGNING"),
        ),
        (
            make_seal(seal_signer(utopia())),
            {"store": utopia().store(crls=(revocation_list(utopia(), 0x32),))},
            ("REVOKED", "DSC_REVOKED"),
        ),
        (
            make_seal(seal_signer(utopia())),
            {"signer": seal_signer(utopia(), key_usage=KEY_CERT_SIGN)},
            ("INVALID", "KEY_USAGE"),
        ),
        (
            make_seal(seal_signer(utopia())),
            {"store": replace(utopia().store(), by_country={}, by_name={}, by_key_identifier={})},
            ("NO_TRUST_ANCHOR", "NO_CSCA_FOR_STATE"),
        ),
    ],
)
def test_a_tampered_seal_is_named(data, options, expected):
    assert said(data, **options) == expected


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "SEAL_MAGIC"),
        (b"\xdd" + VISA[1:], "SEAL_MAGIC"),
        (b"\xdc\x09" + VISA[2:], "SEAL_VERSION"),
        (VISA + b"\x00", "TRAILING_BYTES"),
        (VISA[:-1], "TRUNCATED"),
        (VISA[:10] + b"\xff\xff\xff" + VISA[13:], "SEAL_DATE"),
        (make_seal(seal_signer(utopia()), features={2: b"", 4: b""})[:-66], "TRUNCATED"),
        (bytes(5000), "SEAL_TOO_LARGE"),
    ],
)
def test_a_seal_that_is_none_is_malformed(data, code):
    with pytest.raises(Malformed) as refusal:
        parse_seal(data)
    assert refusal.value.code == code


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 120))
def test_any_bytes_are_a_seal_or_malformed(data, keep):
    for content in (data, VISA[:keep] + data):
        with suppress(Malformed):
            parse_seal(content).zone  # noqa: B018
    with suppress(Malformed):
        parse_vds_nc(data)


# the other kind


def nc_signer(**changed):
    return seal_signer(utopia(), make_ec_key("P-256", plain=True, seed=b"nc"), **changed)


def said_nc(data: bytes, at=AT):
    found = verify_vds_nc(parse_vds_nc(data), utopia().store(), at=at)
    return found.result, found.code


def test_a_genuine_vds_nc_is_valid():
    data = make_vds_nc(nc_signer())
    assert said_nc(data) == (Verdict.VALID, "OK")
    seal = parse_vds_nc(data)
    assert (seal.kind, seal.issuing_state, seal.document_number) == ("icao.vacc", "UTO", "L898902C3")


@pytest.mark.parametrize(
    ("data", "at", "expected"),
    [
        (make_vds_nc(nc_signer()).replace(b"1974", b"1975"), AT, ("INVALID", "SIGNATURE_INVALID")),
        (make_vds_nc(nc_signer(), state="FRA"), AT, ("INVALID", "COUNTRY_MISMATCH")),
        (make_vds_nc(nc_signer()), AT + timedelta(days=9000), ("EXPIRED", "SIGNER_NOT_VALID_AT_SIGNING")),
        (
            make_vds_nc(nc_signer(authority_key_identifier=b"x" * 20, country="FR")),
            AT,
            ("INVALID", "COUNTRY_MISMATCH"),
        ),
    ],
)
def test_a_tampered_vds_nc_is_named(data, at, expected):
    assert said_nc(data, at) == expected


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda d: d.replace(b'"ES256"', b'"none"'), "ALGORITHM_UNKNOWN"),
        (lambda d: d.replace(b'"v": 1', b'"v": "1"'), "SEAL_HEADER"),
        (lambda d: d.replace(b'"v": 1', b'"v": 1.5'), "SEAL_HEADER"),
        (lambda d: d.replace(b'"uvci"', b'"pid": {}, "uvci"'), "SEAL_JSON"),
        (lambda d: d[:-3], "SEAL_JSON"),
        (lambda d: b"[]", "SEAL_JSON"),
        (lambda d: b"[" * 9000, "SEAL_JSON"),
        (lambda d: json.dumps(json.loads(d) | {"more": 1}).encode(), "SEAL_JSON"),
    ],
)
def test_a_vds_nc_that_is_none_is_malformed(change, code):
    with pytest.raises(Malformed) as refusal:
        parse_vds_nc(change(make_vds_nc(nc_signer())))
    assert refusal.value.code == code
