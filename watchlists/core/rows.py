"""Rows of the tables of entries, as PostgreSQL's COPY takes them: made here, so that several processes can.

Source: PostgreSQL, COPY, text format.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from watchlists.core.birth_date_texts import write_birth_date
from watchlists.core.content import read_content
from watchlists.core.indexing import index_entry
from watchlists.core.keys import KEY_VERSION, document_key
from watchlists.core.names import PersonName
from watchlists.core.proposals import OPEN_ENDED_YEAR, ProposedEntry

OPEN_ENDED = f"{OPEN_ENDED_YEAR}-12-31T00:00:00+00:00"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
NULL = "\\N"

# columns of each table, in the order of the rows that make_rows writes
COLUMNS: dict[str, tuple[str, ...]] = {
    "watchlists_watchlistentry": (
        *("id", "version_id", "watchlist_id", "source_id", "content_hash", "action", "priority", "reason"),
        *("legal_basis", "owner_unit", "valid_from", "valid_until", "review_by", "classification"),
        *("birth_dates", "birth_places", "sex", "nationalities", "listed_on", "remarks"),
    ),
    "watchlists_entryname": (
        *("id", "entry_id", "primary_identifier", "secondary_identifier", "kind", "script", "quality"),
    ),
    "watchlists_entrydocument": ("id", "entry_id", "issuing_state", "document_number", "kind", "status"),
    "watchlists_entrydocumentrange": (
        *("id", "entry_id", "issuing_state", "kind", "status", "prefix", "width", "first", "latest"),
    ),
    "watchlists_entryface": ("id", "entry_id", "template_id"),
    "watchlists_entrykey": ("key", "entry_id", "born"),
    "watchlists_entrysearchform": ("entry_id", "form", "counted", "nationality", "key_version"),
}


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry to store: its new id, and its content with the hash."""

    entry_id: UUID
    content_hash: str
    content: str


@dataclass(frozen=True, slots=True)
class Holder:
    """What all entries of one proposal have in common. review_by: ISO date for entries without their own."""

    version_id: UUID
    watchlist_id: UUID
    at: datetime
    review_by: str


@dataclass(slots=True)
class Rows:
    """Text of COPY for each table of COLUMNS."""

    tables: dict[str, bytes] = field(default_factory=dict)


def make_rows(holder: Holder, batch: Sequence[Stored]) -> Rows:
    """Return the rows of a batch of entries, their names, documents, faces and search keys."""
    lines: dict[str, list[str]] = {table: [] for table in COLUMNS}
    for stored in batch:
        entry = read_content(stored.content)
        _add_entry(lines, holder, stored, entry)
        _add_names(lines["watchlists_entryname"], stored.entry_id, entry.names)
        _add_documents(lines, stored.entry_id, entry)
        _add_keys(lines, str(stored.entry_id), entry)
    return Rows({table: "".join(found).encode() for table, found in lines.items() if found})


def _add_entry(lines: dict[str, list[str]], holder: Holder, stored: Stored, entry: ProposedEntry) -> None:
    lines["watchlists_watchlistentry"].append(
        _row(
            str(stored.entry_id),
            str(holder.version_id),
            str(holder.watchlist_id),
            entry.source_id,
            stored.content_hash,
            entry.action.value,
            str(entry.priority),
            entry.reason,
            entry.legal_basis,
            entry.owner_unit,
            (entry.valid_from or holder.at).isoformat(),
            entry.valid_until.isoformat() if entry.valid_until else OPEN_ENDED,
            entry.review_by.isoformat() if entry.review_by else holder.review_by,
            entry.classification,
            _array(write_birth_date(born) for born in entry.birth_dates),
            _array(entry.birth_places),
            entry.sex,
            _array(entry.nationalities),
            entry.listed_on.isoformat() if entry.listed_on else None,
            entry.remarks,
        )
    )


