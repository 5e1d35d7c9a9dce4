"""Importers: one module a format, from a stream of bytes to entries and to what is wrong with rows.

No importer keeps more than one entry of its main file in memory. A file that cannot be read at all is FileRefused; a
row that cannot be an entry is a RowIssue, and the others go on, so that one run lists everything that is wrong.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from watchlists.core.importers import (
    eu_fsf,
    follow_the_money,
    interpol,
    lost_documents,
    ofac_sdn,
    uk_sanctions,
    un_sc,
)
from watchlists.core.importers.drafts import (
    Change,
    EntryDraft,
    FileRefused,
    Item,
    RowIssue,
    SourceFacts,
    Subject,
)
from watchlists.core.importers.text import read_lines

Companions = Mapping[str, tuple[BinaryIO, str]]
Read = Callable[[BinaryIO, str, Companions], Iterator[Item]]


@dataclass(frozen=True, slots=True)
class Format:
    """A format of lists.

    code: its name on the command line. other_names: what else it is called. documents: its entries are documents, not
    persons. companions: kind of file that stands beside the main one -> endings of its name in lower case.
    read: (stream, encoding, companions: kind -> (stream, encoding)) -> items.
    """

    code: str
    title: str
    read: Read
    other_names: tuple[str, ...] = ()
    documents: bool = False
    companions: Mapping[str, tuple[str, ...]] | None = None


def _of_lines(read: Callable[[Iterator[str]], Iterator[Item]]) -> Read:
    return lambda stream, encoding, _: read(read_lines(stream, encoding))


def _of_xml(read: Callable[[BinaryIO], Iterator[Item]]) -> Read:
    return lambda stream, _encoding, _companions: read(stream)


def _read_ofac(stream: BinaryIO, encoding: str, companions: Companions) -> Iterator[Item]:
    beside = {kind: read_lines(other, its) for kind, (other, its) in companions.items()}
    return ofac_sdn.read(read_lines(stream, encoding), beside)


class _Replayed:
    """A stream whose first bytes were looked at already."""

    def __init__(self, beginning: bytes, stream: BinaryIO) -> None:
        self._beginning = beginning
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """Return at most size bytes."""
        found, self._beginning = self._beginning, b""
        return found or self._stream.read(size)


def _read_uk(stream: BinaryIO, encoding: str, _: Companions) -> Iterator[Item]:
    beginning = stream.read(256)
    whole: BinaryIO = _Replayed(beginning, stream)  # type: ignore[assignment]
    if beginning.lstrip(b"\xef\xbb\xbf \t\r\n\x00\xff\xfe")[:1] == b"<":
        return uk_sanctions.read_xml(whole)
    return uk_sanctions.read_table(read_lines(whole, encoding))


FORMATS: Mapping[str, Format] = {
    found.code: found
    for found in (
        Format(
            "un",
            "UN Security Council consolidated list, XML",
            _of_xml(un_sc.read),
            ("unsc", "unsecuritycouncil", "unscxml", "unconsolidated", "unxml"),
        ),
        Format(
            "ofac",
            "OFAC SDN list, CSV with its companion files",
            _read_ofac,
            ("ofacsdn", "sdn", "ofaccsv", "ofacsdncsv", "sdncsv"),
            companions={
                "alt": ("alt.csv", "sdn_alt.csv", "cons_alt.csv"),
                "add": ("add.csv", "sdn_add.csv", "cons_add.csv"),
                "comments": ("sdn_comments.csv", "comments.csv", "cons_comments.csv"),
            },
        ),
        Format(
            "eu",
            "EU financial sanctions (FSF), CSV",
            _of_lines(eu_fsf.read),
            ("eufsf", "fsf", "eucsv", "eufsfcsv"),
        ),
        Format(
            "uk",
            "UK sanctions list, XML or CSV",
            _read_uk,
            ("uksanctions", "fcdo", "ofsi", "uksanctionslist", "gb", "ukxml", "ukcsv", "gbfcdo"),
        ),
        Format(
            "ftm",
            "FollowTheMoney entities or deltas, JSON lines",
            _of_lines(follow_the_money.read),
            ("followthemoney", "opensanctions", "ftmjson", "ftmjsonl", "entitiesftmjson"),
        ),
        Format(
            "interpol",
            "Notices in the manner of INTERPOL, JSON",
            _of_lines(interpol.read),
            ("notices", "interpoljson"),
        ),
        Format(
            "documents",
            "Lost, stolen and revoked documents in the manner of SLTD, CSV",
            _of_lines(lost_documents.read),
            ("sltd", "loststolen", "lostdocuments", "stolendocuments", "sltdcsv", "lost"),
            documents=True,
        ),
    )
}


def find_format(name: str) -> Format | None:
    """Return the format of a name, whatever its case and punctuation."""
    key = "".join(c for c in name.lower() if c.isalnum())
    return next((f for f in FORMATS.values() if key == f.code or key in f.other_names), None)


__all__ = [
    "FORMATS",
    "Change",
    "EntryDraft",
    "FileRefused",
    "Format",
    "Item",
    "RowIssue",
    "SourceFacts",
    "Subject",
    "find_format",
]
