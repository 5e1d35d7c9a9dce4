from datetime import UTC, datetime, timedelta

import pytest

from borders.core.pipeline import SCREENING_GRID_MS, Step, shown_ms, shown_ready_at

OPENED = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)


@pytest.mark.parametrize(("elapsed_ms", "shown"), [(0.0, 0.0), (0.3, 50.0), (50.0, 50.0), (50.1, 100.0)])
def test_screening_is_shown_in_whole_steps_of_the_grid(elapsed_ms: float, shown: float) -> None:
    assert shown_ms(Step.SCREEN, elapsed_ms) == shown
    assert shown_ready_at(OPENED, OPENED + timedelta(milliseconds=elapsed_ms)) == OPENED + timedelta(
        milliseconds=shown
    )


def test_other_steps_are_shown_to_a_tenth() -> None:
    assert shown_ms(Step.READ, 12.345) == 12.3


def test_answers_a_silent_hit_apart_are_shown_at_the_same_time() -> None:
    without, with_hit = (OPENED + timedelta(milliseconds=ms) for ms in (14.38, 15.29))
    assert shown_ready_at(OPENED, without) == shown_ready_at(OPENED, with_hit)
    assert SCREENING_GRID_MS >= 50
