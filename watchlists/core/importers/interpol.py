"""Notices as INTERPOL publishes them, JSON: an array, an object that holds one, or one notice a line.

Source: the public notices service of INTERPOL (fields entity_id, forename, name, date_of_birth, …).
"""

from collections.abc import Iterator
from typing import Any

from watchlists.core.importers.countries import state_code
from watchlists.core.importers.dates import read_birth_date
from watchlists.core.importers.drafts import (
    EntryDraft,
    FileRefused,
    Item,
    RowIssue,
    RowRefused,
    SourceFacts,
    Subject,
)
from watchlists.core.importers.json_objects import read_objects
from watchlists.core.importers.json_values import parse_object
from watchlists.core.importers.parts import Notes, distinct, person_name, sex_of
from watchlists.core.importers.text import clean
from watchlists.core.names import PersonName

LEGAL_BASIS = "INTERPOL notice"


def read(lines: Iterator[str]) -> Iterator[Item]:
    """Yield what the file says. Raises FileRefused: empty_file, not_json, too_deep, record_too_long."""
    yield SourceFacts()
    count = 0
    for line, text in read_objects(lines, mark="entity_id"):
        count += 1
        notes = Notes(line)
        try:
            yield _draft(line, parse_object(text), notes)
        except RowRefused as refused:
            yield RowIssue(line, refused.field, refused.code)
        yield from notes.issues
    if not count:
        raise FileRefused("empty_file")


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value}"
    raise RowRefused("bad_value", name)


def _list(row: dict[str, Any], name: str) -> list[Any]:
    value = row.get(name)
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        raise RowRefused("bad_value", name)
    return value


def _draft(line: int, row: dict[str, Any], notes: Notes) -> EntryDraft:
    source_id = _text(row, "entity_id")
    if not source_id:
        raise RowRefused("required", "entity_id")
    if len(source_id) > 60:
        raise RowRefused("too_long", "entity_id")
    primary, secondary = _text(row, "name"), _text(row, "forename")
    if not (primary or secondary):
        raise RowRefused("required", "name")
    born_text = _text(row, "date_of_birth")
    born = read_birth_date(born_text) if born_text else None
    if born_text and born is None:
        notes.add("date_of_birth", "bad_date")
    states = []
    for code in _list(row, "nationalities"):
        if not isinstance(code, str):
            raise RowRefused("bad_value", "nationalities")
        states.append(state_code(code))
        if not states[-1]:
            notes.add("nationalities", "unknown_state")
    warrants = [warrant for warrant in _list(row, "arrest_warrants") if isinstance(warrant, dict)]
    charges = distinct(
        clean(str(warrant.get("charge_translation") or warrant.get("charge") or "")) for warrant in warrants
    )
    issuers = distinct(clean(str(warrant.get("issuing_country_id") or "")) for warrant in warrants)
    place = [_text(row, "place_of_birth"), _text(row, "country_of_birth_id")]
    return EntryDraft(
        line=line,
        source_id=source_id,
        subject=Subject.PERSON,
        names=distinct([person_name(primary, secondary), *_aliases(row)]),
        birth_dates=(born,) if born else (),
        birth_places=distinct([clean(", ".join(part for part in place if part), 200)]),
        sex={"U": ""}.get(_text(row, "sex_id"), sex_of(_text(row, "sex_id"))),
        nationalities=distinct(states),
        reason=clean(f"Notice: {'; '.join(charges) or 'no charge given'}", 500),
        legal_basis=LEGAL_BASIS,
        remarks=clean(
            " ".join(
                part
                for part in (
                    f"Warrants of {', '.join(issuers)}." if issuers else "",
                    f"Marks: {_text(row, 'distinguishing_marks')}."
                    if row.get("distinguishing_marks")
                    else "",
                )
                if part
            ),
            8000,
        ),
    )


def _aliases(row: dict[str, Any]) -> Iterator[PersonName]:
    for alias in _list(row, "aliases"):
        if isinstance(alias, str) and clean(alias):
            yield person_name(alias)
        elif isinstance(alias, dict):
            primary, secondary = _text(alias, "name"), _text(alias, "forename")
            if primary or secondary:
                yield person_name(primary, secondary)
