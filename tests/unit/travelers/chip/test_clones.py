"""A copy of a chip has the public keys of the original and cannot answer for the private ones."""

from dataclasses import replace

import pytest

from borders.demo.pki.chips import make_dg14, make_dg15, make_sod
from borders.demo.pki.keys import PLAIN_OIDS, make_ec_key
from tests.documents.pki.clones import CHALLENGE, agree, answer_active, sign_9796
from tests.documents.pki.state import SIGNED_AT, TestState, rsa_key, utopia, verify
from travelers.core.chip import ActiveAuthenticationEvidence, ChipFiles, Mechanism, Verdict
from travelers.core.chip.active_authentication import verify_response
from travelers.core.chip.chip_authentication import _retail_mac
from travelers.core.chip.keys import load_key_der

ANOTHER = make_ec_key("P-256", plain=True, seed=b"another chip")


def said(files: ChipFiles, mechanism: Mechanism = Mechanism.ACTIVE_AUTHENTICATION):
    found = verify(files, utopia().store()).mechanisms[mechanism]
    return found.result, found.code, found.algorithm


def chip_with(state: TestState, groups: dict[int, bytes]) -> ChipFiles:
    """Return a chip of the State with other groups."""
    groups = state.groups | groups
    return ChipFiles(make_sod(groups, state.signer, state.csca.name, signing_time=SIGNED_AT), None, groups)


@pytest.mark.parametrize("digest", ["sha1", "sha224", "sha256", "sha384", "sha512"])
def test_an_rsa_chip_proves_itself(digest):
    key = rsa_key(1024) if digest != "sha512" else rsa_key(2048)
    files = replace(
        chip_with(utopia(), {15: make_dg15(key)}), active_authentication=answer_active(key, digest)
    )
    assert said(files) == (Verdict.VALID, "OK", f"iso9796-2-{digest}")


def test_the_smaller_of_both_signatures_is_taken_too():
    key = rsa_key(1024)
    n = key.private.public_key().public_numbers().n
    other = (n - int.from_bytes(sign_9796(key, "sha1"), "big")).to_bytes(128, "big")
    public = load_key_der(key.public_info)
    assert verify_response(public, ActiveAuthenticationEvidence(CHALLENGE, other), "") == "iso9796-2-sha1"


def test_the_worked_example_of_doc_9303_11_appendix_f():
    """The appendix gives message and hash, and no key: the block is signed with a key of our own."""
    recovered = bytes.fromhex(
        "9D2784A67F8E7C659973EA1AEA25D95B6C8F91E5002F369F0FBDCE8A3CEC1991B543F1696546C5524CF23A5303CD6C98599F40B7"
        "9F377B5F3A1406B3B4D8F96784D23AA88DB7E1032A405E69325FA91A6E86F5C71AEA978264C4A207446DAD4E7292E2DCDA3024B4"
        "7DA8"
    )
    block = bytes.fromhex(f"6A{recovered.hex()}C063AA1E6D22FBD976AB0FE73D94D2D9C6D88127BC")
    key = rsa_key(1024)
    response = sign_9796(key, "sha1", recovered=recovered)
    numbers = key.private.public_key().public_numbers()
    assert pow(int.from_bytes(response, "big"), numbers.e, numbers.n).to_bytes(128, "big") == block
    evidence = ActiveAuthenticationEvidence(CHALLENGE, response)
    assert verify_response(load_key_der(key.public_info), evidence, "") == "iso9796-2-sha1"


@pytest.mark.parametrize(
    ("curve", "digest"), [("P-256", "sha256"), ("brainpoolP256r1", "sha1"), ("brainpoolP320r1", "sha384")]
)
def test_an_elliptic_curve_chip_proves_itself(curve, digest):
    key = make_ec_key(curve, digest, plain=True, seed=b"aa")
    groups = {15: make_dg15(key), 14: make_dg14(signature_oid=PLAIN_OIDS[digest])}
    files = replace(chip_with(utopia(), groups), active_authentication=answer_active(key))
    assert said(files) == (Verdict.VALID, "OK", f"ecdsa-plain-{digest}")


