"""Bytes of a list as text, lines and table rows, within bounds: nothing in a file makes the reader take much memory."""

import codecs
import csv
import unicodedata
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from watchlists.core.importers.drafts import FileRefused, RowIssue

CHUNK_BYTES = 1 << 18
LINE_MAX_CHARACTERS = 1 << 20
FIELD_MAX_CHARACTERS = 1 << 17
COLUMNS_MAX = 400
# what Windows programs of the seventies wrote behind the last line, and OFAC still does
END_OF_TEXT = "\x1a"
BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

csv.field_size_limit(FIELD_MAX_CHARACTERS)


def encoding_of(beginning: bytes, *, valid_utf8: bool) -> str:
    """Return the encoding of a file: by its byte order mark, else UTF-8 where all of it is, else windows-1252.

    beginning: its first bytes. valid_utf8: all of it decodes as UTF-8.
    """
    for mark, encoding in BOMS:
        if beginning.startswith(mark):
            return encoding
    return "utf-8" if valid_utf8 else "cp1252"


def read_lines(stream: BinaryIO, encoding: str = "utf-8-sig") -> Iterator[str]:
    """Yield the lines of a text, each with its line end if it had one.

    stream: binary, read in chunks. encoding: of encoding_of. Raises FileRefused: bad_encoding, nul_byte,
    line_too_long, with the line.
    """
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError:
        raise FileRefused("unknown_encoding") from None
    number, rest = 0, ""
    while True:
        chunk = stream.read(CHUNK_BYTES)
        try:
            text = rest + decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError:
            raise FileRefused("bad_encoding", number + 1) from None
        if "\0" in text:
            raise FileRefused("nul_byte", number + 1 + text[: text.index("\0")].count("\n"))
        lines = text.split("\n")
        rest = lines.pop()
        for line in lines:
            number += 1
            if len(line) > LINE_MAX_CHARACTERS:
                raise FileRefused("line_too_long", number)
            yield line + "\n"
        if len(rest) > LINE_MAX_CHARACTERS:
            raise FileRefused("line_too_long", number + 1)
        if not chunk:
            if rest:
                yield rest
            return


def read_rows(lines: Iterator[str], *, delimiter: str) -> Iterator[tuple[int, list[str]] | RowIssue]:
    """Yield (line where the row ends, cells) of a table, or the issue of a row whose quotation marks are wrong.

    Empty rows and the end-of-text mark are left out. Raises FileRefused: field_too_long, too_many_columns.
    """
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "limit" in str(error):
                raise FileRefused("field_too_long", reader.line_num) from None
            # the reader begins anew with the next line
            yield RowIssue(reader.line_num, "row", "bad_quoting")
            continue
        if len(row) > COLUMNS_MAX:
            raise FileRefused("too_many_columns", reader.line_num)
        if row and not (len(row) == 1 and row[0].strip() in ("", END_OF_TEXT)):
            yield reader.line_num, row


def clean(text: str | None, longest: int = 0) -> str:
    """Return a text as one line: spaces merged, nothing invisible but what joins letters, NFC, cut to longest (0: not)."""
    if not text:
        return ""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        kept = (c if c.isprintable() or c.isspace() or c in "\u200c\u200d" else "" for c in text)
        text = "".join(kept)
    text = " ".join(text.split())
    return text[:longest].rstrip() if longest else text


def column_indices(header: Sequence[str]) -> dict[str, int]:
    """Return where each column stands, by its name in lower case without spaces and punctuation; the first one counts."""
    found: dict[str, int] = {}
    for index, name in enumerate(header):
        found.setdefault(column_key(name), index)
    return found


def column_key(name: str) -> str:
    """Return a column's name so that "Name Non-Latin Script" and "name non-latin script" are one."""
    return "".join(c for c in name.lower() if c.isalnum())
