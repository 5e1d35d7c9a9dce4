"""Pair the words of two names: which agree, by what rule, and which are left over."""

import functools
import operator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

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
from watchlists.core.variants import heads_of

SHORTEST_CUT = 4
SHORTEST_EDITED = 4
SHORTEST_TWICE_EDITED = 8
SHORTEST_JOINED = 5
# coarse consonants that say enough where the finer ones differ
SHORTEST_COARSE = 4
_VOWELS = frozenset("AEIOUY")
# letters that one word may have and the other not when they are two edits apart
FARTHEST_EDITED = 4
# likewise for words that may be others written together: a sound has many spellings
FARTHEST_JOINED = 7
# of the longer word's sounds, how many must agree in place for words with one skeleton
VARIANT_AGREEMENT, CLOSE_AGREEMENT = 0.65, 0.5
JOINED_AGREEMENT = 0.7


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


# of rules, the best first
RULE_ORDER = {rule: index for index, rule in enumerate(MatchRule)}


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
    listed_words = tuple(map(spellings_of, listed))
    for i, a in enumerate(map(spellings_of, presented)):
        for j, b in enumerate(listed_words):
            agreed = agree(a, b, may_be_cut=truncated and i == latest)
            if agreed is not None:
                found.append((RULE_ORDER[agreed[0]], i, j, agreed))
    if len(found) > 1:
        found.sort(key=_first_three)
    pairs: list[TokenPair] = []
    free_presented, free_listed = set(range(len(presented))), set(range(len(listed)))
    for order, i, j, (rule, x, y) in found:
        if order < WEAK_ORDER and i in free_presented and j in free_listed:
            free_presented.discard(i)
            free_listed.discard(j)
            pairs.append(TokenPair(rule, x, y, (i,), (j,)))
    if free_presented and free_listed and (len(presented) > 1 or len(listed) > 1):
        pairs += _join(presented, listed, free_presented, free_listed)
    for order, i, j, (rule, x, y) in found:
        if order >= WEAK_ORDER and i in free_presented and j in free_listed:
            free_presented.discard(i)
            free_listed.discard(j)
            pairs.append(TokenPair(rule, x, y, (i,), (j,)))
    return TokenMatches(tuple(pairs), tuple(sorted(free_presented)), tuple(sorted(free_listed)))


def agree(
    presented: "Spellings", listed: "Spellings", *, may_be_cut: bool
) -> tuple[MatchRule, str, str] | None:
    """Return the best rule by which two words agree and the spellings that do, None where none do.

    may_be_cut: the presented word may be the beginning of one.
    """
    agreed = _best_rule(presented, listed)
    if may_be_cut and (agreed is None or RULE_ORDER[agreed[0]] > _CUT_ORDER):
        beginning = presented[0].text
        cut = next((y.text for y in listed if y.text.startswith(beginning)), None)
        return agreed if cut is None else (MatchRule.TRUNCATED, beginning, cut)
    return agreed


_CUT_ORDER = RULE_ORDER[MatchRule.TRUNCATED]
# joined words agree better than these
WEAK_ORDER = RULE_ORDER[MatchRule.TRUNCATED]


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


def is_joined(joined: str, whole: str) -> bool:
    """Tell whether words written together are this word, give or take one letter or the spelling of a sound."""
    if len(whole) < SHORTEST_JOINED or abs(len(joined) - len(whole)) > 2:
        return False
    # most are words of other letters, and the codes of both cost fifty times as much
    return len(set(joined) ^ set(whole)) <= FARTHEST_JOINED and _sounds_joined(joined, whole)


@functools.lru_cache(100_000)
def _sounds_joined(joined: str, whole: str) -> bool:
    if is_one_edit(joined, whole) or sound_of(joined) == sound_of(whole):
        return True
    same = joined_code(joined) == joined_code(whole)
    return same and Levenshtein.normalized_similarity(sound_of(joined), sound_of(whole)) >= JOINED_AGREEMENT


def compare_words(a: Word, b: Word) -> tuple[MatchRule, str, str] | None:
    """Return the best rule by which two words agree and the spellings that do, None where none do."""
    return _best_rule(spellings_of(a), spellings_of(b))


