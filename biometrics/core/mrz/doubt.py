"""Step 8: from characters and digits to an outcome that is never a boolean.

The gate was chosen on published specimens: digits alone let one reading in eight through wrong, because names
and issuer have no digit. docs/mrz.md has the figures.
"""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from biometrics.core.mrz.alphabet import ALPHABET
from biometrics.core.mrz.checks import CheckDigit, compare_check_digits
from biometrics.core.mrz.decode import Decoded
from biometrics.core.mrz.expectation import unexpected_cells
from biometrics.core.mrz.layouts import FieldName, Layout
from biometrics.core.mrz.rectify import Corners
from biometrics.core.mrz.repair import Repair, rule_weights

Floats = NDArray[np.float32]
Cell = tuple[int, int]

# natural log-probability between the character read and the next
MIN_MARGIN_UNCOVERED = 2.0
MIN_MARGIN_COVERED = 1.0
# below these a character deserves a second look
NARROW_UNCOVERED = 3.5
NARROW_COVERED = 2.0
# characters
MAX_MISFIT = 1.0


class ReadingStatus(StrEnum):
    """What a reading is good for. REVIEW wants a person's eye; UNREADABLE reports nothing."""

    ACCEPTED = "accepted"
    REVIEW = "review"
    UNREADABLE = "unreadable"


class UnreadableReason(StrEnum):
    """Why nothing was read."""

    NO_ZONE_FOUND = "no_zone_found"
    TOO_SMALL = "too_small"
    BLURRED = "blurred"
    GLARE = "glare"
    OUT_OF_TIME = "out_of_time"


class CheckDigitVerdict(StrEnum):
    """What a check digit says, given how surely its characters were read."""

    HOLDS = "holds"
    HOLDS_AFTER_REPAIR = "holds_after_repair"
    WRONG_AS_PRINTED = "wrong_as_printed"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class CheckDigitFinding:
    """One digit of a reading: the digit as read and computed, before any repair, and the verdict."""

    digit: CheckDigit
    verdict: CheckDigitVerdict


@dataclass(frozen=True, slots=True)
class MrzReading:
    """What one page gave.

    status, reason: reason only if UNREADABLE, and then everything below is empty. layout: a LayoutName value.
    lines: after repair, to search by. lines_read: before repair; fraud rules use these and nothing else.
    confidences: probability of each character read, 0 to 1, a tuple a line. doubtful: (line, position) of
    each character to look at. repairs: what was changed. corners: of the zone in pixels of the given image,
    top left, top right, bottom right, bottom left as the text runs. findings: one a check digit.
    min_margin_uncovered, _covered: smallest margins, natural log-probability. has_second_zone: the picture
    shows the zone of another document too. misfit: of the grid, in characters. scores: float32 (columns, 37)
    a line, log-probabilities of ALPHABET, for combining readings. elapsed_ms: step -> milliseconds.
    """

    status: ReadingStatus
    reason: UnreadableReason | None = None
    layout: str | None = None
    lines: tuple[str, ...] = ()
    lines_read: tuple[str, ...] = ()
    confidences: tuple[tuple[float, ...], ...] = ()
    doubtful: tuple[Cell, ...] = ()
    repairs: tuple[Repair, ...] = ()
    corners: Corners | None = None
    findings: tuple[CheckDigitFinding, ...] = ()
    min_margin_uncovered: float = 0.0
    min_margin_covered: float = 0.0
    has_second_zone: bool = False
    misfit: float = 0.0
    scores: tuple[Floats, ...] = field(default=(), compare=False, repr=False)
    elapsed_ms: dict[str, float] = field(default_factory=dict)


def margins(lines: tuple[str, ...], scores: tuple[Floats, ...]) -> tuple[Floats, ...]:
    """Return, a line, float32 (columns,): log-probability of the character given minus the best other.

    Negative where a repair chose a less likely character. scores: float32 (columns, 37) a line.
    """
    result = []
    for line, line_scores in zip(lines, scores, strict=True):
        chosen = np.array([ALPHABET.index(character) for character in line])
        rows = np.arange(len(chosen))
        others = line_scores.copy()
        others[rows, chosen] = -np.inf
        result.append(np.asarray(line_scores[rows, chosen] - others.max(1), np.float32))
    return tuple(result)


def covered_cells(layout: Layout, lines: tuple[str, ...]) -> set[Cell]:
    """Return the cells that a digit of their own field covers, and the digits' own cells.

    The composite digit alone vouches for little: one in ten wrong readings passes it.
    """
    cells: set[Cell] = set()
    for rule in layout.checks:
        if rule.field == FieldName.COMPOSITE:
            cells.add(rule.cell)
        else:
            cells |= set(rule_weights(lines, rule))
    return cells


