"""Step 5: snap the scores along the strips to a grid of exactly 30, 36 or 44 cells.

Characters are printed at even distance, and the lines of a zone begin below one another. So the grid settles
how many fillers stand in a row and where a line begins, which reading from left to right cannot.
"""

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biometrics.core.mrz.alphabet import ALPHABET

Floats = NDArray[np.float32]

BLANK = 0
FILLER_CLASS = ALPHABET.index("<")
MIN_PEAK = 0.35
MIN_PEAK_SHARE = 0.5
PITCH_LIMITS_FRAMES = (2.2, 4.2)
STARTS_TRIED = 4
LOCAL_STEPS = 9
# below this the cell shows nothing: a filler is likeliest, but only just
FAINT = 0.05


@dataclass(frozen=True, slots=True)
class Peaks:
    """Characters seen along one strip: frames, rising, and strengths, 0 to 1; float64 (n,) each."""

    positions: NDArray[np.float64]
    strengths: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grid:
    """Scores in cells.

    scores: one float32 (columns, 37) a line, natural log-probabilities of ALPHABET. misfit: characters seen
    that no cell holds or cells that no character fills at the ends, plus the lines' disagreement about where
    they begin. pitch_frames: mean pitch. first_frame, last_frame: centres of the outer cells, mean of the
    lines.
    """

    scores: tuple[Floats, ...]
    misfit: float
    pitch_frames: float
    first_frame: float
    last_frame: float
    centres: tuple[NDArray[np.float64], ...]


@dataclass(frozen=True, slots=True)
class _Start:
    """One way to lay the grid on a line: number and frame of the first cell, ink explained, peaks lost."""

    index: int
    frame: float
    value: float
    outside: int


def find_peaks(probabilities: Floats) -> Peaks:
    """Find the characters along a strip. probabilities: float32 (frames, 38)."""
    ink = 1.0 - probabilities[:, BLANK].astype(np.float64)
    padded = np.concatenate([[0.0], ink, [0.0]])
    # a plateau of two equal frames counts once
    is_peak = (padded[1:-1] >= padded[:-2]) & (padded[1:-1] > padded[2:]) & (ink > MIN_PEAK)
    at = np.nonzero(is_peak)[0]
    if len(at) == 0:
        return Peaks(np.zeros(0), np.zeros(0))
    around = at[:, None] + np.array([-1, 0, 1])
    weights = padded[around + 1] * np.array([0.999, 1.0, 0.999])
    positions = (weights * around).sum(1) / weights.sum(1)
    return Peaks(positions, ink[at])


@dataclass(frozen=True, slots=True)
class _Numbering:
    """The peaks of one line numbered by cells.

    index: int64 (n,), of each peak. centres: coefficients of frame as a polynomial of the number, highest
    power first.
    """

    index: NDArray[np.int64]
    centres: NDArray[np.float64]

    def frame(self, number: int) -> float:
        return float(np.polyval(self.centres, number))

    @property
    def pitch(self) -> float:
        """Return the mean pitch in frames between the first and last peak."""
        low, high = int(self.index.min()), int(self.index.max())
        return (self.frame(high) - self.frame(low)) / (high - low)


def _number_peaks(peaks: Peaks) -> _Numbering | None:
    """Number the peaks by cells, None if they do not stand at even distance.

    Perspective makes the pitch grow along the line, by a fifth at times, so each step is measured against the
    steps around it, and a second-order fit then corrects what a spurious peak upset.
    """
    positions = peaks.positions
    steps = np.diff(positions)
    usual = float(np.clip(np.median(steps), *PITCH_LIMITS_FRAMES))
    reach = LOCAL_STEPS // 2
    around = (
        np.pad(steps, reach, mode="reflect") if len(steps) > reach else np.full(len(steps) + 2 * reach, usual)
    )
    windows = np.lib.stride_tricks.sliding_window_view(around, LOCAL_STEPS)
    middle = np.median(windows, axis=1, keepdims=True)
    # peaks fall on frames a third of a pitch wide, so a mean without the gaps is finer than the median
    local = np.mean(windows, axis=1, where=np.abs(windows - middle) <= 0.51 * middle)
    local = np.clip(local, 0.75 * usual, 1.3 * usual)
    jumps = np.where(steps > 0.55 * local, np.maximum(1, np.round(steps / local)), 0)
    index = np.concatenate([[0.0], np.cumsum(jumps)])
    degree = 2 if index[-1] >= 12 else 1
    for _ in range(2):
        if len(np.unique(index)) <= degree:
            return None
        index = np.round(np.polyval(np.polyfit(positions, index, degree), positions))
    if len(np.unique(index)) <= degree:
        return None
    numbering = _Numbering(index.astype(np.int64), np.polyfit(index, positions, degree))
    return numbering if numbering.pitch > 1.5 else None


