"""UK sanctions list of the FCDO, XML and CSV, and the older consolidated list of OFSI, CSV.

Source: "UK sanctions list: format guide" of the FCDO; the headers of both files.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from watchlists.core.birth_dates import BirthDate
from watchlists.core.importers.countries import state_code
from watchlists.core.importers.dates import numbered_parts, read_birth_date, read_day, read_moment
from watchlists.core.importers.drafts import EntryDraft, FileRefused, Item, RowIssue, SourceFacts, Subject
from watchlists.core.importers.parts import Notes, distinct, document_numbers, person_name, sex_of
from watchlists.core.importers.tables import Record, open_table
from watchlists.core.importers.text import clean
from watchlists.core.importers.xml_records import Element, read_records
from watchlists.core.names import PersonName
from watchlists.core.proposals import NAMES_MOST, ListedDocument

LEGAL_BASIS = "UK sanctions"
REQUIRED = ("Name 6", "Name 1")
_SUBJECTS: Mapping[str, Subject] = {
    "individual": Subject.PERSON,
    "person": Subject.PERSON,
    "entity": Subject.ORGANISATION,
    "ship": Subject.VESSEL,
}
_DESIGNATION = ("Individual, Entity, Ship", "Designation Type", "Group Type")
_GIVEN = tuple(f"Name {index}" for index in range(1, 6))
_DELIMITERS_OF_MANY = ("|", ";")


@dataclass(slots=True)
class _Facts:
    """What the rows or elements of one designation say together."""

    line: int
    source_id: str
    kind: str = ""
    primary: list[PersonName] = field(default_factory=list)
    aliases: list[PersonName] = field(default_factory=list)
    births: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    sexes: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    passports: list[str] = field(default_factory=list)
    id_numbers: list[str] = field(default_factory=list)
    regimes: list[str] = field(default_factory=list)
    designated: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def add_name(self, given: str, family: str, *, kind: str, strength: str) -> None:
        given, family = clean(given), clean(family)
        if not given and not family:
            return
        low = strength.strip().lower() in ("low", "weak")
        name = person_name(family, given, low_quality=low)
        (
            self.primary if "primary" in kind.lower() and "variation" not in kind.lower() else self.aliases
        ).append(name)

    def items(self) -> Iterator[Item]:
        notes = Notes(self.line)
        subject = _SUBJECTS.get(self.kind.strip().lower())
        names = distinct([*self.primary, *self.aliases])
        if subject is None:
            yield RowIssue(self.line, "designation_type", "bad_value" if self.kind else "required")
            return
        if not names:
            yield RowIssue(self.line, "name", "required")
            return
        listed = [day for text in self.designated if (day := read_day(text)) is not None]
        yield EntryDraft(
            line=self.line,
            source_id=clean(self.source_id, 60),
            subject=subject,
            names=names[:NAMES_MOST],
            birth_dates=self._birth_dates(notes),
            birth_places=distinct(clean(place, 200) for place in self.places),
            sex=next((sex for text in self.sexes if (sex := sex_of(text))), ""),
            nationalities=self._nationalities(notes),
            documents=self._documents(notes),
            reason=clean(f"UK list: {', '.join(distinct(self.regimes)) or 'sanctions'}", 500),
            legal_basis=LEGAL_BASIS,
            listed_on=min(listed) if listed else None,
            remarks=clean(" ".join(distinct(self.remarks)), 8000),
        )
        yield from notes.issues

    def _birth_dates(self, notes: Notes) -> tuple[BirthDate, ...]:
        found = []
        for text in _many(self.births):
            born = read_birth_date(text)
            if born is None:
                notes.add("D.O.B", "bad_date")
            else:
                found.append(born)
        return distinct(found)

    def _nationalities(self, notes: Notes) -> tuple[str, ...]:
        codes = []
        for text in _many(self.states):
            # "Russia, Ukraine" is two, "Congo, Democratic Republic of the" is one
            found = [state_code(text)] if state_code(text) else [state_code(part) for part in text.split(",")]
            codes += found
            if "" in found:
                notes.add("Nationality", "unknown_state")
        return distinct(codes)

    def _documents(self, notes: Notes) -> tuple[ListedDocument, ...]:
        found = []
        for kind, texts in (("PASSPORT", self.passports), ("ID_CARD", self.id_numbers)):
            for text in _many(texts):
                numbers = document_numbers(text)
                if not numbers and any(c.isdigit() for c in text):
                    notes.add(
                        "Passport number" if kind == "PASSPORT" else "National Identifier", "bad_number"
                    )
                found += [ListedDocument(number, "", kind) for number in numbers]
        return distinct(found)


def _many(texts: list[str]) -> Iterator[str]:
    """Yield the values of cells that hold one, several numbered, or several with a bar between."""
    for text in texts:
        parts = [text]
        for delimiter in _DELIMITERS_OF_MANY:
            parts = [part for whole in parts for part in whole.split(delimiter)]
        for part in parts:
            yield from numbered_parts(part)


def read_table(lines: Iterator[str]) -> Iterator[Item]:
    """Yield what a CSV file says. Raises FileRefused: of read_rows, wrong_columns, empty_file."""
    table = open_table(lines, delimiters=",;\t", required=REQUIRED)
    key = next((name for name in ("Unique ID", "Group ID", "OFSI Group ID") if _has(table.columns, name)), "")
    if not key:
        raise FileRefused("wrong_columns", 1, "Unique ID")
    yield SourceFacts(_date_above(table.above))
    groups = 0
    for group in table.groups(key):
        groups += 1
        if isinstance(group, RowIssue):
            yield group
            continue
        facts = _Facts(group[0].line, group[0].text(key))
        for row in group:
            _add_row(facts, row)
        yield from facts.items()
    if not groups:
        raise FileRefused("empty_file")


def _has(columns: Mapping[str, int], name: str) -> bool:
    return "".join(c for c in name.lower() if c.isalnum()) in columns


def _date_above(lines: tuple[str, ...]) -> datetime | None:
    for line in lines:
        for part in line.replace("Report Date:", "").split(","):
            moment = read_moment(clean(part.strip('" ')))
            if moment is not None:
                return moment
    return None


def _add_row(facts: _Facts, row: Record) -> None:
    facts.kind = facts.kind or row.text(*_DESIGNATION)
    given = " ".join(text for column in _GIVEN if (text := row.text(column)))
    kind = row.text("Name type", "Alias Type")
    facts.add_name(given, row.text("Name 6"), kind=kind, strength=row.text("Alias strength", "Alias Quality"))
    facts.add_name("", row.text("Name non-latin script"), kind="alias", strength="")
    place = [row.text("Town of birth"), row.text("Country of birth")]
    for into, text in (
        (facts.births, row.text("D.O.B", "DOB")),
        (facts.places, ", ".join(part for part in place if part)),
        (facts.sexes, row.text("Gender")),
        (facts.states, row.text("Nationality(/ies)", "Nationality")),
        (facts.passports, row.text("Passport number")),
        (facts.id_numbers, row.text("National Identifier number", "National Identification Number")),
        (facts.regimes, row.text("Regime Name", "Regime")),
        (facts.designated, row.text("Date Designated", "UK Sanctions List Date Designated", "Listed On")),
        (facts.remarks, row.text("UN Reference Number")),
        (facts.remarks, row.text("Title")),
        (facts.remarks, row.text("Position")),
        (facts.remarks, row.text("Other Information")),
        (facts.remarks, row.text("UK Statement of Reasons")),
    ):
        if text and text not in into:
            into.append(text)


def read_xml(stream: BinaryIO) -> Iterator[Item]:
    """Yield what an XML file says. Raises FileRefused."""
    records = read_records(stream, root=("Designations",), records=("Designation", "DateGenerated"))
    if next(records, None) is None:
        raise FileRefused("empty_file")
    begun = False
    for record in records:
        if record.tag == "DateGenerated":
            if not begun:
                yield SourceFacts(read_moment(record.text.strip()))
                begun = True
            continue
        if not begun:
            yield SourceFacts()
            begun = True
        source_id = clean(record.text_of("UniqueID"))
        if not source_id:
            yield RowIssue(record.line, "UniqueID", "required")
            continue
        yield from _facts_of(record, source_id).items()
    if not begun:
        raise FileRefused("empty_file")


def _facts_of(record: Element, source_id: str) -> _Facts:
    facts = _Facts(record.line, source_id, record.text_of("IndividualEntityShip"))
    for names in record.find_all("Names"):
        for name in names.find_all("Name"):
            given = " ".join(text for index in range(1, 6) if (text := name.text_of(f"Name{index}")))
            strength = name.text_of("AliasStrength")
            facts.add_name(given, name.text_of("Name6"), kind=name.text_of("NameType"), strength=strength)
    for tag in ("NameNonLatinScript",):
        for name in record.walk(tag):
            facts.add_name("", name.text, kind="alias", strength="")
    texts = {
        "DOB": facts.births,
        "Nationality": facts.states,
        "PassportNumber": facts.passports,
        "NationalIdentifierNumber": facts.id_numbers,
        "Gender": facts.sexes,
        "Position": facts.remarks,
        "Title": facts.remarks,
    }
    for tag, into in texts.items():
        into += [
            found.text.strip() for found in record.walk(tag) if found.text.strip() and not found.children
        ]
    for place in record.walk("Location"):
        parts = [place.text_of("TownOfBirth"), place.text_of("CountryOfBirth")]
        facts.places.append(", ".join(part for part in parts if part))
    facts.regimes.append(record.text_of("RegimeName"))
    facts.designated.append(record.text_of("DateDesignated"))
    facts.remarks += [
        record.text_of(tag) for tag in ("UNReferenceNumber", "OtherInformation", "UKStatementofReasons")
    ]
    return facts
