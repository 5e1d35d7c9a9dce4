"""The searches for a zone, in the order of what they find for their cost."""

from dataclasses import dataclass

# milliseconds: what one group of lines costs to look at, in units of the first search's line finding
LOOKS_A_SEARCH = 1.5
TURNED_COST = 1.6


@dataclass(frozen=True, slots=True)
class Stage:
    """One search: long side of the working image, closing width, rotation, light print on dark or not."""

    long_side_px: int
    closing_px: int
    rotation_deg: float = 0.0
    is_negative: bool = False

    @property
    def cost(self) -> float:
        """Return the time that the search is likely to take, in units of the first one's line finding."""
        pixels = (self.long_side_px / STAGES[0].long_side_px) ** 2
        return pixels * (TURNED_COST if self.rotation_deg else 1.0) + LOOKS_A_SEARCH


# the first stage finds almost every zone; the others serve tight print, upright cards, tilt and small print,
# the cheap ones first
STAGES = (
    Stage(480, 13),
    Stage(480, 9),
    Stage(480, 9, 90.0),
    Stage(480, 9, 28.0),
    Stage(480, 9, -28.0),
    Stage(900, 13),
    Stage(640, 13, 20.0),
    Stage(640, 13, -20.0),
    Stage(1400, 13),
    Stage(900, 19),
    Stage(900, 13, 90.0),
)
# light print on dark (negatives, some ultraviolet pictures) is looked for where the page is dark as a whole
NEGATIVE_STAGES = (
    Stage(480, 13, is_negative=True),
    Stage(480, 9, is_negative=True),
    Stage(480, 9, 90.0, is_negative=True),
)
STAGES_BEFORE_NEGATIVE = 2


def plan_stages(*, is_dark: bool) -> tuple[Stage, ...]:
    """Return the searches of one page in order."""
    if not is_dark:
        return STAGES
    return STAGES[:STAGES_BEFORE_NEGATIVE] + NEGATIVE_STAGES + STAGES[STAGES_BEFORE_NEGATIVE:]
