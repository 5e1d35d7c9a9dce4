"""What one presented name can be worth at most against many stored ones, all at once: most of them end here.

Of each word only marks are compared (which letters it has, codes, length), as numbers in arrays. A word that is near no
presented word by its marks agrees with none; how much is lost for words left over and what those that may agree can
bring at most is a bound that no exact score passes. quick_score.py scores the few that remain.
"""

import functools
import itertools
import struct
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from watchlists.core.names import EMPTY_PARTICLES
from watchlists.core.score import Form
from watchlists.core.statistics import NameStatistics
from watchlists.core.tokens import (
    FARTHEST_EDITED,
    FARTHEST_JOINED,
    SHORTEST_JOINED,
    SHORTEST_TWICE_EDITED,
    Token,
    token_of,
)
from watchlists.core.weights import (
    FEWER_THAN_TWO_MATCHED,
    NAME_BITS_MOST,
    SHARE_MOST,
    UNMATCHED_AND_TRUNCATED,
    UNMATCHED_ON_BOTH_SIDES,
    UNMATCHED_ON_ONE_SIDE,
)

# of one spelling. codes: a bit for each, so that equal codes share one; likewise coarse is equal where the skeletons are
MARKS = np.dtype(
    [
        ("codes", np.uint64),
        ("letters", np.uint32),
        ("sounds", np.uint32),
        ("coarse", np.uint32),
        ("length", np.uint8),
        ("is_open", np.bool_),
        ("is_particle", np.bool_),
        ("_unused", np.uint8),
    ]
)
_PACKED = struct.Struct("=QIIIB??x")
_ALL = (1 << 32) - 1
# of letters as bits, A the first: R stands six after L
_ABD, _M_AND_N, _L = np.uint32(0b1011), np.uint32(0b11 << 12), np.uint32(1 << 11)


@functools.lru_cache(200_000)
def marks_of(word: str) -> bytes:
    """Return the marks of a stored word, one of MARKS for each of its spellings. word: spellings joined by "|"."""
    spellings = word.split("|")
    return b"".join([_marks_of(token_of(one), spellings[0] in EMPTY_PARTICLES) for one in spellings])


def _marks_of(token: Token, is_particle: bool) -> bytes:
    # of words outside A to Z the marks say nothing: they are near everything, and the exact score decides
    if not token.is_latin:
        return _PACKED.pack(0, _ALL, _ALL, 0, 0, True, is_particle)
    codes = 0
    for code in token.codes:
        codes |= 1 << (zlib.crc32(code.encode()) & 63)
    coarse = zlib.crc32(token.coarse.encode())
    length = min(len(token.text), 255)
    return _PACKED.pack(codes, token.letters, token.sound_letters, coarse, length, False, is_particle)


class NearNames(NamedTuple):
    """What many stored names may have in common with one presented name. Presented words are bits, the first one 1.

    most_bits: float64 (N,), at least the bits of each name to within rounding, low quality left aside. starts: intp (N,),
    the place of the first word of each name. agreeing, joined_into: uint8 (W,), of each word: presented words with which
    it may agree; neighbouring presented words that it may be, written together. joined_from: uint8 (N,), of each name:
    presented words that may be neighbouring words of it.
    """

    most_bits: NDArray[np.float64]
    starts: NDArray[np.intp]
    agreeing: NDArray[np.uint8]
    joined_into: NDArray[np.uint8]
    joined_from: NDArray[np.uint8]


