"""Measure what the checks find: detection by kind of forgery, false alarms on genuine documents, and time."""

import math
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import numpy as np

from biometrics.core.outcomes import Finding, Outcome, Severity
from tests.documents.forgeries import LOGICAL_KINDS, Kind, member_of_party
from tests.documents.genuine import AT, Rng, characters, draw_paper, facts_of, read_facts, visa_lines
from tests.documents.presented import FACE_THRESHOLD, Presented, announced_of, examine, ordinary_past
from travelers.core.checks import VisaFacts
from travelers.core.data.issuers import ISSUERS

Z_95 = 1.959964
# for genuine documents every optional rule is on, so that none of them goes unmeasured
GENUINE_SETTINGS = {
    "NUMBER.FORMAT": {"confirmed": sorted(ISSUERS)},
    "NUMBER.BLANK": {
        "ranges": [{"issuing_state": "ITA", "first": "YB1000000", "last": "YB1000099", "reason": ""}]
    },
    "NUMBER.SERIES": {"never_issued": [{"issuing_state": "POL", "first": "ZZ0000000", "last": "ZZ0000999"}]},
}


@dataclass(slots=True)
class Tally:
    """What came of one kind. detected: the expected check failed. referred: something asked for a person."""

    name: str
    group: str
    expected: tuple[str, ...]
    count: int = 0
    detected: int = 0
    referred: int = 0
    elapsed_ms: list[float] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)

    def add(self, findings: Sequence[Finding], elapsed_ms: float) -> None:
        """Count one document."""
        failed = {f.code for f in findings if f.outcome is Outcome.FAIL}
        self.count += 1
        self.detected += bool(failed & set(self.expected))
        self.referred += is_referred(findings)
        self.elapsed_ms.append(elapsed_ms)
        self.codes.update(f.code for f in findings if weighs(f))

    def as_json(self) -> dict[str, Any]:
        """Return the row of the report."""
        low, high = wilson(self.detected, self.count)
        return {
            "kind": self.name,
            "group": self.group,
            "expected": list(self.expected),
            "count": self.count,
            "detected": self.detected,
            "detection_rate": _rate(self.detected, self.count),
            "interval_95": [low, high],
            "referred": self.referred,
            "median_ms": round(statistics.median(self.elapsed_ms), 3) if self.elapsed_ms else None,
        }


def weighs(finding: Finding) -> bool:
    """Tell whether a finding makes the advice REFER."""
    return (
        finding.outcome in (Outcome.FAIL, Outcome.UNDETERMINED)
        and finding.check.severity is not Severity.INFORM
    )


