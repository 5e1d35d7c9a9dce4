"""What an entry says, as one text: equal texts are equal entries, whatever file or version they come in."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from travelers.core.codes import normalise_code
from travelers.core.numbers import normalise_document_number
from watchlists.core.birth_date_texts import read_birth_date_text, write_birth_date
from watchlists.core.document_ranges import DocumentRange
from watchlists.core.names import PersonName
from watchlists.core.proposals import ListedDocument, ProposedEntry
from watchlists.core.screening import Action


def write_content(entry: ProposedEntry) -> str:
    """Return the content of a checked entry: compact JSON in a fixed order, States and numbers in the form of the MRZ.

    What depends on the time of proposing (None in valid_from, valid_until, review_by) stays null, so that the same row
    of the next file is the same content.
    """
    return json.dumps(
        [
            entry.source_id,
            entry.action.value,
            entry.priority,
            entry.reason,
            entry.legal_basis,
            entry.owner_unit,
            entry.classification,
            _moment(entry.valid_from),
            _moment(entry.valid_until),
            entry.review_by.isoformat() if entry.review_by else None,
            entry.listed_on.isoformat() if entry.listed_on else None,
            entry.sex,
            [normalise_code(code) for code in entry.nationalities],
            [write_birth_date(born) for born in entry.birth_dates],
            list(entry.birth_places),
            [[n.primary_identifier, n.secondary_identifier, int(n.low_quality)] for n in entry.names],
            [
                [
                    normalise_document_number(d.document_number),
                    normalise_code(d.issuing_state),
                    d.kind,
                    d.status,
                ]
                for d in entry.documents
            ],
            [
                [normalise_code(r.issuing_state), r.prefix, r.width, r.first, r.latest, r.kind, r.status]
                for r in entry.document_ranges
            ],
            [str(face) for face in entry.faces],
            entry.remarks,
        ],
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


def hash_content(content: str) -> str:
    """Return the SHA-256 of a content, 64 hexadecimal digits."""
    return hashlib.sha256(content.encode()).hexdigest()


def read_content(content: str) -> ProposedEntry:
    """Return the entry that write_content wrote."""
    fields: list[Any] = json.loads(content)
    (source_id, action, priority, reason, legal_basis, owner_unit, classification) = fields[:7]
    valid_from, valid_until, review_by, listed_on, sex, states, births, places = fields[7:15]
    names, documents, ranges, faces, remarks = fields[15:]
    return ProposedEntry(
        source_id=source_id,
        action=Action(action),
        reason=reason,
        legal_basis=legal_basis,
        owner_unit=owner_unit,
        valid_from=datetime.fromisoformat(valid_from) if valid_from else None,
        valid_until=datetime.fromisoformat(valid_until) if valid_until else None,
        review_by=date.fromisoformat(review_by) if review_by else None,
        names=tuple(PersonName(primary, secondary, bool(low)) for primary, secondary, low in names),
        documents=tuple(ListedDocument(*parts) for parts in documents),
        document_ranges=tuple(DocumentRange(*parts) for parts in ranges),
        faces=tuple(UUID(face) for face in faces),
        birth_dates=tuple(_births(births)),
        birth_places=tuple(places),
        sex=sex,
        nationalities=tuple(states),
        priority=priority,
        classification=classification,
        listed_on=date.fromisoformat(listed_on) if listed_on else None,
        remarks=remarks,
    )


def _births(texts: Iterable[str]) -> Iterable[Any]:
    for text in texts:
        born = read_birth_date_text(text)
        if born is not None:
            yield born
