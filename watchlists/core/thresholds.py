"""The threshold of a list moves with its size: ten times the entries bring about ten times the chance agreements."""

import math

# the size for which an operating point of the name score is stated
REFERENCE_ENTRIES = 100_000
# below this the threshold falls no further: chance is not all that makes false alarms
FEWEST_ENTRIES = 1_000
# bits at REFERENCE_ENTRIES to start with, until hits of one's own are adjudicated; measured in docs/screening.md
START_BITS = 19.7


def threshold_for(entries: int, *, base_bits: float = START_BITS) -> float:
    """Return the threshold of a list in bits: base_bits + log2(entries / 100 000).

    entries: persons on the list, 0 or more; fewer than FEWEST_ENTRIES count as so many. base_bits: the
    threshold of a list of REFERENCE_ENTRIES.
    """
    return round(base_bits + math.log2(max(entries, FEWEST_ENTRIES) / REFERENCE_ENTRIES), 2)
