"""An inspection as it stood at one moment: rebuilt from rows that only ever grow, so that what came later changes nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from biometrics.core.outcomes import Finding
from borders.core.pipeline import CHECKING_STEPS, Step, StepState
from borders.core.recommendation import Recommendation, recommend

NOT_CHECKED = "not_checked"


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding, in force from found_at until before superseded_at. comparison_id: its evidence."""

    id: UUID
    finding: Finding
    found_at: datetime
    superseded_at: datetime | None
    comparison_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step that ended. round: from 1; it rises when a corrected reading is checked again."""

    step: Step
    round: int
    state: StepState
    code: str
    elapsed_ms: float
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """One reading of the document. corrects: the reading that it took the place of, None for none."""

    id: UUID
    read_at: datetime
    corrects: UUID | None


@dataclass(frozen=True, slots=True)
class DatedRow:
    """Any other row of which the time of writing is all that counts."""

    id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """Something that came to be at a time. kind: a code such as "rule" or "decision"; text: what, in a few words."""

    at: datetime
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class ReplayRows:
    """All rows of one inspection, whatever their time. changes: what else happened, told when it lies after the moment."""

    findings: Sequence[FindingRow]
    steps: Sequence[StepRow]
    readings: Sequence[ReadingRow]
    comparisons: Sequence[DatedRow] = ()
    screenings: Sequence[DatedRow] = ()
    hits: Sequence[DatedRow] = ()
    answers: Sequence[DatedRow] = ()
    decisions: Sequence[DatedRow] = ()
    looks: Sequence[DatedRow] = ()
    changes: Sequence[ChangeRow] = ()


@dataclass(frozen=True, slots=True)
class StepSeen:
    """One step as it stood. code: "" when it was done, why it failed, or NOT_CHECKED when it had not ended."""

    step: Step
    done: bool
    code: str
    elapsed_ms: float | None


@dataclass(frozen=True, slots=True)
class Replay:
    """The inspection at one moment.

    findings: in force then, in the order in which they were found. advice: None while it was still being checked.
    reading_id: in force then. corrections: readings that had taken the place of an earlier one. later: everything after the
    moment, by time.
    """

    at: datetime
    round: int
    findings: tuple[FindingRow, ...]
    steps: tuple[StepSeen, ...]
    advice: Recommendation | None
    reading_id: UUID | None
    corrections: tuple[ReadingRow, ...]
    comparisons: tuple[DatedRow, ...]
    screening_id: UUID | None
    hits: tuple[DatedRow, ...]
    answers: tuple[DatedRow, ...]
    decisions: tuple[DatedRow, ...]
    looks: tuple[DatedRow, ...]
    later: tuple[ChangeRow, ...]

    @property
    def not_checked(self) -> tuple[StepSeen, ...]:
        """Return the steps without an answer at that moment."""
        return tuple(s for s in self.steps if not s.done)


Row = TypeVar("Row")


def replay(rows: ReplayRows, *, at: datetime) -> Replay:
    """Return the inspection as it stood at a moment, from rows of any time. at: aware UTC; rows of that very instant count.

    A finding that was superseded at the instant itself no longer stood. The advice is worked out anew by the rule that made
    it, from the findings and steps of the moment alone.
    """
    findings = tuple(
        sorted(
            (
                f
                for f in rows.findings
                if f.found_at <= at and (f.superseded_at is None or f.superseded_at > at)
            ),
            key=lambda f: (f.found_at, f.id.int),
        )
    )
    ended = _until(rows.steps, at, lambda s: s.finished_at)
    readings = _until(rows.readings, at, lambda r: r.read_at)
    reading = readings[-1] if readings else None
    number = max((s.round for s in ended), default=1)
    concluded = [s for s in ended if s.step is Step.RECOMMEND and s.round == number]
    if concluded and reading is not None and reading.corrects and reading.read_at > concluded[-1].finished_at:
        # corrected, and not one step of the next round had ended yet
        number, concluded = number + 1, []
    current = {s.step: s for s in ended if s.round == number}
    done = {step for step, row in current.items() if row.state is StepState.DONE}
    screenings = _until(rows.screenings, at, _at)
    return Replay(
        at=at,
        round=number,
        findings=findings,
        steps=tuple(_seen(step, current) for step in CHECKING_STEPS),
        advice=recommend((f.finding for f in findings), done) if concluded else None,
        reading_id=reading.id if reading is not None else None,
        corrections=tuple(r for r in readings if r.corrects is not None),
        comparisons=_until(rows.comparisons, at, _at),
        screening_id=screenings[-1].id if screenings else None,
        hits=_until(rows.hits, at, _at),
        answers=_until(rows.answers, at, _at),
        decisions=_until(rows.decisions, at, _at),
        looks=_until(rows.looks, at, _at),
        later=tuple(sorted(_later(rows, at), key=lambda c: (c.at, c.kind, c.text))),
    )


def _at(row: DatedRow) -> datetime:
    return row.at


def _until(rows: Iterable[Row], at: datetime, time_of: Callable[[Row], datetime]) -> tuple[Row, ...]:
    return tuple(sorted((r for r in rows if time_of(r) <= at), key=time_of))


def _seen(step: Step, ended: Mapping[Step, StepRow]) -> StepSeen:
    row = ended.get(step)
    if row is None:
        return StepSeen(step, False, NOT_CHECKED, None)
    return StepSeen(step, row.state is StepState.DONE, row.code, row.elapsed_ms)


def _later(rows: ReplayRows, at: datetime) -> Iterable[ChangeRow]:
    for finding in rows.findings:
        if finding.found_at > at:
            said = f"{finding.finding.code} {finding.finding.outcome.value}"
            yield ChangeRow(finding.found_at, "finding", said)
    for step in rows.steps:
        if step.finished_at > at:
            ending = "done" if step.state is StepState.DONE else f"failed: {step.code}"
            yield ChangeRow(step.finished_at, "step", f"{step.step.value} of round {step.round} {ending}")
    for reading in rows.readings:
        if reading.read_at > at:
            yield ChangeRow(reading.read_at, "reading", "corrected" if reading.corrects else "read")
    for screening in rows.screenings:
        if screening.at > at:
            yield ChangeRow(screening.at, "screening", "screened again")
    yield from (change for change in rows.changes if change.at > at)
