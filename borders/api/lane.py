"""The short lane: inspections without images are checked by the web server that took them, beside its requests.

Through the queue of the workers such an inspection costs more than its checks. The lane is a hint, as the queue is: what it
holds when the process ends is found again from the outbox. It takes a bounded number; the others go to the workers.
"""

import math
import queue
import threading
import time
from collections.abc import Callable
from uuid import UUID

import structlog
from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone

from borders.models import Inspection
from borders.services.pipeline import process_inspection

log = structlog.get_logger(__name__)

MOST_WAITING = 40
ASK_AFTER_S = 1.0
Check = Callable[[UUID], object]


class Lane:
    """One thread that checks one inspection after the other. It starts with the first, so after any fork."""

    def __init__(self, check: Check, most_waiting: int = MOST_WAITING):
        self.check = check
        self.waiting: queue.Queue[UUID] = queue.Queue(most_waiting)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def take(self, inspection_id: UUID) -> bool:
        """Take an inspection that is committed; False where there is no place for it."""
        try:
            self.waiting.put_nowait(inspection_id)
        except queue.Full:
            return False
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                # a daemon: the end of the process does not wait, and the outbox has the rest
                self._thread = threading.Thread(target=self.run, name="lane", daemon=True)
                self._thread.start()
        return True

    def run(self) -> None:
        asked_at = -math.inf
        while True:
            inspection_id = self.waiting.get()
            try:
                # whether the connection still lives costs a statement: not asked between two that follow each other
                if time.monotonic() - asked_at > ASK_AFTER_S:
                    close_old_connections()
                    asked_at = time.monotonic()
                self.check(inspection_id)
            except Exception as failure:  # the sweep finds it again, and a worker takes it
                log.warning("lane.failed", inspection_id=str(inspection_id), code=type(failure).__name__)
                connection.close()
                asked_at = -math.inf


LANE = Lane(lambda inspection_id: process_inspection(inspection_id=inspection_id, clock=timezone.now))


def take_short_lane(inspection: Inspection) -> bool:
    """Have an inspection checked here, if it has nothing to look at and there is room; False: send it to the workers."""
    if not settings.CHECK_IN_WEB:
        return False
    is_short = (
        inspection.page_image_id is None and inspection.face_image_id is None and inspection.chip_id is None
    )
    return is_short and LANE.take(inspection.id)