class Token(NamedTuple):
    """One spelling with all that comparisons ask of it, worked out once.

    is_latin: of A to Z alone. bare: full skeleton. coarse: coarse consonants without H. letters, sound_letters: which
    letters there are, as bits: words that differ in many letters are not a typing error apart.
    """

    text: str
    is_latin: bool
    sound: str = ""
    bare: str = ""
    coarse: str = ""
    code: str = ""
    codes: frozenset[str] = frozenset()
    heads: frozenset[str] = frozenset()
    has_consonants: bool = False
    is_unvowelled: bool = False
    is_sparse: bool = False
    letters: int = 0
    sound_letters: int = 0


# one word, the preferred spelling first
Spellings = tuple[Token, ...]


def spellings_of(word: Word) -> Spellings:
    """Return a word made ready for comparison."""
    return (token_of(word[0]),) if len(word) == 1 else tuple(map(token_of, word))


def _best_rule(a: Spellings, b: Spellings) -> tuple[MatchRule, str, str] | None:
    if a[0].text == b[0].text:
        return MatchRule.EXACT, a[0].text, b[0].text
    best: tuple[MatchRule, str, str] | None = None
    for x in a:
        for y in b:
            rule = MatchRule.WRITTEN if x.text == y.text else _compare(x, y)
            if rule is not None and (best is None or RULE_ORDER[rule] < RULE_ORDER[best[0]]):
                best = (rule, x.text, y.text)
    return best


@functools.lru_cache(200_000)
def token_of(word: str) -> Token:
    """Return a spelling made ready for comparison. word: not empty."""
    if not (word.isascii() and word.isalpha()):
        return Token(word, is_latin=False)
    sound, bare, unvowelled = sound_of(word), full_skeleton(word), is_unvowelled(word)
    return Token(
        word,
        is_latin=True,
        sound=sound,
        bare=bare,
        coarse=_collapse(joined_code(word).replace("H", "")),
        code=skeleton(word),
        codes=frozenset(codes_of(word)),
        heads=frozenset(heads_of(word)),
        has_consonants=has_consonants(bare),
        is_unvowelled=unvowelled,
        is_sparse=unvowelled or _has_few_vowels(word),
        letters=_letters_of(word),
        sound_letters=_letters_of(sound),
    )


def _collapse(code: str) -> str:
    """Return a code without doubles: a script without vowels writes KDDNI for KADADANI, which others read as KDNI."""
    return "".join([c for before, c in zip(" " + code, code, strict=False) if c != before])


def is_unvowelled_spelling(a: str, b: str, *, consonants: int) -> bool:
    """Tell whether one word is the other with some of its vowels left out: HMAD for HAMAD, SDAT for SADAT.

    consonants: of both. Two say little: then the words have four letters or more, and begin and end alike.
    """
    long, short = (a, b) if len(a) > len(b) else (b, a)
    if consonants < 3 and (len(short) < SHORTEST_CUT or a[0] != b[0] or a[-1] != b[-1]):
        return False
    place = 0
    for character in long:
        if place < len(short) and short[place] == character:
            place += 1
        elif character not in _VOWELS:
            return False
    return place == len(short)


_LETTER_BITS = {letter: 1 << place for place, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}


def _letters_of(word: str) -> int:
    """Return which letters a word of A to Z has, as bits."""
    return sum([_LETTER_BITS[letter] for letter in set(word)])


def compare_tokens(a: str, b: str) -> MatchRule | None:
    """Return the best rule by which two spellings agree, None where they do not.

    a, b: not empty. Words outside A to Z agree only if equal.
    """
    return MatchRule.EXACT if a == b else _compare(token_of(a), token_of(b))


