"""Score a traveller against an entry in bits of evidence, each piece kept as its explanation.

Positive bits speak for the same person, negative ones against. What is missing on either side weighs 0: it is
never a mismatch. Weights are set by hand (docs/watchlists.md); a token weighs the same whether its name is
rare or common, until frequencies of a list are at hand.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from watchlists.core.birth_dates import BirthDate
from watchlists.core.names import PersonName, core_tokens, name_forms
from watchlists.core.tokens import MatchRule, match_tokens

SCORE_ENGINE = "names"
SCORE_VERSION = "1"

TOKEN_BITS = 8.0
NAME_BITS_MOST = 20.0
UNMATCHED_ON_BOTH_SIDES = -6.0
UNMATCHED_ON_ONE_SIDE = -1.8
UNMATCHED_AND_TRUNCATED = -0.8
FEWER_THAN_TWO_MATCHED = -5.0
LOW_QUALITY_NAME = -3.0
SEX_EQUAL, SEX_DIFFERS = 0.9, -5.0
# evidence of identity, never of risk
NATIONALITY_EQUAL, NATIONALITY_DIFFERS = 3.0, -1.5

BIRTH_DATE_BITS: dict[str, float] = {
    "equal": 13.0,
    "day_and_month_swapped": 10.0,
    "year_off_by_one": 9.0,
    "one_digit_of_year_differs": 8.0,
    "one_part_differs": 6.0,
    "year_equal_rest_unknown": 5.5,
    "year_equal_first_of_january": 4.5,
    "year_off_by_one_rest_unknown": 2.5,
    "day_and_month_equal": 1.0,
    "year_equal": 0.5,
    "year_differs_rest_unknown": -5.0,
    "differs": -7.0,
}

_SHARE: dict[MatchRule, float] = {
    MatchRule.EXACT: 1.0,
    MatchRule.JOINED: 0.9,
    MatchRule.VARIANT: 0.75,
    MatchRule.ONE_EDIT: 0.65,
    MatchRule.TRUNCATED: 0.6,
    MatchRule.INITIAL: 0.0,
}


@dataclass(frozen=True, slots=True)
class Identity:
    """What is known of a person.

    sex, nationality: "" if unknown; X is unknown here. names_truncated: of an MRZ.
    """

    names: tuple[PersonName, ...]
    birth_date: BirthDate | None = None
    sex: str = ""
    nationality: str = ""
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


def most_bits(traveler: Identity, entry: Identity) -> float:
    """Return what the score can reach at most, without looking at the names."""
    return NAME_BITS_MOST + sum(piece.bits for piece in _evidence_without_names(traveler, entry))


def score_identity(traveler: Identity, entry: Identity) -> Score:
    """Return the best score over all names and forms of names of both.

    Returns a score of minus infinity without evidence where one side has no name at all.
    """
    fixed = tuple(_evidence_without_names(traveler, entry))
    best: tuple[float, tuple[Evidence, ...]] = (float("-inf"), ())
    presented_forms = _forms(traveler.names)
    for tokens, low_quality in _forms(entry.names).items():
        for presented, presented_low in presented_forms.items():
            pieces = list(_name_evidence(presented, tokens, truncated=traveler.names_truncated))
            if low_quality or presented_low:
                pieces.append(Evidence("alias", "low_quality", LOW_QUALITY_NAME))
            bits = sum(piece.bits for piece in pieces)
            if bits > best[0]:
                best = (bits, tuple(pieces))
    if best[0] == float("-inf"):
        return Score(best[0], ())
    evidence = (*best[1], *fixed)
    return Score(round(sum(piece.bits for piece in evidence), 2), evidence)


def _forms(names: Iterable[PersonName]) -> dict[tuple[str, ...], bool]:
    """Return each form of the names, with whether only a weak name has it."""
    forms: dict[tuple[str, ...], bool] = {}
    for name in names:
        for form in name_forms(name.whole):
            tokens = core_tokens(form)
            forms[tokens] = forms.get(tokens, True) and name.low_quality
    return forms


def _name_evidence(
    presented: tuple[str, ...], listed: tuple[str, ...], *, truncated: bool
) -> Iterator[Evidence]:
    matched = match_tokens(presented, listed, truncated=truncated)
    gained = 0.0
    for pair in matched.pairs:
        bits = round(min(TOKEN_BITS * _SHARE[pair.rule] * pair.words, NAME_BITS_MOST - gained), 2)
        gained += bits
        yield Evidence("name", pair.rule.value, bits, pair.presented, pair.listed)
    left_presented, left_listed = matched.left_presented, matched.left_listed
    both = min(len(left_presented), len(left_listed))
    for index in range(both):
        words = (left_presented[index], left_listed[index])
        yield Evidence("name", "unmatched_on_both_sides", UNMATCHED_ON_BOTH_SIDES, *words)
    one_side = UNMATCHED_AND_TRUNCATED if truncated else UNMATCHED_ON_ONE_SIDE
    for word in left_presented[both:]:
        yield Evidence("name", "only_presented", one_side, word, "")
    for word in left_listed[both:]:
        yield Evidence("name", "only_listed", one_side, "", word)
    if len(matched.pairs) < 2 and len(presented) > 1 and len(listed) > 1 and not matched.joined:
        yield Evidence("name", "fewer_than_two_words", FEWER_THAN_TWO_MATCHED)


def _evidence_without_names(traveler: Identity, entry: Identity) -> Iterator[Evidence]:
    if traveler.birth_date and entry.birth_date:
        rule = compare_birth_dates(traveler.birth_date, entry.birth_date)
        yield Evidence(
            "birth_date", rule, BIRTH_DATE_BITS[rule], _text(traveler.birth_date), _text(entry.birth_date)
        )
    if traveler.sex in ("M", "F") and entry.sex in ("M", "F"):
        equal = traveler.sex == entry.sex
        yield _agreement("sex", equal, SEX_EQUAL if equal else SEX_DIFFERS, traveler.sex, entry.sex)
    if traveler.nationality and entry.nationality:
        equal = traveler.nationality == entry.nationality
        bits = NATIONALITY_EQUAL if equal else NATIONALITY_DIFFERS
        yield _agreement("nationality", equal, bits, traveler.nationality, entry.nationality)


def _agreement(about: str, equal: bool, bits: float, presented: str, listed: str) -> Evidence:
    return Evidence(about, "equal" if equal else "differs", bits, presented, listed)


def _text(birth_date: BirthDate) -> str:
    if birth_date.month is None or birth_date.day is None:
        return f"{birth_date.year:04d}"
    return f"{birth_date.year:04d}-{birth_date.month:02d}-{birth_date.day:02d}"


def compare_birth_dates(a: BirthDate, b: BirthDate) -> str:
    """Return the rule of BIRTH_DATE_BITS by which two birth dates agree, in either order."""
    apart = abs(a.year - b.year)
    if not a.is_full or not b.is_full:
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
