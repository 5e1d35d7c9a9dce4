"""The bits of score.py for one traveller against many stored entries, without the evidence: most candidates end here.

What two words are worth to each other is worked out once a traveller: the entries that keys find share their words.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from watchlists.core.birth_dates import BirthDate
from watchlists.core.indexing import read_birth_date, read_form
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
    FARTHEST_EDITED,
    RULE_ORDER,
    SHORTEST_JOINED,
    SHORTEST_TWICE_EDITED,
    WEAK_ORDER,
    MatchRule,
    Spellings,
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
# json.loads without the checks of its arguments
_decode = json.JSONDecoder().raw_decode
_INITIAL_ORDER = RULE_ORDER[MatchRule.INITIAL]
# (order of the rule, place of the presented word, bits if it leads the name, bits if another does)
Agreement = tuple[int, int, float, float]
# (letters, letters of the sound, if it is long enough for two edits, coarse skeleton, codes)
Marks = tuple[int, int, bool, str, frozenset[str]]


class QuickScorer:
    """One traveller made ready for many entries. most_name_bits: what the names can reach with these statistics."""

    def __init__(self, traveler: Profile, statistics: NameStatistics) -> None:
        self.most_name_bits = most_name_bits(traveler, statistics)
        self._traveler = traveler
        self._statistics = statistics
        self._forms = tuple(_PresentedForm(form, traveler.names_truncated) for form in traveler.forms)
        self._dates: dict[tuple[int, ...], float] = {}

    def bits(self, text: str, threshold: float) -> float:
        """Return the bits of score_profile to within rounding, OUT_OF_REACH where the threshold cannot be reached.

        text: of indexing.encode_profile.
        """
        (forms, dates, sex, nationalities), _ = _decode(text)
        rest = self._bits_without_names(dates, sex, nationalities)
        if not forms or not self._forms or rest + self.most_name_bits < threshold:
            return OUT_OF_REACH
        best = OUT_OF_REACH
        for low, words in forms:
            for presented in self._forms:
                found = presented.bits(words, bool(low), self._statistics)
                if found > best:
                    best = found
        return rest + best

    def _bits_without_names(self, dates: list[list[int]], sex: str, nationalities: list[str]) -> float:
        traveler = self._traveler
        bits = 0.0
        if dates and traveler.birth_dates:
            bits = max(self._date_bits(tuple(date)) for date in dates)
        if traveler.sex in ("M", "F") and sex in ("M", "F"):
            bits += SEX_EQUAL if traveler.sex == sex else SEX_DIFFERS
        if traveler.nationalities and nationalities:
            common = any(code in nationalities for code in traveler.nationalities)
            bits += NATIONALITY_EQUAL if common else NATIONALITY_DIFFERS
        return bits

    def _date_bits(self, written: tuple[int, ...]) -> float:
        known = self._dates.get(written)
        if known is None:
            listed: BirthDate = read_birth_date(written)
            known = self._dates[written] = max(
                BIRTH_DATE_BITS[compare_birth_dates(presented, listed)]
                for presented in self._traveler.birth_dates
            )
        return known


class _PresentedForm:
    """One name of the traveller, and what listed words are worth to it."""

    def __init__(self, form: Form, truncated: bool) -> None:
        self.form = form
        self.truncated = truncated
        self._firsts = tuple(word[0] for word in form.words)
        self._compared = tuple(
            (place, spellings, _marks_of(spellings))
            for place, spellings in enumerate(map(spellings_of, form.words))
        )
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

    def bits(self, words: Sequence[str], low_quality: bool, statistics: NameStatistics) -> float:
        """Return the bits of the two names. words: as stored, the spellings of each joined by "|"."""
        found: list[tuple[int, int, int, float, float]] = []
        joins: list[tuple[int, int]] = []
        particles = 0
        for place, word in enumerate(words):
            known = self._known.get(word)
            if known is None:
                listed = spellings_of(tuple(word.split("|")))
                known = self._known[word] = (
                    self._agreements_with(listed, statistics),
                    self._joined_into(listed[0].text),
                    listed[0].text in EMPTY_PARTICLES,
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
                if self._may_join(words, joins, free_presented, free_listed):
                    return self._whole_comparison(words, low_quality, statistics)
                joining = False
            presented_bit, listed_bit = 1 << presented_place, 1 << place
            if free_presented & presented_bit and free_listed & listed_bit:
                free_presented ^= presented_bit
                free_listed ^= listed_bit
                worth.append((leading, following))
                alike += order != _INITIAL_ORDER
        if joining and self._may_join(words, joins, free_presented, free_listed):
            return self._whole_comparison(words, low_quality, statistics)
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

    def _agreements_with(self, listed: Spellings, statistics: NameStatistics) -> tuple[Agreement, ...]:
        found = []
        latest = len(self._firsts) - 1
        marks = _marks_of(listed)
        if marks is not None:
            letters, sounds, is_long, coarse, codes = marks
        for place, presented, mine in self._compared:
            if marks is not None and mine is not None:
                my_letters, my_sounds, my_long, my_coarse, my_codes = mine
                both, unlike = my_letters & letters, (my_letters ^ letters).bit_count()
                # is_far_apart written out: most words of most entries end here, and a call costs more than it
                if (
                    unlike > 2
                    and both != letters
                    and both != my_letters
                    and (unlike > FARTHEST_EDITED or not (is_long and my_long))
                    and my_coarse != coarse
                    and (my_sounds ^ sounds).bit_count() > 2
                    and my_codes.isdisjoint(codes)
                ):
                    continue
            agreed = agree(presented, listed, may_be_cut=self.truncated and place == latest)
            if agreed is not None:
                rule, x, y = agreed
                pair = TokenPair(rule, x, y, (place,), (0,))
                found.append((RULE_ORDER[rule], place, *pair_bits(pair, self.form, self.form, statistics)))
        return tuple(found)

    def _joined_into(self, listed: str) -> tuple[int, ...]:
        near = self._joined.get(len(listed))
        return tuple(mask for mask, joined in near if is_joined(joined, listed)) if near else ()

    def _may_join(
        self, words: Sequence[str], joins: list[tuple[int, int]], free_presented: int, free_listed: int
    ) -> bool:
        """Tell whether neighbouring free words of one side may be one free word of the other.

        joins: (neighbouring presented words, listed word that is them joined), as bits.
        """
        for mask, listed_bit in joins:
            if free_listed & listed_bit and free_presented & mask == mask:
                return True
        if not (free_presented and free_listed & (free_listed >> 1) and self._near_lengths):
            return False
        for _, joined in _neighbours_joined([first_of(word) for word in words], free_listed):
            if len(joined) in self._near_lengths:
                for place, word in enumerate(self._firsts):
                    if free_presented >> place & 1 and _is_joined(joined, word):
                        return True
        return False

    def _whole_comparison(self, words: Sequence[str], low_quality: bool, statistics: NameStatistics) -> float:
        listed: Any = read_form([int(low_quality), list(words)])
        return name_bits(self.form, listed, statistics, truncated=self.truncated)


def first_of(word: str) -> str:
    """Return the preferred spelling of a stored word."""
    return word.partition("|")[0] if "|" in word else word


def _marks_of(word: Spellings) -> Marks | None:
    """Return what is_far_apart asks of a word with one spelling of A to Z, None for any other word."""
    one = word[0]
    if len(word) > 1 or not one.is_latin:
        return None
    is_long = len(one.text) >= SHORTEST_TWICE_EDITED - 1
    return one.letters, one.sound_letters, is_long, one.coarse, one.codes


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
