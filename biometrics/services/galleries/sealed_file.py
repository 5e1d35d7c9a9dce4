"""Sealed files on disk: mapped read only; written aside and renamed, so a writer killed at any moment leaves the one before."""

import contextlib
import fcntl
import os
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from biometrics.core.faces import Metric
from biometrics.core.gallery.sealed import (
    HEADER_BYTES,
    Layout,
    SealedDamaged,
    SealedMatrix,
    decode_header,
    encode_header,
    has_validity,
    record_dtype,
    sorted_keys,
)

PIECE_BYTES = 4 << 20
MAPPED_ROWS_A_TIME = 16_384

Records = npt.NDArray[np.void]


class SealedFile:
    """One sealed file of a gallery as this process has it mapped. It stays readable when a newer one takes its name."""

    def __init__(self, path: Path) -> None:
        """Open and check a file. Raises FileNotFoundError, and SealedDamaged for one that is not whole."""
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            status = os.fstat(self._file)
            self.identity = (status.st_dev, status.st_ino, status.st_mtime_ns)
            self.layout = decode_header(os.pread(self._file, HEADER_BYTES, 0), file_bytes=status.st_size)
            if checksum(self._file, self.layout) != self.layout.crc:
                raise SealedDamaged("its content is torn")
            mapped = np.memmap(path_of(self._file), np.uint8, "r")
            self.matrix = SealedMatrix(mapped, self.layout)
        except BaseException:
            os.close(self._file)
            raise
        self._record = record_dtype(self.layout.dimension)

    def __del__(self) -> None:
        if getattr(self, "matrix", None) is not None:
            os.close(self._file)

    def records(self, rows: Iterable[int]) -> Records:
        """Return the records of rows, read and not mapped: they cost no resident memory. Raises SealedDamaged."""
        size, start = self._record.itemsize, self.layout.records_at
        parts = [os.pread(self._file, size, start + size * row) for row in rows]
        if any(len(part) != size for part in parts):
            raise SealedDamaged("a record is torn")
        return np.frombuffer(b"".join(parts), self._record)

    def all_records(self) -> Iterator[Records]:
        """Yield every record in the order of rows, some thousands at a time."""
        size, start = self._record.itemsize, self.layout.records_at
        for first in range(0, self.layout.count, MAPPED_ROWS_A_TIME):
            count = min(MAPPED_ROWS_A_TIME, self.layout.count - first)
            content = os.pread(self._file, count * size, start + first * size)
            if len(content) != count * size:
                raise SealedDamaged("the records end early")
            yield np.frombuffer(content, self._record)

    def rows_of(self, members: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        """Return the rows of those of these members that are in the file. members: uint64 (M, 2)."""
        rows: list[int] = []
        for member, maybe in zip(members, self.matrix.rows_of_keys(members[:, 0]), strict=True):
            if maybe.size:
                found = self.records(maybe.tolist())["member"][:, 1] == member[1]
                rows.extend(maybe[found].tolist())
        return np.array(rows, np.int64)


def read_layout(path: Path) -> Layout:
    """Return what a file says that it holds; its content is not looked at. Raises FileNotFoundError, SealedDamaged."""
    with path.open("rb") as file:
        return decode_header(file.read(HEADER_BYTES), file_bytes=os.fstat(file.fileno()).st_size)


def identity_of(path: Path) -> tuple[int, int, int] | None:
    """Return what tells one file from the next under the same name; None when there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino, status.st_mtime_ns


def write_sealed(
    path: Path,
    *,
    version: int,
    metric: Metric,
    dimension: int,
    count: int,
    pieces: Iterable[Records],
) -> None:
    """Write a sealed file: aside, made durable, then renamed over the one before.

    count: of records in all pieces together. pieces: of record_dtype(dimension). To be called under `lock_for_writing`.
    """
    # whatever lies here under this name was left by a writer that was killed: there is one writer at a time
    part = path.with_suffix(".part")
    plan = Layout(version, count, dimension, metric.value, 0, 0.0, 0)
    members = np.empty((count, 2), "<u8")
    limited: list[tuple[npt.NDArray[np.int64], Records]] = []
    row, largest, crc = 0, 0.0, 0
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "wb+") as file:
        for piece in pieces:
            vectors = piece["vector"]
            halves = np.ascontiguousarray(vectors, "<f2").tobytes()
            crc = zlib.crc32(halves, crc)
            os.pwrite(file.fileno(), halves, HEADER_BYTES + row * 2 * dimension)
            os.pwrite(file.fileno(), piece.tobytes(), plan.records_at + row * piece.itemsize)
            members[row : row + len(piece)] = piece["member"]
            largest = max(largest, float(np.sqrt(np.einsum("nd,nd->n", vectors, vectors).max(initial=0.0))))
            held = np.flatnonzero(has_validity(piece))
            if held.size:
                limited.append((held + row, piece[held]))
            row += len(piece)
        if row != count:
            raise ValueError("there are not as many records as was said")
        keys, order = sorted_keys(members)
        rows = b"".join(rows.astype("<i4").tobytes() for rows, _ in limited)
        starts = b"".join(np.ascontiguousarray(held["valid_from"], "<i8").tobytes() for _, held in limited)
        ends = b"".join(np.ascontiguousarray(held["valid_until"], "<i8").tobytes() for _, held in limited)
        index = keys.tobytes() + order.tobytes()
        limits = rows + starts + ends
        os.pwrite(file.fileno(), index, plan.keys_at)
        os.pwrite(file.fileno(), limits, plan.limits_at)
        crc = zlib.crc32(limits, zlib.crc32(index, crc))
        layout = Layout(version, count, dimension, metric.value, len(rows) // 4, largest, crc)
        os.pwrite(file.fileno(), encode_header(layout), 0)
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)


def checksum(file: int, layout: Layout) -> int:
    """Return the checksum of everything but header and records, by reading: mapping it would keep it resident."""
    crc = 0
    for start, end in ((HEADER_BYTES, layout.records_at), (layout.limits_at, layout.file_bytes)):
        while start < end:
            piece = os.pread(file, min(PIECE_BYTES, end - start), start)
            if not piece:
                raise SealedDamaged("it ends early")
            crc = zlib.crc32(piece, crc)
            start += len(piece)
    return crc


@contextlib.contextmanager
def lock_for_writing(path: Path, *, wait: bool) -> Iterator[bool]:
    """Hold the one writer's lock of a sealed file on this host; the kernel lets go of it when its holder dies.

    Yields whether it was got. wait: until it is free.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.with_suffix(".lock").open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def sync_folder(folder: Path) -> None:
    """Make a rename in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def path_of(file: int) -> str:
    """Return a name that opens the very file behind a descriptor, whatever its own name stands for by now."""
    return f"/proc/self/fd/{file}"
