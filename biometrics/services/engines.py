"""Open face engines: one of each name a process, on first use."""

import functools
import os
from pathlib import Path

import cv2
import dlib
import numpy as np
import onnxruntime

from biometrics.core.faces import Array, Box, DlibEngine, FaceEngine, SFaceEngine, YuNetDetector
from biometrics.networks.files import DLIB_RESNET, SFACE, YUNET, NetworkFiles, locate_networks

ENGINE_NAMES = ("sface", "dlib")
DEFAULT_ENGINE = "sface"
# Raise it with every change in core/faces that changes a vector: detection, points, alignment
REVISION = 2


class UnknownEngineError(ValueError):
    """There is no face engine of this name."""


class _Network:
    """An onnxruntime session of one thread with one input and one output, as a function."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def __call__(self, network_input: Array) -> Array:
        output: Array = self._session.run(None, {self._input: network_input})[0]
        return output


class _DlibChipCutter:
    """dlib's five-point predictor and face chip, 150 pixels with a padding of 0.25, as face_recognition uses them."""

    def __init__(self, path: Path) -> None:
        self._predictor = dlib.shape_predictor(str(path))

    def __call__(self, image_rgb: Array, box_xyxy: Box) -> Array:
        x0, y0, x1, y1 = (round(value) for value in box_xyxy)
        shape = self._predictor(
            image_rgb, dlib.rectangle(x0, y0, x1 - 1, y1 - 1)
        )  # dlib's rectangles are closed
        chip: Array = np.asarray(dlib.get_face_chip(image_rgb, shape, size=150, padding=0.25))
        return chip


def load_engine(name: str, *, network_dir: Path) -> FaceEngine:
    """Return the engine of this name, opened once a process.

    name: one of ENGINE_NAMES. network_dir: the folder written by `python -m biometrics.networks.build`.
    Raises UnknownEngineError, and NetworkFileError if a file is missing or is not the reviewed one.
    """
    # the process id belongs to the key: a session opened before a fork must not be used behind it
    return _open_engine(name, Path(network_dir), os.getpid())


@functools.cache
def _open_engine(name: str, network_dir: Path, process_id: int) -> FaceEngine:
    if name not in ENGINE_NAMES:
        raise UnknownEngineError(f"no face engine is called {name!r}; there are {', '.join(ENGINE_NAMES)}")
    # OpenCV 5 warns on every opening that its new graph engine chooses its own target
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    paths = locate_networks(network_dir)
    detector = YuNetDetector(paths.yunet.read_bytes())
    return _open_sface(paths, detector) if name == "sface" else _open_dlib(paths, detector)


def _open_sface(paths: NetworkFiles, detector: YuNetDetector) -> FaceEngine:
    version = f"{SFACE.sha256[:8]}-{YUNET.sha256[:8]}-opencv{cv2.__version__}-r{REVISION}"
    return SFaceEngine(detector=detector, run=_Network(paths.sface), version=version)


def _open_dlib(paths: NetworkFiles, detector: YuNetDetector) -> FaceEngine:
    version = f"{DLIB_RESNET.sha256[:8]}-{YUNET.sha256[:8]}-dlib{dlib.__version__}-r{REVISION}"
    cut_chip = _DlibChipCutter(paths.dlib_five_points)
    return DlibEngine(detector=detector, cut_chip=cut_chip, run=_Network(paths.dlib_resnet), version=version)
