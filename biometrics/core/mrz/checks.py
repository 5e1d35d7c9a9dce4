"""The check digits of a zone, printed against computed. Source: Doc 9303-3, section 4.9, and the layouts."""

import functools
from dataclasses import dataclass

from biometrics.core.mrz.alphabet import FILLER, check_digit, digit_of_values, values_of
from biometrics.core.mrz.layouts import BY_NAME, CheckRule, FieldName, Layout, LayoutName, Span


@dataclass(frozen=True, slots=True)
class CheckDigit:
    """One digit: which field it covers, the character printed, the digit computed, whether it holds.

    printed is a filler where the digit is left out; it then holds only for an empty field that may do so.
    """

    field: FieldName
    printed: str
    computed: str
    holds: bool


@dataclass(frozen=True, slots=True)
class LongNumber:
    """A document number that goes on in the optional data: its tail, its digit, the cells they take."""

    tail: str
    digit: str
    cells_used: int


def long_number(lines: tuple[str, ...], rule: CheckRule) -> LongNumber | None:
    """Return the continued document number, or None where the number ends within its nine cells.

    lines: of the layout that rule belongs to. The rest of the number stands at the head of the overflow span,
    then its digit, then a filler. Source: Doc 9303-5 section 4.2.2, Doc 9303-6 section 4.2.2.
    """
    line, position = rule.cell
    if rule.overflow is None or lines[line][position] != FILLER:
        return None
    overflow = lines[rule.overflow.line][rule.overflow.start : rule.overflow.stop]
    head = overflow.split(FILLER, 1)[0]
    if len(head) < 2:
        return None
    return LongNumber(head[:-1], head[-1], min(len(head) + 1, len(overflow)))


def _covered_text(lines: tuple[str, ...], spans: tuple[Span, ...]) -> str:
    return "".join([lines[span.line][span.start : span.stop] for span in spans])


def compare_check_digit(lines: tuple[str, ...], rule: CheckRule) -> CheckDigit:
    """Return one digit of a zone, printed and computed. lines: ALPHABET characters in the layout's size."""
    line, position = rule.cell
    printed = lines[line][position]
    covered = _covered_text(lines, rule.covers)
    if printed == FILLER:
        continued = long_number(lines, rule)
        if continued is not None:
            computed = check_digit(covered + continued.tail)
            return CheckDigit(rule.field, continued.digit, computed, continued.digit == computed)
        if rule.filler_if_empty:
            return CheckDigit(rule.field, printed, check_digit(covered), not covered.strip(FILLER))
    computed = check_digit(covered)
    return CheckDigit(rule.field, printed, computed, printed == computed)


@dataclass(frozen=True, slots=True)
class FlatRule:
    """A rule with its cells counted through all lines of the zone as one text.

    is_plain: the digit's character alone decides; otherwise a filler in its cell has a meaning.
    """

    rule: CheckRule
    covers: tuple[slice, ...]
    cell: int
    is_plain: bool


def _flatten(layout: Layout) -> tuple[FlatRule, ...]:
    starts = [sum(layout.widths[:line]) for line in range(layout.rows)]
    return tuple(
        FlatRule(
            rule,
            tuple(
                slice(starts[span.line] + span.start, starts[span.line] + span.stop) for span in rule.covers
            ),
            starts[rule.cell[0]] + rule.cell[1],
            rule.overflow is None and not rule.filler_if_empty,
        )
        for rule in layout.checks
    )


_FLAT_RULES: dict[LayoutName, tuple[FlatRule, ...]] = {
    name: _flatten(layout) for name, layout in BY_NAME.items()
}


@functools.cache
def _shared_digit(field: FieldName, printed: str, computed: str) -> CheckDigit:
    """Return one object for all equal digits of which the character alone decides: a few thousand there are."""
    return CheckDigit(field, printed, computed, printed == computed)


def compare_check_digits(layout: Layout, lines: tuple[str, ...]) -> tuple[CheckDigit, ...]:
    """Return every check digit of a zone in the layout's order.

    layout: one of ALL_LAYOUTS. lines: ALPHABET characters in the layout's size. The same as compare_check_digit
    for each rule, with the values of the characters looked up once.
    """
    text = "".join(lines)
    values = values_of(text)
    digits = []
    for flat in _FLAT_RULES[layout.name]:
        printed = text[flat.cell]
        if printed == FILLER and not flat.is_plain:
            digits.append(compare_check_digit(lines, flat.rule))
            continue
        covers = flat.covers
        covered = values[covers[0]] if len(covers) == 1 else b"".join([values[cells] for cells in covers])
        digits.append(_shared_digit(flat.rule.field, printed, digit_of_values(covered)))
    return tuple(digits)
