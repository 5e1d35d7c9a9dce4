"""Genuine documents of every kind that the checks must let pass: many issuers, scripts, ages, sizes and long names."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from biometrics.core.mrz import CheckDigitVerdict, build_mrva, build_td1, build_td2, build_td3
from biometrics.core.mrz.checks import compare_check_digits
from biometrics.core.mrz.layouts import select_layout
from biometrics.core.mrz.names import mrz_name_forms
from tests.documents.names import GIVEN, SURNAMES
from travelers.core.checks import (
    CheckDigitFact,
    DocumentFacts,
    ReadingSource,
    ReadingStatus,
    ReviewReason,
    fields_as_read,
)
from travelers.core.codes import FURTHER_CODES, ISO_ALPHA_3
from travelers.core.data.issuers import ISSUERS

Rng = np.random.Generator
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
DIGITS, LETTERS = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LAWFUL = ("XXA", "XXB", "XXC", "UNO", "XOM", "RKS", "GBD", "EUE")


@dataclass(frozen=True, slots=True)
class Paper:
    """One document as its issuer made it.

    printed names: in the letters of the page. birth_raw: YYMMDD as in the zone, unknown parts as fillers.
    """

    kind: str
    document_code: str
    issuing_state: str
    document_number: str
    surname: str
    given: str
    nationality: str
    birth_date: date | None
    birth_raw: str
    sex: str
    issue_date: date
    expiry_date: date
    optional: str
    form: tuple[str, str]

    def lines(self) -> tuple[str, ...]:
        """Return the zone with right check digits."""
        build = {"TD3": build_td3, "TD2": build_td2, "TD1": build_td1}[self.kind]
        return build(
            document_code=self.document_code,
            issuing_state=self.issuing_state,
            primary_identifier=self.form[0].replace("<", " "),
            secondary_identifier=self.form[1].replace("<", " "),
            document_number=self.document_number,
            nationality=self.nationality,
            birth_date=self.birth_raw,
            sex="" if self.sex == "X" else self.sex,
            expiry_date=f"{self.expiry_date:%y%m%d}",
            optional_data=self.optional,
        )

    def printed(self) -> dict[str, str]:
        """Return what a document reader takes from the visual zone."""
        fields = {
            "primary_identifier": self.surname,
            "secondary_identifier": self.given,
            "document_number": self.document_number,
            "expiry_date": self.expiry_date.isoformat(),
            "nationality": self.nationality,
            "sex": self.sex,
            "issue_date": self.issue_date.isoformat(),
        }
        if self.birth_date is not None:
            fields["birth_date"] = self.birth_date.isoformat()
        return {name: text for name, text in fields.items() if text}


def pick(rng: Rng, values: tuple[str, ...]) -> str:
    """Return one of some texts."""
    return values[int(rng.integers(len(values)))]


def characters(rng: Rng, alphabet: str, length: int) -> str:
    """Return random characters."""
    return "".join(alphabet[i] for i in rng.integers(0, len(alphabet), length))


def number_of_format(rng: Rng, written: str) -> str:
    """Return a number in a format of the issuers' table."""
    number, rest = "", written
    while rest:
        if rest[0] == "[":
            end = rest.index("]")
            alphabet, rest = _expand(rest[1:end]), rest[end + 1 :]
            count = 1
            if rest.startswith("{"):
                close = rest.index("}")
                count, rest = int(rest[1:close]), rest[close + 1 :]
            number += characters(rng, alphabet, count)
            continue
        number += {"A": lambda: characters(rng, LETTERS, 1), "9": lambda: characters(rng, DIGITS, 1)}.get(
            rest[0], lambda c=rest[0]: characters(rng, LETTERS + DIGITS, 1) if c == "X" else c
        )()
        rest = rest[1:]
    return number


