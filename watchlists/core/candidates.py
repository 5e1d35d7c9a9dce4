"""From keys to hits, wherever the keys are stored: which candidates can still reach the threshold, and which do."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchlists.core.birth_dates import ANY_DATE, BirthDate
from watchlists.core.indexing import decode_profile
from watchlists.core.quick_score import ROUNDING, QuickScorer
from watchlists.core.score import Profile, Score, score_profile
from watchlists.core.statistics import NameStatistics
from watchlists.core.weights import BIRTH_DATE_BITS, NATIONALITY_EQUAL, SEX_EQUAL

MOST_DATE_BITS = max(BIRTH_DATE_BITS.values())
# enough that arrays pay, few enough that the time is looked at in between
CANDIDATES_AT_A_TIME = 512


@dataclass(frozen=True, slots=True)
class Query:
    """A traveller made ready."""

    profile: Profile
    statistics: NameStatistics
    scorer: QuickScorer

    @property
    def birth_date(self) -> BirthDate | None:
        """Return the traveller's birth date."""
        return self.profile.birth_dates[0] if self.profile.birth_dates else None

    @property
    def most_name_bits(self) -> float:
        """Return what the names can reach with these statistics."""
        return self.scorer.most_name_bits


def make_query(profile: Profile, statistics: NameStatistics) -> Query:
    """Return a traveller made ready for many candidates."""
    return Query(profile, statistics, QuickScorer(profile, statistics))


def within_reach(query: Query, born: NDArray[np.int32], threshold: float) -> NDArray[np.bool_]:
    """Tell which candidates may reach the threshold, by their birth dates alone.

    born: int32 (N,) as IndexedEntry.born. Returns bool (N,); never False for one that reaches it.
    """
    missing = threshold - query.most_name_bits - SEX_EQUAL - NATIONALITY_EQUAL - ROUNDING
    return most_date_bits(query.birth_date, born) >= missing


def most_date_bits(birth_date: BirthDate | None, born: NDArray[np.int32]) -> NDArray[np.float32]:
    """Return at least the bits of each birth date against the traveller's: exact for one date, most for several."""
    bits = np.zeros(born.shape, np.float32)
    bits[born == ANY_DATE] = MOST_DATE_BITS
    if birth_date is None:
        return bits
    if birth_date.number == ANY_DATE:
        bits[:] = MOST_DATE_BITS
        return bits
    weights = BIRTH_DATE_BITS
    known = born > 0
    year, rest = born // 10000, born % 10000
    apart = np.abs(year - birth_date.year)
    partly = known & ((rest == 0) | (not birth_date.is_full))
    bits[partly] = weights["year_differs_rest_unknown"]
    bits[partly & (apart == 1)] = weights["year_off_by_one_rest_unknown"]
    bits[partly & (apart == 0)] = weights["year_equal_rest_unknown"]
    if not birth_date.is_full:
        return bits
    whole = known & (rest > 0)
    bits[whole] = weights["differs"]
    same_day = whole & (rest == int(birth_date.month_day))
    bits[same_day] = weights["one_digit_of_year_differs"]
    bits[same_day & (apart == 1)] = weights["year_off_by_one"]
    same_year = whole & (apart == 0)
    bits[same_year] = max(
        weights[rule] for rule in ("year_equal", "one_part_differs", "year_equal_first_of_january")
    )
    month, day = birth_date.month or 0, birth_date.day or 0
    bits[same_year & (rest == day * 100 + month)] = weights["day_and_month_swapped"]
    bits[same_year & same_day] = weights["equal"]
    return bits


def score_candidates(
    query: Query, candidates: Iterable[tuple[Any, str]], threshold: float, *, most: int = 50
) -> list[tuple[Any, Score]]:
    """Return the candidates at or above the threshold with their evidence, best first, at most most of them.

    candidates: (what the caller knows it by, its search form).
    """
    reached = within_threshold(query, candidates, threshold)
    return explain(query, ((known_by, form) for _, known_by, form in reached[:most]), threshold)


def within_threshold(
    query: Query, candidates: Iterable[tuple[Any, str]], threshold: float
) -> list[tuple[float, Any, str]]:
    """Return (bits to within rounding, known by, search form) of those that may reach the threshold, best first."""
    lowest = threshold - ROUNDING
    reached = []
    remaining = iter(candidates)
    while block := list(itertools.islice(remaining, CANDIDATES_AT_A_TIME)):
        found = query.scorer.bits_of_all([form for _, form in block], lowest)
        reached += [
            (bits, known_by, form)
            for bits, (known_by, form) in zip(found, block, strict=True)
            if bits >= lowest
        ]
    reached.sort(key=lambda one: -one[0])
    return reached


def explain(query: Query, reached: Iterable[tuple[Any, str]], threshold: float) -> list[tuple[Any, Score]]:
    """Return (known by, score with its evidence) of those that reach the threshold, in their order."""
    scored = [
        (known_by, score_profile(query.profile, decode_profile(form), query.statistics))
        for known_by, form in reached
    ]
    return [(known_by, score) for known_by, score in scored if score.bits >= threshold]


def rarest_first(keys: Sequence[int], counts: Sequence[int], *, most: int) -> tuple[list[int], int]:
    """Return the keys that together hold at most so many entries, the commonest left out, and how many are."""
    kept: list[int] = []
    total = 0
    for count, key in sorted(zip(counts, keys, strict=True)):
        if kept and total + count > most:
            break
        total += count
        kept.append(key)
    return kept, len(keys) - len(kept)
