"""Genuine chips of every supported algorithm are VALID in every mechanism that can be judged."""

from dataclasses import replace

import pytest

from borders.demo.pki.keys import make_ec_key
from tests.documents.pki.state import (
    ALGORITHMS,
    MRZ,
    PICTURE,
    Algorithm,
    make_state,
    revocation_list,
    roll_over,
    utopia,
    verify,
)
from travelers.core.chip import Mechanism, Verdict
from travelers.core.chip.result import PASSIVE_MECHANISMS


def verdicts(result, *left_out):
    return {
        m: (r.result, r.code)
        for m, r in result.mechanisms.items()
        if m in PASSIVE_MECHANISMS and m not in left_out
    }


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda a: a.name)
def test_a_genuine_chip_is_valid(algorithm: Algorithm):
    state = make_state(algorithm.make("csca"), algorithm.make("signer"), digest=algorithm.digest)
    result = verify(state.files(), state.store(crls=(revocation_list(state, 7),)))
    assert verdicts(result) == dict.fromkeys(PASSIVE_MECHANISMS, (Verdict.VALID, "OK"))
    assert result.passive_authentication.result is Verdict.VALID


def test_a_signer_named_by_key_identifier_is_found():
    state = utopia()
    assert verify(state.files(by_key_identifier=True), state.store()).passive_authentication.code == "OK"


def test_a_security_object_of_version_1_is_valid_with_its_versions():
    state = utopia()
    files = state.files(version=1)
    said = verify(files, state.store()).mechanisms
    assert said[Mechanism.SIGNATURE].result is Verdict.VALID
    assert said[Mechanism.COMMON].code == "LDS_VERSIONS_DIFFER"  # EF.COM says 0107


def test_what_the_chip_says_is_handed_on():
    state = utopia()
    result = verify(state.files(), state.store())
    assert result.dg1_lines == MRZ
    assert result.portrait is not None
    assert result.portrait.content == PICTURE
    assert result.issue_date is not None
    assert result.issue_date.isoformat() == "2024-03-01"
    assert result.groups_in_sod == result.groups_in_com == result.groups_presented == (1, 2, 11, 12, 14, 15)


def test_a_chip_signed_after_the_roll_over_chains_to_the_new_csca():
    new, _, after = roll_over(utopia())
    result = verify(after.files(), utopia().store(new.der))
    assert result.mechanisms[Mechanism.CHAIN].result is Verdict.VALID


def test_a_chip_signed_after_the_roll_over_chains_over_the_link_certificate():
    _, link, after = roll_over(utopia())
    chain = verify(after.files(), utopia().store(link)).mechanisms[Mechanism.CHAIN]
    assert chain.result is Verdict.VALID
    assert chain.detail["link_certificate_of"] == "C=UT, O=Government of Utopia, CN=CSCA Utopia"


def test_groups_that_were_not_read_are_no_fault():
    state = utopia()
    files = replace(state.files(), groups={1: state.groups[1]})
    hashes = verify(files, state.store()).mechanisms[Mechanism.HASHES]
    assert (hashes.result, hashes.detail["not_read"]) == (
        Verdict.VALID,
        ["DG2", "DG11", "DG12", "DG14", "DG15"],
    )


def test_sha1_and_short_keys_are_flagged():
    key = make_ec_key("P-192", "sha1", seed=b"short")
    state = make_state(key, key)
    signature = verify(state.files(), state.store()).mechanisms[Mechanism.SIGNATURE]
    assert signature.result is Verdict.VALID
    assert signature.detail["weaknesses"] == ["SHA1", "SHORT_KEY"]


def test_without_files_nothing_is_said_to_be_valid():
    result = verify(replace(utopia().files(), sod=None, com=None, groups={}), utopia().store())
    assert {r.result for r in result.mechanisms.values()} == {Verdict.NOT_PRESENT}
