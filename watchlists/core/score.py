"""Score a traveller against an entry in bits of evidence, each piece kept as its explanation.

Positive bits speak for the same person, negative ones against; one bit more doubles the odds. What is missing
on either side weighs 0: it is never a mismatch. A word weighs by its rarity (statistics.py) and by the rule by
which it agrees (tokens.py); the weights are a table (weights.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from watchlists.core.birth_dates import BirthDate
from watchlists.core.names import EMPTY_PARTICLES, PersonName, Word, core_words
from watchlists.core.statistics import NameStatistics
from watchlists.core.tokens import MatchRule, TokenMatches, TokenPair, match_words
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
    SHARE_MOST,
    UNMATCHED_AND_TRUNCATED,
    UNMATCHED_ON_BOTH_SIDES,
    UNMATCHED_ON_ONE_SIDE,
)

SCORE_ENGINE = "names"
SCORE_VERSION = "4"
NO_STATISTICS = NameStatistics()


@dataclass(frozen=True, slots=True)
class Identity:
    """What is known of a person.

    birth_dates: any of them may be the true one; a traveller has at most one. sex, nationalities: "", () if
    unknown; X is unknown here. names_truncated: of an MRZ.
    """

    names: tuple[PersonName, ...]
    birth_dates: tuple[BirthDate, ...] = ()
    sex: str = ""
    nationalities: tuple[str, ...] = ()
    names_truncated: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence. about: name, birth_date, sex, nationality or alias; rule: how the two agree.

    presented, listed: the values compared, "" where the piece has none.
    """

    about: str
    rule: str
    bits: float
    presented: str = ""
    listed: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """bits: the sum of the evidence. evidence: strongest name first, then dates and the rest."""

    bits: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """One name as its words. low_quality: only a weak alias has it."""

    words: tuple[Word, ...]
    low_quality: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """An identity with its names taken apart: what is stored with an entry, and made once for a traveller."""

    forms: tuple[Form, ...]
    birth_dates: tuple[BirthDate, ...] = ()
    sex: str = ""
    nationalities: tuple[str, ...] = ()
    names_truncated: bool = False


def profile_of(identity: Identity) -> Profile:
    """Return an identity with its names taken apart."""
    forms: dict[tuple[Word, ...], bool] = {}
    for name in identity.names:
        words = core_words(name.whole)
        if words:
            forms[words] = forms.get(words, True) and name.low_quality
    return Profile(
        tuple(Form(words, low) for words, low in forms.items()),
        identity.birth_dates,
        identity.sex,
        identity.nationalities,
        identity.names_truncated,
    )


def most_name_bits(traveler: Profile, statistics: NameStatistics) -> float:
    """Return what the names can reach at most, whatever entry they are compared with."""
    return max((_most_bits_of(form.words, statistics) for form in traveler.forms), default=0.0)


def _most_bits_of(words: tuple[Word, ...], statistics: NameStatistics) -> float:
    overall = [max(statistics.of_word(s)[0] for s in word) for word in words]
    at_home = [max(statistics.of_word(s)[1] for s in word) for word in words]
    lead = max(o - h for o, h in zip(overall, at_home, strict=True))
    return min(NAME_BITS_MOST, SHARE_MOST * (sum(at_home) + max(lead, 0.0)))


def score_identity(traveler: Identity, entry: Identity, statistics: NameStatistics = NO_STATISTICS) -> Score:
    """Return the best score over all names of both. See score_profile."""
    return score_profile(profile_of(traveler), profile_of(entry), statistics)


def score_profile(traveler: Profile, entry: Profile, statistics: NameStatistics) -> Score:
    """Return the best score over all names of both, with its evidence.

    Returns a score of minus infinity without evidence where one side has no name at all.
    """
    best = _best_name(traveler, entry, statistics)
    if best is None:
        return Score(float("-inf"), ())
    _, presented, listed, matched = best
    evidence = (
        *_name_evidence(presented, listed, matched, statistics, truncated=traveler.names_truncated),
        *_evidence_without_names(traveler, entry),
    )
    return Score(round(sum(piece.bits for piece in evidence), 2), evidence)


def _best_name(
    traveler: Profile, entry: Profile, statistics: NameStatistics
) -> tuple[float, Form, Form, TokenMatches] | None:
    best: tuple[float, Form, Form, TokenMatches] | None = None
    for listed in entry.forms:
        for presented in traveler.forms:
            matched = match_words(presented.words, listed.words, truncated=traveler.names_truncated)
            bits = _matched_bits(presented, listed, matched, statistics, traveler.names_truncated)
            if best is None or bits > best[0]:
                best = (bits, presented, listed, matched)
    return best


