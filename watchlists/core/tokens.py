"""Pair the words of two names: which agree, by what rule, and which are left over."""

import functools
import operator
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import OSA, Levenshtein

from watchlists.core.names import Word
from watchlists.core.sounds import (
    codes_of,
    full_skeleton,
    has_consonants,
    is_unvowelled,
    joined_code,
    skeleton,
    sound_of,
)
from watchlists.core.variants import share_a_head

SHORTEST_CUT = 4
SHORTEST_EDITED = 4
SHORTEST_TWICE_EDITED = 8
SHORTEST_JOINED = 5
# of the longer word's sounds, how many must agree in place for words with one skeleton
VARIANT_AGREEMENT, CLOSE_AGREEMENT = 0.65, 0.5
JOINED_AGREEMENT = 0.6


class MatchRule(StrEnum):
    """How two words agree, best first."""

    EXACT = "exact"
    WRITTEN = "other_transliteration"
    SOUND = "same_sound"
    JOINED = "joined"
    LISTED = "listed_variant"
    VARIANT = "spelling_variant"
    ONE_EDIT = "one_edit"
    TRUNCATED = "truncated"
    SYLLABLE = "alike_syllable"
    CLOSE = "close"
    INITIAL = "initial"


_ORDER = {rule: index for index, rule in enumerate(MatchRule)}


@dataclass(frozen=True, slots=True)
class TokenPair:
    """Two words that agree.

    words: how many words of a name the pair accounts for (2 and more where one side joins them).
    presented_at, listed_at: the places of the words in their names.
    """

    rule: MatchRule
    presented: str
    listed: str
    presented_at: tuple[int, ...]
    listed_at: tuple[int, ...]

    @property
    def words(self) -> int:
        """Return the number of words joined."""
        return max(len(self.presented_at), len(self.listed_at))


@dataclass(frozen=True, slots=True)
class TokenMatches:
    """pairs: best first. left_presented, left_listed: places of the words that agree with none."""

    pairs: tuple[TokenPair, ...]
    left_presented: tuple[int, ...]
    left_listed: tuple[int, ...]


def match_words(
    presented: tuple[Word, ...], listed: tuple[Word, ...], *, truncated: bool = False
) -> TokenMatches:
    """Pair each word with at most one of the other name, better rules first, then in the order of the words.

    presented, listed: words as core_words gives them, in any order. truncated: the presented name was cut at
    its end, so that its last word may be the beginning of one.
    """
    found = []
    latest = len(presented) - 1
    for i, a in enumerate(presented):
        for j, b in enumerate(listed):
            agreed = compare_words(a, b)
            if truncated and i == latest and (agreed is None or _ORDER[agreed[0]] > _CUT_ORDER):
                cut = next((y for y in b if y.startswith(a[0])), None)
                agreed = agreed if cut is None else (MatchRule.TRUNCATED, a[0], cut)
            if agreed is not None:
                found.append((_ORDER[agreed[0]], i, j, agreed))
    if len(found) > 1:
        found.sort(key=_first_three)
    pairs: list[TokenPair] = []
    free_presented, free_listed = set(range(len(presented))), set(range(len(listed)))
    for order, i, j, (rule, x, y) in found:
        if order < _WEAK and i in free_presented and j in free_listed:
            free_presented.discard(i)
            free_listed.discard(j)
            pairs.append(TokenPair(rule, x, y, (i,), (j,)))
    if free_presented and free_listed and (len(presented) > 1 or len(listed) > 1):
        pairs += _join(presented, listed, free_presented, free_listed)
    for order, i, j, (rule, x, y) in found:
        if order >= _WEAK and i in free_presented and j in free_listed:
            free_presented.discard(i)
            free_listed.discard(j)
            pairs.append(TokenPair(rule, x, y, (i,), (j,)))
    return TokenMatches(tuple(pairs), tuple(sorted(free_presented)), tuple(sorted(free_listed)))


_CUT_ORDER = _ORDER[MatchRule.TRUNCATED]
# joined words agree better than these
_WEAK = _ORDER[MatchRule.TRUNCATED]


_first_three = operator.itemgetter(0, 1, 2)


def _join(
    presented: tuple[Word, ...], listed: tuple[Word, ...], free_presented: set[int], free_listed: set[int]
) -> list[TokenPair]:
    """Pair two or three neighbouring free words of one side with one free word of the other; take them out."""
    pairs = []
    for parts, free_parts, wholes, free_wholes, presented_joins in (
        (presented, free_presented, listed, free_listed, False),
        (listed, free_listed, presented, free_presented, True),
    ):
        for size in (3, 2):
            for start in range(len(parts) - size + 1):
                places = tuple(range(start, start + size))
                if not free_parts.issuperset(places):
                    continue
                joined = "".join(parts[place][0] for place in places)
                whole = next((j for j in sorted(free_wholes) if is_joined(joined, wholes[j][0])), None)
                if whole is None:
                    continue
                apart, one = " ".join(parts[place][0] for place in places), wholes[whole][0]
                free_parts.difference_update(places)
                free_wholes.discard(whole)
                pairs.append(
                    TokenPair(MatchRule.JOINED, one, apart, (whole,), places)
                    if presented_joins
                    else TokenPair(MatchRule.JOINED, apart, one, places, (whole,))
                )
    return pairs


