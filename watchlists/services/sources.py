"""Raw files of lists: their fingerprint, their bytes unpacked within bounds, their encoding."""

import codecs
import gzip
import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from watchlists.core.importers.drafts import FileRefused
from watchlists.core.importers.text import CHUNK_BYTES, encoding_of

GZIP_MARK, ZIP_MARK = b"\x1f\x8b", b"PK\x03\x04"
# lists pack about ten to one; a bomb packs a thousand to one
RATIO_MOST = 100
ALWAYS_ALLOWED_BYTES = 16 << 20
UNPACKED_MOST_BYTES = 64 << 30


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that was read once from end to end. size: unpacked, bytes; raw_size: as it lies there."""

    path: Path
    sha256: str
    raw_size: int
    size: int
    encoding: str


class _Counted:
    """A stream that counts what was read, tells it, and ends a file that unpacks too far."""

    def __init__(self, stream: BinaryIO, limit: int, tell: Callable[[int], None]) -> None:
        self._stream = stream
        self._limit = limit
        self._tell = tell
        self.count = 0

    def read(self, size: int = CHUNK_BYTES) -> bytes:
        """Return at most size bytes."""
        try:
            chunk = self._stream.read(size)
        except (EOFError, gzip.BadGzipFile, zlib.error, zipfile.BadZipFile):
            raise FileRefused("bad_archive") from None
        self.count += len(chunk)
        if self.count > self._limit:
            raise FileRefused("unpacks_too_far")
        self._tell(self.count)
        return chunk


def inspect_source(path: Path) -> SourceFile:
    """Return what a file is, having read all of it once.

    Raises FileRefused: not_found, not_readable, empty_file, bad_archive, archive_members, unpacks_too_far.
    """
    digest = hashlib.sha256()
    try:
        if not path.is_file():
            raise FileRefused("not_found")
        raw_size = path.stat().st_size
        with path.open("rb") as raw:
            while chunk := raw.read(CHUNK_BYTES):
                digest.update(chunk)
    except OSError:
        raise FileRefused("not_readable") from None
    if not raw_size:
        raise FileRefused("empty_file")
    beginning, size, valid = b"", 0, True
    decoder = codecs.getincrementaldecoder("utf-8")()
    with open_source(path) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            if not size:
                beginning = chunk[:4]
            size += len(chunk)
            valid = valid and _decodes(decoder, chunk)
    valid = valid and _decodes(decoder, b"", final=True)
    if not size:
        raise FileRefused("empty_file")
    return SourceFile(path, digest.hexdigest(), raw_size, size, encoding_of(beginning, valid_utf8=valid))


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


@contextmanager
def open_source(path: Path, tell: Callable[[int], None] = lambda count: None) -> Iterator[BinaryIO]:
    """Open a file, plain, gzip, or a zip with one file in it. tell: called with the bytes read so far.

    Raises FileRefused as inspect_source does.
    """
    try:
        raw = path.open("rb")
    except OSError:
        raise FileRefused("not_readable") from None
    with raw:
        mark = raw.read(4)
        raw.seek(0)
        limit = min(UNPACKED_MOST_BYTES, max(ALWAYS_ALLOWED_BYTES, RATIO_MOST * path.stat().st_size))
        if mark.startswith(GZIP_MARK):
            with gzip.open(raw) as unpacked:
                yield _Counted(unpacked, limit, tell)  # type: ignore[misc]
        elif mark == ZIP_MARK:
            with _open_member(raw) as member:
                yield _Counted(member, limit, tell)  # type: ignore[misc]
        else:
            yield _Counted(raw, UNPACKED_MOST_BYTES, tell)  # type: ignore[misc]


@contextmanager
def _open_member(raw: BinaryIO) -> Iterator[BinaryIO]:
    try:
        archive = zipfile.ZipFile(raw)
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) != 1 or members[0].flag_bits & 0x1:
            raise FileRefused("archive_members")
        opened = archive.open(members[0])
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        raise FileRefused("bad_archive") from None
    with archive, opened:
        yield opened  # type: ignore[misc]