def name_bits(presented: Form, listed: Form, statistics: NameStatistics, *, truncated: bool) -> float:
    """Return the bits of two names, as their evidence adds up. truncated: the presented one was cut."""
    matched = match_words(presented.words, listed.words, truncated=truncated)
    return _matched_bits(presented, listed, matched, statistics, truncated)


def _matched_bits(
    presented: Form, listed: Form, matched: TokenMatches, statistics: NameStatistics, truncated: bool
) -> float:
    """Return the sum of _name_evidence, without making the pieces."""
    return bits_of_worth(
        [pair_bits(pair, presented, listed, statistics) for pair in matched.pairs],
        left_presented=len(_telling(presented, matched.left_presented)),
        left_listed=len(_telling(listed, matched.left_listed)),
        truncated=truncated,
        is_thin=_is_thin(presented, listed, matched),
        low_quality=presented.low_quality or listed.low_quality,
    )


def bits_of_worth(
    worth: list[tuple[float, float]],
    *,
    left_presented: int,
    left_listed: int,
    truncated: bool,
    is_thin: bool,
    low_quality: bool,
) -> float:
    """Return the bits of two names whose words are paired.

    worth: of each pair, if it leads the name and if another does, in the order of pairs. left_presented, left_listed:
    words that agree with none. is_thin: fewer than two words agree although both names have more.
    """
    leader = _leader_of(worth)
    bits = 0.0
    for place, (leading, following) in enumerate(worth):
        bits += round(min(leading if place == leader else following, NAME_BITS_MOST - bits), 2)
    both = min(left_presented, left_listed)
    one_side = UNMATCHED_AND_TRUNCATED if truncated else UNMATCHED_ON_ONE_SIDE
    bits += both * UNMATCHED_ON_BOTH_SIDES + (left_presented + left_listed - 2 * both) * one_side
    if is_thin:
        bits += FEWER_THAN_TWO_MATCHED
    return bits + (LOW_QUALITY_NAME if low_quality else 0.0)


def _leader_of(worth: list[tuple[float, float]]) -> int:
    """Return the place of the pair that gains most by leading, the first of equals; -1 without pairs."""
    leader, most = -1, -1.0
    for place, (leading, following) in enumerate(worth):
        if leading - following > most:
            leader, most = place, leading - following
    return leader


def _telling(form: Form, places: tuple[int, ...]) -> tuple[int, ...]:
    """Return those places of left words that say something: a particle comes and goes."""
    return tuple(place for place in places if form.words[place][0] not in EMPTY_PARTICLES)


def _is_thin(presented: Form, listed: Form, matched: TokenMatches) -> bool:
    """Tell whether fewer than two words agree although both names have more, particles that are left apart."""
    for form, left in ((presented, matched.left_presented), (listed, matched.left_listed)):
        if len(form.words) - len(left) + len(_telling(form, left)) < 2:
            return False
    return sum(pair.words for pair in matched.pairs if pair.rule is not MatchRule.INITIAL) < 2


def pair_bits(
    pair: TokenPair, presented: Form, listed: Form, statistics: NameStatistics
) -> tuple[float, float]:
    """Return what a pair of words is worth if it leads the name, and if another one does."""
    share = SHARE[pair.rule]
    if pair.rule is MatchRule.EXACT:
        overall, at_home = statistics.of_word(pair.presented)
        return share * overall, share * at_home
    if pair.rule is MatchRule.JOINED:
        presented_joins = len(pair.listed_at) > 1
        form, places = (listed, pair.listed_at) if presented_joins else (presented, pair.presented_at)
        rarities = [statistics.of_sound(form.words[place][0]) for place in places]
        at_home = sum(rarity[1] for rarity in rarities)
        overall = at_home + max(rarity[0] - rarity[1] for rarity in rarities)
        if presented_joins:
            # one word says no more than a word can: most_name_bits rests on it
            most = statistics.of_word(pair.presented)
            overall, at_home = min(overall, most[0]), min(at_home, most[1])
        return share * overall, share * at_home
    a, b = statistics.of_sound(pair.presented), statistics.of_sound(pair.listed)
    if pair.rule is MatchRule.TRUNCATED:
        share = min(0.9, share + 0.3 * min(len(pair.presented), len(pair.listed)) / 8 - 0.2)
    return share * min(a[0], b[0]), share * min(a[1], b[1])


