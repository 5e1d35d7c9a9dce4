"""Error rates by the slow, obvious way: try every threshold."""

from collections.abc import Sequence


def fnmr_at_fmr(mated: Sequence[float], non_mated: Sequence[float], fmr: float) -> float:
    """The lowest share of mated scores that miss at any threshold where at most `fmr` of the non-mated match.

    Thresholds are tried just above every score and below all of them; a match means score >= threshold.
    """
    best = 1.0
    for candidate in [float("-inf"), *non_mated]:
        matched = sum(score > candidate for score in non_mated)
        if matched <= fmr * len(non_mated) + 1e-9:
            best = min(best, sum(score <= candidate for score in mated) / len(mated))
    return best


def fnir_at_fpir(
    own: Sequence[float], others: Sequence[Sequence[float]], best_of_strangers: Sequence[float], fpir: float
) -> float:
    """The lowest share of mated searches whose own score misses, at most `fpir` of the strangers' searches alarming.

    own: the score of each mated probe's own subject. others: the scores of the others in the same search; more than nine at
    or above the own one push it out of the ten candidates.
    """
    best = 1.0
    for candidate in [float("-inf"), *best_of_strangers]:
        if sum(score > candidate for score in best_of_strangers) <= fpir * len(best_of_strangers) + 1e-9:
            missed = sum(
                score <= candidate or sum(other >= score for other in rest) >= 10
                for score, rest in zip(own, others, strict=True)
            )
            best = min(best, missed / len(own))
    return best
