"""Error rates of a month of adjudicated comparisons, per sex, age band and document type."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np

from biometrics.core.error_rates.groups import Count, compare_groups
from biometrics.core.error_rates.intervals import wilson_interval
from biometrics.core.error_rates.verification import ScoredPairs, measure_fnmr

# lowest age, name: children's faces change fastest, and old age changes them again
_BANDS = ((0, "0-11"), (12, "12-17"), (18, "18-39"), (40, "40-64"), (65, "65+"))
AGE_BANDS = tuple(name for _, name in _BANDS)
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AdjudicatedCase:
    """One comparison with its truth. score >= threshold was a match. sex, age_band, document_type: empty where unknown.

    subjects: of both sides, whole numbers from 0; equal exactly in mated cases.
    """

    score: float
    threshold: float
    is_mated: bool
    sex: str
    age_band: str
    document_type: str
    subjects: tuple[int, int]

    @property
    def is_error(self) -> bool:
        """Tell whether the engine's answer was wrong."""
        return (self.score >= self.threshold) is not self.is_mated


DIVISIONS: dict[str, Callable[[AdjudicatedCase], str]] = {
    "sex": lambda case: case.sex,
    "age_band": lambda case: case.age_band,
    "document_type": lambda case: case.document_type,
}


def age_band(birth_date: date | None, on: date) -> str:
    """Return the age band of somebody on a day; empty without a birth date or with one after the day."""
    if birth_date is None or birth_date > on:
        return ""
    years = on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))
    return next(name for lowest, name in reversed(_BANDS) if years >= lowest)


def measure_month(cases: Sequence[AdjudicatedCase]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the figures of a month as JSON values, and the names of what raises an alarm.

    Figures: `overall` with fnmr and fmr at the thresholds then in force; `fnmr_at_fmr` as `measure_fnmr` gives it; by
    division (sex, age_band, document_type) the same per group, and the ratio between groups. An alarm ("fnmr by sex") stands
    where the highest rate is more than twice the lowest; `beyond_chance` says whether the interval of the ratio lies above 1.
    Groups whose name is unknown are shown and not compared. Source: ISO/IEC 19795-1, ISO/IEC 19795-10.
    """
    figures: dict[str, Any] = {"overall": _rates(cases)}
    if cases:
        subjects = np.array([case.subjects for case in cases], np.int64)
        pairs = ScoredPairs(
            np.array([case.score for case in cases], np.float64),
            np.array([case.is_mated for case in cases]),
            np.unique(subjects, return_inverse=True)[1].reshape(-1, 2),
        )
        figures["fnmr_at_fmr"] = [
            {key: value for key, value in asdict(rate).items() if key != "is_firm"}
            for rate in measure_fnmr(pairs)
        ]
    alarms = []
    for division, group_of in DIVISIONS.items():
        groups: dict[str, list[AdjudicatedCase]] = {}
        for case in cases:
            groups.setdefault(group_of(case) or UNKNOWN, []).append(case)
        found: dict[str, Any] = {"groups": {name: _rates(group) for name, group in sorted(groups.items())}}
        for rate, is_mated in (("fnmr", True), ("fmr", False)):
            ratio = compare_groups(
                {name: _count(group, is_mated) for name, group in groups.items() if name != UNKNOWN}
            )
            found[f"{rate}_ratio"] = asdict(ratio)
            if ratio.is_alarm:
                alarms.append(f"{rate} by {division}")
        figures[division] = found
    return figures, tuple(alarms)


def _count(cases: Sequence[AdjudicatedCase], is_mated: bool) -> Count:
    kind = [case for case in cases if case.is_mated is is_mated]
    return Count(sum(case.is_error for case in kind), len(kind))


def _rates(cases: Sequence[AdjudicatedCase]) -> dict[str, Any]:
    """Return both rates at the thresholds then in force, with 95 % intervals; None over nothing."""
    rates: dict[str, Any] = {}
    for name, is_mated in (("fnmr", True), ("fmr", False)):
        count = _count(cases, is_mated)
        rates[name] = {
            "rate": count.errors / count.total if count.total else None,
            "interval_95": list(wilson_interval(count.errors, count.total)) if count.total else None,
            "errors": count.errors,
            "comparisons": count.total,
        }
    return rates