def _name_evidence(
    presented: Form, listed: Form, matched: TokenMatches, statistics: NameStatistics, *, truncated: bool
) -> Iterator[Evidence]:
    worth = [pair_bits(pair, presented, listed, statistics) for pair in matched.pairs]
    leader = _leader_of(worth)
    gained = 0.0
    for place, pair in enumerate(matched.pairs):
        bits = round(min(worth[place][0 if place == leader else 1], NAME_BITS_MOST - gained), 2)
        gained += bits
        yield Evidence("name", pair.rule.value, bits, pair.presented, pair.listed)
    left_presented = [presented.words[place][0] for place in _telling(presented, matched.left_presented)]
    left_listed = [listed.words[place][0] for place in _telling(listed, matched.left_listed)]
    both = min(len(left_presented), len(left_listed))
    for index in range(both):
        words = (left_presented[index], left_listed[index])
        yield Evidence("name", "unmatched_on_both_sides", UNMATCHED_ON_BOTH_SIDES, *words)
    one_side = UNMATCHED_AND_TRUNCATED if truncated else UNMATCHED_ON_ONE_SIDE
    for word in left_presented[both:]:
        yield Evidence("name", "only_presented", one_side, word, "")
    for word in left_listed[both:]:
        yield Evidence("name", "only_listed", one_side, "", word)
    if _is_thin(presented, listed, matched):
        yield Evidence("name", "fewer_than_two_words", FEWER_THAN_TWO_MATCHED)
    if presented.low_quality or listed.low_quality:
        yield Evidence("alias", "low_quality", LOW_QUALITY_NAME)


def _evidence_without_names(traveler: Profile, entry: Profile) -> Iterator[Evidence]:
    compared = [
        (compare_birth_dates(presented, listed), presented, listed)
        for presented in traveler.birth_dates
        for listed in entry.birth_dates
    ]
    if compared:
        rule, presented, listed = max(compared, key=lambda found: BIRTH_DATE_BITS[found[0]])
        yield Evidence("birth_date", rule, BIRTH_DATE_BITS[rule], _text(presented), _text(listed))
    if traveler.sex in ("M", "F") and entry.sex in ("M", "F"):
        equal = traveler.sex == entry.sex
        yield _agreement("sex", equal, SEX_EQUAL if equal else SEX_DIFFERS, traveler.sex, entry.sex)
    if traveler.nationalities and entry.nationalities:
        common = [code for code in traveler.nationalities if code in entry.nationalities]
        bits = NATIONALITY_EQUAL if common else NATIONALITY_DIFFERS
        presented_code, listed_code = (
            (common[0], common[0]) if common else (traveler.nationalities[0], entry.nationalities[0])
        )
        yield _agreement("nationality", bool(common), bits, presented_code, listed_code)


def _agreement(about: str, equal: bool, bits: float, presented: str, listed: str) -> Evidence:
    return Evidence(about, "equal" if equal else "differs", bits, presented, listed)


def _text(birth_date: BirthDate) -> str:
    if birth_date.until_year is not None:
        return f"{birth_date.year:04d}..{birth_date.until_year:04d}"
    about = "about " if birth_date.circa else ""
    if birth_date.month is None or birth_date.day is None:
        return f"{about}{birth_date.year:04d}"
    return f"{about}{birth_date.year:04d}-{birth_date.month:02d}-{birth_date.day:02d}"


def compare_birth_dates(a: BirthDate, b: BirthDate) -> str:
    """Return the rule of BIRTH_DATE_BITS by which two birth dates agree, in either order."""
    for one, other in ((a, b), (b, a)):
        if one.until_year is not None:
            near = other.years[-1] >= one.year and other.year <= one.until_year
            return "within_span" if near else "year_differs_rest_unknown"
    apart = abs(a.year - b.year)
    if not a.is_full or not b.is_full:
        # a year that the source itself calls approximate may be one off and says the same
        if apart == 1 and (a.circa or b.circa):
            return "within_span"
        return {
            0: "year_equal_rest_unknown",
            1: "year_off_by_one_rest_unknown",
        }.get(apart, "year_differs_rest_unknown")
    same_day = (a.month, a.day) == (b.month, b.day)
    if apart == 0:
        return _compare_in_one_year(a, b)
    if same_day and apart == 1:
        return "year_off_by_one"
    if same_day:
        digits = zip(f"{a.year:04d}", f"{b.year:04d}", strict=True)
        return "one_digit_of_year_differs" if sum(x != y for x, y in digits) == 1 else "day_and_month_equal"
    return "differs"


def _compare_in_one_year(a: BirthDate, b: BirthDate) -> str:
    if (a.month, a.day) == (b.month, b.day):
        return "equal"
    if (a.month, a.day) == (b.day, b.month):
        return "day_and_month_swapped"
    # registers write 1 January where only the year is known
    if (1, 1) in ((a.month, a.day), (b.month, b.day)):
        return "year_equal_first_of_january"
    return "one_part_differs" if a.month == b.month or a.day == b.day else "year_equal"
