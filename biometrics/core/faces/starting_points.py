"""Thresholds that each engine starts from, before a State has measured its own."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StartingPoint:
    """A threshold measured on press photographs. fmr: the false match rate aimed at. target: the same in words."""

    engine: str
    fmr: float
    threshold: float

    @property
    def target(self) -> str:
        """The error rate in words."""
        mantissa, exponent = f"{self.fmr:e}".split("e")
        return f"FMR {float(mantissa):g}e{int(exponent)} on press photographs: a value to start from"


class NoStartingPoint(LookupError):
    """No threshold was measured for this engine and rate."""


def starting_point(engine: str, *, fmr: float) -> StartingPoint:
    """Return the threshold to start from. engine: its name. fmr: one of 1e-3, 5e-4, 1e-4, 1e-5. Raises NoStartingPoint."""
    for point in STARTING_POINTS:
        if point.engine == engine and point.fmr == fmr:
            return point
    raise NoStartingPoint


STARTING_POINTS = (
    StartingPoint("sface", 1e-3, 0.324),
    StartingPoint("sface", 5e-4, 0.341),
    StartingPoint("sface", 1e-4, 0.378),
    StartingPoint("sface", 1e-5, 0.430),
    StartingPoint("dlib", 1e-3, 0.456),
    StartingPoint("dlib", 1e-4, 0.523),
    StartingPoint("dlib", 1e-5, 0.580),
)
