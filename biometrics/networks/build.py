"""Build the face networks from the installed packages: python -m biometrics.networks.build OUTDIR

Sources and results are checked against the sha256 table in `files.py`; the same packages give the same bytes
on every run. Files appear under their final name only when complete and verified. A second run checks and
changes nothing. Exit status: 0 when the folder is complete, 1 with one coded line on standard error when it
is not.
"""

import argparse
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import onnx

from biometrics.networks import files
from biometrics.networks.dlib_resnet import build_dlib_resnet
from biometrics.networks.files import Network, NetworkFault, NetworkFileError, NetworkFiles
from biometrics.networks.opencv_zoo import (
    centre_output,
    fold_quantisation,
    free_batch_size,
    rewrite_for_onnxruntime,
)
from biometrics.networks.prelu import rewrite_prelu

# chosen on press photographs, on either half of the people alike (docs/biometrics.md); 2 to 4 give nearly the same rates
SFACE_CENTRING = 3.0


def build_yunet(content: bytes) -> onnx.ModelProto:
    """Return YuNet with float32 weights."""
    return fold_quantisation(onnx.load_from_string(content))


def build_sface(content: bytes) -> onnx.ModelProto:
    """Return SFace with float32 weights, operators that onnxruntime runs fast, any batch size, and a centred output."""
    plain = rewrite_for_onnxruntime(fold_quantisation(onnx.load_from_string(content)))
    return free_batch_size(centre_output(rewrite_prelu(plain), SFACE_CENTRING))


BUILDERS: Mapping[str, Callable[[bytes], onnx.ModelProto]] = {
    files.YUNET.name: build_yunet,
    files.SFACE.name: build_sface,
    files.DLIB_RESNET.name: build_dlib_resnet,
}


def serialise(model: onnx.ModelProto) -> bytes:
    """Return the bytes of a model, equal for equal models: no producer, version or documentation text."""
    model.producer_name = "bmis"
    for field in ("producer_version", "domain", "doc_string"):
        model.ClearField(field)
    del model.metadata_props[:]
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def build_network(network: Network) -> bytes:
    """Return the bytes of one network, built from its verified source.

    Raises NetworkFileError (SOURCE_MISSING, SOURCE_DIFFERS, SOURCE_UNREADABLE, OUTPUT_DIFFERS).
    """
    content = files.locate_source(network.source).read_bytes()
    try:
        built = serialise(BUILDERS[network.name](content))
    except ValueError as error:
        raise NetworkFileError(NetworkFault.SOURCE_UNREADABLE, f"{network.name}: {error}") from error
    found = hashlib.sha256(built).hexdigest()
    if found != network.sha256:
        raise NetworkFileError(
            NetworkFault.OUTPUT_DIFFERS,
            f"{network.name} was built with sha256 {found}, reviewed was {network.sha256}; "
            "install the pinned versions of onnx, protobuf and numpy",
        )
    return built


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that readers see all of it or nothing, also when two builds run at once."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def ensure(folder: Path) -> NetworkFiles:
    """Make `folder` hold every network, building what is missing or differs, and return the verified paths.

    Raises NetworkFileError as build_network and locate_networks do, OSError if the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for network in files.NETWORKS:
        if not files.is_built(network, folder):
            write_atomically(folder / network.name, build_network(network))
    return files.locate_networks(folder)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Build and verify the face networks.")
    parser.add_argument("folder", type=Path, metavar="OUTDIR", help="folder that receives the network files")
    arguments = parser.parse_args()
    try:
        ensure(arguments.folder)
    except NetworkFileError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"network_folder_unwritable: {error.strerror}", file=sys.stderr)
        return 1
    for network in files.NETWORKS:
        print(f"{network.sha256}  {network.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
