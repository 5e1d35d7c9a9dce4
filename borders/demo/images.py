"""The image files that a booth sends for a scene, and what it reads from the chip."""

import zlib

from borders.demo.captures import CaptureKind, capture, unreadable
from borders.demo.chips import ChipUpload, make_chip
from borders.demo.pages import draw_page
from borders.demo.portraits import live_capture, portrait
from borders.demo.story import PageSight, Scene


def page_image(scene: Scene) -> bytes | None:
    """Return the picture of the document page, a JPEG file; None without a document."""
    if scene.document is None:
        return None
    page = draw_page(scene.document, portrait(scene.document.holder.face))
    seed = zlib.crc32(scene.key.encode())
    if scene.sight is PageSight.UNREADABLE:
        return unreadable(page, seed)
    return capture(page, seed, CaptureKind(scene.sight.value))


def face_image(scene: Scene, *, live: int | None = None) -> bytes:
    """Return the picture of the camera, a JPEG file. live: another capture than the scene's."""
    return live_capture(scene.face, scene.live if live is None else live)


def chip_upload(scene: Scene) -> ChipUpload | None:
    """Return what the booth sends of the chip; None where it does not ask for one."""
    if scene.document is None:
        return None
    return make_chip(scene.document, scene.chip, scene.today)
