"""What was corrected on request counts in later checks: recorded values are compared as they were set right."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

COMPARED = ("primary_identifier", "secondary_identifier", "birth_date")


@dataclass(frozen=True, slots=True)
class Amendment:
    """One granted correction of a record: names as in the zone, days as YYYY-MM-DD, "" for none."""

    field: str
    was: str
    value: str


def set_right(
    recorded: Mapping[str, str], *, now: Mapping[str, str], amendments: Iterable[Amendment]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return recorded values as they count beside what is read now, and the fields in which a correction made that so.

    recorded: field of COMPARED -> value; now: likewise, without a field where nothing is read. amendments: of that
    record, in the order in which they were granted. A document that still says what was corrected since is the same
    person's: the correction does not make it contradict.
    """
    counted = dict(recorded)
    corrected = []
    of_field: dict[str, list[Amendment]] = {}
    for amendment in amendments:
        of_field.setdefault(amendment.field, []).append(amendment)
    for name in COMPARED:
        steps = of_field.get(name, [])
        told = {value for step in steps for value in (step.was, step.value)}
        if recorded.get(name, "") not in told:
            continue
        value = now[name] if now.get(name) in told else steps[-1].value
        if value != recorded.get(name, ""):
            counted[name] = value
            corrected.append(name)
    return counted, tuple(corrected)
