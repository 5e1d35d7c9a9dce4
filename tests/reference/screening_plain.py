"""The slow, obvious twin of the screening engine: the rules of keys, statistics and score one pair at a time.

No hashes, no index, no bounds, no caches: every entry is looked at. It shares with the fast engine only what is data or
a definition: words and their spellings, codes of words, the rule by which two spellings agree, and the weights.
"""

import math
from itertools import combinations

from watchlists.core.birth_dates import BirthDate
from watchlists.core.names import EMPTY_PARTICLES, PersonName, core_words
from watchlists.core.score import Identity, compare_birth_dates
from watchlists.core.sounds import codes_of, joined_code
from watchlists.core.statistics import NameStatistics
from watchlists.core.tokens import MatchRule, compare_tokens, is_joined
from watchlists.core.weights import (
    BIRTH_DATE_BITS,
    FEWER_THAN_TWO_MATCHED,
    LOW_QUALITY_NAME,
    NAME_BITS_MOST,
    NATIONALITY_DIFFERS,
    NATIONALITY_EQUAL,
    SEX_DIFFERS,
    SEX_EQUAL,
    SHARE,
    UNMATCHED_AND_TRUNCATED,
    UNMATCHED_ON_BOTH_SIDES,
    UNMATCHED_ON_ONE_SIDE,
)

Words = tuple[tuple[str, ...], ...]
RULES = list(MatchRule)


def screen_plainly(
    traveler: Identity, entries: list[Identity], statistics: NameStatistics, threshold: float
) -> dict[int, float]:
    """Return the places of the entries at or above the threshold, with their bits."""
    born = traveler.birth_dates[0] if traveler.birth_dates else None
    scored = {
        place: score_plainly(traveler, entry, statistics)
        for place, entry in enumerate(entries)
        if is_candidate(traveler.names, born, entry.names, entry.birth_dates)
    }
    return {place: bits for place, bits in scored.items() if bits >= threshold}


def is_candidate(
    traveler_names: tuple[PersonName, ...],
    traveler_born: BirthDate | None,
    entry_names: tuple[PersonName, ...],
    entry_dates: tuple[BirthDate, ...],
) -> bool:
    """Tell whether an entry is to be scored for a traveller, by comparing every name with every name."""
    return any(
        _names_meet(presented, traveler_born, listed, entry_dates)
        for presented in {core_words(name.whole) for name in traveler_names} - {()}
        for listed in {core_words(name.whole) for name in entry_names} - {()}
    )


def _codes(words: Words) -> list[list[str]]:
    found = [list(dict.fromkeys(code for spelling in word for code in codes_of(spelling))) for word in words]
    return [codes[:4] for codes in found]


def _names_meet(
    presented: Words, born: BirthDate | None, listed: Words, dates: tuple[BirthDate, ...]
) -> bool:
    mine, theirs = _codes(presented), _codes(listed)
    if {codes[0] for codes in mine} == {codes[0] for codes in theirs}:
        return True
    my_codes = {code for codes in mine for code in codes}
    their_codes = {code for codes in theirs for code in codes}
    undated = not dates
    year_near = undated or any(_year_is_near(born, date) for date in dates)
    if year_near and _pairs(mine) & _pairs(theirs):
        return True
    if year_near and {_joined(turned) for turned in _turns(presented)} & {_joined(listed)}:
        return True
    not_whole = undated or any(not date.is_full for date in dates)
    marks_near = undated or (born is not None and any(_year_is_near(born, date) for date in dates))
    if not_whole and marks_near and _marks(mine) & _marks(theirs):
        return True
    return any(
        _whole_dates_meet(my_codes, born, their_codes, date)
        for date in dates
        if date.is_full and born is not None
    )


def _whole_dates_meet(mine: set[str], born: BirthDate, theirs: set[str], listed: BirthDate) -> bool:
    if not born.is_full:
        return bool(mine & theirs) and born.until_year is None and listed.year == born.year
    swapped = born.day <= 12 and born.day != born.month
    if mine & theirs:
        if born.month_day == listed.month_day:
            return True
        if born.month == listed.month and abs(born.year - listed.year) <= 1:
            return True
        if swapped and born.day == listed.month and born.year == listed.year:
            return True
    if born.year != listed.year or not {_initial(code) for code in mine} & {
        _initial(code) for code in theirs
    }:
        return False
    same = (born.month, born.day) == (listed.month, listed.day)
    return same or (swapped and (born.day, born.month) == (listed.month, listed.day))


