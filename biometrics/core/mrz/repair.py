"""Step 7: find the one or two doubtful characters whose change makes every check digit hold.

Each substitution moves each digit's sum by a fixed amount mod 10, so candidates are tested by adding small
integers, not by computing digits anew. The slow plain twin is tests/reference/mrz_repair_plain.py.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.core.mrz.alphabet import ALPHABET, FILLER, VALUES, WEIGHTS
from biometrics.core.mrz.checks import compare_check_digit, compare_check_digits, long_number
from biometrics.core.mrz.layouts import CheckRule, FieldName, Layout

Floats = NDArray[np.float32]
Cell = tuple[int, int]

# natural log-probability given up; beyond this a character was read with confidence and stays as printed
MAX_COST_ONE = 6.0
MAX_COST_TWO = 6.0
MIN_LEAD = 0.7
MAX_ALTERNATIVES = 32
ALTERNATIVES_A_CELL = 3


@dataclass(frozen=True, slots=True)
class Repair:
    """One character changed: where (counted from 0), what was read, what it became."""

    line: int
    position: int
    read: str
    repaired: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """A character that a cell may hold instead. cost: log-probability given up, 0 or more."""

    cell: Cell
    character: str
    cost: float


def rule_weights(lines: tuple[str, ...], rule: CheckRule) -> dict[Cell, int]:
    """Return the weight of each cell in a rule's sum, its digit's cell with -1. A rule holds if its sum is 0.

    A long document number takes in its tail. lines: in the rule's layout.
    """
    cells = list(rule.covered_cells())
    digit_cell = rule.cell
    continued = long_number(lines, rule)
    if continued is not None and rule.overflow is not None:
        tail = rule.overflow.cells()[: len(continued.tail) + 1]
        cells += tail[:-1]
        digit_cell = tail[-1]
    weights = {cell: WEIGHTS[index % 3] for index, cell in enumerate(cells)}
    weights[digit_cell] = -1
    return weights


def list_alternatives(
    lines: tuple[str, ...], scores: tuple[Floats, ...], cells: set[Cell]
) -> list[Alternative]:
    """Return the cheapest other characters of the given cells, cheapest first.

    scores: float32 (columns, 37) a line, natural log-probabilities.
    """
    found = []
    for line, position in sorted(cells):
        row = scores[line][position]
        read = ALPHABET.index(lines[line][position])
        order = np.argsort(-row)[: ALTERNATIVES_A_CELL + 1]
        for index in order:
            cost = float(row[read] - row[index])
            if index != read and cost <= MAX_COST_ONE:
                found.append(Alternative((line, position), ALPHABET[index], max(0.0, cost)))
    return sorted(found, key=lambda alternative: alternative.cost)[:MAX_ALTERNATIVES]


def doubtful_cells(layout: Layout, lines: tuple[str, ...]) -> set[Cell]:
    """Return the cells that a failing digit covers and no holding digit of one field vouches for."""
    failing: set[Cell] = set()
    vouched: set[Cell] = set()
    single_fails = False
    for rule in layout.checks:
        cells = set(rule_weights(lines, rule))
        if not compare_check_digit(lines, rule).holds:
            failing |= cells
            single_fails = single_fails or rule.field != FieldName.COMPOSITE
        elif rule.field != FieldName.COMPOSITE:
            vouched |= cells
    return failing - vouched if single_fails else failing


def substitute(lines: tuple[str, ...], repairs: tuple[Repair, ...]) -> tuple[str, ...]:
    """Return the lines with the repairs made."""
    cells = [list(line) for line in lines]
    for repair in repairs:
        cells[repair.line][repair.position] = repair.repaired
    return tuple("".join(line) for line in cells)


def _as_repairs(lines: tuple[str, ...], changes: tuple[Alternative, ...]) -> tuple[Repair, ...]:
    return tuple(
        Repair(line, position, lines[line][position], change.character)
        for change in changes
        for line, position in (change.cell,)
    )


def find_repair(layout: Layout, lines: tuple[str, ...], scores: tuple[Floats, ...]) -> tuple[Repair, ...]:
    """Return the cheapest one or two changes after which every digit holds; none if none or several would do.

    lines: as read. scores: float32 (columns, 37) a line. Two changes are tried only if no single one will do.
    """
    if all(digit.holds for digit in compare_check_digits(layout, lines)):
        return ()
    alternatives = list_alternatives(lines, scores, doubtful_cells(layout, lines))
    for changes in _solutions(layout, lines, alternatives):
        if len(changes) > 1 and changes[1][1] - changes[0][1] < MIN_LEAD:
            return ()
        if changes:
            return _as_repairs(lines, changes[0][0])
    return ()


def _solutions(
    layout: Layout, lines: tuple[str, ...], alternatives: list[Alternative]
) -> list[list[tuple[tuple[Alternative, ...], float]]]:
    """Return the solutions with one change and those with two, each list by rising cost."""
    weights = [rule_weights(lines, rule) for rule in layout.checks]
    residual = np.array(
        [sum(weight * VALUES[lines[line][at]] for (line, at), weight in rule.items()) for rule in weights],
        np.int64,
    )
    deltas = np.array(
        [
            [
                rule.get(change.cell, 0)
                * (VALUES[change.character] - VALUES[lines[change.cell[0]][change.cell[1]]])
                for rule in weights
            ]
            for change in alternatives
        ],
        np.int64,
    ).reshape(-1, len(weights))
    # a filler may stand for a digit or end a long number: such changes are computed in full
    irregular = [
        FILLER in (lines[change.cell[0]][change.cell[1]], change.character) for change in alternatives
    ]
    after_one = (residual + deltas) % 10
    single = [
        (changes, cost)
        for index, change in enumerate(alternatives)
        if irregular[index] or not after_one[index].any()
        if _holds(layout, lines, changes := (change,)) and (cost := change.cost) <= MAX_COST_ONE
    ]
    double = []
    if not single:
        for first, second in itertools.combinations(range(len(alternatives)), 2):
            cost = alternatives[first].cost + alternatives[second].cost
            if cost > MAX_COST_TWO or alternatives[first].cell == alternatives[second].cell:
                continue
            linear = not ((after_one[first] + deltas[second]) % 10).any()
            if not linear and not irregular[first] and not irregular[second]:
                continue
            pair = (alternatives[first], alternatives[second])
            if _holds(layout, lines, pair):
                double.append((pair, cost))
    return [sorted(found, key=lambda solution: solution[1]) for found in (single, double)]


def _holds(layout: Layout, lines: tuple[str, ...], changes: tuple[Alternative, ...]) -> bool:
    after = substitute(lines, _as_repairs(lines, changes))
    return all(digit.holds for digit in compare_check_digits(layout, after))
