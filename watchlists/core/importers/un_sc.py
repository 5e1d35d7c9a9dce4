"""UN Security Council consolidated list, XML. Source: sc-sanctions.xsd of the United Nations."""

from collections.abc import Iterator
from typing import BinaryIO

from watchlists.core.birth_dates import BirthDate
from watchlists.core.importers.countries import state_code
from watchlists.core.importers.dates import (
    known_parts,
    numbered_parts,
    read_birth_date,
    read_day,
    read_moment,
)
from watchlists.core.importers.drafts import (
    EntryDraft,
    FileRefused,
    Item,
    RowIssue,
    RowRefused,
    SourceFacts,
    Subject,
)
from watchlists.core.importers.parts import (
    Notes,
    distinct,
    document_kind,
    document_numbers,
    sex_of,
    split_name,
)
from watchlists.core.importers.text import clean
from watchlists.core.importers.xml_records import Element, read_records
from watchlists.core.names import PersonName
from watchlists.core.proposals import ListedDocument

LEGAL_BASIS = "UN Security Council sanctions"
_NAMES = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME", "FIFTH_NAME", "SIXTH_NAME")
_NOTHING = frozenset(("", "na", "n/a", "unknown"))


def read(stream: BinaryIO) -> Iterator[Item]:
    """Yield what the file says. Raises FileRefused."""
    records = read_records(stream, root=("CONSOLIDATED_LIST",), records=("INDIVIDUAL", "ENTITY"))
    root = next(records, None)
    if root is None:
        raise FileRefused("empty_file")
    yield SourceFacts(read_moment(root.attributes.get("dateGenerated", "")))
    for record in records:
        notes = Notes(record.line)
        try:
            yield _draft(record, notes)
        except RowRefused as refused:
            yield RowIssue(record.line, refused.field, refused.code)
        yield from notes.issues


def _draft(record: Element, notes: Notes) -> EntryDraft:
    source_id = clean(record.text_of("DATAID"), 60)
    if not source_id:
        raise RowRefused("required", "DATAID")
    person = record.tag == "INDIVIDUAL"
    parts = [clean(record.text_of(tag)) for tag in _NAMES]
    whole = " ".join(part for part in parts if part)
    if not whole:
        raise RowRefused("required", "FIRST_NAME")
    listed_on = record.text_of("LISTED_ON")
    facts = [
        ("", clean(record.text_of("REFERENCE_NUMBER"))),
        ("Title: ", _values(record, "TITLE")),
        ("Designation: ", _values(record, "DESIGNATION")),
        ("", clean(record.text_of("COMMENTS1"))),
    ]
    return EntryDraft(
        line=record.line,
        source_id=source_id,
        subject=Subject.PERSON if person else Subject.ORGANISATION,
        names=_names(record, whole),
        birth_dates=_birth_dates(record, notes),
        birth_places=distinct(
            clean(
                ", ".join(filter(None, (place.text_of(t) for t in ("CITY", "STATE_PROVINCE", "COUNTRY")))),
                200,
            )
            for place in record.find_all("INDIVIDUAL_PLACE_OF_BIRTH")
        ),
        sex=sex_of(record.text_of("GENDER")),
        nationalities=_nationalities(record, notes),
        documents=_documents(record, notes),
        reason=clean(
            f"UN list: {record.text_of('UN_LIST_TYPE') or 'sanctions'}, {record.text_of('REFERENCE_NUMBER')}",
            500,
        ).strip(", "),
        legal_basis=LEGAL_BASIS,
        listed_on=read_day(listed_on) if listed_on else None,
        remarks=clean(" ".join(f"{label}{text}." if label else text for label, text in facts if text), 8000),
    )


def _values(record: Element, tag: str) -> str:
    return clean("; ".join(value.text for found in record.find_all(tag) for value in found.find_all("VALUE")))


def _names(record: Element, whole: str) -> tuple[PersonName, ...]:
    names = [split_name(whole)]
    for tag in ("INDIVIDUAL_ALIAS", "ENTITY_ALIAS"):
        for alias in record.find_all(tag):
            low = alias.text_of("QUALITY").strip().lower() == "low"
            for part in clean(alias.text_of("ALIAS_NAME")).split(";"):
                if part.strip():
                    names.append(split_name(part, low_quality=low))
    original = clean(record.text_of("NAME_ORIGINAL_SCRIPT"))
    for part in original.replace("؛", ";").split(";"):
        if part.strip():
            names.append(split_name(part))
    return distinct(names)


def _birth_dates(record: Element, notes: Notes) -> tuple[BirthDate, ...]:
    found: list[BirthDate] = []
    for born in record.find_all("INDIVIDUAL_DATE_OF_BIRTH"):
        circa = born.text_of("TYPE_OF_DATE").upper().startswith("APPROX")
        texts = [born.text_of(tag) for tag in ("DATE", "YEAR")]
        first, latest = born.text_of("FROM_YEAR"), born.text_of("TO_YEAR")
        if first or latest:
            texts.append(f"{first or latest} to {latest or first}")
        for text in texts:
            if not text:
                continue
            # DATE has an ISO date, in older editions with a time zone behind it
            date = known_parts(text[:4], text[5:7], text[8:10]) if text[4:5] == "-" else read_birth_date(text)
            if date is None:
                notes.add("INDIVIDUAL_DATE_OF_BIRTH", "bad_date")
                continue
            found.append(
                BirthDate(date.year, date.month, date.day, circa=True)
                if circa and date.until_year is None
                else date
            )
    for alias in record.find_all("INDIVIDUAL_ALIAS"):
        for text in numbered_parts(clean(alias.text_of("DATE_OF_BIRTH"))):
            date = read_birth_date(text)
            if date is not None:
                found.append(date)
    return distinct(found)


def _nationalities(record: Element, notes: Notes) -> tuple[str, ...]:
    codes = []
    for found in record.find_all("NATIONALITY"):
        for value in found.find_all("VALUE"):
            text = clean(value.text)
            if text.lower() in _NOTHING:
                continue
            code = state_code(text)
            if code:
                codes.append(code)
            else:
                notes.add("NATIONALITY", "unknown_state")
    return distinct(codes)


def _documents(record: Element, notes: Notes) -> tuple[ListedDocument, ...]:
    found = []
    for document in record.find_all("INDIVIDUAL_DOCUMENT"):
        kind = document_kind(
            clean(document.text_of("TYPE_OF_DOCUMENT") or document.text_of("TYPE_OF_DOCUMENT2"))
        )
        state = state_code(clean(document.text_of("ISSUING_COUNTRY") or document.text_of("COUNTRY_OF_ISSUE")))
        text = clean(document.text_of("NUMBER"))
        if text.lower() in _NOTHING:
            continue
        numbers = document_numbers(text)
        if not numbers:
            notes.add("INDIVIDUAL_DOCUMENT", "bad_number")
        found += [ListedDocument(number, state, kind) for number in numbers]
    return distinct(found)