def _expand(ranges: str) -> str:
    found, i = "", 0
    while i < len(ranges):
        if i + 2 < len(ranges) and ranges[i + 1] == "-":
            found += "".join(chr(c) for c in range(ord(ranges[i]), ord(ranges[i + 2]) + 1))
            i += 3
        else:
            found += ranges[i]
            i += 1
    return found


def draw_paper(
    rng: Rng, *, kind: str = "", at: datetime = AT, issuer: str = "", adult: bool = False
) -> Paper:
    """Return one genuine document in force at a time. kind: TD1, TD2 or TD3; issuer: a code; "": any."""
    kind = kind or ("TD3", "TD3", "TD3", "TD1", "TD2")[int(rng.integers(5))]
    state = issuer or _draw_issuer(rng)
    years = rng.uniform(19 if adult else 0, 95)
    born = at.date() - timedelta(days=int(years * 365.25))
    row = ISSUERS.get(state)
    longest = _longest_years(kind, row, years, rng)
    issued = at.date() - timedelta(days=int(rng.uniform(0, min(longest, max(years, 0.02)) * 365.25 * 0.98)))
    issued = max(issued, born + timedelta(days=1)) if years > 0.1 else at.date() - timedelta(days=1)
    if born >= issued:
        born = issued - timedelta(days=2)
    age_at_issue = (issued - born).days / 365.25
    longest = _longest_years(kind, row, age_at_issue, rng)
    expires = _in_years(issued, longest)
    while expires <= at.date():
        issued = issued + timedelta(days=400)
        if issued >= at.date():
            issued = at.date() - timedelta(days=3)
        expires = _in_years(issued, _longest_years(kind, row, (issued - born).days / 365.25, rng))
    unknown = rng.random()
    raw = f"{born:%y%m%d}"
    birth: date | None = born
    if unknown < 0.03:
        raw, birth = f"{born:%y}<<<<", None
    elif unknown < 0.04:
        raw, birth = f"{born:%y%m}<<", None
    surname, given = pick(rng, SURNAMES), pick(rng, GIVEN)
    return Paper(
        kind=kind,
        document_code=_draw_code(rng, kind, state),
        issuing_state=state,
        document_number=_draw_number(rng, kind, state),
        surname=surname,
        given=given,
        nationality=_draw_nationality(rng, state),
        birth_date=birth,
        birth_raw=raw,
        sex=pick(rng, ("M", "F", "M", "F", "M", "F", "X", "")),
        issue_date=issued,
        expiry_date=expires,
        optional=characters(rng, DIGITS, 3) if rng.random() < 0.3 else "",
        form=(_draw_form(rng, surname), _draw_form(rng, given)),
    )


def _draw_issuer(rng: Rng) -> str:
    draw = rng.random()
    if draw < 0.6:
        return pick(rng, tuple(sorted(ISSUERS)))
    if draw < 0.92:
        return pick(rng, tuple(sorted(ISO_ALPHA_3 - {"DEU"})))
    return pick(rng, tuple(code for code in LAWFUL if code in FURTHER_CODES and not code.startswith("XX")))


def _draw_nationality(rng: Rng, state: str) -> str:
    draw = rng.random()
    if draw < 0.9:
        return state
    return pick(rng, ("XXA", "XXB", "XXC", "XXX")) if draw < 0.94 else pick(rng, tuple(sorted(ISSUERS)))


def _draw_code(rng: Rng, kind: str, state: str) -> str:
    if (kind, state) == ("TD2", "FRA"):
        return "C"  # IDFRA of this size is a national layout of its own
    return (
        pick(rng, ("P", "P", "P", "PD", "PO", "PS", "PP"))
        if kind == "TD3"
        else pick(rng, ("I", "ID", "C", "A", "AR"))
    )


