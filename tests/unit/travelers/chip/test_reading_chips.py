"""Files of a chip: what is read from them, and how what cannot be read is named."""

import base64
import random
from contextlib import suppress
from datetime import date

import pycountry
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borders.demo.pki import der
from borders.demo.pki.chips import (
    make_com,
    make_dg1,
    make_dg2,
    make_dg2_39794,
    make_dg11,
    make_dg12,
)
from tests.documents.pki.state import MRZ, PICTURE, master_list, revocation_list, roll_over, utopia
from travelers.core.chip.certificate import parse_certificate
from travelers.core.chip.countries import ALPHA_2, alpha_2_of
from travelers.core.chip.crl import parse_crl
from travelers.core.chip.data_groups import (
    parse_common,
    parse_dg1,
    parse_dg2,
    parse_dg11,
    parse_dg12,
    parse_dg14,
    parse_dg15,
)
from travelers.core.chip.errors import Invalid, Malformed
from travelers.core.chip.master_list import find_root, parse_master_list, read_ldif, verify_master_list
from travelers.core.chip.portrait import Container
from travelers.core.chip.security_object import parse_security_object
from travelers.core.chip.tlv import MAX_DEPTH, parse_der
from travelers.core.chip.trust_import import read_trust_file

JP2 = b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(40)
J2K = b"\xff\x4f\xff\x51" + bytes(40)


@pytest.mark.parametrize(
    ("make", "container"), [(make_dg2, Container.ISO_19794_5), (make_dg2_39794, Container.ISO_39794_5)]
)
@pytest.mark.parametrize(
    ("picture", "media_type"), [(PICTURE, "image/jpeg"), (JP2, "image/jp2"), (J2K, "image/j2k")]
)
def test_the_portrait_is_taken_out_of_its_container(make, container, picture, media_type):
    portrait = parse_dg2(make(picture))
    assert (portrait.content, portrait.media_type, portrait.container) == (picture, media_type, container)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (make_dg2(b"no picture"), "PORTRAIT_FORMAT"),
        (make_dg2_39794(b"no picture"), "PORTRAIT_RECORD"),
        (make_dg2(PICTURE).replace(b"FAC\x00010", b"FAC\x00999"), "PORTRAIT_RECORD"),
        (make_dg2(PICTURE).replace(b"\x02\x01\x01\x7f\x60", b"\x02\x01\x02\x7f\x60"), "GROUP_STRUCTURE"),
        (make_dg2(PICTURE)[:-5], "TRUNCATED"),
        (make_dg1(MRZ), "GROUP_TAG"),
    ],
)
def test_a_portrait_that_is_none_is_named(data, code):
    with pytest.raises(Malformed) as refusal:
        parse_dg2(data)
    assert refusal.value.code == code


def test_the_zone_and_the_details_are_read():
    assert parse_dg1(make_dg1(MRZ)) == MRZ
    assert parse_dg11(make_dg11("Eriksson<<Anna")).full_name == "Eriksson<<Anna"
    assert parse_dg12(make_dg12(date(2024, 3, 1))).issue_date == date(2024, 3, 1)
    packed = der.tlv(0x6C, der.tlv(0x5C, b"\x5f\x26"), der.tlv(0x5F26, bytes.fromhex("20240301")))
    assert parse_dg12(packed).issue_date == date(2024, 3, 1)
    assert parse_common(make_com((1, 2, 14))).groups == (1, 2, 14)


@pytest.mark.parametrize("length", [89, 0, 44])
def test_a_zone_of_no_size_is_malformed(length):
    with pytest.raises(Malformed):
        parse_dg1(make_dg1(["<" * length]))


def test_depth_is_bounded():
    data = b""
    for _ in range(MAX_DEPTH + 2):
        data = der.sequence(data)
    with pytest.raises(Malformed, match="TOO_DEEP"):
        parse_der(data)


def test_the_number_of_elements_is_bounded():
    with pytest.raises(Malformed, match="TOO_MANY_ELEMENTS"):
        parse_der(der.sequence(*[der.null()] * 101), max_nodes=100)


# lists


