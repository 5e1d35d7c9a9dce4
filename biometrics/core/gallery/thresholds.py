"""How a threshold for 1:N search follows the size of the gallery."""

import math
from statistics import NormalDist

STANDARD = NormalDist()


def false_match_rate_for(*, fpir: float, size: int) -> float:
    """Return the false match rate of one comparison that gives a false positive identification rate over `size` of them.

    fpir: in (0, 1). size: enrolled subjects, >= 1. FPIR(N) = 1 - (1 - FMR)^N, comparisons taken as independent.
    Source: ISO/IEC 19795-1 for the rates; Grother and Phillips, "Models of large population recognition
    performance" (CVPR 2004), for the binomial model and where it fails.
    """
    if not 0 < fpir < 1 or size < 1:
        raise ValueError("the rate lies between 0 and 1 and a gallery holds at least one subject")
    return -math.expm1(math.log1p(-fpir) / size)


def threshold_for_size(
    *,
    threshold: float,
    size: int,
    calibrated_size: int,
    fpir: float,
    spread: float,
) -> float:
    """Return the threshold that keeps the false positive rate of a calibrated one at another gallery size.

    threshold: calibrated at `calibrated_size` enrolled subjects for the rate `fpir`. size: subjects enrolled now. spread:
    standard deviation of the non-mated scores in the tail, > 0; their tail is taken as that of a normal distribution whose
    quantile at the calibrated point is the calibrated threshold.
    Returns threshold + spread * (z(FMR at size) - z(FMR at calibrated_size)), z the normal quantile of 1 - FMR: it
    rises with size and is the calibrated threshold at the calibrated size. A guide between calibrations: beyond a
    tenth or ten times the calibrated size calibrate anew. Raises ValueError for a rate outside (0, 1), sizes below 1
    or a spread that is not positive.
    """
    if not spread > 0 or not math.isfinite(threshold):
        raise ValueError("the spread is positive and the threshold a number")
    now = false_match_rate_for(fpir=fpir, size=size)
    then = false_match_rate_for(fpir=fpir, size=calibrated_size)
    # the quantile of a tiny upper tail through its lower one, where floating point has room
    return threshold + spread * (STANDARD.inv_cdf(then) - STANDARD.inv_cdf(now))


def spread_between(*, low: float, low_rate: float, high: float, high_rate: float) -> float:
    """Return the spread from two measured thresholds of one engine: score `low` at FMR `low_rate`, `high` at `high_rate`.

    low_rate > high_rate, both in (0, 1); high > low. Raises ValueError otherwise.
    """
    if not (0 < high_rate < low_rate < 1 and high > low):
        raise ValueError("a higher threshold goes with a lower false match rate")
    return (high - low) / (STANDARD.inv_cdf(low_rate) - STANDARD.inv_cdf(high_rate))
