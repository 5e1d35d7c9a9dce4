"""Snapping to the grid: fillers in a row, perspective, lost starts."""

import numpy as np
import pytest

from biometrics.core.mrz.alphabet import ALPHABET
from biometrics.core.mrz.grid import fit_grid

LINES = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")


def probabilities_of(
    text: str, *, pitch: float = 3.0, growth: float = 0.0, start: float = 8.0, unseen: tuple[int, ...] = ()
) -> np.ndarray:
    """Return what the line reader gives for a text: float32 (frames, 38).

    pitch: frames a character at the start. growth: its growth to the end. unseen: characters not seen.
    """
    steps = pitch * np.linspace(1, 1 + growth, len(text))
    centres = start + np.concatenate([[0.0], np.cumsum(steps)[:-1]])
    frames = np.full((int(centres[-1]) + 12, len(ALPHABET) + 1), 1e-4, np.float32)
    frames[:, 0] = 1.0
    for index, (character, centre) in enumerate(zip(text, centres, strict=True)):
        if index not in unseen:
            frames[round(centre), 0] = 0.02
            frames[round(centre), 1 + ALPHABET.index(character)] = 0.97
    return frames / frames.sum(1, keepdims=True)


def read(grid_scores: tuple[np.ndarray, ...]) -> tuple[str, ...]:
    return tuple("".join(ALPHABET[index] for index in scores.argmax(1)) for scores in grid_scores)


@pytest.mark.parametrize("growth", [-0.2, 0.0, 0.1, 0.25])
@pytest.mark.parametrize("pitch", [2.7, 3.0, 3.3])
def test_lines_are_read_under_perspective(pitch: float, growth: float) -> None:
    grid = fit_grid([probabilities_of(line, pitch=pitch, growth=growth) for line in LINES], 44)
    assert grid is not None
    assert read(grid.scores) == LINES
    assert grid.misfit == 0


def test_fillers_that_were_not_seen_are_counted_by_distance() -> None:
    unseen = (27, 28, 29, 33)
    grid = fit_grid([probabilities_of(LINES[0], unseen=unseen), probabilities_of(LINES[1])], 44)
    assert grid is not None
    assert read(grid.scores) == LINES


def test_a_character_that_was_not_seen_is_a_filler_in_doubt() -> None:
    grid = fit_grid([probabilities_of(LINES[0]), probabilities_of(LINES[1], unseen=(5,))], 44)
    assert grid is not None
    best, second = np.sort(grid.scores[1][5])[::-1][:2]
    assert best - second < 3
    assert np.sort(grid.scores[1][6])[::-1][0] > -0.1


def test_a_start_lost_on_one_line_is_found_by_the_line_below() -> None:
    grid = fit_grid([probabilities_of(LINES[0], unseen=(0,)), probabilities_of(LINES[1])], 44)
    assert grid is not None
    assert read(grid.scores)[0][1:] == LINES[0][1:]
    assert grid.misfit > 0


def test_characters_beyond_the_grid_are_a_misfit() -> None:
    grid = fit_grid([probabilities_of(line) for line in LINES], 36)
    assert grid is not None
    assert grid.misfit >= 8


def test_too_few_characters_give_no_grid() -> None:
    unseen = tuple(range(0, 44, 2)) + tuple(range(1, 20))
    assert fit_grid([probabilities_of(line, unseen=unseen) for line in LINES], 44) is None


def test_noise_gives_a_grid_or_none() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        noise = [
            rng.dirichlet(np.full(38, 0.1), int(rng.integers(4, 200))).astype(np.float32) for _ in range(2)
        ]
        grid = fit_grid(noise, 44)
        assert grid is None or all(np.isfinite(scores).all() for scores in grid.scores)