def test_a_master_list_is_verified_to_its_root():
    state = utopia()
    found = parse_master_list(master_list(state, state.csca.der))
    verify_master_list(found)
    assert find_root(found, [parse_certificate(state.csca.der)]).der == state.csca.der
    new, link, _ = roll_over(state)
    with pytest.raises(Invalid, match="NO_PINNED_ROOT"):
        find_root(found, [parse_certificate(new.der)])
    assert (
        read_trust_file(link, roots=[], anchors=[parse_certificate(state.csca.der)]).certificates[0].der
        == link
    )


def test_a_link_certificate_of_nobody_is_refused():
    _, link, _ = roll_over(utopia())
    with pytest.raises(Invalid, match="LINK_NOT_ANCHORED"):
        read_trust_file(link, roots=[], anchors=[])


def test_a_document_signer_does_not_become_a_trust_anchor():
    state = utopia()
    with pytest.raises(Invalid, match="NOT_A_CSCA"):
        read_trust_file(state.signer.der, roots=[], anchors=[parse_certificate(state.csca.der)])


def test_a_pkd_export_is_read():
    state = utopia()
    lines = b"dn: cn=list\npkdMasterListContent:: " + base64.b64encode(master_list(state, state.csca.der))
    crl = base64.b64encode(revocation_list(state, 5))
    text = lines[:200] + b"\n " + lines[200:] + b"\n\ncertificateRevocationList;binary:: " + crl + b"\n"
    assert [kind for kind, _ in read_ldif(text)] == ["master_list", "crl"]
    root = parse_certificate(state.csca.der)
    found = read_trust_file(text, roots=[root], anchors=[])
    assert (len(found.certificates), len(found.crls), found.kind) == (1, 1, "ldif")
    assert found.crls[0].revoked == {5}


def test_a_crl_of_another_key_is_refused():
    with pytest.raises(Invalid, match="CRL_SIGNATURE_INVALID"):
        read_trust_file(revocation_list(utopia(), 5), roots=[], anchors=[])


# countries


def test_the_table_of_countries_is_that_of_iso():
    assert {c.alpha_3: c.alpha_2 for c in pycountry.countries} == ALPHA_2


@pytest.mark.parametrize(
    ("code", "signs"), [("D<<", "DE"), ("UNO", "UN"), ("EUE", "EU"), ("GBN", "GB"), ("RKS", "KS")]
)
def test_codes_beyond_iso_have_their_signers(code, signs):
    assert signs in alpha_2_of(code)


# what is not a chip at all

PARSERS = (
    parse_security_object,
    parse_common,
    parse_dg1,
    parse_dg2,
    parse_dg11,
    parse_dg12,
    parse_dg14,
    parse_dg15,
    parse_certificate,
    parse_crl,
    parse_master_list,
)


@pytest.mark.parametrize("parse", PARSERS, ids=lambda p: p.__name__)
@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=400))
def test_any_bytes_give_a_value_or_the_named_error(parse, data):
    with suppress(Malformed, Invalid):
        parse(data)


def _genuine() -> dict[str, bytes]:
    state = utopia()
    return {
        "parse_security_object": state.files().sod,
        "parse_common": state.files().com,
        **{f"parse_dg{n}": data for n, data in state.groups.items()},
        "parse_certificate": state.csca.der,
        "parse_crl": revocation_list(state, 1, 2, 3),
        "parse_master_list": master_list(state, state.csca.der),
    }


@pytest.mark.parametrize("parse", PARSERS, ids=lambda p: p.__name__)
@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_damaged_files_give_a_value_or_the_named_error(parse, seed):
    chance = random.Random(seed)
    data = bytearray(_genuine()[parse.__name__])
    for _ in range(chance.randint(1, 6)):
        position = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[position] = chance.randrange(256)
            case 1:
                del data[position : position + chance.randint(1, 40)]
            case 2:
                data[position:position] = chance.randbytes(chance.randint(1, 8))
            case _:
                data[position:position] = data[position : position + chance.randint(1, 60)]
        if not data:
            break
    with suppress(Malformed, Invalid):
        parse(bytes(data))


def test_the_named_errors_hold_no_bytes():
    with pytest.raises(Malformed) as refusal:
        parse_dg1(make_dg1(("P<UTOERIKSSON<<ANNA<MARIA",)))
    assert str(refusal.value) == "MRZ"
