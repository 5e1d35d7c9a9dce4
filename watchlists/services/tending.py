"""What must be done about lists from time to time, whether anybody looks or not."""

from datetime import datetime

from watchlists.services.emergencies import lapse_emergencies
from watchlists.services.notices import write_due_notices


def tend(*, at: datetime) -> dict[str, int]:
    """Write the notices that owners are due, and end emergency entries whose time is over. Safe to run twice."""
    return {"notices": write_due_notices(at=at), "lapsed": len(lapse_emergencies(at=at))}
