"""How alike two names are, from 0 to 1: name evidence alone, without a list and without birth dates."""

from collections.abc import Iterable

from rapidfuzz.distance import JaroWinkler

from watchlists.core.names import EMPTY_PARTICLES, Word, core_words
from watchlists.core.tokens import MatchRule, match_words
from watchlists.core.variants import heads_of

# how alike two words are that agree by a rule
LIKENESS: dict[MatchRule, float] = {
    MatchRule.EXACT: 1.0,
    MatchRule.WRITTEN: 0.98,
    MatchRule.SOUND: 0.97,
    MatchRule.JOINED: 0.96,
    MatchRule.LISTED: 0.95,
    MatchRule.VARIANT: 0.92,
    MatchRule.ONE_EDIT: 0.9,
    MatchRule.TRUNCATED: 0.8,
    MatchRule.SYLLABLE: 0.8,
    MatchRule.CLOSE: 0.75,
    MatchRule.INITIAL: 0.6,
}
COMMON_WORD = 0.85
LEFT_ON_ONE_SIDE = 0.22
LEFT_ON_BOTH_SIDES = 1.5
# of two words that agree by no rule, what still counts
UNLIKE_FROM, UNLIKE_SHARE = 0.6, 0.5
ONE_WORD_OF_SEVERAL = 0.7


def name_likeness(name: str, other: str) -> float:
    """Return how alike two names are, in [0, 1]; 0 where one of them has no letter.

    name, other: any text in any script. The same in either order. 0.8 and more: most likely one name, spelled,
    ordered or shortened otherwise; below 0.5: different names.
    """
    a, b = core_words(name), core_words(other)
    if not a or not b:
        return 0.0
    return round(max(_one_way(a, b), _one_way(b, a)), 4)


def _one_way(a: tuple[Word, ...], b: tuple[Word, ...]) -> float:
    matched = match_words(a, b)
    agreed = whole = 0.0
    weak = True
    for pair in matched.pairs:
        places = [a[place] for place in pair.presented_at] + [b[place] for place in pair.listed_at]
        weight = pair.words * min(_weight(word) for word in places)
        if pair.rule is MatchRule.INITIAL:
            weight *= 0.5
        elif pair.words > 1 or len(pair.presented) > 1:
            weak = False
        agreed += weight * LIKENESS[pair.rule]
        whole += weight
    left_a, left_b = (
        [word for word in (a[place] for place in matched.left_presented) if word[0] not in EMPTY_PARTICLES],
        [word for word in (b[place] for place in matched.left_listed) if word[0] not in EMPTY_PARTICLES],
    )
    for x, y in zip(left_a, left_b, strict=False):
        near = max(JaroWinkler.similarity(s, t) for s in x for t in y)
        agreed += UNLIKE_SHARE * max(0.0, near - UNLIKE_FROM) / (1.0 - UNLIKE_FROM)
        whole += LEFT_ON_BOTH_SIDES
    shorter = min(len(left_a), len(left_b))
    left = len(left_a) + len(left_b) - 2 * shorter
    if not matched.pairs:
        return min(0.45, agreed / max(whole + left, 1.0))
    score = agreed / (whole + LEFT_ON_ONE_SIDE * left)
    words = sum(pair.words for pair in matched.pairs)
    more = max(
        len(a) - len(matched.left_presented) + len(left_a), len(b) - len(matched.left_listed) + len(left_b)
    )
    if weak or (words < 2 and more > 1 and not shorter):
        score *= ONE_WORD_OF_SEVERAL
    return min(1.0, max(0.0, score))


def _weight(word: Iterable[str]) -> float:
    """Return a little less for a name that many bear."""
    return COMMON_WORD if any(heads_of(spelling) for spelling in word) else 1.0
