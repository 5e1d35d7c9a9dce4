"""Sealed files: what they give back agrees with the plain gallery, and what is torn is noticed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.core.faces import Metric
from biometrics.core.gallery.ranking import best_subjects
from biometrics.core.gallery.sealed import (
    UNLIMITED_FROM,
    UNLIMITED_UNTIL,
    SealedDamaged,
    record_dtype,
)
from biometrics.services.galleries.exact import ExactIndex
from biometrics.services.galleries.indexes import to_microseconds
from biometrics.services.galleries.sealed_file import (
    Records,
    SealedFile,
    lock_for_writing,
    write_sealed,
)
from tests.reference.gallery_exact import SlowGallery

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
DIMENSION = 16


def make_records(count: int, *, seed: int = 0, metric: Metric = Metric.COSINE) -> Records:
    random = np.random.default_rng(seed)
    records = np.zeros(count, record_dtype(DIMENSION))
    vectors = random.standard_normal((count, DIMENSION)).astype(np.float32)
    if metric is Metric.COSINE:
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    records["vector"] = vectors
    # some upper halves twice, as ids made in one instant may have
    records["member"][:, 0] = random.permutation(count) // 2 + 7
    records["member"][:, 1] = np.arange(count) + 1
    records["subject"] = records["member"]
    records["version"] = np.arange(count) + 1
    records["valid_from"], records["valid_until"] = UNLIMITED_FROM, UNLIMITED_UNTIL
    return records


def id_of(record: np.void, field: str = "member") -> UUID:
    upper, lower = (int(half) for half in record[field])
    return UUID(int=upper << 64 | lower)


def write(path: Path, records: Records, *, metric: Metric = Metric.COSINE, piece: int = 7) -> ExactIndex:
    write_sealed(
        path,
        version=len(records),
        metric=metric,
        dimension=DIMENSION,
        count=len(records),
        pieces=[records[first : first + piece] for first in range(0, len(records), piece)],
    )
    return ExactIndex(SealedFile(path), path)


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(0, 90),
    seed=st.integers(0, 9),
    metric=st.sampled_from(Metric),
    limit=st.integers(1, 12),
    removed=st.sets(st.integers(0, 89), max_size=30),
    expired=st.sets(st.integers(0, 89), max_size=30),
)
def test_search_agrees_with_the_plain_gallery(
    tmp_path_factory: pytest.TempPathFactory,
    count: int,
    seed: int,
    metric: Metric,
    limit: int,
    removed: set[int],
    expired: set[int],
) -> None:
    records = make_records(count, seed=seed, metric=metric)
    for row in expired:
        if row < count:
            records["valid_until"][row] = to_microseconds(AT)
    index = write(tmp_path_factory.mktemp("sealed") / "g.sealed", records, metric=metric)
    index.forget([id_of(records[row]) for row in removed if row < count])
    slow = SlowGallery(metric)
    for row in range(count):
        if row not in removed | expired:
            slow.enrol([row], [records["vector"][row].tolist()])
    probes = np.concatenate([records["vector"][:2] + np.float32(0.05), make_records(2, seed=99)["vector"]])
    threshold = 0.2 if metric is Metric.COSINE else -3.0
    one_by_one = [index.find(probe, limit=limit, at=AT, threshold=None) for probe in probes]
    together = index.find_many(probes, limit=limit, at=AT)
    above = index.find_all(probes, threshold=threshold, at=AT)
    for number, probe in enumerate(probes):
        wanted = slow.search(probe.tolist(), limit=limit, threshold=None)
        for found in (one_by_one[number], together[number]):
            best = best_subjects(found, limit=limit)
            assert [one.score for one in best] == pytest.approx([score for _, score in wanted], abs=1e-5)
            for one in best:  # what has a score is what was enrolled with it
                row = one.version - 1
                assert one.member_id == id_of(records[row])
                assert one.score == pytest.approx(slow.score(probe, records["vector"][row]), abs=1e-5)
        reached = {row for row, score in slow.search(probe.tolist(), limit=count, threshold=threshold + 1e-5)}
        near = {row for row, score in slow.search(probe.tolist(), limit=count, threshold=threshold - 1e-5)}
        assert reached <= {one.version - 1 for one in above[number]} <= near


def test_exclusions_that_fill_the_first_fetch_hide_nobody(tmp_path: Path) -> None:
    records = make_records(400)
    records["vector"][:300] = records["vector"][0]
    index = write(tmp_path / "g.sealed", records)
    index.forget([id_of(record) for record in records[:300]])
    found = index.find(records["vector"][0], limit=5, at=AT, threshold=None)
    assert len({f.subject_id for f in found}) >= 5
    assert not {f.subject_id for f in found} & {id_of(record) for record in records[:300]}


def test_subject_with_very_many_templates_does_not_crowd_out_others(tmp_path: Path) -> None:
    records = make_records(400)
    records["vector"][:300] = records["vector"][0]
    records["subject"][:300] = records["subject"][0]
    index = write(tmp_path / "g.sealed", records)
    found = index.find(records["vector"][0], limit=5, at=AT, threshold=None)
    assert len({f.subject_id for f in found}) >= 5


@pytest.mark.parametrize(("hours", "there"), [(-1, False), (0, True), (1, True), (2, False)])
def test_validity_begins_with_its_start_and_ends_before_its_end(
    tmp_path: Path, hours: int, there: bool
) -> None:
    records = make_records(5)
    records["valid_from"][3] = to_microseconds(AT)
    records["valid_until"][3] = to_microseconds(AT + timedelta(hours=2))
    index = write(tmp_path / "g.sealed", records)
    found = index.find(records["vector"][3], limit=5, at=AT + timedelta(hours=hours), threshold=None)
    assert (id_of(records[3]) in [f.member_id for f in found]) == there


def test_newer_file_is_noticed_and_the_older_stays_readable(tmp_path: Path) -> None:
    path = tmp_path / "g.sealed"
    older = write(path, make_records(20))
    assert older.is_current()
    newer = write(path, make_records(30, seed=1))
    assert not older.is_current()
    assert newer.count == 30
    assert len(older.find(make_records(20)["vector"][4], limit=3, at=AT, threshold=None)) > 0


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.5, 0.9, 0.999])
def test_truncated_file_is_refused(tmp_path: Path, share: float) -> None:
    path = tmp_path / "g.sealed"
    write(path, make_records(50))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(SealedDamaged):
        SealedFile(path)


@pytest.mark.parametrize("at", [3, 40, 4090, 4100, 5500, 6200])
def test_changed_byte_in_header_matrix_or_keys_is_refused(tmp_path: Path, at: int) -> None:
    path = tmp_path / "g.sealed"
    write(path, make_records(50))
    content = bytearray(path.read_bytes())
    content[at] ^= 0x55
    path.write_bytes(content)
    with pytest.raises(SealedDamaged):
        SealedFile(path)


def test_changed_record_is_noticed_when_it_is_a_candidate(tmp_path: Path) -> None:
    path = tmp_path / "g.sealed"
    records = make_records(50)
    index = write(path, records)
    layout = SealedFile(path).layout
    content = bytearray(path.read_bytes())
    end = layout.records_at + 11 * record_dtype(DIMENSION).itemsize
    content[end - 2 : end] = b"\x40\x40"
    path.write_bytes(content)
    index = ExactIndex(SealedFile(path), path)
    with pytest.raises(SealedDamaged):
        index.find(records["vector"][10], limit=3, at=AT, threshold=None)


def test_writer_that_miscounts_leaves_the_file_before(tmp_path: Path) -> None:
    path = tmp_path / "g.sealed"
    write(path, make_records(20))
    before = path.read_bytes()
    with pytest.raises(ValueError, match="not as many"):
        write_sealed(
            path, version=9, metric=Metric.COSINE, dimension=DIMENSION, count=21, pieces=[make_records(20)]
        )
    assert path.read_bytes() == before


def test_there_is_one_writer_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "g.sealed"
    with lock_for_writing(path, wait=False) as first:
        assert first
        with lock_for_writing(path, wait=False) as second:
            assert not second
    with lock_for_writing(path, wait=False) as third:
        assert third
