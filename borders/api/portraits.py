"""The portrait on a document page, cut out so that an officer sees it beside the live face."""

from biometrics.core.images import encode_jpeg
from biometrics.models import Template
from biometrics.services.images import load_image

MARGIN = 0.4
QUALITY = 90


def cut_portrait(template: Template) -> bytes:
    """Return a JPEG of the face that the template was made of, with some room around it."""
    page_bgr = load_image(image=template.image)
    height, width = page_bgr.shape[:2]
    x0, y0, x1, y1 = template.box
    room_x, room_y = (x1 - x0) * MARGIN, (y1 - y0) * MARGIN
    left, right = max(0, round(x0 - room_x)), min(width, round(x1 + room_x))
    top, bottom = max(0, round(y0 - room_y)), min(height, round(y1 + room_y))
    return encode_jpeg(page_bgr[top:bottom, left:right], QUALITY)
