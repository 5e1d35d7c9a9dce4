"""Network files: the same bytes on every build, and a coded refusal of anything else."""

import dataclasses
import hashlib
from pathlib import Path

import pytest

from biometrics.networks import build, files
from biometrics.networks.dlib_resnet import build_dlib_resnet
from biometrics.networks.files import NetworkFault, NetworkFileError


@pytest.mark.parametrize("network", files.NETWORKS, ids=lambda network: network.name)
def test_a_build_gives_the_reviewed_bytes(network: files.Network) -> None:
    assert hashlib.sha256(build.build_network(network)).hexdigest() == network.sha256


def test_a_complete_folder_is_left_as_it_is(network_dir: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in network_dir.glob("*.onnx")}
    build.ensure(network_dir)
    assert {path.name: path.stat().st_mtime_ns for path in network_dir.glob("*.onnx")} == before


def test_a_damaged_file_is_built_again(tmp_path: Path) -> None:
    (tmp_path / files.YUNET.name).write_bytes(b"damaged")
    build.ensure(tmp_path)
    assert files.is_built(files.YUNET, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(n.name for n in files.NETWORKS)


def test_a_missing_file_has_its_code(tmp_path: Path) -> None:
    with pytest.raises(NetworkFileError) as error:
        files.locate_networks(tmp_path)
    assert error.value.code is NetworkFault.FILE_MISSING


def test_a_changed_file_is_not_opened(tmp_path: Path) -> None:
    for network in files.NETWORKS:
        (tmp_path / network.name).write_bytes(b"other")
    with pytest.raises(NetworkFileError) as error:
        files.locate_networks(tmp_path)
    assert error.value.code is NetworkFault.FILE_DIFFERS


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sha256": "0" * 64}, NetworkFault.SOURCE_DIFFERS),
        ({"path": "models/none"}, NetworkFault.SOURCE_MISSING),
        ({"package": "a_package_that_is_not_installed"}, NetworkFault.SOURCE_MISSING),
    ],
)
def test_another_source_is_refused(change: dict[str, str], code: NetworkFault) -> None:
    with pytest.raises(NetworkFileError) as error:
        files.locate_source(dataclasses.replace(files.YUNET_SOURCE, **change))
    assert error.value.code is code


def test_another_result_is_refused() -> None:
    with pytest.raises(NetworkFileError) as error:
        build.build_network(dataclasses.replace(files.YUNET, sha256="0" * 64))
    assert error.value.code is NetworkFault.OUTPUT_DIFFERS


def test_the_predictor_that_is_not_free_is_no_source() -> None:
    sources = [network.source for network in files.NETWORKS] + [files.DLIB_FIVE_POINTS]
    assert not any("68" in source.path for source in sources)


@pytest.mark.parametrize("content", [b"", b"\x04con_", b"\x05con_4\x01", b"\x05con_4\x01\x02\x01\x09"])
def test_bytes_that_are_not_dlibs_network_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"ends inside|not dlib|not known"):
        build_dlib_resnet(content)
