"""Make a worker process ready before its first task: networks opened, native libraries kept to one thread."""

import cv2
import numpy as np
from django.conf import settings

from biometrics.services.faces import engine_in_use
from biometrics.services.mrz import read_page
from biometrics.services.viz import open_text_reader

SIDE_PX = 320


def warm_worker() -> None:
    """Open the face engine and the MRZ reader of this process and let each look once at an empty image."""
    cv2.setNumThreads(1)
    blank = np.full((SIDE_PX, SIDE_PX, 3), 255, np.uint8)
    engine_in_use().detect(blank)
    read_page(image_bgr=blank)
    if settings.READ_PRINTED_ZONE:
        open_text_reader()
