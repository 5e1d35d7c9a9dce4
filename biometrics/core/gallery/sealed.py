"""The sealed part of a gallery: one file that every process of a host maps, and what is read from its bytes.

    header 4096 | half N x 2D | sorted member keys 8N | their rows 4N | records N x (64 + 4D) | limited rows 4L, from 8L, until 8L

`half` holds the templates in half precision and is all that a search reads; `records` hold the same templates in single precision
with what belongs to each, read for candidates only. Nothing here opens a file.
"""

import json
import struct
import zlib
from dataclasses import asdict, dataclass
from functools import cache

import faiss
import numpy as np

from biometrics.core.faces.engine import Array, Metric

MAGIC = b"BMIS-GALLERY-1\n\0"
HEADER_BYTES = 4096
UNLIMITED_FROM = -(2**63)
UNLIMITED_UNTIL = 2**63 - 1
# half precision keeps 11 bits: no number is off by more than this part of itself (IEEE 754 binary16)
HALF_STEP = 2.0**-11


class SealedDamaged(ValueError):
    """These bytes are no whole sealed gallery: torn, truncated or of another format."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What a sealed file holds. version: of the gallery. count: N templates. limited: L of them with a validity.

    largest_norm: of all its vectors. crc: of everything but header and records.
    """

    version: int
    count: int
    dimension: int
    metric: str
    limited: int
    largest_norm: float
    crc: int

    @property
    def keys_at(self) -> int:
        return HEADER_BYTES + 2 * self.dimension * self.count

    @property
    def order_at(self) -> int:
        return self.keys_at + 8 * self.count

    @property
    def records_at(self) -> int:
        return self.order_at + 4 * self.count

    @property
    def limits_at(self) -> int:
        return self.records_at + self.count * record_dtype(self.dimension).itemsize

    @property
    def file_bytes(self) -> int:
        return self.limits_at + 20 * self.limited


@cache
def record_dtype(dimension: int) -> np.dtype[np.void]:
    """Return the type of one record. Ids are two unsigned halves; times are microseconds since 1970."""
    return np.dtype(
        [
            ("member", "<u8", (2,)),
            ("subject", "<u8", (2,)),
            ("version", "<i8"),
            ("valid_from", "<i8"),
            ("valid_until", "<i8"),
            ("spare", "<i8"),
            ("vector", "<f4", (dimension,)),
        ]
    )


def encode_header(layout: Layout) -> bytes:
    """Return the first HEADER_BYTES of a file: the layout as JSON with its own checksum, faiss' header right before `half`."""
    text = json.dumps(asdict(layout), sort_keys=True).encode()
    ours = MAGIC + struct.pack("<II", len(text), zlib.crc32(text)) + text
    theirs = _faiss_header(layout)
    return ours + bytes(HEADER_BYTES - len(ours) - len(theirs)) + theirs


def decode_header(header: bytes, *, file_bytes: int) -> Layout:
    """Return the layout of a file of this length. Raises SealedDamaged."""
    start = len(MAGIC) + 8
    if len(header) < HEADER_BYTES or header[: len(MAGIC)] != MAGIC:
        raise SealedDamaged("not a sealed gallery")
    length, crc = struct.unpack("<II", header[len(MAGIC) : start])
    text = header[start : start + length]
    if length > HEADER_BYTES // 2 or zlib.crc32(text) != crc:
        raise SealedDamaged("its header is torn")
    layout = Layout(**json.loads(text))
    if not header[:HEADER_BYTES].endswith(_faiss_header(layout)):
        raise SealedDamaged("its header is torn")
    if layout.file_bytes != file_bytes:
        raise SealedDamaged("it ends early")
    return layout