def _draw_number(rng: Rng, kind: str, state: str) -> str:
    row = ISSUERS.get(state)
    if kind == "TD3":
        if row and row.formats:
            return number_of_format(rng, row.formats[int(rng.integers(len(row.formats)))])[:9]
        return characters(rng, LETTERS, int(rng.integers(0, 3))) + characters(
            rng, DIGITS, int(rng.integers(5, 8))
        )
    longest = 12 if kind == "TD1" else 11
    length = int(rng.integers(10, longest)) if rng.random() < 0.25 else int(rng.integers(7, 10))
    return characters(rng, LETTERS, 2) + characters(rng, DIGITS, length - 2)


def _draw_form(rng: Rng, name: str) -> str:
    """Return one of the forms that the zone may have for a name: States choose differently."""
    forms = sorted(mrz_name_forms(name))
    return forms[int(rng.integers(len(forms)))] if forms else ""


def _longest_years(kind: str, row: object, age: float, rng: Rng) -> int:
    if kind != "TD3":
        return 15 if age > 70 and rng.random() < 0.3 else 10 if age > 18 else 5
    if row is None:
        return 10 if age >= 18 else 5
    below = getattr(row, "child_below_years", 18)
    return (
        getattr(row, "adult_years", 10)
        if age >= below
        else min(getattr(row, "child_years", 5), getattr(row, "adult_years", 10))
    )


def _in_years(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def read_facts(
    lines: tuple[str, ...],
    printed: Mapping[str, str],
    *,
    at: datetime = AT,
    doubtful: frozenset[tuple[int, int]] = frozenset(),
    **changes: object,
) -> DocumentFacts:
    """Return the facts of a page that was read with certainty, but for the cells that are doubtful."""
    layout = select_layout(lines)
    elements = fields_as_read(lines, at=at)
    if layout is None or elements is None:
        return DocumentFacts(
            source=ReadingSource.MRZ,
            status=ReadingStatus.UNREADABLE,
            reason=ReviewReason.NOT_PARSED,
            lines=lines,
            printed=printed,
        )
    digits = tuple(
        CheckDigitFact(d.field.value, d.printed, d.computed, _verdict(d.holds, bool(doubtful)))
        for d in compare_check_digits(layout, lines)
    )
    wrong = any(d.verdict is not CheckDigitVerdict.HOLDS for d in digits)
    issue_date = printed.get("issue_date", "")
    facts = DocumentFacts(
        source=ReadingSource.MRZ,
        status=ReadingStatus.REVIEW if wrong or doubtful else ReadingStatus.ACCEPTED,
        reason=ReviewReason.DOUBTFUL if doubtful else ReviewReason.WRONG_CHECK_DIGITS if wrong else "",
        layout=layout.name.value,
        lines=lines,
        doubtful=doubtful,
        check_digits=digits,
        printed=dict(printed),
        issue_date=date.fromisoformat(issue_date) if issue_date else None,
        **elements,  # type: ignore[arg-type]
    )
    return replace(facts, **changes)  # type: ignore[arg-type]


def _verdict(holds: bool, doubtful: bool) -> CheckDigitVerdict:
    if holds:
        return CheckDigitVerdict.HOLDS
    return CheckDigitVerdict.DOUBTFUL if doubtful else CheckDigitVerdict.WRONG_AS_PRINTED


def facts_of(paper: Paper, *, at: datetime = AT, **changes: object) -> DocumentFacts:
    """Return the facts of a genuine document, read with certainty."""
    return read_facts(paper.lines(), paper.printed(), at=at, **changes)


def visa_lines(paper: Paper, *, at: datetime = AT, **changes: str) -> tuple[str, ...]:
    """Return the zone of a visa that was given for a passport."""
    fields = {
        "document_code": "V",
        "issuing_state": "FRA",
        "primary_identifier": paper.form[0].replace("<", " "),
        "secondary_identifier": paper.form[1].replace("<", " "),
        "document_number": paper.document_number,
        "nationality": paper.nationality,
        "birth_date": paper.birth_raw,
        "sex": "" if paper.sex == "X" else paper.sex,
        "expiry_date": f"{at + timedelta(days=90):%y%m%d}",
    }
    return build_mrva(**(fields | changes))