def _add_names(lines: list[str], entry_id: UUID, names: Sequence[PersonName]) -> None:
    for index, name in enumerate(names):
        script = script_of(name.whole)
        kind = "PRIMARY" if index == 0 else "ORIGINAL" if script not in ("", "Latn") else "ALIAS"
        lines.append(
            _row(
                child_id(entry_id, index),
                str(entry_id),
                name.primary_identifier,
                name.secondary_identifier,
                kind,
                script,
                "LOW" if name.low_quality else "GOOD",
            )
        )


def _add_documents(lines: dict[str, list[str]], entry_id: UUID, entry: ProposedEntry) -> None:
    owner = str(entry_id)
    for index, document in enumerate(entry.documents):
        lines["watchlists_entrydocument"].append(
            _row(
                child_id(entry_id, index),
                owner,
                document.issuing_state,
                document.document_number,
                document.kind,
                document.status,
            )
        )
    for index, span in enumerate(entry.document_ranges):
        lines["watchlists_entrydocumentrange"].append(
            _row(
                child_id(entry_id, index),
                owner,
                span.issuing_state,
                span.kind,
                span.status,
                span.prefix,
                str(span.width),
                str(span.first),
                str(span.latest),
            )
        )
    for index, face in enumerate(entry.faces):
        lines["watchlists_entryface"].append(_row(child_id(entry_id, index), owner, str(face)))


def _add_keys(lines: dict[str, list[str]], entry_id: str, entry: ProposedEntry) -> None:
    born = dict.fromkeys(key for d in entry.documents if (key := document_key(d.document_number)) is not None)
    keys = [(key, 0) for key in born]
    if entry.names:
        indexed = index_entry(
            names=entry.names,
            birth_dates=entry.birth_dates,
            sex=entry.sex,
            nationalities=entry.nationalities,
        )
        keys += [(key, indexed.born) for key in indexed.keys if key not in born]
        lines["watchlists_entrysearchform"].append(
            _row(
                entry_id,
                indexed.search_form,
                _array(sorted(indexed.counted)),
                entry.nationalities[0] if entry.nationalities else "",
                str(KEY_VERSION),
            )
        )
    lines["watchlists_entrykey"] += [f"{key}\t{entry_id}\t{date}\n" for key, date in sorted(keys)]


def child_id(entry_id: UUID, index: int) -> str:
    """Return the id of the index-th name or document of an entry: near the entry's own, so that indexes grow at their end.

    Two entries' ids lie further apart than an entry has children, but for one chance in billions of billions.
    """
    return str(UUID(int=(entry_id.int + index) % (1 << 128)))


def _row(*values: str | None) -> str:
    return "\t".join(NULL if v is None else v.translate(_ESCAPES) for v in values) + "\n"


def _array(values: Iterable[str]) -> str:
    """Return an array literal, before the escapes of COPY."""
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"


_SCRIPTS = {
    "LATIN": "Latn",
    "ARABIC": "Arab",
    "CYRILLIC": "Cyrl",
    "GREEK": "Grek",
    "HEBREW": "Hebr",
    "CJK": "Hani",
    "HIRAGANA": "Jpan",
    "KATAKANA": "Jpan",
    "HANGUL": "Kore",
    "DEVANAGARI": "Deva",
    "BENGALI": "Beng",
    "TAMIL": "Taml",
    "THAI": "Thai",
    "GEORGIAN": "Geor",
    "ARMENIAN": "Armn",
    "ETHIOPIC": "Ethi",
    "MYANMAR": "Mymr",
    "KHMER": "Khmr",
    "LAO": "Laoo",
    "SINHALA": "Sinh",
    "GURMUKHI": "Guru",
    "GUJARATI": "Gujr",
    "TELUGU": "Telu",
    "MALAYALAM": "Mlym",
    "KANNADA": "Knda",
}


def script_of(text: str) -> str:
    """Return the ISO 15924 code of the first letter's script, Zyyy for a script without a code here, "" without letters."""
    if text.isascii():
        return "Latn" if any(c.isalpha() for c in text) else ""
    first = next((c for c in text if c.isalpha()), "")
    if not first:
        return ""
    return _SCRIPTS.get(unicodedata.name(first, "?").split()[0].split("-")[0], "Zyyy")
