"""Three faces that should be one: page portrait, live face, chip portrait."""

from dataclasses import dataclass

from biometrics.core.outcomes import Outcome

PAGE_LIVE, CHIP_LIVE, PAGE_CHIP = "page_live", "chip_live", "page_chip"


@dataclass(frozen=True, slots=True)
class PairScore:
    """One 1:1 comparison: its score (higher is more alike) and the threshold in force; a match means score >= threshold."""

    score: float
    threshold: float

    @property
    def is_match(self) -> bool:
        """Tell whether the two faces match."""
        return self.score >= self.threshold


@dataclass(frozen=True, slots=True)
class DifferentialEvidence:
    """What the pairs say together.

    outcome: PASS all compared pairs match, FAIL one or more do not, UNDETERMINED fewer than two were compared. code: stable.
    disagreeing, compared: names of pairs (page_live, chip_live, page_chip), in this order.
    """

    outcome: Outcome
    code: str
    disagreeing: tuple[str, ...]
    compared: tuple[str, ...]


# which picture stands apart when exactly the two pairs with it disagree
_APART: dict[tuple[str, ...], str] = {
    (PAGE_LIVE, PAGE_CHIP): "page_differs",
    (CHIP_LIVE, PAGE_CHIP): "chip_differs",
    (PAGE_LIVE, CHIP_LIVE): "live_differs",
}


def compare_three(
    *, page_live: PairScore | None, chip_live: PairScore | None, page_chip: PairScore | None
) -> DifferentialEvidence:
    """Return which of the three pictures stands apart, if one does.

    None: that pair was not compared (no chip, no live face, no portrait found). Codes: `three_agree`, `two_agree` (PASS; of two
    compared pairs both match); `page_differs`, `chip_differs`, `live_differs`, `all_differ`, `one_pair_differs` (FAIL);
    `not_enough_pairs` (UNDETERMINED).
    A portrait blended from two people can match both and pass: this is evidence for an officer, not a morph detector.
    """
    pairs = {PAGE_LIVE: page_live, CHIP_LIVE: chip_live, PAGE_CHIP: page_chip}
    compared = tuple(name for name, pair in pairs.items() if pair is not None)
    disagreeing = tuple(name for name, pair in pairs.items() if pair is not None and not pair.is_match)
    if len(compared) < 2:
        return DifferentialEvidence(Outcome.UNDETERMINED, "not_enough_pairs", disagreeing, compared)
    if not disagreeing:
        code = "three_agree" if len(compared) == 3 else "two_agree"
        return DifferentialEvidence(Outcome.PASS, code, disagreeing, compared)
    code = "all_differ" if len(disagreeing) == 3 else _APART.get(disagreeing, "one_pair_differs")
    return DifferentialEvidence(Outcome.FAIL, code, disagreeing, compared)
