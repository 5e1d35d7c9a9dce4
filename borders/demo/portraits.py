"""The drawn faces of the demo: for each one a portrait for the document and several captures at a booth.

The pictures lie in faces/ with a manifest: a list of {"identity", "portrait", "lives"}. They show nobody.
"""

import functools
import json
from pathlib import Path

FACES_DIR = Path(__file__).resolve().parent / "faces"


class FaceMissing(LookupError):
    """There is no drawn face of this name, or no such capture of it."""


def portrait(face: str) -> bytes:
    """Return the portrait of a drawn face, a JPEG file. Raises FaceMissing."""
    return _read(_entry(face)["portrait"])


def live_capture(face: str, index: int) -> bytes:
    """Return one capture of a drawn face at a booth, a JPEG file.

    index: from 0, taken round. Raises FaceMissing.
    """
    lives = _entry(face)["lives"]
    return _read(lives[index % len(lives)])


def face_names() -> tuple[str, ...]:
    """Return the names of all drawn faces, in the order of the manifest."""
    return tuple(_manifest())


def _entry(face: str) -> dict:
    try:
        return _manifest()[face]
    except KeyError:
        raise FaceMissing(face) from None


@functools.cache
def _manifest() -> dict[str, dict]:
    entries = json.loads((FACES_DIR / "manifest.json").read_text())
    return {entry["identity"]: entry for entry in entries}


@functools.cache
def _read(name: str) -> bytes:
    return (FACES_DIR / name).read_bytes()
