"""FollowTheMoney JSON lines, whole lists and deltas. Source: followthemoney.tech schema; OpenSanctions delta files."""

from collections.abc import Iterator
from typing import Any

from watchlists.core.importers.countries import state_code
from watchlists.core.importers.dates import read_birth_date, read_day
from watchlists.core.importers.drafts import (
    Change,
    EntryDraft,
    FileRefused,
    Item,
    RowIssue,
    RowRefused,
    SourceFacts,
    Subject,
)
from watchlists.core.importers.json_values import parse_object
from watchlists.core.importers.parts import Notes, distinct, document_numbers, person_name, sex_of
from watchlists.core.importers.text import clean
from watchlists.core.names import PersonName
from watchlists.core.proposals import NAMES_MOST, ListedDocument

LEGAL_BASIS = "As named by the source"
_CHANGES = {"ADD": Change.PUT, "MOD": Change.PUT, "DEL": Change.DEL}
_SUBJECTS = {
    "Person": Subject.PERSON,
    "Vessel": Subject.VESSEL,
    "Airplane": Subject.AIRCRAFT,
    **dict.fromkeys(("Organization", "Company", "LegalEntity", "PublicBody"), Subject.ORGANISATION),
}
_NUMBERS = {"passportNumber": "PASSPORT", "idNumber": "ID_CARD"}


def read(lines: Iterator[str]) -> Iterator[Item]:
    """Yield what the file says: entities, or changes {"op", "entity"}; one file holds one kind of the two.

    Raises FileRefused: empty_file, mixed_delta, and of the reader of lines.
    """
    delta: bool | None = None
    rows = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        rows += 1
        notes = Notes(number)
        try:
            row = parse_object(line)
            is_change = "op" in row and ("entity" in row or "id" in row) and "schema" not in row
            if delta is None:
                delta = is_change
                yield SourceFacts(delta=delta)
            elif is_change != delta:
                raise FileRefused("mixed_delta", number)
            yield _change(number, row, notes) if delta else _entity(number, row, notes)
        except RowRefused as refused:
            yield RowIssue(number, refused.field, refused.code)
        yield from notes.issues
    if not rows:
        raise FileRefused("empty_file")


def _change(line: int, row: dict[str, Any], notes: Notes) -> EntryDraft:
    change = _CHANGES.get(str(row["op"]).upper())
    if change is None:
        raise RowRefused("bad_value", "op")
    entity = row.get("entity", row)
    if not isinstance(entity, dict):
        raise RowRefused("bad_value", "entity")
    if change is Change.DEL:
        return EntryDraft(line, _source_id(entity), Subject.PERSON, Change.DEL)
    return _entity(line, entity, notes)


def _source_id(entity: dict[str, Any]) -> str:
    found = entity.get("id")
    if not isinstance(found, str) or not found.strip():
        raise RowRefused("required", "id")
    if len(found.strip()) > 60:
        raise RowRefused("too_long", "id")
    return clean(found)


def _entity(line: int, entity: dict[str, Any], notes: Notes) -> EntryDraft:
    source_id = _source_id(entity)
    schema, properties = entity.get("schema"), entity.get("properties")
    if not isinstance(schema, str) or not schema:
        raise RowRefused("required", "schema")
    if not isinstance(properties, dict):
        raise RowRefused("required", "properties")

    def values(*names: str) -> list[str]:
        found = []
        for name in names:
            given = properties.get(name, [])
            if not isinstance(given, list) or not all(isinstance(text, str) for text in given):
                raise RowRefused("bad_value", name)
            found += [clean(text) for text in given if text.strip()]
        return found

    subject = _SUBJECTS.get(schema, Subject.OTHER)
    names = _names(entity, values) if subject is not Subject.OTHER else ()
    if not names and subject is not Subject.OTHER:
        raise RowRefused("required", "name")
    births = []
    for text in values("birthDate"):
        born = read_birth_date(text[:10] if text[4:5] == "-" else text)
        if born is None:
            notes.add("birthDate", "bad_date")
        else:
            births.append(born)
    states = []
    for text in values("nationality", "citizenship"):
        code = state_code(text)
        states.append(code)
        if not code:
            notes.add("nationality", "unknown_state")
    documents = []
    for name, kind in _NUMBERS.items():
        for text in values(name):
            found = document_numbers(text)
            documents += [ListedDocument(number, "", kind) for number in found]
            if not found:
                notes.add(name, "bad_number")
    topics = values("topics")
    listed = [day for text in values("createdAt") if (day := read_day(text))]
    return EntryDraft(
        line=line,
        source_id=source_id,
        subject=subject,
        names=names,
        birth_dates=distinct(births),
        birth_places=distinct(text[:200] for text in values("birthPlace")),
        sex=next((sex for text in values("gender") if (sex := sex_of(text))), ""),
        nationalities=distinct(states),
        documents=distinct(documents),
        reason=clean("; ".join(values("program", "topics")) or "On the source's list", 500),
        legal_basis=LEGAL_BASIS,
        listed_on=min(listed) if listed else None,
        remarks=clean(" ".join([*values("position", "notes", "summary"), *topics]), 8000),
    )


def _names(entity: dict[str, Any], values: Any) -> tuple[PersonName, ...]:
    names: list[PersonName] = []
    caption = entity.get("caption")
    whole = values("name")
    # the caption is the source's choice among the names
    if isinstance(caption, str) and clean(caption) in whole:
        whole = [clean(caption), *whole]
    names += [person_name(text) for text in whole]
    latest, given = values("lastName"), values("firstName")
    if len(latest) == 1 and len(given) == 1:
        names.append(person_name(latest[0], given[0]))
    names += [person_name(text) for text in values("alias", "previousName")]
    names += [person_name(text, low_quality=True) for text in values("weakAlias")]
    return distinct(name for name in names if name.primary_identifier)[:NAMES_MOST]
