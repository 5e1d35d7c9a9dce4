"""Milliseconds a step, against a budget."""

from collections.abc import Callable
from typing import TypeVar

Clock = Callable[[], float]
Result = TypeVar("Result")
MOST_TIMES_BUDGET = 3.0


class Stopwatch:
    """Adds up milliseconds a step and knows when the budget is spent. clock: seconds, monotonic."""

    def __init__(self, clock: Clock, budget_ms: float) -> None:
        self._clock = clock
        self._begun = clock()
        self._budget_ms = self._first_budget_ms = budget_ms
        self.steps_ms: dict[str, float] = {}

    def total_ms(self) -> float:
        """Return milliseconds since the start."""
        return (self._clock() - self._begun) * 1000

    def is_over(self) -> bool:
        """Return whether the budget is spent."""
        return self.total_ms() > self._budget_ms

    def allow(self, budget_ms: float) -> None:
        """Set the budget: the first one at least, MOST_TIMES_BUDGET times that at most."""
        most_ms = MOST_TIMES_BUDGET * self._first_budget_ms
        self._budget_ms = min(max(budget_ms, self._first_budget_ms), most_ms)

    def is_half_spent(self) -> bool:
        """Return whether half of the budget is spent."""
        return self.total_ms() > self._budget_ms / 2

    def would_pass(self, cost_ms: float) -> bool:
        """Return whether the budget is spent, or would be after cost_ms more."""
        return self.total_ms() + cost_ms > self._budget_ms

    def measure(self, step: str, function: Callable[[], Result]) -> Result:
        """Call function and add its time to the step."""
        begun = self._clock()
        result = function()
        self.steps_ms[step] = self.steps_ms.get(step, 0.0) + (self._clock() - begun) * 1000
        return result
