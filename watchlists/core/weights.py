"""The weights of the score, in bits, as a table: what each agreement and disagreement is worth."""

from watchlists.core.tokens import MatchRule

# the share of a word's rarity that its agreement is worth; not all of it even letter for letter: names that go together
# are less telling than each of them alone
SHARE: dict[MatchRule, float] = {
    MatchRule.EXACT: 0.95,
    MatchRule.WRITTEN: 0.95,
    MatchRule.SOUND: 0.95,
    MatchRule.JOINED: 0.92,
    MatchRule.LISTED: 0.92,
    MatchRule.VARIANT: 0.92,
    MatchRule.ONE_EDIT: 0.8,
    MatchRule.TRUNCATED: 0.6,
    MatchRule.SYLLABLE: 0.5,
    MatchRule.CLOSE: 0.5,
    MatchRule.INITIAL: 0.1,
}
SHARE_MOST = max(SHARE.values())
NAME_BITS_MOST = 34.0
UNMATCHED_ON_BOTH_SIDES = -6.0
UNMATCHED_ON_ONE_SIDE = -2.2
UNMATCHED_AND_TRUNCATED = -0.8
FEWER_THAN_TWO_MATCHED = -3.0
LOW_QUALITY_NAME = -3.0
SEX_EQUAL, SEX_DIFFERS = 0.8, -6.0
# evidence of identity, never of risk; equal weighs little, because names have said most of it already
NATIONALITY_EQUAL, NATIONALITY_DIFFERS = 1.5, -2.5

BIRTH_DATE_BITS: dict[str, float] = {
    "equal": 14.0,
    "day_and_month_swapped": 10.0,
    "year_off_by_one": 8.5,
    "one_digit_of_year_differs": 3.5,
    "one_part_differs": 5.5,
    "year_equal_rest_unknown": 6.0,
    "year_equal_first_of_january": 4.5,
    "within_span": 3.0,
    "year_off_by_one_rest_unknown": 2.0,
    "day_and_month_equal": -3.5,
    "year_equal": -6.0,
    "year_differs_rest_unknown": -8.0,
    "differs": -14.0,
}
