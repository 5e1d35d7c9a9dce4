"""Step 6: read the cells under the masks of a layout: what may stand where."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.core.mrz.alphabet import ALPHABET, DIGITS, FILLER, LETTERS
from biometrics.core.mrz.expectation import add_expectations
from biometrics.core.mrz.layouts import Layout

Floats = NDArray[np.float32]

FORBIDDEN = np.float32(-30.0)


def _allowed(characters: str) -> NDArray[np.bool_]:
    return np.array([character in characters for character in ALPHABET])


MASK_CHARACTERS: dict[str, NDArray[np.bool_]] = {
    "a": _allowed(LETTERS + FILLER),
    "n": _allowed(DIGITS),
    "d": _allowed(DIGITS + FILLER),
    "x": _allowed(ALPHABET),
    "s": _allowed("MFX" + FILLER),
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """The likeliest characters of a zone in one layout.

    lines: as read, before any repair. scores: float32 (columns, 37) a line, natural log-probabilities with
    characters that the layout forbids at -30. confidences: probability of the character read before the
    masks, 0 to 1. mean_log: mean log-probability of the characters read. mask_loss: sum of what the masks
    took from the likeliest characters, 0 or more; large where the layout does not fit.
    """

    layout: Layout
    lines: tuple[str, ...]
    scores: tuple[Floats, ...]
    confidences: tuple[tuple[float, ...], ...]
    mean_log: float
    mask_loss: float


def decode(scores: tuple[Floats, ...], layout: Layout) -> Decoded:
    """Read the cells of a grid in a layout. scores: float32 (columns, 37) a line, in the layout's size."""
    lines, masked_scores, confidences = [], [], []
    logs, loss = 0.0, 0.0
    cells = 0
    for line_scores, line_mask in zip(scores, layout.masks, strict=True):
        allowed = np.stack([MASK_CHARACTERS[letter] for letter in line_mask])
        masked_scores.append(np.where(allowed, line_scores, FORBIDDEN).astype(np.float32))
    expected = add_expectations(layout, tuple(masked_scores))
    for line_scores, line_expected in zip(scores, expected, strict=True):
        best = line_expected.argmax(1)
        chosen = line_scores[np.arange(len(best)), best]
        lines.append("".join(ALPHABET[index] for index in best))
        confidences.append(tuple(float(value) for value in np.exp(chosen)))
        logs += float(chosen.sum())
        loss += float((line_scores.max(1) - chosen).sum())
        cells += len(best)
    return Decoded(layout, tuple(lines), tuple(masked_scores), tuple(confidences), logs / cells, loss)
