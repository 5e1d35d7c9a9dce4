"""The slow plain twin of biometrics.core.mrz.repair.find_repair: try everything, compute each digit anew."""

import itertools

from biometrics.core.mrz.checks import compare_check_digits
from biometrics.core.mrz.layouts import Layout
from biometrics.core.mrz.repair import (
    MAX_COST_ONE,
    MAX_COST_TWO,
    MIN_LEAD,
    Alternative,
    Floats,
    Repair,
    doubtful_cells,
    list_alternatives,
)


def find_repair_plain(
    layout: Layout, lines: tuple[str, ...], scores: tuple[Floats, ...]
) -> tuple[Repair, ...]:
    """Return what find_repair returns, by trying each single change and then each pair in full."""
    if all(digit.holds for digit in compare_check_digits(layout, lines)):
        return ()
    alternatives = list_alternatives(lines, scores, doubtful_cells(layout, lines))
    for size, limit in ((1, MAX_COST_ONE), (2, MAX_COST_TWO)):
        solutions = []
        for changes in itertools.combinations(alternatives, size):
            cost = sum(change.cost for change in changes)
            if cost > limit or len({change.cell for change in changes}) < size:
                continue
            if all(digit.holds for digit in compare_check_digits(layout, _changed(lines, changes))):
                solutions.append((cost, changes))
        solutions.sort(key=lambda solution: solution[0])
        if len(solutions) > 1 and solutions[1][0] - solutions[0][0] < MIN_LEAD:
            return ()
        if solutions:
            return tuple(
                Repair(
                    change.cell[0],
                    change.cell[1],
                    lines[change.cell[0]][change.cell[1]],
                    change.character,
                )
                for change in solutions[0][1]
            )
    return ()


def _changed(lines: tuple[str, ...], changes: tuple[Alternative, ...]) -> tuple[str, ...]:
    cells = [list(line) for line in lines]
    for change in changes:
        line, position = change.cell
        cells[line][position] = change.character
    return tuple("".join(line) for line in cells)
