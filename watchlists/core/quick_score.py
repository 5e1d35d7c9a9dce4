"""The bits of score.py for one traveller against many stored entries, without the evidence: most candidates end here.

Birth date, sex and nationality come first, then a bound for the names of all entries at once (name_bounds.py); names are
compared only where that still reaches the threshold. What two words are worth to each other is worked out once a traveller.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from watchlists.core.birth_dates import BirthDate
from watchlists.core.indexing import read_birth_date, read_form
from watchlists.core.name_bounds import NameBound
from watchlists.core.names import EMPTY_PARTICLES
from watchlists.core.score import (
    Form,
    Profile,
    bits_of_worth,
    compare_birth_dates,
    most_name_bits,
    name_bits,
    pair_bits,
)
from watchlists.core.statistics import NameStatistics
from watchlists.core.tokens import (
    RULE_ORDER,
    SHORTEST_JOINED,
    WEAK_ORDER,
    MatchRule,
    TokenPair,
    agree,
    is_joined,
    spellings_of,
)
from watchlists.core.weights import (
    BIRTH_DATE_BITS,
    NATIONALITY_DIFFERS,
    NATIONALITY_EQUAL,
    SEX_DIFFERS,
    SEX_EQUAL,
)

OUT_OF_REACH = float("-inf")
# rounding of each piece to two decimals
ROUNDING = 0.1
# json.loads without the checks of its arguments
_decode = json.JSONDecoder().raw_decode
_INITIAL_ORDER = RULE_ORDER[MatchRule.INITIAL]
# (order of the rule, place of the presented word, bits if it leads the name, bits if another does)
Agreement = tuple[int, int, float, float]
# (place of its entry, bits of the entry without names, 1 for a weak alias, words as stored)
_StoredName = tuple[int, float, int, list[str]]


class QuickScorer:
    """One traveller made ready for many entries. most_name_bits: what the names can reach with these statistics."""

    def __init__(self, traveler: Profile, statistics: NameStatistics) -> None:
        self.most_name_bits = most_name_bits(traveler, statistics)
        self._traveler = traveler
        self._statistics = statistics
        self._forms = tuple(
            _PresentedForm(form, statistics, truncated=traveler.names_truncated) for form in traveler.forms
        )
        self._sex_bits = (
            {sex: SEX_EQUAL if sex == traveler.sex else SEX_DIFFERS for sex in ("M", "F")}
            if traveler.sex in ("M", "F")
            else {}
        )
        self._dates: dict[tuple[int, ...], float] = {}

    def bits(self, text: str, threshold: float) -> float:
        """Return the bits of one entry. See bits_of_all."""
        return self.bits_of_all([text], threshold)[0]

    def bits_of_all(self, texts: Sequence[str], threshold: float) -> list[float]:
        """Return the bits of score_profile to within rounding, OUT_OF_REACH where the threshold cannot be reached.

        texts: of indexing.encode_profile, one an entry.
        """
        found = [OUT_OF_REACH] * len(texts)
        rest_of, most = self._bits_without_names, self.most_name_bits
        # one of each for every name that may still do
        names: list[_StoredName] = []
        words: list[str] = []
        sizes: list[int] = []
        for place, text in enumerate(texts):
            (forms, dates, sex, nationalities), _ = _decode(text)
            rest = rest_of(dates, sex, nationalities)
            if rest + most < threshold:
                continue
            for low, own in forms:
                names.append((place, rest, low, own))
                words += own
                sizes.append(len(own))
        if not names:
            return found
        needed = np.array([threshold - rest for _, rest, _, _ in names]) - ROUNDING
        for presented in self._forms:
            near = presented.bound.near(words, sizes)
            for one in np.flatnonzero(near.most_bits >= needed).tolist():
                place, rest, low, own = names[one]
                start = near.starts[one]
                of_words = slice(start, start + len(own))
                bits = rest + presented.bits(
                    own,
                    bool(low),
                    near.agreeing[of_words].tolist(),
                    near.joined_into[of_words].tolist(),
                    may_join=bool(near.joined_from[one]),
                )
                if bits > found[place]:
                    found[place] = bits
        return found

    def _bits_without_names(self, dates: list[list[int]], sex: str, nationalities: list[str]) -> float:
        bits = self._sex_bits.get(sex, 0.0)
        own = self._traveler.nationalities
        if own and nationalities:
            for code in own:
                if code in nationalities:
                    bits += NATIONALITY_EQUAL
                    break
            else:
                bits += NATIONALITY_DIFFERS
        if dates and self._traveler.birth_dates:
            known = self._dates
            best = OUT_OF_REACH
            for date in dates:
                written = tuple(date)
                agreed = known.get(written)
                if agreed is None:
                    agreed = known[written] = self._date_bits(written)
                if agreed > best:
                    best = agreed
            bits += best
        return bits

    def _date_bits(self, written: tuple[int, ...]) -> float:
        listed: BirthDate = read_birth_date(written)
        return max(
            BIRTH_DATE_BITS[compare_birth_dates(presented, listed)]
            for presented in self._traveler.birth_dates
        )


class _PresentedForm:
    """One name of the traveller, and what listed words are worth to it."""

    def __init__(self, form: Form, statistics: NameStatistics, *, truncated: bool) -> None:
        self.form = form
        self._statistics = statistics
        self.bound = NameBound(form, statistics, truncated=truncated)
        self.truncated = truncated
        self._firsts = tuple(word[0] for word in form.words)
        self._spellings = tuple(map(spellings_of, form.words))
        # neighbouring words written as one: (which words they are, as bits, and the joined word)
        self._joined: dict[int, list[tuple[int, str]]] = {}
        for mask, joined in _neighbours_joined(self._firsts, (1 << len(self._firsts)) - 1):
            # by the lengths of words that they may be
            for length in range(len(joined) - 2, len(joined) + 3):
                self._joined.setdefault(length, []).append((mask, joined))
        joinable = {len(word) for word in self._firsts if len(word) >= SHORTEST_JOINED}
        self._near_lengths = frozenset(length + by for length in joinable for by in range(-2, 3))
        # particles that agree with nothing are nothing, as bits
        self._particles = sum(
            1 << place for place, word in enumerate(self._firsts) if word in EMPTY_PARTICLES
        )
        # of each listed word: its agreements, the neighbouring presented words that it joins, if it is a particle
        self._known: dict[str, tuple[tuple[Agreement, ...], tuple[int, ...], bool]] = {}

    def bits(
        self,
        words: Sequence[str],
        low_quality: bool,
        agreeing: Sequence[int],
        joined_into: Sequence[int],
        *,
        may_join: bool,
    ) -> float:
        """Return the bits of the two names. words: as stored, the spellings of each joined by "|".

        agreeing, joined_into, may_join: of NearNames.
        """
        found: list[tuple[int, int, int, float, float]] = []
        joins: list[tuple[int, int]] = []
        particles = 0
        for place, word in enumerate(words):
            known = self._known.get(word)
            if known is None:
                known = self._known[word] = (
                    self._agreements_with(word, agreeing[place]) if agreeing[place] else (),
                    self._joined_into(first_of(word)) if joined_into[place] else (),
                    first_of(word) in EMPTY_PARTICLES,
                )
            for order, presented_place, leading, following in known[0]:
                found.append((order, presented_place, place, leading, following))
            for mask in known[1]:
                joins.append((mask, 1 << place))
            if known[2]:
                particles |= 1 << place
        if len(found) > 1:
            found.sort()
        presented_count, listed_count = len(self._firsts), len(words)
        free_presented, free_listed = (1 << presented_count) - 1, (1 << listed_count) - 1
        worth: list[tuple[float, float]] = []
        alike = 0
        joining = presented_count > 1 or listed_count > 1
        for order, presented_place, place, leading, following in found:
            if joining and order >= WEAK_ORDER:
                if self._may_join(words, joins, free_presented, free_listed, may_join):
                    return self._whole_comparison(words, low_quality)
                joining = False
            presented_bit, listed_bit = 1 << presented_place, 1 << place
            if free_presented & presented_bit and free_listed & listed_bit:
                free_presented ^= presented_bit
                free_listed ^= listed_bit
                worth.append((leading, following))
                alike += order != _INITIAL_ORDER
        if joining and self._may_join(words, joins, free_presented, free_listed, may_join):
            return self._whole_comparison(words, low_quality)
        return bits_of_worth(
            worth,
            left_presented=(free_presented & ~self._particles).bit_count(),
            left_listed=(free_listed & ~particles).bit_count(),
            truncated=self.truncated,
            is_thin=alike < 2
            and presented_count - (free_presented & self._particles).bit_count() > 1
            and listed_count - (free_listed & particles).bit_count() > 1,
            low_quality=low_quality or self.form.low_quality,
        )

    def _agreements_with(self, word: str, near: int) -> tuple[Agreement, ...]:
        found = []
        listed = spellings_of(tuple(word.split("|")))
        latest = len(self._firsts) - 1
        for place, presented in enumerate(self._spellings):
            if near >> place & 1:
                agreed = agree(presented, listed, may_be_cut=self.truncated and place == latest)
                if agreed is not None:
                    rule, x, y = agreed
                    pair = TokenPair(rule, x, y, (place,), (0,))
                    worth = pair_bits(pair, self.form, self.form, self._statistics)
                    found.append((RULE_ORDER[rule], place, *worth))
        return tuple(found)

    def _joined_into(self, listed: str) -> tuple[int, ...]:
        near = self._joined.get(len(listed))
        return tuple(mask for mask, joined in near if is_joined(joined, listed)) if near else ()

    def _may_join(
        self,
        words: Sequence[str],
        joins: list[tuple[int, int]],
        free_presented: int,
        free_listed: int,
        may_join: bool,
    ) -> bool:
        """Tell whether neighbouring free words of one side may be one free word of the other.

        joins: (neighbouring presented words, listed word that is them joined), as bits.
        """
        for mask, listed_bit in joins:
            if free_listed & listed_bit and free_presented & mask == mask:
                return True
        if not (may_join and free_presented and free_listed & (free_listed >> 1) and self._near_lengths):
            return False
        for _, joined in _neighbours_joined([first_of(word) for word in words], free_listed):
            if len(joined) in self._near_lengths:
                for place, word in enumerate(self._firsts):
                    if free_presented >> place & 1 and _is_joined(joined, word):
                        return True
        return False

    def _whole_comparison(self, words: Sequence[str], low_quality: bool) -> float:
        listed: Any = read_form([int(low_quality), list(words)])
        return name_bits(self.form, listed, self._statistics, truncated=self.truncated)


def first_of(word: str) -> str:
    """Return the preferred spelling of a stored word."""
    return word.partition("|")[0] if "|" in word else word


def _neighbours_joined(words: Sequence[str], free: int) -> Iterator[tuple[int, str]]:
    """Yield two and three neighbouring words of those free, as bits, and them written together."""
    for start in range(len(words) - 1):
        if free >> start & 3 == 3:
            joined = words[start] + words[start + 1]
            yield 3 << start, joined
            if free >> start & 4:
                yield 7 << start, joined + words[start + 2]


def _is_joined(joined: str, whole: str) -> bool:
    # the lengths say no to most, for less than a look into the cache
    return -2 <= len(joined) - len(whole) <= 2 and is_joined(joined, whole)
