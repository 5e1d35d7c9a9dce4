"""EU consolidated financial sanctions list (FSF), CSV 1.0 and 1.1: one row for each name, address, birth or document.

Rows of one entity stand together, under Entity_LogicalId. Source: the header of the file; FSD export schema.
"""

from collections.abc import Iterator

from watchlists.core.birth_dates import BirthDate
from watchlists.core.importers.countries import state_code
from watchlists.core.importers.dates import known_parts, read_birth_date, read_day, read_moment
from watchlists.core.importers.drafts import EntryDraft, FileRefused, Item, RowIssue, SourceFacts, Subject
from watchlists.core.importers.parts import (
    Notes,
    distinct,
    document_kind,
    document_numbers,
    person_name,
    sex_of,
)
from watchlists.core.importers.tables import Record, open_table
from watchlists.core.importers.text import clean
from watchlists.core.names import PersonName
from watchlists.core.proposals import NAMES_MOST, ListedDocument

LEGAL_BASIS = "EU financial sanctions"
REQUIRED = ("Entity_LogicalId", "Entity_SubjectType", "NameAlias_WholeName")
_UNSET_STATES = frozenset(("", "00", "UNKNOWN"))


def read(lines: Iterator[str]) -> Iterator[Item]:
    """Yield what the file says. Raises FileRefused: of read_rows, wrong_columns, empty_file."""
    table = open_table(lines, delimiters=";,\t", required=REQUIRED)
    first = True
    for group in table.groups("Entity_LogicalId"):
        if isinstance(group, RowIssue):
            yield group
            continue
        if first:
            yield SourceFacts(read_moment(group[0].text("fileGenerationDate")))
            first = False
        yield from _entity(group)
    if first:
        raise FileRefused("empty_file")


def _entity(rows: list[Record]) -> Iterator[Item]:
    line = rows[0].line
    notes = Notes(line)
    names = distinct(name for row in rows if (name := _name(row)) is not None)
    if not names:
        yield RowIssue(line, "NameAlias_WholeName", "required")
        return
    kind = next((t for row in rows if (t := row.text("Entity_SubjectType"))), "")
    code = next((t for row in rows if (t := row.text("Entity_SubjectType_ClassificationCode"))), "")
    person = kind.lower() in ("p", "person") or code.lower() in ("p", "person")
    programme = next((t for row in rows if (t := row.text("Entity_Regulation_Programme"))), "")
    title = next((t for row in rows if (t := row.text("Entity_Regulation_NumberTitle"))), "")
    listed = next((t for row in rows if (t := row.text("Entity_DesignationDate") or
                                         row.text("Entity_Regulation_PublicationDate"))), "")  # fmt: skip
    yield EntryDraft(
        line=line,
        source_id=clean(rows[0].text("Entity_LogicalId"), 60),
        subject=Subject.PERSON if person else Subject.ORGANISATION,
        names=names[:NAMES_MOST],
        birth_dates=distinct(born for row in rows if (born := _birth_date(row, notes)) is not None),
        birth_places=distinct(_birth_place(row) for row in rows),
        sex=next((sex for row in rows if (sex := sex_of(row.text("NameAlias_Gender")))), ""),
        nationalities=distinct(_state(row, "Citizenship", notes) for row in rows),
        documents=distinct(document for row in rows for document in _documents(row, notes)),
        reason=clean(f"EU list: {programme or 'sanctions'} {title}", 500),
        legal_basis=LEGAL_BASIS,
        listed_on=read_day(listed) if listed else None,
        remarks=clean(
            " ".join(
                distinct(
                    clean(row.text(column))
                    for column in (
                        "Entity_EU_ReferenceNumber",
                        "Entity_UnitedNationId",
                        "Entity_Remark",
                        "Entity_DesignationDetails",
                        "NameAlias_Title",
                        "NameAlias_Function",
                        "BirthDate_Remark",
                        "Identification_Remark",
                    )
                    for row in rows
                )
            ),
            8000,
        ),
    )
    yield from notes.issues


def _name(row: Record) -> PersonName | None:
    whole = clean(row.text("NameAlias_WholeName"))
    latest = clean(row.text("NameAlias_LastName"))
    given = clean(f"{row.text('NameAlias_FirstName')} {row.text('NameAlias_MiddleName')}")
    weak = "low" in row.text("NameAlias_Quality").lower() or row.text("NameAlias_Strong").lower() in (
        "false",
        "0",
    )
    if latest and given:
        return person_name(latest, given, low_quality=weak)
    if whole or latest or given:
        return person_name(whole or latest or given, low_quality=weak)
    return None


def _birth_date(row: Record, notes: Notes) -> BirthDate | None:
    circa = row.text("BirthDate_Circa").lower() in ("true", "1", "yes")
    calendar = row.text("BirthDate_CalendarType").upper()
    whole, year = row.text("BirthDate_BirthDate"), row.text("BirthDate_Year")
    begin, end = row.text("BirthDate_YearRangeFrom"), row.text("BirthDate_YearRangeTo")
    if calendar not in ("", "GREGORIAN"):
        if whole or year:
            notes.add("BirthDate_CalendarType", "other_calendar")
        return None
    found = None
    if whole:
        found = read_birth_date(whole)
    elif year and year != "0":
        found = known_parts(year, row.text("BirthDate_Month"), row.text("BirthDate_Day"))
    elif begin or end:
        found = read_birth_date(f"{begin or end} to {end or begin}")
    else:
        return None
    if found is None:
        notes.add("BirthDate_BirthDate", "bad_date")
    elif circa and found.until_year is None:
        return BirthDate(found.year, found.month, found.day, circa=True)
    return found


def _birth_place(row: Record) -> str:
    parts = (row.text(f"BirthDate_{part}") for part in ("City", "Place", "Region"))
    state = row.text("BirthDate_CountryDescription")
    return clean(", ".join(distinct([*parts, "" if state.upper() in _UNSET_STATES else state])), 200)


def _state(row: Record, prefix: str, notes: Notes) -> str:
    code, name = row.text(f"{prefix}_CountryIso2Code"), row.text(f"{prefix}_CountryDescription")
    if code.upper() in _UNSET_STATES and name.upper() in _UNSET_STATES:
        return ""
    found = state_code(code) or state_code(name)
    if not found:
        notes.add(f"{prefix}_CountryIso2Code", "unknown_state")
    return found


def _documents(row: Record, notes: Notes) -> Iterator[ListedDocument]:
    text = row.text("Identification_Number")
    if not text:
        return
    kind = document_kind(
        f"{row.text('Identification_TypeDescription')} {row.text('Identification_TypeCode')}"
    )
    numbers = document_numbers(text)
    if not numbers:
        notes.add("Identification_Number", "bad_number")
    lost = row.text("Identification_ReportedLost").lower() in ("true", "1")
    revoked = row.text("Identification_RevokedByIssuer").lower() in ("true", "1")
    status = "LOST" if lost else "REVOKED" if revoked else ""
    for number in numbers:
        yield ListedDocument(number, _state(row, "Identification", notes), kind, status)