def is_referred(findings: Sequence[Finding]) -> bool:
    """Tell whether any finding makes the advice REFER."""
    return any(weighs(f) for f in findings)


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a rate (Wilson score)."""
    if not count:
        return 0.0, 1.0
    p, n = hits / count, count
    middle = (p + Z_95**2 / (2 * n)) / (1 + Z_95**2 / n)
    half = Z_95 / (1 + Z_95**2 / n) * math.sqrt(p * (1 - p) / n + Z_95**2 / (4 * n * n))
    return round(max(0.0, middle - half), 5), round(min(1.0, middle + half), 5)


def _rate(hits: int, count: int) -> float:
    return round(hits / count, 5) if count else 0.0


def genuine_traveler(rng: Rng) -> Presented:
    """Return an honest traveller: any document, any age, an ordinary past, sometimes a visa or a manifest.

    Minors come with a parent; who comes alone is grown up.
    """
    paper = draw_paper(rng, adult=rng.random() < 0.85)
    facts = facts_of(paper)
    history, stay, entering = ordinary_past(rng)
    given = Presented(facts, history=history, open_stay=stay, entering=entering)
    if paper.kind == "TD3" and rng.random() < 0.2:
        optional = paper.document_number if rng.random() < 0.5 else ""
        given = replace(
            given, facts=replace(facts, visa=VisaFacts(visa_lines(paper, optional_data=optional)))
        )
    if rng.random() < 0.3:
        said = announced_of(facts)
        if rng.random() < 0.3:  # carriers leave out spaces, and cut long names
            said = replace(said, primary_identifier="".join(said.primary_identifier.split())[:20])
        given = replace(given, manifest=(said,))
    if rng.random() < 0.3 and history.crossings:
        scores = tuple(float(s) for s in np.clip(rng.normal(0.72, 0.08, 2), FACE_THRESHOLD + 0.01, 1))
        given = replace(given, face_scores=scores)
    born = facts.birth_date or AT.date() - timedelta(days=int(40 * 365.25))
    if (AT.date() - born).days < 18.1 * 365.25 or (
        facts.birth_date is None and facts.birth_date_raw[:2] >= "08"
    ):
        given = replace(given, companions=(member_of_party("parent", facts.primary_identifier, 41),))
    return given


def doubtful_traveler(rng: Rng) -> Presented:
    """Return a genuine document of which one or two cells were misread, and known to be doubtful. No forgery may be cried."""
    paper = draw_paper(rng, kind="TD3", adult=True)
    lines = list(paper.lines())
    cells: set[tuple[int, int]] = set()
    for _ in range(int(rng.integers(1, 3))):
        column = int(rng.integers(0, 9))
        lines[1] = lines[1][:column] + characters(rng, "0123456789", 1) + lines[1][column + 1 :]
        cells.add((1, column))
    return Presented(read_facts(tuple(lines), paper.printed(), doubtful=frozenset(cells)))


def measure(kind: Kind, rng: Rng, count: int) -> Tally:
    """Make and examine one kind of forgery."""
    tally = Tally(kind.name, kind.group, tuple(sorted(kind.expected)))
    for _ in range(count):
        given = kind.forge(rng)
        begun = time.perf_counter()
        findings = examine(given, kind.settings)
        tally.add(findings, (time.perf_counter() - begun) * 1e3)
    return tally


def measure_genuine(rng: Rng, count: int) -> tuple[Tally, Counter[str]]:
    """Examine honest travellers; return the tally, where detected counts false alarms, and what only informed."""
    tally, informs = Tally("genuine", "genuine", ()), Counter[str]()
    for _ in range(count):
        given = genuine_traveler(rng)
        begun = time.perf_counter()
        findings = examine(given, GENUINE_SETTINGS)
        tally.add(findings, (time.perf_counter() - begun) * 1e3)
        informs.update(
            f.code for f in findings if f.outcome is Outcome.FAIL and f.check.severity is Severity.INFORM
        )
    return tally, informs


def measure_doubtful(rng: Rng, count: int) -> dict[str, Any]:
    """Examine genuine documents with misread cells; FAIL would call a misreading a forgery."""
    cried = sum(
        any(
            f.outcome is Outcome.FAIL
            for f in examine(doubtful_traveler(rng))
            if f.check.severity is Severity.BLOCK
        )
        for _ in range(count)
    )
    low, high = wilson(cried, count)
    return {"count": count, "called_forged": cried, "rate": _rate(cried, count), "interval_95": [low, high]}


def evaluate(
    *,
    count: int,
    seed: int,
    progress: Callable[[str, int, int], None],
    further: Callable[[np.random.Generator, int], Iterator[Tally]] | None = None,
) -> dict[str, Any]:
    """Measure every kind. count: documents a kind; ten times as many genuine ones. progress: told name, number, total.

    further: kinds that need more than values, such as chips and pictures.
    """
    kinds = LOGICAL_KINDS
    rng = np.random.default_rng([seed, 0])
    progress("genuine documents", 0, len(kinds) + 1)
    genuine, informs = measure_genuine(rng, count * 10)
    tallies = []
    for number, kind in enumerate(kinds, 1):
        progress(kind.name, number, len(kinds) + 1)
        tallies.append(measure(kind, np.random.default_rng([seed, number]), count))
    if further is not None:
        tallies.extend(further(np.random.default_rng([seed, 10_000]), count))
    low, high = wilson(genuine.referred, genuine.count)
    logical = [t for t in tallies if t.group != "pixels"]
    found, made = sum(t.detected for t in logical), sum(t.count for t in logical)
    times = [ms for t in (genuine, *logical) for ms in t.elapsed_ms]
    return {
        "seed": seed,
        "count": count,
        "genuine": {
            "count": genuine.count,
            "false_alarms": genuine.referred,
            "false_alarm_rate": _rate(genuine.referred, genuine.count),
            "interval_95": [low, high],
            "by_code": dict(genuine.codes.most_common()),
            "informed_by_code": dict(informs.most_common()),
            "median_ms": round(statistics.median(genuine.elapsed_ms), 3),
        },
        "doubtful_readings": measure_doubtful(np.random.default_rng([seed, 9_999]), count),
        "logical": {
            "kinds": len(logical),
            "count": made,
            "detected": found,
            "detection_rate": _rate(found, made),
            "interval_95": list(wilson(found, made)),
        },
        "milliseconds": {
            "median": round(statistics.median(times), 3),
            "p99": round(float(np.percentile(times, 99)), 3),
            "max": round(max(times), 3),
        },
        "kinds": [t.as_json() for t in tallies],
    }
