"""The short lane: inspections without images are checked by the web server that took them, beside its requests.

Through the queue of the workers such an inspection costs more than its checks. The lane is a hint, as the queue is: what it
holds when the process ends is found again from the outbox. It takes a bounded number; the others go to the workers.

Who opens an inspection asks for a place first. With a place it is opened in the hands of the lane, which saves it from being
claimed and read again.
"""

import math
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import structlog
from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone

from borders.models import Inspection
from borders.services.pipeline import process_claimed, process_inspection

log = structlog.get_logger(__name__)

MOST_WAITING = 40
ASK_AFTER_S = 1.0
Check = Callable[[Inspection], object]


class Place:
    """Room for one inspection in a lane, kept until it is used or the block that asked for it ends."""

    def __init__(self, lane: "Lane", kept: bool):
        self.lane, self.kept = lane, kept

    def __bool__(self) -> bool:
        return self.kept

    def use(self, inspection: Inspection) -> bool:
        """Put an inspection there that is committed; False where there is no room for it."""
        if not self.kept:
            return False
        self.kept = False
        self.lane.put(inspection)
        return True


class Lane:
    """One thread that checks one inspection after the other. It starts with the first, so after any fork."""

    def __init__(self, check: Check, most_waiting: int = MOST_WAITING):
        self.check = check
        self.places = threading.BoundedSemaphore(most_waiting)
        self.waiting: queue.SimpleQueue[Inspection] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    @contextmanager
    def place(self, *, wanted: bool = True) -> Iterator[Place]:
        """Yield a place, false where none is wanted or free; one that was not used is given back at the end."""
        place = Place(self, wanted and self.places.acquire(blocking=False))
        try:
            yield place
        finally:
            if place.kept:
                place.kept = False
                self.places.release()

    def put(self, inspection: Inspection) -> None:
        """Take an inspection whose place is kept."""
        self.waiting.put(inspection)
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                # a daemon: the end of the process does not wait, and the outbox has the rest
                self._thread = threading.Thread(target=self.run, name="lane", daemon=True)
                self._thread.start()

    def run(self) -> None:
        asked_at = -math.inf
        while True:
            inspection = self.waiting.get()
            self.places.release()
            try:
                # whether the connection still lives costs a statement: not asked between two that follow each other
                if time.monotonic() - asked_at > ASK_AFTER_S:
                    close_old_connections()
                    asked_at = time.monotonic()
                self.check(inspection)
            except Exception as failure:  # the sweep finds it again, and a worker takes it
                log.warning("lane.failed", inspection_id=str(inspection.id), code=type(failure).__name__)
                connection.close()
                asked_at = -math.inf


def check_here(inspection: Inspection) -> bool:
    """Check an inspection in this process: one opened in its hands as it was written, another like a worker."""
    if inspection.leased_until is not None:
        return process_claimed(inspection=inspection, clock=timezone.now)
    return process_inspection(inspection_id=inspection.id, clock=timezone.now)


LANE = Lane(check_here)


def ask_for_place() -> AbstractContextManager[Place]:
    """Return a block with a place in the lane, where this process checks inspections itself."""
    return LANE.place(wanted=settings.CHECK_IN_WEB)


def take_short_lane(inspection: Inspection, place: Place | None = None) -> bool:
    """Have an inspection checked here, if it has nothing to look at and there is room; False: send it to the workers."""
    if (
        inspection.page_image_id is not None
        or inspection.face_image_id is not None
        or inspection.chip_id is not None
    ):
        return False
    if place is not None:
        return place.use(inspection)
    with ask_for_place() as found:
        return found.use(inspection)
