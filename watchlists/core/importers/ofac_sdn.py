"""OFAC SDN list, CSV: the main file, and beside it aliases (alt), addresses (add) and longer remarks (comments).

No header, "-0-" for nothing. Birth dates, passports and sexes stand in the remarks only. Source: OFAC's data
specification "dat_spec".
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from watchlists.core.birth_dates import BirthDate
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
from watchlists.core.importers.parts import (
    Notes,
    distinct,
    document_kind,
    document_numbers,
    sex_of,
    split_name,
)
from watchlists.core.importers.text import END_OF_TEXT, clean, read_rows
from watchlists.core.names import PersonName
from watchlists.core.proposals import NAMES_MOST, ListedDocument

LEGAL_BASIS = "OFAC Specially Designated Nationals"
COLUMNS = {"main": 12, "alt": 5, "add": 6, "comments": 2}
COMPANION_ROWS_MOST = 2_000_000
_NOTHING = frozenset(("-0-", "-0", "", "null"))
_SUBJECTS = {
    "individual": Subject.PERSON,
    "vessel": Subject.VESSEL,
    "aircraft": Subject.AIRCRAFT,
    "entity": Subject.ORGANISATION,
    "": Subject.ORGANISATION,
}
_ALT = re.compile(r"^alt\.\s*", re.I)
_DOB = re.compile(r"^DOB[:\s]\s*(.+)$", re.I)
_POB = re.compile(r"^POB[:\s]\s*(.+)$", re.I)
_GENDER = re.compile(r"^(?:Gender|Sex)[:\s]\s*(\w+)", re.I)
_STATE = re.compile(r"^(?:nationality|citizen)(?:\s+of)?[:\s]\s*(.+)$", re.I)
_AKA = re.compile(r"^[afn]\.k\.a\.\s*(.+)$", re.I)
# "Passport A123 (Iraq) issued 2 Feb 2000 expires …", "Cedula No. 1234 (Colombia)", "National ID No. 12 (Iran)"
_DOCUMENT = re.compile(
    r"^(?P<kind>(?:Stateless Person ID Card|(?:Diplomatic |Official |Service |Special )?Passport|Travel Document Number|"
    r"Refugee ID Card|Cedula(?: de (?:Ciudadania|Residencia|Extranjeria))?|Residency Number|Visa(?: Number)?|"
    r"(?:\w+\s){0,3}(?:National ID|Identification(?: Number)?|Identity Card|Personal ID(?: Card)?|D\.N\.I\.|ID Card)))"
    r"\s*(?:No\.|Number|#)?\s*(?P<number>[^()]*?\d[^()]*?)?\s*(?:\((?P<state>[^()]*)\))?"
    r"(?:\s+(?:issued|expires)\b.*)?$",
    re.I,
)


def read(lines: Iterator[str], companions: Mapping[str, Iterator[str]] | None = None) -> Iterator[Item]:
    """Yield what the files say. companions: lines of "alt", "add" and "comments", as far as they are there.

    Raises FileRefused: of read_rows, wrong_columns, empty_file.
    """
    beside = {kind: _companion(kind, found) for kind, found in (companions or {}).items()}
    yield SourceFacts()
    rows = 0
    for found in read_rows(lines, delimiter=","):
        rows += 1
        if isinstance(found, RowIssue):
            yield found
            continue
        line, row = found
        if rows == 1 and len(row) != COLUMNS["main"]:
            raise FileRefused("wrong_columns", line)
        notes = Notes(line)
        try:
            yield _draft(line, row, beside, notes)
        except RowRefused as refused:
            yield RowIssue(line, refused.field, refused.code)
        yield from notes.issues
    if not rows:
        raise FileRefused("empty_file")


def _companion(kind: str, lines: Iterator[str]) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = defaultdict(list)
    for count, read_row in enumerate(read_rows(lines, delimiter=",")):
        if isinstance(read_row, RowIssue):
            raise FileRefused(read_row.code, read_row.line, kind)
        line, row = read_row
        if len(row) != COLUMNS[kind]:
            raise FileRefused("wrong_columns", line, kind)
        if count >= COMPANION_ROWS_MOST:
            raise FileRefused("too_many_rows", line, kind)
        found[row[0].strip()].append(row)
    return found


def _value(cell: str) -> str:
    text = clean(cell.replace(END_OF_TEXT, ""))
    return "" if text.lower() in _NOTHING else text


def _draft(
    line: int, row: list[str], beside: Mapping[str, Mapping[str, list[list[str]]]], notes: Notes
) -> EntryDraft:
    if len(row) != COLUMNS["main"]:
        raise RowRefused("wrong_columns", "row")
    source_id, name, kind, program, title = (_value(cell) for cell in row[:5])
    if not (source_id.isascii() and source_id.isdigit() and len(source_id) <= 18):
        raise RowRefused("bad_value", "ent_num")
    if not name:
        raise RowRefused("required", "SDN_Name")
    subject = _SUBJECTS.get(kind.lower())
    if subject is None:
        raise RowRefused("bad_value", "SDN_Type")
    remarks = _value(row[11])
    for more in beside.get("comments", {}).get(source_id, ()):
        remarks += _value(more[1])
    person = subject is Subject.PERSON
    names = [split_name(name) if person else PersonName(clean(name, 200))]
    for alias in beside.get("alt", {}).get(source_id, ()):
        if _value(alias[3]):
            low = "weak" in _value(alias[2]).lower()
            names.append(split_name(_value(alias[3]), low_quality=low))
    facts = _Remarks(notes)
    if person:
        facts.read(remarks)
    return EntryDraft(
        line=line,
        source_id=source_id,
        subject=subject,
        names=distinct([*names, *facts.names])[:NAMES_MOST],
        birth_dates=distinct(facts.birth_dates),
        birth_places=distinct(facts.birth_places),
        sex=facts.sex,
        nationalities=distinct(facts.nationalities),
        documents=distinct(facts.documents),
        reason=clean(f"OFAC SDN: {program or 'no programme'}", 500),
        legal_basis=LEGAL_BASIS,
        remarks=clean(f"{title + '. ' if title else ''}{remarks}", 8000),
    )


class _Remarks:
    """The facts that stand in the remarks, part by part between semicolons."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.names: list[PersonName] = []
        self.birth_dates: list[BirthDate] = []
        self.birth_places: list[str] = []
        self.nationalities: list[str] = []
        self.documents: list[ListedDocument] = []
        self.sex = ""

    def read(self, remarks: str) -> None:
        for part in remarks.split(";"):
            bare = _ALT.sub("", part.strip().rstrip("."))
            if bare:
                self._read_part(bare)

    def _read_part(self, part: str) -> None:
        if found := _DOB.match(part):
            born = read_birth_date(found.group(1))
            if born is None:
                self.notes.add("DOB", "bad_date")
            else:
                self.birth_dates.append(born)
        elif found := _POB.match(part):
            self.birth_places.append(clean(found.group(1), 200))
        elif found := _GENDER.match(part):
            self.sex = sex_of(found.group(1)) or self.sex
        elif found := _STATE.match(part):
            code = state_code(found.group(1))
            if code:
                self.nationalities.append(code)
            else:
                self.notes.add("nationality", "unknown_state")
        elif found := _AKA.match(part):
            alias = clean(found.group(1)).strip("'\" ")
            if alias:
                # OFAC puts into the remarks what it calls a weak alias
                self.names.append(split_name(alias, low_quality=True))
        elif (found := _DOCUMENT.match(part)) and found.group("number"):
            numbers = document_numbers(found.group("number"))
            if not numbers:
                self.notes.add("document", "bad_number")
            kind, state = document_kind(found.group("kind")), state_code(found.group("state") or "")
            self.documents += [ListedDocument(number, state, kind) for number in numbers]
