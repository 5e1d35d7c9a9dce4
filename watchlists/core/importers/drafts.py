"""What an importer yields: the file's own date, entries as the source describes them, and what is wrong with rows."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from watchlists.core.birth_dates import BirthDate
from watchlists.core.document_ranges import DocumentRange
from watchlists.core.names import PersonName
from watchlists.core.proposals import ListedDocument


class Subject(StrEnum):
    """What an entry is about. Only persons and documents fire at a border; the others are counted and left out."""

    PERSON = "PERSON"
    DOCUMENT = "DOCUMENT"
    ORGANISATION = "ORGANISATION"
    VESSEL = "VESSEL"
    AIRCRAFT = "AIRCRAFT"
    OTHER = "OTHER"


class Change(StrEnum):
    """What a row does: PUT the entry as it is now, or DELete it (deltas only)."""

    PUT = "PUT"
    DEL = "DEL"


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What a file says about itself. delta: its rows change the list, instead of being the list."""

    generated_at: datetime | None = None
    delta: bool = False


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """One entry of a source. line: where it begins in the file, from 1. names: the primary name first.

    Texts are bare of control characters and cut to what a list holds; the list adds action, owner and legal basis.
    """

    line: int
    source_id: str
    subject: Subject
    change: Change = Change.PUT
    names: tuple[PersonName, ...] = ()
    birth_dates: tuple[BirthDate, ...] = ()
    birth_places: tuple[str, ...] = ()
    sex: str = ""
    nationalities: tuple[str, ...] = ()
    documents: tuple[ListedDocument, ...] = ()
    document_ranges: tuple[DocumentRange, ...] = ()
    reason: str = ""
    legal_basis: str = ""
    listed_on: date | None = None
    remarks: str = ""


@dataclass(frozen=True, slots=True)
class RowIssue:
    """Something wrong with a row, never with the values of it: where, which field, a stable code.

    refuses: the row cannot be an entry. Otherwise one field of it was not understood and is left out of the search.
    """

    line: int
    field: str
    code: str
    refuses: bool = True


Item = SourceFacts | EntryDraft | RowIssue


class RowRefused(ValueError):
    """A row is no entry. field: of the source; code: stable."""

    def __init__(self, code: str, field: str) -> None:
        super().__init__(f"{code}: {field}")
        self.code = code
        self.field = field


class FileRefused(ValueError):
    """A file cannot be read as what it should be. line: from 1, 0 for the whole of it. code: stable."""

    def __init__(self, code: str, line: int = 0, field: str = "") -> None:
        super().__init__(f"{code} at line {line}" + (f", {field}" if field else ""))
        self.code = code
        self.line = line
        self.field = field
