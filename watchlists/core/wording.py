"""Each piece of evidence in words, for adjudicators and supervisors."""

from collections.abc import Mapping
from typing import Any

_RULES: dict[tuple[str, str], str] = {
    ("name", "exact"): "{p} stands in both",
    (
        "name",
        "other_transliteration",
    ): "{p} and {l} write the same letters of another script or with an umlaut",
    ("name", "same_sound"): "{p} and {l} sound the same",
    ("name", "joined"): "{p} and {l} are the same words, joined or parted",
    ("name", "listed_variant"): "{p} and {l} are known spellings of one name",
    ("name", "spelling_variant"): "{p} and {l} have the same consonants: spellings of one name",
    ("name", "one_edit"): "{p} and {l} differ by one letter, as a typing error does",
    ("name", "truncated"): "{p} and {l} begin alike; one is cut short",
    ("name", "alike_syllable"): "{p} and {l} are alike syllables, romanised in different ways",
    ("name", "close"): "{p} and {l} are close",
    ("name", "initial"): "{p} and {l} begin with the same letter; one is an initial",
    ("name", "unmatched_on_both_sides"): "{p} was presented, {l} is listed: they do not agree",
    ("name", "only_presented"): "{p} was presented and is not on the list",
    ("name", "only_listed"): "{l} is on the list and was not presented",
    ("name", "fewer_than_two_words"): "only one word agrees, though both names have more",
    ("alias", "low_quality"): "the source itself calls this alias weak",
    ("birth_date", "equal"): "born on the same day ({p})",
    ("birth_date", "day_and_month_swapped"): "day and month are swapped ({p}, listed {l})",
    ("birth_date", "year_off_by_one"): "same day, the year is one off ({p}, listed {l})",
    ("birth_date", "one_digit_of_year_differs"): "same day, one digit of the year differs ({p}, listed {l})",
    ("birth_date", "one_part_differs"): "same year; day or month differs ({p}, listed {l})",
    ("birth_date", "year_equal_rest_unknown"): "same year; the rest is unknown ({p}, listed {l})",
    (
        "birth_date",
        "year_equal_first_of_january",
    ): "same year; 1 January often stands for an unknown day ({p}, listed {l})",
    ("birth_date", "within_span"): "within the years that the list gives ({p}, listed {l})",
    ("birth_date", "year_off_by_one_rest_unknown"): "the year is one off, the rest unknown ({p}, listed {l})",
    ("birth_date", "day_and_month_equal"): "same day and month in another year ({p}, listed {l})",
    ("birth_date", "year_equal"): "same year, another day and month ({p}, listed {l})",
    ("birth_date", "year_differs_rest_unknown"): "another year ({p}, listed {l})",
    ("birth_date", "differs"): "another birth date ({p}, listed {l})",
    ("sex", "equal"): "same sex",
    ("sex", "differs"): "sex differs ({p}, listed {l})",
    ("nationality", "equal"): "same nationality ({p})",
    ("nationality", "differs"): "nationality differs ({p}, listed {l})",
    ("document", "exact"): "the listed document itself: {p}",
    ("document", "other_issuer"): "same number {p}, but of another issuer",
    ("document", "near"): "{p} is easily misread for the listed {l}",
    ("document", "in_range"): "{p} lies in the listed range {l}",
}


def describe(piece: Mapping[str, Any]) -> str:
    """Return a piece of evidence in words, with what it weighs.

    piece: as kept in an explanation: about, rule, bits, presented, listed. A rule that is not known is given as it is.
    """
    about, rule = str(piece.get("about", "")), str(piece.get("rule", ""))
    words = _RULES.get((about, rule), f"{about}: {rule.replace('_', ' ')}".strip(": "))
    text = words.format(p=piece.get("presented", ""), l=piece.get("listed", ""))
    bits = piece.get("bits")
    return f"{text}: {bits:+.1f} bits" if isinstance(bits, int | float) else text


def weigh(bits: float) -> str:
    """Return what a sum of bits says: how much likelier the evidence is for the same person than for a stranger."""
    if bits <= 0:
        return "The evidence speaks for two persons."
    return f"Such agreement is about {2 ** min(bits, 60):,.0f} times likelier for one person than for two."
