"""What a set of pictures with known zones says about the reader: rates with intervals, and nothing that is one number."""

import csv
import io
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from biometrics.core.mrz.doubt import ReadingStatus, UnreadableReason

# of the normal distribution, for 95 %
Z_95 = 1.959963984540054
COLUMNS = ("file", "type", "all_checks_valid", "mrz")
LEVEL_COLUMN = "level"
FLAGS = {"": None, "0": False, "1": True, "false": False, "true": True}
MAX_LINES = 3
LONGEST_LINES = (30, 36, 44)


class ManifestFault(StrEnum):
    """Stable codes of what can be wrong with a manifest."""

    NOT_TEXT = "manifest_not_text"
    COLUMNS_MISSING = "manifest_columns_missing"
    EMPTY = "manifest_empty"
    FILE_MISSING = "manifest_row_file_missing"
    BAD_FLAG = "manifest_row_flag_not_0_or_1"
    BAD_LINES = "manifest_row_lines_of_no_size"
    TOO_MANY_CELLS = "manifest_row_too_many_cells"


class ManifestError(ValueError):
    """A manifest cannot be used. code: a ManifestFault. row: line of the file from 1, None for the whole."""

    def __init__(self, code: ManifestFault, row: int | None = None) -> None:
        super().__init__(code.value if row is None else f"{code.value}: line {row}")
        self.code = code
        self.row = row


@dataclass(frozen=True, slots=True)
class Specimen:
    """One picture of a manifest.

    lines: printed, () where there is nothing to read. is_misprinted: by its digits. level: how hard the picture is,
    "" where the manifest has no such column.
    """

    file: str
    type: str
    is_misprinted: bool
    lines: tuple[str, ...]
    level: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the reader made of one specimen. cpu_ms, wall_ms: from pixels to reading, decoding the file left out."""

    specimen: Specimen
    status: ReadingStatus
    reason: UnreadableReason | None
    lines: tuple[str, ...]
    cpu_ms: float
    wall_ms: float

    @property
    def is_exact(self) -> bool:
        """Return whether every character is right; a page without a zone is right when nothing is reported."""
        return self.lines == self.specimen.lines


@dataclass(frozen=True, slots=True)
class Share:
    """count of total with its 95 % interval (Wilson), all shares 0 to 1; (0, 1) for no total."""

    count: int
    total: int

    @property
    def share(self) -> float:
        """Return count / total, 0 if there is nothing."""
        return self.count / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Return the interval. Source: Wilson, 1927, without continuity correction."""
        return wilson_interval(self.count, self.total)


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of one group of pictures with a zone.

    character_errors: edits a printed character, 0 or more; a page not read counts as all its characters.
    """

    exact: Share
    character_errors: float
    accepted: Share
    review: Share
    unreadable: Share
    wrong_accepted: Share


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of a whole set.

    by_type: sorted by name. by_level: as they first appear; empty where no picture has one. misprinted_accepted: of specimens
    whose printed digits are wrong. empty_accepted, empty_reported: of pages without a zone (reported: accepted or
    review). cpu_ms, wall_ms: median and 95th percentile over all pictures; empty_cpu_ms over the pages without a zone.
    """

    overall: Figures
    by_type: dict[str, Figures]
    by_level: dict[str, Figures]
    misprinted_accepted: Share
    empty_accepted: Share
    empty_reported: Share
    cpu_ms: tuple[float, float]
    wall_ms: tuple[float, float]
    empty_cpu_ms: tuple[float, float]


