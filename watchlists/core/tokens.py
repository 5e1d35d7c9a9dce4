"""Pair the words of two names: which agree, by what rule, and which are left over."""

from dataclasses import dataclass
from enum import StrEnum

from watchlists.core.sounds import full_skeleton, has_consonants

SHORTEST_CUT = 4
SHORTEST_EDITED = 4
SHORTEST_JOINED = 6
# of the longer word's letters, how many must agree in place for a spelling variant
VARIANT_AGREEMENT = 0.5


class MatchRule(StrEnum):
    """How two words agree, best first."""

    EXACT = "exact"
    JOINED = "joined"
    VARIANT = "spelling_variant"
    ONE_EDIT = "one_edit"
    TRUNCATED = "truncated"
    INITIAL = "initial"


@dataclass(frozen=True, slots=True)
class TokenPair:
    """Two words that agree.

    words: how many words of a name the pair accounts for (2 where one side joins them).
    """

    rule: MatchRule
    presented: str
    listed: str
    words: int = 1


@dataclass(frozen=True, slots=True)
class TokenMatches:
    """pairs: best first. left_presented, left_listed: words that agree with none."""

    pairs: tuple[TokenPair, ...]
    left_presented: tuple[str, ...]
    left_listed: tuple[str, ...]

    @property
    def joined(self) -> bool:
        """Tell whether a pair stands for two words."""
        return any(pair.words > 1 for pair in self.pairs)


_ORDER = {rule: index for index, rule in enumerate(MatchRule)}


def match_tokens(
    presented: tuple[str, ...], listed: tuple[str, ...], *, truncated: bool = False
) -> TokenMatches:
    """Pair each word with at most one of the other name, better rules first, then in the order of the words.

    presented, listed: words as core_tokens gives them, in any order. truncated: the presented name was cut at
    its end, so that its last word may be the beginning of one.
    """
    found = [
        (_ORDER[rule], i, j, rule)
        for i, a in enumerate(presented)
        for j, b in enumerate(listed)
        if (rule := compare_tokens(a, b, cut=truncated and i == len(presented) - 1)) is not None
    ]
    pairs, used_presented, used_listed = [], set(), set()
    for _, i, j, rule in sorted(found, key=lambda item: item[:3]):
        if i not in used_presented and j not in used_listed:
            used_presented.add(i)
            used_listed.add(j)
            pairs.append(TokenPair(rule, presented[i], listed[j]))
    left_presented = [a for i, a in enumerate(presented) if i not in used_presented]
    left_listed = [b for j, b in enumerate(listed) if j not in used_listed]
    pairs += _join(left_presented, left_listed)
    return TokenMatches(tuple(pairs), tuple(left_presented), tuple(left_listed))


def _join(left_presented: list[str], left_listed: list[str]) -> list[TokenPair]:
    """Pair two neighbouring words left over on one side with one word of the other that joins them; take them
    out.
    """
    pairs = []
    for parts, wholes, presented_joins in (
        (left_presented, left_listed, False),
        (left_listed, left_presented, True),
    ):
        index = 0
        while index + 1 < len(parts):
            joined = parts[index] + parts[index + 1]
            whole = next((w for w in wholes if len(w) >= SHORTEST_JOINED and is_one_edit(joined, w)), None)
            if whole is None:
                index += 1
                continue
            apart = f"{parts[index]} {parts[index + 1]}"
            presented, listed = (whole, apart) if presented_joins else (apart, whole)
            pairs.append(TokenPair(MatchRule.JOINED, presented, listed, words=2))
            del parts[index : index + 2]
            wholes.remove(whole)
    return pairs


def compare_tokens(a: str, b: str, *, cut: bool = False) -> MatchRule | None:
    """Return the best rule by which two words agree, None where they do not.

    a, b: not empty. cut: a may be the beginning of a longer word, however short. Words outside A to Z agree
    only if equal.
    """
    if a == b:
        return MatchRule.EXACT
    if not (a.isascii() and b.isascii()):
        return None
    if cut and b.startswith(a):
        return MatchRule.TRUNCATED
    shorter = min(len(a), len(b))
    if shorter == 1:
        return MatchRule.INITIAL if a[0] == b[0] else None
    sounds = full_skeleton(a)
    if has_consonants(sounds) and sounds == full_skeleton(b) and _agreement(a, b) >= VARIANT_AGREEMENT:
        return MatchRule.VARIANT
    if shorter >= SHORTEST_EDITED and is_one_edit(a, b):
        return MatchRule.ONE_EDIT
    if shorter >= SHORTEST_CUT and (a.startswith(b) or b.startswith(a)):
        return MatchRule.TRUNCATED
    return None


def is_one_edit(a: str, b: str) -> bool:
    """Tell whether at most one letter is missing, added, changed, or swapped with its neighbour."""
    if a == b:
        return True
    if len(a) > len(b):
        a, b = b, a
    if len(b) - len(a) > 1:
        return False
    start = 0
    while start < len(a) and a[start] == b[start]:
        start += 1
    if len(a) < len(b):
        return a[start:] == b[start + 1 :]
    if a[start + 1 :] == b[start + 1 :]:
        return True
    swapped = b[start : start + 2][::-1]
    return a[start : start + 2] == swapped and a[start + 2 :] == b[start + 2 :]


def _agreement(a: str, b: str) -> float:
    """Return 1 minus the edit distance over the longer length, 0 to 1.

    Source: Levenshtein distance, by rows.
    """
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return 1.0 - row[-1] / max(len(a), len(b))