class NameBound:
    """One presented name made ready for many stored ones."""

    def __init__(self, form: Form, statistics: NameStatistics, *, truncated: bool) -> None:
        places = [place for place, word in enumerate(form.words) for _ in word]
        texts = ["|".join(word) for word in form.words]
        marks = np.frombuffer(b"".join(map(marks_of, texts)), MARKS)
        self._is_open = bool(marks["is_open"].any())
        self._places = np.array([[1 << place] for place in places], np.uint8)
        # one row for each spelling
        self._marks = marks.reshape(-1, 1)
        firsts = [token_of(word[0]) for word in form.words]
        self._joins = _joins_of(firsts)
        self._wholes = [
            (1 << place, len(token.text), token.letters)
            for place, token in enumerate(firsts)
            if len(token.text) >= SHORTEST_JOINED
        ]
        particles = sum(1 << place for place, word in enumerate(form.words) if word[0] in EMPTY_PARTICLES)
        masks = range(1 << len(form.words))
        self._most = _most_by_mask(form, statistics)
        self._left = np.array([(masks[-1] & ~mask & ~particles).bit_count() for mask in masks], np.int16)
        self._all = masks[-1]
        self._one_side = UNMATCHED_AND_TRUNCATED if truncated else UNMATCHED_ON_ONE_SIDE

    def near(self, words: Sequence[str], sizes: Sequence[int]) -> NearNames:
        """Return what many stored names may have in common with this one.

        words: of all stored names, one name after the other, as stored. sizes: how many words each name has, 1 or more.
        """
        packed = list(map(marks_of, words))
        marks = np.frombuffer(b"".join(packed), MARKS)
        starts = np.zeros(len(sizes), np.intp)
        np.cumsum(sizes[:-1], out=starts[1:])
        agreeing = self._near(marks)
        opens = marks["is_open"]
        if len(marks) > len(packed):
            counts = np.fromiter(map(len, packed), np.intp, len(packed)) // MARKS.itemsize
            spellings = np.cumsum(counts) - counts
            agreeing = np.bitwise_or.reduceat(agreeing, spellings)
            opens = np.logical_or.reduceat(opens, spellings)
            marks = marks[spellings]
        lengths, letters = marks["length"].astype(np.int16), marks["letters"]
        joined_into = self._joined_into(lengths, letters)
        joined_from = self._joined_from(lengths, letters, starts)
        if self._is_open or opens.any():
            joined_into[opens | self._is_open] = self._all
            joined_from[np.logical_or.reduceat(opens, starts) | self._is_open] = self._all
        in_common = np.bitwise_or.reduceat(agreeing | joined_into, starts) | joined_from
        telling = ~marks["is_particle"]
        left = np.add.reduceat((((agreeing | joined_into) == 0) & telling).astype(np.int16), starts)
        # up to three words joined are one presented word
        left = np.maximum(left - 3 * np.bitwise_count(joined_from), 0)
        mine = self._left[in_common]
        both = np.minimum(left, mine)
        bits = (
            self._most[in_common] + both * UNMATCHED_ON_BOTH_SIDES + (left + mine - 2 * both) * self._one_side
        )
        if self._left[0] > 1:
            thin = np.add.reduceat(telling.astype(np.int16), starts) > 1
            thin &= (np.bitwise_count(in_common) < 2) & (joined_from == 0)
            bits += np.where(thin, FEWER_THAN_TWO_MATCHED, 0.0)
        return NearNames(bits, starts, agreeing, joined_into, joined_from)

    def _near(self, marks: NDArray[np.void]) -> NDArray[np.uint8]:
        """Return for each spelling which presented words it may agree with, as bits. The twin of tokens.is_far_apart."""
        mine = self._marks
        letters, own = marks["letters"], mine["letters"]
        both, unlike = letters & own, np.bitwise_count(letters ^ own)
        long = SHORTEST_TWICE_EDITED - 1
        near = unlike <= 2
        near |= both == letters
        near |= both == own
        near |= (unlike <= FARTHEST_EDITED) & ((marks["length"] >= long) & (mine["length"] >= long))
        near |= marks["coarse"] == mine["coarse"]
        near |= np.bitwise_count(marks["sounds"] ^ mine["sounds"]) <= 2
        near |= (marks["codes"] & mine["codes"]) != 0
        return np.asarray(np.bitwise_or.reduce(near * self._places, axis=0), np.uint8)

    def _joined_into(self, lengths: NDArray[np.int16], letters: NDArray[np.uint32]) -> NDArray[np.uint8]:
        """Return for each stored word which presented neighbours it may be written together, as bits."""
        found = np.zeros(len(lengths), np.uint8)
        for mask, length, own in self._joins:
            near = (np.abs(lengths - length) <= 2) & (lengths >= SHORTEST_JOINED)
            if near.any():
                found |= (near & _may_be_joined(letters, own)) * np.uint8(mask)
        return found

    def _joined_from(
        self, lengths: NDArray[np.int16], letters: NDArray[np.uint32], starts: NDArray[np.intp]
    ) -> NDArray[np.uint8]:
        """Return for each stored name which presented words may be neighbours of it written together, as bits."""
        found = np.zeros(len(lengths), np.uint8)
        if not self._wholes or len(lengths) < 2:
            return found[starts]
        begins = np.zeros(len(lengths), np.bool_)
        begins[starts] = True
        two, three = lengths[:-1] + lengths[1:], lengths[:-2] + lengths[1:-1] + lengths[2:]
        # names end where the next one begins
        two[begins[1:]] = -9
        three[begins[1:-1] | begins[2:]] = -9
        pairs = letters[:-1] | letters[1:]
        triples = pairs[:-1] | letters[2:]
        for mask, length, own in self._wholes:
            for together, written in ((two, pairs), (three, triples)):
                near = np.abs(together - length) <= 2
                if near.any():
                    found[: len(near)] |= (near & _may_be_joined(written, own)) * np.uint8(mask)
        return np.asarray(np.bitwise_or.reduceat(found, starts), np.uint8)


def _may_be_joined(letters: NDArray[np.uint32], own: int) -> NDArray[np.bool_]:
    """Tell which words may be these letters written together or apart: is_joined asks no more of letters.

    Words that sound alike have M, N, and L or R, in common, unless one of them begins with ABD, whose L may be any sound.
    """
    unlike = np.bitwise_count(letters ^ np.uint32(own))
    if own & _ABD == _ABD:
        return unlike <= FARTHEST_JOINED
    telling = (letters & _M_AND_N) | ((letters | letters >> 6) & _L)
    alike = telling == np.uint32((own & int(_M_AND_N)) | ((own | own >> 6) & int(_L)))
    alike |= (letters & _ABD) == _ABD
    return np.asarray((unlike <= 2) | (alike & (unlike <= FARTHEST_JOINED)))


def _joins_of(firsts: Sequence[Token]) -> list[tuple[int, int, int]]:
    """Return two and three neighbouring words written together: (which words, as bits, length, letters)."""
    joins = []
    for start, size in itertools.product(range(len(firsts)), (2, 3)):
        parts = firsts[start : start + size]
        if len(parts) == size:
            mask = sum(1 << place for place in range(start, start + size))
            letters = functools.reduce(lambda one, other: one | other, (part.letters for part in parts))
            joins.append((mask, sum(len(part.text) for part in parts), letters))
    return joins


def _most_by_mask(form: Form, statistics: NameStatistics) -> NDArray[np.float64]:
    """Return what presented words can be worth together, for every choice of them: float64 (2 ** words,)."""
    at_home, lead = np.zeros(1), np.zeros(1)
    for word in form.words:
        rarities = [statistics.of_word(spelling) for spelling in word]
        overall, home = max(r[0] for r in rarities), max(r[1] for r in rarities)
        at_home = np.concatenate((at_home, at_home + home))
        lead = np.concatenate((lead, np.maximum(lead, overall - home)))
    return np.minimum(NAME_BITS_MOST, SHARE_MOST * (at_home + lead))
