"""What is read of the printed zone, as an inspection keeps it."""

from datetime import datetime
from typing import Any

from biometrics.core.mrz import Mrz, MrzFormatError, MrzReading, parse_mrz
from biometrics.services.viz import PrintedReading

OUT_OF_TIME = "out_of_time"


def parse_as_read(zone: MrzReading, *, at: datetime) -> Mrz | None:
    """Return the zone before any repair, as the checks see it; the repaired one where only that parses."""
    for lines in (zone.lines_read, zone.lines):
        try:
            return parse_mrz(lines, at=at)
        except MrzFormatError:
            continue
    return None


def keep_printed(found: PrintedReading) -> dict[str, Any]:
    """Return what was read as an inspection keeps it."""
    return {
        "fields": {
            field.name.value: {
                "status": field.status.value,
                "value": field.value,
                "score": round(field.score, 3),
                "corners": [[round(x), round(y)] for x, y in field.corners],
            }
            for field in found.fields
        },
        "reason": "" if found.is_whole else OUT_OF_TIME,
    }
