"""A day at the borders of Utopia: who comes, what the booth sends, what must come of it.

The scenes are played in this order. Whoever was let in leaves again before the day is over, so that the
next run finds the record as this one found it.
"""

from borders.demo.story.day import tell_story
from borders.demo.story.scenes import (
    AIRPORT,
    LAND_POST,
    SEA_PORT,
    Answer,
    Expected,
    PageSight,
    Scene,
    Verdict,
)

__all__ = [
    "AIRPORT",
    "LAND_POST",
    "SEA_PORT",
    "Answer",
    "Expected",
    "PageSight",
    "Scene",
    "Verdict",
    "tell_story",
]