def wilson_interval(count: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a rate, (0, 1) for total 0. count: 0 to total."""
    if total == 0:
        return 0.0, 1.0
    share, z2 = count / total, Z_95 * Z_95
    centre = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = Z_95 / (1 + z2 / total) * math.sqrt(share * (1 - share) / total + z2 / (4 * total * total))
    # at 0 and 1 the ends are exact, which rounding would miss
    low = 0.0 if count == 0 else centre - half
    return low, 1.0 if count == total else centre + half


def percentile(values: Sequence[float], share: float) -> float:
    """Return the percentile by linear interpolation, 0 for no values. share: 0 to 1."""
    if not values:
        return 0.0
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def edit_distance(one: str, other: str) -> int:
    """Return the fewest insertions, deletions and substitutions between two texts."""
    previous = list(range(len(other) + 1))
    for row, left in enumerate(one, 1):
        current = [row]
        for column, right in enumerate(other, 1):
            current.append(min(previous[column] + 1, current[-1] + 1, previous[column - 1] + (left != right)))
        previous = current
    return previous[-1]


def parse_manifest(content: bytes) -> tuple[Specimen, ...]:
    """Return the specimens of a manifest.

    content: CSV in UTF-8 with the columns file, type, all_checks_valid (0, 1, false, true or empty) and mrz (lines joined
    by |, empty where there is nothing to read), and level if there is one; others are ignored. Raises ManifestError.
    """
    try:
        text = content.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ManifestError(ManifestFault.NOT_TEXT) from error
    if not rows or not set(COLUMNS) <= set(rows[0]):
        raise ManifestError(ManifestFault.COLUMNS_MISSING)
    places = {name: rows[0].index(name) for name in (*COLUMNS, LEVEL_COLUMN) if name in rows[0]}
    specimens = tuple(
        _parse_row(row, places, len(rows[0]), number) for number, row in enumerate(rows[1:], 2) if row
    )
    if not specimens:
        raise ManifestError(ManifestFault.EMPTY)
    return specimens


def _parse_row(row: list[str], places: dict[str, int], width: int, number: int) -> Specimen:
    if len(row) > width:
        raise ManifestError(ManifestFault.TOO_MANY_CELLS, number)
    cells = {name: row[at].strip() if at < len(row) else "" for name, at in places.items()}
    file, kind, flag, mrz = (cells[name] for name in COLUMNS)
    if not file or "\0" in file:
        raise ManifestError(ManifestFault.FILE_MISSING, number)
    if flag.lower() not in FLAGS:
        raise ManifestError(ManifestFault.BAD_FLAG, number)
    lines = tuple(mrz.split("|")) if mrz else ()
    # national zones have lines of their own number and length: they can be measured though no layout reads them
    if lines and (len(lines) > MAX_LINES or max(map(len, lines)) not in LONGEST_LINES):
        raise ManifestError(ManifestFault.BAD_LINES, number)
    level = cells.get(LEVEL_COLUMN, "")
    return Specimen(file, kind or "unnamed", bool(lines) and FLAGS[flag.lower()] is False, lines, level)


def evaluate(measured: Sequence[Measured]) -> Evaluation:
    """Return the figures of a set. measured: one a specimen, any order."""
    with_zone = [one for one in measured if one.specimen.lines]
    empty = [one for one in measured if not one.specimen.lines]
    kinds = sorted({one.specimen.type for one in with_zone})
    levels = [level for level in dict.fromkeys(one.specimen.level for one in with_zone) if level]
    misprinted = [one for one in with_zone if one.specimen.is_misprinted]
    return Evaluation(
        overall=_figures(with_zone),
        by_type={kind: _figures([one for one in with_zone if one.specimen.type == kind]) for kind in kinds},
        by_level={
            level: _figures([one for one in with_zone if one.specimen.level == level]) for level in levels
        },
        misprinted_accepted=_share(misprinted, _is_accepted),
        empty_accepted=_share(empty, _is_accepted),
        empty_reported=_share(empty, lambda one: one.status is not ReadingStatus.UNREADABLE),
        cpu_ms=_median_and_p95([one.cpu_ms for one in measured]),
        wall_ms=_median_and_p95([one.wall_ms for one in measured]),
        empty_cpu_ms=_median_and_p95([one.cpu_ms for one in empty]),
    )


def _is_accepted(one: Measured) -> bool:
    return one.status is ReadingStatus.ACCEPTED


def _share(group: Iterable[Measured], holds: Callable[[Measured], bool]) -> Share:
    answers = [holds(one) for one in group]
    return Share(sum(answers), len(answers))


def _figures(group: list[Measured]) -> Figures:
    printed = sum(len("".join(one.specimen.lines)) for one in group)
    # an exact reading has no edits; comparing it would take most of the time
    edits = sum(
        edit_distance("|".join(one.specimen.lines), "|".join(one.lines))
        if one.lines
        else len("".join(one.specimen.lines))
        for one in group
        if not one.is_exact
    )
    accepted = [one for one in group if _is_accepted(one)]
    return Figures(
        exact=_share(group, lambda one: one.is_exact),
        character_errors=edits / printed if printed else 0.0,
        accepted=_share(group, _is_accepted),
        review=_share(group, lambda one: one.status is ReadingStatus.REVIEW),
        unreadable=_share(group, lambda one: one.status is ReadingStatus.UNREADABLE),
        wrong_accepted=_share(accepted, lambda one: not one.is_exact),
    )


def _median_and_p95(values: Sequence[float]) -> tuple[float, float]:
    return percentile(values, 0.5), percentile(values, 0.95)
