"""Ways to read a page, and which is likeliest."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.core.mrz.alphabet import FILLER, LETTERS
from biometrics.core.mrz.checks import CheckDigit, compare_check_digits
from biometrics.core.mrz.decode import Decoded, decode
from biometrics.core.mrz.grid import Grid
from biometrics.core.mrz.layouts import LAYOUTS, FieldName, Layout, LayoutName
from biometrics.core.mrz.rectify import Corners, Cut
from biometrics.core.mrz.repair import Repair, find_repair, substitute

Floats = NDArray[np.float32]
Cell = tuple[int, int]

# documents met on these layouts: Doc 9303-4 P; 9303-5, 9303-6 A C I and, on national papers, others; 9303-7 V
FIRST_LETTERS: dict[LayoutName, str] = {
    LayoutName.TD3: "P",
    LayoutName.MRVA: "V",
    LayoutName.MRVB: "V",
    LayoutName.TD1: "ACIPDR",
    LayoutName.TD2: "ACIPDR",
    LayoutName.FRENCH_IDENTITY_CARD: "I",
}
NATIONAL_LETTERS = LETTERS.replace("V", "")
# natural log-probability a cell: below, or with more lost to the masks, the text is no zone
MIN_MEAN_LOG = -0.8
MAX_MASK_LOSS_A_CELL = 0.35
# faint print whose digits and first letter are lost is a zone all the same if fillers stand in a row
MAX_FAINT_MISFIT = 1.5
MIN_FAINT_MEAN_LOG = -0.4
FILLERS_OF_A_ZONE = 6


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to read the page, with what speaks for it.

    lines: after repair. misfit: of the grid. score: higher is likelier; about 4.5 for a sound reading. cut: where
    the cells lie, None for cells put together from several pictures. disputed: cells that two looks read differently.
    """

    decoded: Decoded
    digits: tuple[CheckDigit, ...]
    repairs: tuple[Repair, ...]
    lines: tuple[str, ...]
    misfit: float
    corners: Corners
    score: float
    cut: Cut | None = None
    disputed: tuple[Cell, ...] = ()

    @property
    def is_settled(self) -> bool:
        """Return whether no other way to read the page need be tried."""
        return (
            all(digit.holds for digit in self.digits)
            and not self.repairs
            and self.misfit < 3
            and self.decoded.mean_log > -0.4
            and is_plausible(self.decoded.layout, self.lines, self.digits)
        )

    @property
    def is_clear(self) -> bool:
        """Return whether this is a zone beyond doubt, whatever its digits say."""
        return (
            self.misfit <= 1
            and self.decoded.mean_log > -0.15
            and self.decoded.mask_loss < 12
            and is_plausible(self.decoded.layout, self.lines, self.digits)
        )

    @property
    def is_zone(self) -> bool:
        """Return whether this is a zone rather than other text."""
        holding = sum(digit.holds for digit in self.digits)
        cells = sum(len(line) for line in self.lines)
        is_faint_zone = (
            self.misfit <= MAX_FAINT_MISFIT
            and self.decoded.mean_log > MIN_FAINT_MEAN_LOG
            and any(FILLER * FILLERS_OF_A_ZONE in line for line in self.decoded.lines)
        )
        return (
            self.is_clear
            or is_faint_zone
            or (
                self.misfit <= 6
                and self.decoded.mean_log > MIN_MEAN_LOG
                and self.decoded.mask_loss < MAX_MASK_LOSS_A_CELL * cells
                and is_plausible(self.decoded.layout, self.lines, self.digits)
                and holding >= 2
            )
        )


def is_plausible(layout: Layout, lines: tuple[str, ...], digits: tuple[CheckDigit, ...]) -> bool:
    """Return whether the document begins as one of its layout does and its birth date can be a date.

    National papers begin with other letters too (TS, a French residence permit): their digits must all hold.
    """
    is_national = not layout.prefixes and lines[0][0] in NATIONAL_LETTERS and all(one.holds for one in digits)
    return (is_national or _begins_as(layout, lines)) and _can_be_date(layout, lines)


def _begins_as(layout: Layout, lines: tuple[str, ...]) -> bool:
    begins = lines[0].startswith(layout.prefixes) if layout.prefixes else True
    return begins and lines[0][0] in FIRST_LETTERS[layout.name]


def _can_be_date(layout: Layout, lines: tuple[str, ...]) -> bool:
    birth = layout.text(lines, FieldName.BIRTH_DATE).replace(FILLER, "0")
    return birth.isdigit() and int(birth[2:4]) <= 12 and int(birth[4:]) <= 31


def read_layouts(grid: Grid, corners: Corners, cut: Cut | None = None) -> list[Candidate]:
    """Read a grid in each layout of its size."""
    rows, columns = len(grid.scores), grid.scores[0].shape[0]
    return [
        read_cells(grid.scores, layout, misfit=grid.misfit, corners=corners, cut=cut)
        for layout in LAYOUTS
        if (layout.rows, layout.columns) == (rows, columns)
    ]


def read_cells(
    scores: tuple[Floats, ...], layout: Layout, *, misfit: float, corners: Corners, cut: Cut | None = None
) -> Candidate:
    """Read cells in one layout. scores: float32 (columns, 37) a line, natural log-probabilities."""
    decoded = decode(scores, layout)
    cells = layout.rows * layout.columns
    # other text than a zone is not worth the search for repairs
    is_likely = (
        decoded.mean_log > MIN_MEAN_LOG
        and decoded.mask_loss < MAX_MASK_LOSS_A_CELL * cells
        and _begins_as(layout, decoded.lines)
    )
    repairs = find_repair(layout, decoded.lines, decoded.scores) if is_likely else ()
    lines = substitute(decoded.lines, repairs)
    digits = compare_check_digits(layout, lines)
    score = (
        3 * sum(digit.holds for digit in digits) / len(digits)
        + 2 * decoded.mean_log
        - 0.03 * decoded.mask_loss
        - 0.1 * misfit
        - 0.25 * len(repairs)
        + 1.1 * is_plausible(layout, lines, digits)
    )
    return Candidate(decoded, digits, repairs, lines, misfit, corners, score, cut)
