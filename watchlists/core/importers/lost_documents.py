"""Lost, stolen and revoked documents, CSV in the manner of INTERPOL's SLTD: single numbers and ranges of blanks.

Only the State that issued a document may list it: `source` names the State that reports it.
"""

from collections.abc import Iterator

from travelers.core.numbers import normalise_document_number
from watchlists.core.document_ranges import NUMBER_MAX, DocumentRange, RangeRefused, range_of
from watchlists.core.documents import fold_document_number
from watchlists.core.importers.countries import state_code
from watchlists.core.importers.dates import read_day
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
from watchlists.core.importers.parts import document_kind
from watchlists.core.importers.tables import Record, open_table
from watchlists.core.importers.text import clean
from watchlists.core.proposals import ListedDocument

LEGAL_BASIS = "Report of the issuing State"
REQUIRED = ("number", "issuing_state", "status")
_STATUSES = {
    **dict.fromkeys(("stolen",), "STOLEN"),
    **dict.fromkeys(("lost",), "LOST"),
    **dict.fromkeys(("stolen blank", "stolen_blank", "blank", "stolen blanks"), "STOLEN_BLANK"),
    **dict.fromkeys(("revoked", "cancelled", "canceled"), "REVOKED"),
    **dict.fromkeys(("invalidated", "invalid"), "INVALIDATED"),
}
_KINDS = {"P": "PASSPORT", "I": "ID_CARD", "ID": "ID_CARD", "V": "VISA", "R": "RESIDENCE", "AR": "RESIDENCE"}
_CHANGES = {"": Change.PUT, "ADD": Change.PUT, "MOD": Change.PUT, "DEL": Change.DEL}


def read(lines: Iterator[str]) -> Iterator[Item]:
    """Yield what the file says; a column `op` (ADD, MOD, DEL) makes it a delta.

    Raises FileRefused: of read_rows, wrong_columns, empty_file.
    """
    table = open_table(lines, delimiters=",;\t|", required=REQUIRED)
    yield SourceFacts(delta="op" in table.columns)
    rows = 0
    for record in table.records():
        rows += 1
        if isinstance(record, RowIssue):
            yield record
            continue
        try:
            yield _draft(record)
        except RowRefused as refused:
            yield RowIssue(record.line, refused.field, refused.code)
    if not rows:
        raise FileRefused("empty_file")


def _draft(record: Record) -> EntryDraft:
    state = state_code(record.text("issuing_state"))
    if not state:
        raise RowRefused("unknown_state" if record.text("issuing_state") else "required", "issuing_state")
    _check_reporter(record, state)
    change = _CHANGES.get(record.text("op").upper())
    if change is None:
        raise RowRefused("bad_value", "op")
    status = _STATUSES.get(record.text("status").lower().strip(" ."))
    if status is None:
        raise RowRefused("bad_value" if record.text("status") else "required", "status")
    type_text = record.text("type", "document_type")
    kind = _KINDS.get(type_text.upper()) or document_kind(type_text)
    begin, end = record.text("range_from"), record.text("range_to")
    document, span = None, None
    if begin or end:
        span = _range(begin, end, state, kind, status)
        own_id = f"{state}-{kind}-{span.prefix}{span.first:0{span.width}d}-{span.latest:0{span.width}d}"
    else:
        document = _document(record, state, kind, status)
        own_id = f"{state}-{kind}-{normalise_document_number(document.document_number)}"
    day_text = record.text("date")
    day = read_day(day_text) if day_text else None
    if day_text and day is None:
        raise RowRefused("bad_date", "date")
    return EntryDraft(
        line=record.line,
        source_id=clean(record.text("id", "source_id") or own_id, 60),
        subject=Subject.DOCUMENT,
        change=change,
        documents=(document,) if document else (),
        document_ranges=(span,) if span else (),
        reason=f"{status.replace('_', ' ').capitalize()} document",
        legal_basis=LEGAL_BASIS,
        listed_on=day,
        remarks=clean(record.text("owner_state_contact"), 500),
    )


def _check_reporter(record: Record, issuing_state: str) -> None:
    for column in ("source", "owner_state"):
        reporter = state_code(record.text(column))
        # a source that is no State is the name of a register, which says nothing about who reports
        if reporter and reporter != issuing_state:
            raise RowRefused("not_issuing_state", column)


def _document(record: Record, state: str, kind: str, status: str) -> ListedDocument:
    number = normalise_document_number(record.text("number"))
    if not number:
        raise RowRefused("required", "number")
    if len(number) > NUMBER_MAX or not number.isalnum() or not number.isascii():
        raise RowRefused("bad_value", "number")
    folded = record.text("number_folded")
    if folded and fold_document_number(folded) != fold_document_number(number):
        raise RowRefused("contradicts_number", "number_folded")
    return ListedDocument(number, state, kind, status)


def _range(begin: str, end: str, state: str, kind: str, status: str) -> DocumentRange:
    if not begin or not end:
        raise RowRefused("required", "range_to" if begin else "range_from")
    try:
        return range_of(begin, end, issuing_state=state, kind=kind, status=status)
    except RangeRefused as refused:
        raise RowRefused(refused.code, "range_from") from None