def _year_is_near(born: BirthDate | None, listed: BirthDate) -> bool:
    if born is None:
        return any(1920 <= year <= 2030 for year in listed.years)
    return any(abs(year - other) <= 1 for year in born.years for other in listed.years)


def _pairs(codes: list[list[str]]) -> set[frozenset[str] | tuple[str, ...]]:
    if len(codes) == 1:
        return {(code,) for code in codes[0]}
    return {tuple(sorted((a, b))) for one, other in combinations(codes, 2) for a in one for b in other}


def _marks(codes: list[list[str]]) -> set[tuple[str, str]]:
    return {
        (mine, _initial(theirs))
        for i, own in enumerate(codes)
        for j, others in enumerate(codes)
        if i != j
        for mine in own
        for theirs in others
    }


def _initial(code: str) -> str:
    letters = code[1:] if code[0] in "~_=" and len(code) > 1 else code
    return letters[1] if letters.startswith("H") and len(letters) > 1 else letters[0]


def _joined(words: Words) -> str:
    return joined_code("".join(word[0] for word in words))[:10]


def _turns(words: Words) -> list[Words]:
    return [words[i:] + words[:i] for i in range(min(4, len(words)))]


def score_plainly(traveler: Identity, entry: Identity, statistics: NameStatistics) -> float:
    """Return the bits of the best pair of names, dates, sex and nationality; minus infinity without a name."""
    names = [
        _name_bits(
            core_words(presented.whole),
            core_words(listed.whole),
            statistics,
            truncated=traveler.names_truncated,
            weak=_is_weak(traveler, presented) or _is_weak(entry, listed),
        )
        for presented in traveler.names
        for listed in entry.names
        if core_words(presented.whole) and core_words(listed.whole)
    ]
    if not names:
        return -math.inf
    bits = max(names)
    dates = [
        BIRTH_DATE_BITS[compare_birth_dates(a, b)] for a in traveler.birth_dates for b in entry.birth_dates
    ]
    bits += max(dates, default=0.0)
    if {traveler.sex, entry.sex} <= {"M", "F"}:
        bits += SEX_EQUAL if traveler.sex == entry.sex else SEX_DIFFERS
    if traveler.nationalities and entry.nationalities:
        common = set(traveler.nationalities) & set(entry.nationalities)
        bits += NATIONALITY_EQUAL if common else NATIONALITY_DIFFERS
    return round(bits, 2)


def _is_weak(identity: Identity, name: PersonName) -> bool:
    """Tell whether only low-quality names of a person have these words."""
    return all(
        other.low_quality for other in identity.names if core_words(other.whole) == core_words(name.whole)
    )


def _name_bits(
    presented: Words, listed: Words, statistics: NameStatistics, *, truncated: bool, weak: bool
) -> float:
    pairs, left_presented, left_listed = _pair_up(presented, listed, truncated=truncated)
    worth = [_worth(pair, presented, listed, statistics) for pair in pairs]
    gained = 0.0
    if worth:
        leads = [lead - follow for lead, follow in worth]
        leader = leads.index(max(leads))
        for place, (lead, follow) in enumerate(worth):
            gained += round(min(lead if place == leader else follow, NAME_BITS_MOST - gained), 2)
    for words, left in ((presented, left_presented), (listed, left_listed)):
        left -= {place for place in left if words[place][0] in EMPTY_PARTICLES}
    both = min(len(left_presented), len(left_listed))
    one = max(len(left_presented), len(left_listed)) - both
    bits = gained + both * UNMATCHED_ON_BOTH_SIDES
    bits += one * (UNMATCHED_AND_TRUNCATED if truncated else UNMATCHED_ON_ONE_SIDE)
    agreed = sum(max(len(i), len(j)) for rule, _, _, i, j in pairs if rule is not MatchRule.INITIAL)
    placed = [{place for pair in pairs for place in pair[side]} for side in (3, 4)]
    if agreed < 2 and all(
        len(left | used) > 1 for left, used in zip((left_presented, left_listed), placed, strict=True)
    ):
        bits += FEWER_THAN_TWO_MATCHED
    return bits + (LOW_QUALITY_NAME if weak else 0.0)


