"""One entry as proposed for a list, before it is stored, and what is wrong with it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from travelers.core.numbers import normalise_document_number
from watchlists.core.names import PersonName
from watchlists.core.screening import Action

_LONGEST = {"source_id": 60, "reason": 200, "legal_basis": 200, "owner_unit": 80}
NAME_MAX = 200
NUMBER_MAX = 24


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
    """A document of an entry. issuing_state: as in the MRZ, "" if unknown."""

    document_number: str
    issuing_state: str = ""


@dataclass(frozen=True, slots=True)
class ProposedEntry:
    """One person or document sought.

    source_id: the entry's own number at its source, once in a proposal. names: the primary name first, then
    aliases. faces: ids of templates. At least one name, document or face. valid_from, valid_until: aware,
    half-open. priority: 1 (highest) to 5. sex: "M", "F", "X" or "". nationality: as in the MRZ, "" if
    unknown.
    """

    source_id: str
    action: Action
    reason: str
    legal_basis: str
    owner_unit: str
    valid_from: datetime
    valid_until: datetime
    review_by: date
    names: tuple[PersonName, ...] = ()
    documents: tuple[ListedDocument, ...] = ()
    faces: tuple[UUID, ...] = ()
    birth_date: date | None = None
    sex: str = ""
    nationality: str = ""
    priority: int = 3


def check_proposed_entry(entry: ProposedEntry, index: int) -> None:
    """Raise ProposalRefused (required, too_long, bad_value, nothing_sought, bad_validity) if an entry cannot
    stand.
    """
    for field, longest in _LONGEST.items():
        text = getattr(entry, field)
        if not text.strip():
            raise ProposalRefused("required", index, field)
        if len(text) > longest:
            raise ProposalRefused("too_long", index, field)
    if entry.valid_from.utcoffset() is None or entry.valid_until.utcoffset() is None:
        raise ProposalRefused("bad_value", index, "valid_from")
    if entry.valid_until <= entry.valid_from:
        raise ProposalRefused("bad_validity", index, "valid_until")
    if not 1 <= entry.priority <= 5:
        raise ProposalRefused("bad_value", index, "priority")
    if entry.sex not in ("M", "F", "X", ""):
        raise ProposalRefused("bad_value", index, "sex")
    if len(entry.nationality) > 3:
        raise ProposalRefused("bad_value", index, "nationality")
    if not (entry.names or entry.documents or entry.faces):
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