def doubtful_characters(
    layout: Layout, lines: tuple[str, ...], scores: tuple[Floats, ...]
) -> tuple[tuple[Cell, ...], float, float]:
    """Return the characters whose margin is below the gate, and the smallest margin of either kind."""
    covered = covered_cells(layout, lines)
    doubtful = []
    smallest = {True: float("inf"), False: float("inf")}
    for line, line_margins in enumerate(margins(lines, scores)):
        for position, margin in enumerate(line_margins.tolist()):
            is_covered = (line, position) in covered
            smallest[is_covered] = min(smallest[is_covered], margin)
            if margin < (MIN_MARGIN_COVERED if is_covered else MIN_MARGIN_UNCOVERED):
                doubtful.append((line, position))
    return tuple(doubtful), smallest[False], smallest[True]


def is_narrow(decoded: Decoded, repairs: tuple[Repair, ...]) -> bool:
    """Return whether a reading should be looked at again: repaired, or a character leads the next by little."""
    _, uncovered, covered = doubtful_characters(decoded.layout, decoded.lines, decoded.scores)
    return bool(repairs) or uncovered < NARROW_UNCOVERED or covered < NARROW_COVERED


def check_digit_findings(
    layout: Layout,
    lines_read: tuple[str, ...],
    lines_repaired: tuple[str, ...],
    doubtful: tuple[Cell, ...],
) -> tuple[CheckDigitFinding, ...]:
    """Judge each check digit as read.

    WRONG_AS_PRINTED: it fails though each character under it was read with a wide margin, so the document
    itself is wrong. DOUBTFUL: it fails, but a character under it may be misread. HOLDS_AFTER_REPAIR: it fails
    as read and holds after the repair, which proves nothing about the print.
    """
    findings = []
    repaired = compare_check_digits(layout, lines_repaired)
    for rule, digit, after in zip(
        layout.checks, compare_check_digits(layout, lines_read), repaired, strict=True
    ):
        if digit.holds:
            verdict = CheckDigitVerdict.HOLDS
        elif lines_read != lines_repaired and after.holds:
            verdict = CheckDigitVerdict.HOLDS_AFTER_REPAIR
        elif set(rule_weights(lines_read, rule)).isdisjoint(doubtful):
            verdict = CheckDigitVerdict.WRONG_AS_PRINTED
        else:
            verdict = CheckDigitVerdict.DOUBTFUL
        findings.append(CheckDigitFinding(digit, verdict))
    return tuple(findings)


def decide_status(
    findings: tuple[CheckDigitFinding, ...],
    repairs: tuple[Repair, ...],
    doubtful: tuple[Cell, ...],
    misfit: float,
    *,
    has_second_zone: bool = False,
) -> ReadingStatus:
    """Accept only if digits hold as read, nothing was repaired, margins are wide, the grid fits, one zone is seen.

    misfit: of the grid, in characters; characters beyond the grid mean that another layout was printed.
    """
    holds = all(finding.verdict is CheckDigitVerdict.HOLDS for finding in findings)
    if holds and not repairs and not doubtful and misfit < MAX_MISFIT and not has_second_zone:
        return ReadingStatus.ACCEPTED
    return ReadingStatus.REVIEW


def judge_reading(
    decoded: Decoded,
    lines: tuple[str, ...],
    repairs: tuple[Repair, ...],
    corners: Corners,
    *,
    misfit: float,
    has_second_zone: bool,
    elapsed_ms: dict[str, float],
    disputed: tuple[Cell, ...] = (),
) -> MrzReading:
    """Return the reading of a zone: what was read, what was repaired, what is doubtful, and the outcome.

    decoded: as read. lines, repairs: after repair. disputed: cells that two looks read differently, doubtful however
    wide their margin. The rest: see MrzReading.
    """
    narrow, uncovered, covered = doubtful_characters(decoded.layout, decoded.lines, decoded.scores)
    # what was read surely stays what is printed for the digits, though a person should look at it
    findings = check_digit_findings(decoded.layout, decoded.lines, lines, (*narrow, *disputed))
    doubtful = tuple(sorted({*narrow, *disputed, *unexpected_cells(decoded.layout, decoded.lines)}))
    repaired = {(repair.line, repair.position) for repair in repairs}
    return MrzReading(
        status=decide_status(findings, repairs, doubtful, misfit, has_second_zone=has_second_zone),
        layout=decoded.layout.name.value,
        lines=lines,
        lines_read=decoded.lines,
        confidences=decoded.confidences,
        doubtful=tuple(sorted(repaired.union(doubtful))),
        repairs=repairs,
        corners=corners,
        findings=findings,
        min_margin_uncovered=uncovered,
        min_margin_covered=covered,
        has_second_zone=has_second_zone,
        misfit=misfit,
        scores=decoded.scores,
        elapsed_ms=elapsed_ms,
    )