def _pair_up(presented: Words, listed: Words, *, truncated: bool) -> tuple[list[tuple], set[int], set[int]]:
    found = []
    for i, a in enumerate(presented):
        for j, b in enumerate(listed):
            rule, x, y = _agree(a, b)
            cut = [y for y in b if y.startswith(a[0])]
            last = truncated and i == len(presented) - 1
            if last and cut and (rule is None or RULES.index(rule) > RULES.index(MatchRule.TRUNCATED)):
                rule, x, y = MatchRule.TRUNCATED, a[0], cut[0]
            if rule is not None:
                found.append((RULES.index(rule), i, j, rule, x, y))
    found.sort(key=lambda item: item[:3])
    free_presented, free_listed = set(range(len(presented))), set(range(len(listed)))
    pairs: list[tuple] = []
    weak = RULES.index(MatchRule.TRUNCATED)
    for strong in (True, False):
        for order, i, j, rule, x, y in found:
            if (order < weak) is strong and i in free_presented and j in free_listed:
                free_presented.discard(i)
                free_listed.discard(j)
                pairs.append((rule, x, y, (i,), (j,)))
        if strong and (len(presented) > 1 or len(listed) > 1):
            pairs += _join(presented, listed, free_presented, free_listed)
    return pairs, free_presented, free_listed


def _join(presented: Words, listed: Words, free_presented: set[int], free_listed: set[int]) -> list[tuple]:
    pairs = []
    for turned in (False, True):
        parts, wholes = (listed, presented) if turned else (presented, listed)
        free_parts, free_wholes = (free_listed, free_presented) if turned else (free_presented, free_listed)
        for size in (3, 2):
            for start in range(len(parts) - size + 1):
                places = tuple(range(start, start + size))
                if not set(places) <= free_parts:
                    continue
                joined = "".join(parts[place][0] for place in places)
                fitting = [j for j in sorted(free_wholes) if is_joined(joined, wholes[j][0])]
                if fitting:
                    free_parts -= set(places)
                    free_wholes.discard(fitting[0])
                    apart, one = " ".join(parts[p][0] for p in places), wholes[fitting[0]][0]
                    pairs.append(
                        (MatchRule.JOINED, one, apart, (fitting[0],), places)
                        if turned
                        else (MatchRule.JOINED, apart, one, places, (fitting[0],))
                    )
    return pairs


def _agree(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[MatchRule | None, str, str]:
    if a[0] == b[0]:
        return MatchRule.EXACT, a[0], b[0]
    best: tuple[MatchRule | None, str, str] = (None, "", "")
    for x in a:
        for y in b:
            rule = MatchRule.WRITTEN if x == y else compare_tokens(x, y)
            if rule is not None and (best[0] is None or RULES.index(rule) < RULES.index(best[0])):
                best = (rule, x, y)
    return best


def _worth(pair: tuple, presented: Words, listed: Words, statistics: NameStatistics) -> tuple[float, float]:
    rule, x, y, i, j = pair
    share = SHARE[rule]
    if rule is MatchRule.EXACT:
        overall, at_home = statistics.of_word(x)
        return share * overall, share * at_home
    if rule is MatchRule.JOINED:
        apart = [listed[p][0] for p in j] if len(j) > 1 else [presented[p][0] for p in i]
        rarities = [statistics.of_sound(word) for word in apart]
        whole = sum(at_home for _, at_home in rarities)
        lead = whole + max(overall - at_home for overall, at_home in rarities)
        if len(j) > 1:
            most = statistics.of_word(x)
            lead, whole = min(lead, most[0]), min(whole, most[1])
        return share * lead, share * whole
    if rule is MatchRule.TRUNCATED:
        share = min(0.9, share + 0.3 * min(len(x), len(y)) / 8 - 0.2)
    a, b = statistics.of_sound(x), statistics.of_sound(y)
    return share * min(a[0], b[0]), share * min(a[1], b[1])


def edit_distance_at_most_one(a: str, b: str) -> bool:
    """Tell it by trying every word that is one edit away. Letters of A to Z."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    near = {a}
    for i in range(len(a) + 1):
        near |= {a[:i] + c + a[i:] for c in letters}
        if i < len(a):
            near.add(a[:i] + a[i + 1 :])
            near |= {a[:i] + c + a[i + 1 :] for c in letters}
        if i + 1 < len(a):
            near.add(a[:i] + a[i + 1] + a[i] + a[i + 2 :])
    return b in near
