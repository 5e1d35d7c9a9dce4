"""`manage.py verify_chip`: one JSON object for a folder of files, without a database."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.documents.pki.clones import answer_active
from tests.documents.pki.forgeries import KINDS
from tests.documents.pki.state import AT, master_list, revocation_list, utopia
from travelers.core.chip import ChipFiles, Mechanism


def write(folder: Path, files: ChipFiles) -> Path:
    named = {"EF_SOD": files.sod, "EF_COM": files.com} | {f"DG{n}": d for n, d in files.groups.items()}
    for name, content in named.items():
        if content is not None:
            (folder / f"{name}.bin").write_bytes(content)
    return folder


def run(folder: Path, **options) -> dict:
    out = StringIO()
    call_command("verify_chip", str(folder), stdout=out, at=AT, **options)
    return json.loads(out.getvalue())


@pytest.fixture
def trust(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("trust")
    (folder / "list.ml").write_bytes(master_list(utopia(), utopia().csca.der))
    (folder / "root.cer").write_bytes(utopia().csca.der)
    return {"master_list": folder / "list.ml", "root": folder / "root.cer"}


def test_a_genuine_chip_is_valid(tmp_path, trust):
    said = run(write(tmp_path, utopia().files()), **trust)
    assert set(said["mechanisms"]) == {m.value for m in Mechanism}
    assert all(
        set(m) == {"result", "code", "signer", "algorithm", "milliseconds", "detail"}
        for m in said["mechanisms"].values()
    )
    assert said["passive_authentication"]["result"] == "VALID"
    assert said["mechanisms"]["chain"]["signer"] == "C=UT, O=Government of Utopia, CN=CSCA Utopia"
    assert said["master_list"]["code"] == "OK"


def test_without_a_master_list_there_is_no_trust_anchor(tmp_path):
    said = run(write(tmp_path, utopia().files()))
    assert said["mechanisms"]["signature"]["result"] == "VALID"
    assert said["mechanisms"]["chain"]["result"] == "NO_TRUST_ANCHOR"


@pytest.mark.parametrize("name", ["DG1 altered", "unlisted group injected", "EF.SOD with trailing bytes"])
def test_a_forged_chip_is_named(tmp_path, trust, name):
    kind = next(k for k in KINDS if k.name == name)
    said = run(write(tmp_path, kind.make().files), **trust)["mechanisms"][kind.mechanism]
    assert (said["result"], said["code"]) == (kind.result, kind.code)


def test_a_revocation_list_in_the_folder_is_used(tmp_path, trust):
    folder = write(tmp_path, utopia().files())
    (folder / "utopia.crl").write_bytes(revocation_list(utopia(), utopia().signer.serial_number))
    assert run(folder, **trust)["mechanisms"]["revocation"]["code"] == "DSC_REVOKED"


def test_a_changed_master_list_gives_no_anchor(tmp_path, trust):
    content = bytearray(trust["master_list"].read_bytes())
    content[content.find(utopia().csca.der) + 100] ^= 1
    trust["master_list"].write_bytes(content)
    said = run(write(tmp_path, utopia().files()), **trust)
    assert said["master_list"]["result"] == "INVALID"
    assert said["mechanisms"]["chain"]["result"] == "NO_TRUST_ANCHOR"


def test_the_evidence_of_the_booth_is_read(tmp_path, trust):
    evidence = answer_active(utopia().active_key)
    folder = write(tmp_path, utopia().files())
    (folder / "AA_CHALLENGE.bin").write_bytes(evidence.challenge)
    (folder / "AA_RESPONSE.bin").write_bytes(evidence.response)
    assert run(folder, **trust)["mechanisms"]["active_authentication"]["code"] == "OK"


def test_a_folder_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(CommandError, match="is not a folder"):
        run(tmp_path / "nothing")


def test_an_empty_folder_is_a_chip_of_which_nothing_was_read(tmp_path):
    assert {m["result"] for m in run(tmp_path)["mechanisms"].values()} == {"NOT_PRESENT"}


def test_the_time_of_looking_counts(tmp_path, trust):
    out = StringIO()
    folder = write(tmp_path, utopia().files())
    call_command("verify_chip", str(folder), stdout=out, at=AT - timedelta(days=2000), **trust)
    assert json.loads(out.getvalue())["mechanisms"]["validity"]["code"] == "DSC_NOT_YET_VALID"