def _compare(one: Token, other: Token) -> MatchRule | None:
    if not (one.is_latin and other.is_latin):
        return None
    a, b = one.text, other.text
    unlike = (one.letters ^ other.letters).bit_count()
    if is_far_apart(one, other):
        return None
    shorter, longer = (len(a), len(b)) if len(a) < len(b) else (len(b), len(a))
    if shorter == 1:
        return MatchRule.INITIAL if a[0] == b[0] else None
    if one.sound == other.sound:
        return MatchRule.SOUND if shorter > 2 else MatchRule.SYLLABLE
    if one.heads and not one.heads.isdisjoint(other.heads):
        return MatchRule.LISTED
    if one.bare == other.bare and one.has_consonants:
        if (one.is_unvowelled or other.is_unvowelled) and len(one.bare) > 1:
            return MatchRule.VARIANT
        agreement = Levenshtein.normalized_similarity(one.sound, other.sound)
        if shorter > 2 and agreement >= CLOSE_AGREEMENT:
            if is_unvowelled_spelling(a, b, consonants=len(one.bare)):
                return MatchRule.VARIANT
            if shorter <= SHORTEST_CUT:
                return MatchRule.SYLLABLE
            return MatchRule.VARIANT if agreement >= VARIANT_AGREEMENT else MatchRule.CLOSE
    # between consonants an H may be a letter of its own or part of another
    sparse = longer > 2 and (one.is_sparse or other.is_sparse)
    if one.coarse == other.coarse and (a[0] in _VOWELS) == (b[0] in _VOWELS):
        if sparse and len(one.coarse) > 1:
            return MatchRule.VARIANT
        alike = Levenshtein.normalized_similarity(one.sound, other.sound)
        if len(one.coarse) >= SHORTEST_COARSE and alike >= VARIANT_AGREEMENT:
            return MatchRule.VARIANT
    # one edit changes two letters at most
    if shorter >= SHORTEST_EDITED and longer - shorter < 2 and unlike <= 2 and is_one_edit(a, b):
        return MatchRule.ONE_EDIT
    if shorter >= SHORTEST_CUT and (a.startswith(b) or b.startswith(a)):
        return MatchRule.TRUNCATED
    if one.code == other.code and one.code[0] == "~" and len(one.code) > 3:
        return MatchRule.SYLLABLE
    if shorter == SHORTEST_EDITED - 1 and longer <= 2 * shorter and _is_short_for(a, b):
        return MatchRule.CLOSE
    if shorter >= SHORTEST_EDITED and longer > 4 and _is_close(one, other, shorter, longer, unlike):
        return MatchRule.CLOSE
    if one.has_consonants and len(one.bare) >= 3 and not one.codes.isdisjoint(other.codes):
        return MatchRule.CLOSE
    return None


def is_far_apart(one: Token, other: Token) -> bool:
    """Tell whether no rule can join two spellings of A to Z: what most pairs of words are.

    Of initials and words cut or shortened, one has no letter that the other lacks. One edit changes two letters at most,
    two edits of long words FARTHEST_EDITED. Words with one sound or skeleton have one coarse skeleton, variants of one
    name a common code.
    """
    a, b = one.letters, other.letters
    unlike = (a ^ b).bit_count()
    return (
        unlike > 2
        and a & b != a
        and a & b != b
        and (unlike > FARTHEST_EDITED or min(len(one.text), len(other.text)) < SHORTEST_TWICE_EDITED - 1)
        and one.coarse != other.coarse
        and (one.sound_letters ^ other.sound_letters).bit_count() > 2
        and one.codes.isdisjoint(other.codes)
    )


def _is_short_for(a: str, b: str) -> bool:
    """Tell whether a word of three letters is another shortened (RAJ, RAJAN), without its H, or with one letter off."""
    short, long = (a, b) if len(a) < len(b) else (b, a)
    if long.startswith(short) or long == f"H{short}":
        return True
    return len(long) == SHORTEST_EDITED and a[0] == b[0] and is_one_edit(a, b)


def _is_close(one: Token, other: Token, shorter: int, longer: int, unlike: int) -> bool:
    """Tell whether the sounds are one edit apart, or long words two."""
    a, b = one.sound, other.sound
    near = len(a) >= 4 and len(b) >= 4 and (one.sound_letters ^ other.sound_letters).bit_count() <= 2
    if near and OSA.distance(a, b, score_cutoff=1) <= 1:
        return True
    long = shorter >= SHORTEST_TWICE_EDITED - 1 and longer - shorter <= 2 and unlike <= FARTHEST_EDITED
    return long and OSA.distance(one.text, other.text, score_cutoff=2) <= 2


def _has_few_vowels(word: str) -> bool:
    """Tell whether a word has so few vowels that its script leaves some of them out."""
    return len(word) > 4 and 4 * sum(character in _VOWELS for character in word[1:]) <= len(word)


def is_one_edit(a: str, b: str) -> bool:
    """Tell whether at most one letter is missing, added, changed, or swapped with its neighbour."""
    return OSA.distance(a, b, score_cutoff=1) <= 1