@pytest.mark.parametrize(
    "evidence",
    [
        answer_active(ANOTHER),
        replace(answer_active(utopia().active_key), challenge=bytes(8)),
        replace(answer_active(utopia().active_key), response=bytes(64)),
        replace(
            answer_active(utopia().active_key), response=answer_active(utopia().active_key).response[:-1]
        ),
    ],
    ids=["another key", "another challenge", "zeros", "cut short"],
)
def test_a_copy_is_named(evidence):
    files = replace(utopia().files(), active_authentication=evidence)
    assert said(files)[:2] == (Verdict.INVALID, "CLONE")


@pytest.mark.parametrize("change", [b"\x00", b"\x6b", b"\x4b"])
def test_an_rsa_answer_that_opens_to_something_else_is_a_copy(change):
    key = rsa_key(1024)
    numbers = key.private.private_numbers()
    block = change + bytes(126) + b"\xbc"
    response = pow(int.from_bytes(block, "big"), numbers.d, numbers.public_numbers.n).to_bytes(128, "big")
    files = replace(
        chip_with(utopia(), {15: make_dg15(key)}),
        active_authentication=ActiveAuthenticationEvidence(CHALLENGE, response),
    )
    assert said(files)[:2] == (Verdict.INVALID, "CLONE")


def test_a_key_that_the_state_did_not_sign_proves_nothing():
    files = utopia().files()
    files = replace(
        files,
        groups=files.groups | {15: make_dg15(ANOTHER)},
        active_authentication=answer_active(ANOTHER),
    )
    assert said(files)[:2] == (Verdict.INVALID, "KEY_NOT_AUTHENTIC")


@pytest.mark.parametrize(
    ("drop", "code"), [((15,), "KEY_NOT_READ"), ((14,), "ALGORITHM_NOT_READ"), ((), "EVIDENCE_NOT_PRESENT")]
)
def test_what_was_not_done_is_not_said_to_have_failed(drop, code):
    files = utopia().files()
    groups = {n: data for n, data in files.groups.items() if n not in drop}
    evidence = answer_active(utopia().active_key) if drop else None
    files = replace(files, groups=groups, active_authentication=evidence)
    assert said(files)[:2] == (Verdict.NOT_PRESENT, code)


@pytest.mark.parametrize(
    ("last", "name"), [("1", "3des"), ("2", "aes-128"), ("3", "aes-192"), ("4", "aes-256")]
)
@pytest.mark.parametrize("curve", ["brainpoolP256r1", "P-384", "brainpoolP224r1"])
def test_chip_authentication_is_computed_again(curve, last, name):
    protocol = f"0.4.0.127.0.7.2.2.3.2.{last}"
    key = make_ec_key(curve, seed=b"ca")
    files = chip_with(utopia(), {14: make_dg14(chip_key=key, protocol=protocol)})
    files = replace(files, chip_authentication=agree(key, protocol))
    assert said(files, Mechanism.CHIP_AUTHENTICATION) == (Verdict.VALID, "OK", f"ecdh-{name}")


def test_a_chip_without_the_private_key_of_chip_authentication_is_a_copy():
    files = replace(
        utopia().files(), chip_authentication=agree(make_ec_key("brainpoolP256r1", seed=b"other"))
    )
    assert said(files, Mechanism.CHIP_AUTHENTICATION)[:2] == (Verdict.INVALID, "CLONE")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"protocol": "1.2.3"}, "PROTOCOL_UNKNOWN"),
        ({"protocol": "0.4.0.127.0.7.2.2.3.2.4"}, "PROTOCOL_NOT_LISTED"),
        ({"key_id": 7}, "PROTOCOL_NOT_LISTED"),
        ({"terminal_private_key": b""}, "EVIDENCE"),
        ({"response": b"\x8e\x08" + bytes(8)}, "EVIDENCE"),
        ({"response": b"\x99\x02"}, "TRUNCATED"),
    ],
)
def test_evidence_that_is_none_is_malformed(change, code):
    files = replace(utopia().files(), chip_authentication=replace(agree(utopia().chip_key), **change))
    assert said(files, Mechanism.CHIP_AUTHENTICATION)[:2] == (Verdict.MALFORMED, code)


def test_the_checksum_of_doc_9303_11_appendix_d():
    """Basic access control's worked example: the same retail MAC, over the first command's cryptogram."""
    key = bytes.fromhex("7962D9ECE03D1ACD4C76089DCE131543")
    cryptogram = bytes.fromhex("72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2")
    padded = cryptogram + b"\x80" + bytes(7)
    assert _retail_mac(key, padded).hex().upper() == "5F1448EEA8AD90A7"
