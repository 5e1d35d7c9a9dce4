"""One entry as proposed for a list, before it is stored, and what is wrong with it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from travelers.core.numbers import normalise_document_number
from watchlists.core.birth_date_texts import YEARS
from watchlists.core.birth_dates import BirthDate
from watchlists.core.document_ranges import DOCUMENT_KINDS, DOCUMENT_STATUSES, NUMBER_MAX, DocumentRange
from watchlists.core.names import PersonName
from watchlists.core.screening import Action

_LONGEST = {"source_id": 60, "reason": 500, "legal_basis": 200, "owner_unit": 80}
NAME_MAX = 200
REMARKS_MAX = 8000
PLACE_MAX = 200
# no source comes near; more would be an attack on whoever has to score or read it
NAMES_MOST = 500
DATES_MOST = 60
STATES_MOST = 20
DOCUMENTS_MOST = 500
CLASSIFICATIONS = ("OPEN", "RESTRICTED", "CONFIDENTIAL", "SECRET")
# the end of an entry that its source keeps until it takes it off
OPEN_ENDED_YEAR = 9999


class ProposalRefused(ValueError):
    """A proposed entry cannot stand in a list.

    code: stable; index: its place in the proposal; field: its name.
    """

    def __init__(self, code: str, index: int, field: str) -> None:
        super().__init__(f"{code}: entry {index}, {field}")
        self.code = code
        self.index = index
        self.field = field


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document of an entry. issuing_state: as in the MRZ, "" if unknown. kind, status: of DOCUMENT_KINDS, _STATUSES."""

    document_number: str
    issuing_state: str = ""
    kind: str = "OTHER"
    status: str = ""


@dataclass(frozen=True, slots=True)
class ProposedEntry:
    """One person or document sought.

    source_id: the entry's own number at its source, once in a proposal. names: the primary name first, then
    aliases. faces: ids of templates. At least one name, document, range of documents or face. valid_from: aware; None:
    from the proposal on. valid_until: aware, not included; None: until its source takes it off. review_by: None: after
    the list's own time. priority: 1 (highest) to 5. sex: "M", "F", "X" or "". nationalities: as in the MRZ.
    """

    source_id: str
    action: Action
    reason: str
    legal_basis: str
    owner_unit: str
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    review_by: date | None = None
    names: tuple[PersonName, ...] = ()
    documents: tuple[ListedDocument, ...] = ()
    document_ranges: tuple[DocumentRange, ...] = ()
    faces: tuple[UUID, ...] = ()
    birth_dates: tuple[BirthDate, ...] = ()
    birth_places: tuple[str, ...] = ()
    sex: str = ""
    nationalities: tuple[str, ...] = ()
    priority: int = 3
    classification: str = "RESTRICTED"
    listed_on: date | None = None
    remarks: str = ""


def check_proposed_entry(entry: ProposedEntry, index: int, *, at: datetime | None = None) -> None:
    """Raise ProposalRefused (required, too_long, too_many, bad_value, nothing_sought, bad_validity) if an entry
    cannot stand.

    at: aware, the time of proposing, from which an entry without its own valid_from is valid.
    """
    for field, longest in _LONGEST.items():
        text = getattr(entry, field)
        if not text.strip():
            raise ProposalRefused("required", index, field)
        if len(text) > longest:
            raise ProposalRefused("too_long", index, field)
    for field, most in (
        ("names", NAMES_MOST),
        ("birth_dates", DATES_MOST),
        ("birth_places", DATES_MOST),
        ("nationalities", STATES_MOST),
        ("documents", DOCUMENTS_MOST),
        ("document_ranges", DOCUMENTS_MOST),
        ("faces", DOCUMENTS_MOST),
    ):
        if len(getattr(entry, field)) > most:
            raise ProposalRefused("too_many", index, field)
    _check_times(entry, index, at)
    if not 1 <= entry.priority <= 5:
        raise ProposalRefused("bad_value", index, "priority")
    if entry.sex not in ("M", "F", "X", ""):
        raise ProposalRefused("bad_value", index, "sex")
    if entry.classification not in CLASSIFICATIONS:
        raise ProposalRefused("bad_value", index, "classification")
    if len(entry.remarks) > REMARKS_MAX:
        raise ProposalRefused("too_long", index, "remarks")
    if any(not 0 < len(code) <= 3 for code in entry.nationalities):
        raise ProposalRefused("bad_value", index, "nationalities")
    if any(len(place) > PLACE_MAX for place in entry.birth_places):
        raise ProposalRefused("too_long", index, "birth_places")
    for born in entry.birth_dates:
        if born.year not in YEARS or (born.until_year is not None and born.until_year not in YEARS):
            raise ProposalRefused("bad_value", index, "birth_dates")
    if not (entry.names or entry.documents or entry.document_ranges or entry.faces):
        raise ProposalRefused("nothing_sought", index, "names")
    for name in entry.names:
        if not name.primary_identifier.strip():
            raise ProposalRefused("required", index, "names")
        if max(len(name.primary_identifier), len(name.secondary_identifier)) > NAME_MAX:
            raise ProposalRefused("too_long", index, "names")
    for document in entry.documents:
        number = normalise_document_number(document.document_number)
        if not number or len(number) > NUMBER_MAX or len(document.issuing_state) > 3:
            raise ProposalRefused("bad_value", index, "documents")
        if document.kind not in DOCUMENT_KINDS or document.status not in DOCUMENT_STATUSES:
            raise ProposalRefused("bad_value", index, "documents")
    if _has_control_characters(entry):
        raise ProposalRefused("bad_value", index, "text")


def _check_times(entry: ProposedEntry, index: int, at: datetime | None) -> None:
    for field in ("valid_from", "valid_until"):
        moment = getattr(entry, field)
        if moment is not None and moment.utcoffset() is None:
            raise ProposalRefused("bad_value", index, field)
    begin = entry.valid_from or at
    if begin is not None and entry.valid_until is not None and entry.valid_until <= begin:
        raise ProposalRefused("bad_validity", index, "valid_until")


def _has_control_characters(entry: ProposedEntry) -> bool:
    """Tell whether a text holds what PostgreSQL cannot store: NUL, or half of a surrogate pair."""
    texts = [entry.source_id, entry.reason, entry.legal_basis, entry.owner_unit, entry.remarks]
    texts += [name.whole for name in entry.names]
    texts += entry.birth_places
    texts += [document.document_number for document in entry.documents]
    return any(
        "\0" in text or (not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text))
        for text in texts
    )
