"""Wait for an inspection within the request: short reads between short sleeps, with no transaction open."""

import time
from uuid import UUID

from audit.api.problems import Problem
from borders.api.pressure import GATE
from borders.models import Inspection

MAX_WAIT_S = 10.0
POLL_S = 0.03
UNFINISHED = ("RECEIVED", "PROCESSING")


def read_wait_s(text: str) -> float:
    """Return the seconds to wait from the query parameter. Raises Problem wait_invalid."""
    try:
        wait_s = float(text) if len(text) <= 10 else -1.0
    except ValueError:
        wait_s = -1.0
    if not 0 <= wait_s <= MAX_WAIT_S:
        raise Problem("wait_invalid", 400, f"wait_s is a number from 0 to {MAX_WAIT_S:g}.", field="wait_s")
    return wait_s


def wait_until_ready(*, inspection_id: UUID, wait_s: float) -> None:
    """Wait until the inspection is READY or further, at most wait_s seconds. What is unfinished then goes on being checked.

    Returns at once when too many requests wait already.
    """
    end = time.monotonic() + wait_s
    with GATE.sleep() as may_sleep:
        while may_sleep and Inspection.objects.filter(id=inspection_id, state__in=UNFINISHED).exists():
            left_s = end - time.monotonic()
            if left_s <= 0:
                return
            time.sleep(min(POLL_S, left_s))