@functools.lru_cache(100_000)
def is_joined(joined: str, whole: str) -> bool:
    """Tell whether words written together are this word, give or take one letter or the spelling of a sound."""
    if len(whole) < SHORTEST_JOINED or abs(len(joined) - len(whole)) > 2:
        return False
    if is_one_edit(joined, whole) or sound_of(joined) == sound_of(whole):
        return True
    same = joined_code(joined) == joined_code(whole)
    return same and Levenshtein.normalized_similarity(sound_of(joined), sound_of(whole)) >= JOINED_AGREEMENT


@functools.lru_cache(400_000)
def compare_words(a: Word, b: Word) -> tuple[MatchRule, str, str] | None:
    """Return the best rule by which two words agree and the spellings that do, None where none do."""
    if a[0] == b[0]:
        return MatchRule.EXACT, a[0], b[0]
    best: tuple[MatchRule, str, str] | None = None
    for x in a:
        for y in b:
            rule = MatchRule.WRITTEN if x == y else compare_tokens(x, y)
            if rule is not None and (best is None or _ORDER[rule] < _ORDER[best[0]]):
                best = (rule, x, y)
    return best


def compare_tokens(a: str, b: str) -> MatchRule | None:
    """Return the best rule by which two spellings agree, None where they do not.

    a, b: not empty. Words outside A to Z agree only if equal.
    """
    if a == b:
        return MatchRule.EXACT
    if not (a.isascii() and b.isascii() and a.isalpha() and b.isalpha()):
        return None
    shorter, longer = min(len(a), len(b)), max(len(a), len(b))
    if shorter == 1:
        return MatchRule.INITIAL if a[0] == b[0] else None
    sound_a, sound_b = sound_of(a), sound_of(b)
    if sound_a == sound_b:
        return MatchRule.SOUND if shorter > 2 else MatchRule.SYLLABLE
    if share_a_head(a, b):
        return MatchRule.LISTED
    bare = full_skeleton(a)
    if has_consonants(bare) and bare == full_skeleton(b):
        if (is_unvowelled(a) or is_unvowelled(b)) and len(bare) > 1:
            return MatchRule.VARIANT
        agreement = Levenshtein.normalized_similarity(sound_a, sound_b)
        if shorter > 2 and agreement >= CLOSE_AGREEMENT:
            if shorter <= SHORTEST_CUT:
                return MatchRule.SYLLABLE
            return MatchRule.VARIANT if agreement >= VARIANT_AGREEMENT else MatchRule.CLOSE
    if _is_sparse(a) or _is_sparse(b):
        # between consonants an H may be a letter of its own or part of another
        coarse = joined_code(a).replace("H", "")
        if len(coarse) > 1 and longer > 2 and coarse == joined_code(b).replace("H", ""):
            return MatchRule.VARIANT
    if shorter >= SHORTEST_EDITED and is_one_edit(a, b):
        return MatchRule.ONE_EDIT
    if shorter >= SHORTEST_CUT and (a.startswith(b) or b.startswith(a)):
        return MatchRule.TRUNCATED
    code = skeleton(a)
    if code[0] == "~" and code == skeleton(b) and len(code) > 3:
        return MatchRule.SYLLABLE
    if shorter >= SHORTEST_EDITED and longer > 4:
        if OSA.distance(sound_a, sound_b, score_cutoff=1) <= 1 and min(len(sound_a), len(sound_b)) >= 4:
            return MatchRule.CLOSE
        if shorter >= SHORTEST_TWICE_EDITED - 1 and OSA.distance(a, b, score_cutoff=2) <= 2:
            return MatchRule.CLOSE
    if not set(codes_of(a)).isdisjoint(codes_of(b)) and has_consonants(bare) and len(bare) >= 3:
        return MatchRule.CLOSE
    return None


def _is_sparse(word: str) -> bool:
    """Tell whether a word has so few vowels that its script leaves some of them out."""
    vowels = sum(character in "AEIOUY" for character in word[1:])
    return is_unvowelled(word) or (len(word) > 4 and 4 * vowels <= len(word))


def is_one_edit(a: str, b: str) -> bool:
    """Tell whether at most one letter is missing, added, changed, or swapped with its neighbour."""
    return OSA.distance(a, b, score_cutoff=1) <= 1