class SealedMatrix:
    """The matrix of a mapped file, compared whole.

    buffer: uint8, the file's bytes, kept mapped as long as this object lives; never written.
    """

    def __init__(self, buffer: Array, layout: Layout) -> None:
        self.layout = layout
        self.metric = Metric(layout.metric)
        self._buffer = buffer
        count, dimension = layout.count, layout.dimension
        self.half: Array = buffer[HEADER_BYTES : layout.keys_at].view(np.float16).reshape(count, dimension)
        self._keys: Array = buffer[layout.keys_at : layout.order_at].view("<u8")
        self._order: Array = buffer[layout.order_at : layout.records_at].view("<i4")
        limits, n = layout.limits_at, layout.limited
        # these may stand at any address: copied, they are few
        self._limited = np.frombuffer(buffer[limits : limits + 4 * n].tobytes(), "<i4")
        self._from = np.frombuffer(buffer[limits + 4 * n : limits + 12 * n].tobytes(), "<i8")
        self._until = np.frombuffer(buffer[limits + 12 * n : limits + 20 * n].tobytes(), "<i8")
        self._index = self._map_index() if count else None

    def nearest(self, probe: Array, *, count: int, excluded: Array | None = None) -> tuple[Array, Array]:
        """Return the rows most like a probe and their scores in half precision, best first; at most `count`.

        probe: float32 (D,). excluded: rows to leave out, int (M,); None for none.
        """
        if self._index is None or count < 1:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        selection = None
        if excluded is not None and excluded.size:
            wanted = np.ones(self.layout.count, bool)
            wanted[excluded] = False
            bits = np.packbits(wanted, bitorder="little")
            selection = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
        values, rows = self._index.search(
            np.ascontiguousarray(probe, np.float32)[None], min(count, self.layout.count), params=selection
        )
        found = rows[0] >= 0
        return rows[0][found], as_scores(values[0][found], self.metric)

    def rows_out_of_validity(self, at_us: int) -> Array:
        """Return the rows that are not valid at a time, int32, rising."""
        out: Array = self._limited[(self._from > at_us) | (self._until <= at_us)]
        return out

    def rows_of_keys(self, keys: Array) -> list[Array]:
        """Return for each upper half of a member's id the rows that may be its own, mostly one.

        keys: uint64 (M,).
        """
        left = np.searchsorted(self._keys, keys, side="left")
        right = np.searchsorted(self._keys, keys, side="right")
        return [np.array(self._order[a:b]) for a, b in zip(left, right, strict=True)]

    def slack(self, probe: Array) -> float:
        """Return by how much a score in half precision may differ from the one in single precision.

        COSINE: the probe's length times the largest error of a vector (Cauchy and Schwarz); EUCLIDEAN: that error itself.
        """
        error = HALF_STEP * self.layout.largest_norm + 1e-5
        return error * max(1.0, float(np.linalg.norm(probe))) if self.metric is Metric.COSINE else error

    def _map_index(self) -> "faiss.IndexScalarQuantizer":
        header = len(_faiss_header(self.layout))
        self._view = self._buffer[HEADER_BYTES - header : self.layout.keys_at]
        reader = faiss.ZeroCopyIOReader(
            faiss.cast_integer_to_uint8_ptr(self._view.ctypes.data), int(self._view.size)
        )
        return faiss.read_index(reader)


def as_scores(values: Array, metric: Metric) -> Array:
    """Return faiss' values as comparison scores: inner products as they are, square distances as 1 - distance."""
    if metric is Metric.COSINE:
        return np.asarray(values, np.float32)
    return np.asarray(1.0 - np.sqrt(np.maximum(values, 0.0)), np.float32)


def sorted_keys(members: Array) -> tuple[Array, Array]:
    """Return the upper halves of the members' ids in rising order and the row of each.

    members: uint64 (N, 2). Returns uint64 (N,) and int32 (N,).
    """
    order = np.argsort(members[:, 0], kind="stable").astype("<i4")
    return members[order, 0].astype("<u8"), order


def has_validity(records: Array) -> Array:
    """Return which of these records may not be found at every time, bool (n,)."""
    limited: Array = (records["valid_from"] != UNLIMITED_FROM) | (records["valid_until"] != UNLIMITED_UNTIL)
    return limited


def _faiss_header(layout: Layout) -> bytes:
    """Return what faiss writes before the codes of its flat scalar quantizer: an empty index, told how much follows."""
    kind = faiss.METRIC_INNER_PRODUCT if layout.metric == Metric.COSINE else faiss.METRIC_L2
    empty = faiss.IndexScalarQuantizer(layout.dimension, faiss.ScalarQuantizer.QT_fp16, kind)
    header = bytearray(faiss.serialize_index(empty).tobytes())
    header[8:16] = struct.pack("<q", layout.count)
    header[-8:] = struct.pack("<q", layout.count * 2 * layout.dimension)
    return bytes(header)