def _starts(peaks: Peaks, numbering: _Numbering, columns: int) -> list[_Start]:
    """Return the likeliest placements of the first cell, best first."""
    index = numbering.index
    low, high = int(index.min()), int(index.max())
    span = high - low + 1
    found = []
    for first in range(low - max(0, columns - span), low + max(0, span - columns) + 1):
        inside = (index >= first) & (index < first + columns)
        value = float(peaks.strengths[inside].sum() - 0.6 * peaks.strengths[~inside].sum())
        # a missing character is likelier at the end, where fillers are, than at the start
        value -= 0.05 * abs(first - low)
        found.append(_Start(first, numbering.frame(first), value, int((~inside).sum())))
    return sorted(found, key=lambda start: -start.value)[:STARTS_TRIED]


def score_cells(probabilities: Floats, centres: NDArray[np.floating[Any]]) -> Floats:
    """Return float32 (cells, 37): natural log-probabilities of the characters about each centre.

    probabilities: float32 (frames, 38). centres: float64 (cells,), in frames.
    """
    pitch = np.gradient(centres)[:, None]
    frames = np.arange(len(probabilities))
    distance = np.abs(frames[None] - centres[:, None]) / pitch
    near = np.exp(-((distance / 0.3) ** 2)) * (distance <= 0.55)
    ink = 1.0 - probabilities[:, BLANK]
    mixed = near @ probabilities[:, 1:].astype(np.float64)
    faint = (near * ink[None]).max(1) < FAINT
    mixed[faint] += 1e-3
    mixed[faint, FILLER_CLASS] += 0.01
    mixed = mixed + 1e-7
    logs = np.log(mixed / mixed.sum(1, keepdims=True))
    return np.asarray(logs, np.float32)


def fit_grid(probabilities: list[Floats], columns: int) -> Grid | None:
    """Lay a grid of columns cells on each line, the lines beginning below one another.

    probabilities: one float32 (frames, 38) a line, of strips cut in one frame. Returns None if a line shows
    too few characters.
    """
    lines = []
    for one in probabilities:
        peaks = find_peaks(one)
        if len(peaks.positions) < max(4, MIN_PEAK_SHARE * columns):
            return None
        numbering = _number_peaks(peaks)
        if numbering is None or numbering.index.max() - numbering.index.min() > 2 * columns:
            return None
        lines.append((numbering, _starts(peaks, numbering, columns)))
    pitch_frames = float(np.mean([numbering.pitch for numbering, _ in lines]))

    def value(choice: tuple[_Start, ...]) -> float:
        frames = [start.frame for start in choice]
        return sum(start.value for start in choice) - 1.5 * (max(frames) - min(frames)) / pitch_frames

    chosen = max(itertools.product(*(starts for _, starts in lines)), key=value)
    frames = [start.frame for start in chosen]
    misfit = max(0.0, (max(frames) - min(frames)) / pitch_frames - 0.8)
    scores, all_centres = [], []
    for one, (numbering, _), start in zip(probabilities, lines, chosen, strict=True):
        centres = np.polyval(numbering.centres, start.index + np.arange(columns))
        beyond = max(0, start.index + columns - 1 - int(numbering.index.max()))
        before = max(0, int(numbering.index.min()) - start.index)
        misfit += start.outside + 0.5 * (beyond + before)
        scores.append(score_cells(one, centres))
        all_centres.append(np.asarray(centres, np.float64))
    stops = [
        numbering.frame(start.index + columns - 1)
        for (numbering, _), start in zip(lines, chosen, strict=True)
    ]
    return Grid(
        scores=tuple(scores),
        misfit=misfit,
        pitch_frames=pitch_frames,
        first_frame=float(np.mean(frames)),
        last_frame=float(np.mean(stops)),
        centres=tuple(all_centres),
    )
