"""The measuring half of the gallery bench, in a process whose environment names its database (see tests/bench/gallery.py)."""

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
django.setup()

import faiss  # noqa: E402 - Django's settings come first
import numpy as np  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.progress import track  # noqa: E402
from rich.table import Table  # noqa: E402

from audit.core.actor import system_actor  # noqa: E402
from audit.models import new_id  # noqa: E402
from biometrics.core.faces import Metric  # noqa: E402
from biometrics.core.gallery.sealed import UNLIMITED_FROM, UNLIMITED_UNTIL, record_dtype  # noqa: E402
from biometrics.models import Gallery, Template  # noqa: E402
from biometrics.services.galleries import (  # noqa: E402
    NewMember,
    enrol_many,
    forget_projections,
    remove,
    seal_gallery,
    search_gallery,
)
from biometrics.services.galleries.exact import ExactIndex, discard_sealed, records_without  # noqa: E402
from biometrics.services.galleries.sealed_file import Records, SealedFile, write_sealed  # noqa: E402

DIMENSION = 128
PIECE = 20_000
BATCH = 64
AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
ACTOR = system_actor("bench")
console = Console(width=130)


def cpu_ms(act: Callable[[], Any], *, repeats: int = 15) -> float:
    """Return the median processor time of an act, after one that does not count."""
    act()
    times = []
    for _ in range(repeats):
        begun = time.process_time()
        act()
        times.append((time.process_time() - begun) * 1e3)
    return statistics.median(times)


def wall_s(act: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = act()
    return time.perf_counter() - begun, result


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def make_records(count: int, seed: int) -> Iterator[Records]:
    """Yield records of random directions with ids of their own."""
    random = np.random.default_rng(seed)
    for first in range(0, count, PIECE):
        size = min(PIECE, count - first)
        records = np.zeros(size, record_dtype(DIMENSION))
        records["vector"] = unit(random.standard_normal((size, DIMENSION), dtype=np.float32))
        records["member"] = random.integers(1, 2**63, (size, 2))
        records["subject"] = records["member"]
        records["version"] = np.arange(first, first + size) + 1
        records["valid_from"], records["valid_until"] = UNLIMITED_FROM, UNLIMITED_UNTIL
        yield records


def measure_sealed(count: int, seed: int) -> None:
    """Search, batches, recall, memory and cold start of one sealed file, without a database."""
    path = Path(settings.GALLERY_DIR) / "bench.sealed"
    path.parent.mkdir(parents=True, exist_ok=True)
    pieces = track(
        make_records(count, seed), "sealing", total=-(-count // PIECE), console=console, transient=True
    )
    seconds, _ = wall_s(
        lambda: write_sealed(
            path, version=1, metric=Metric.COSINE, dimension=DIMENSION, count=count, pieces=pieces
        )
    )
    console.print(
        f"sealed {count:,} templates in {seconds:.1f} s (wall, drawing included), {path.stat().st_size / 1e6:.0f} MB"
    )
    print_memory(path)
    index = ExactIndex(SealedFile(path), path)
    half = index.file.matrix.half
    floor = cpu_ms(lambda: half.view(np.int32).max())
    random = np.random.default_rng(seed + 1)
    rows = random.integers(0, count, BATCH)
    mates = index.file.records(rows.tolist())["vector"]
    # mated at a score of about 0.7, and directions of nobody
    probes = unit(mates + unit(random.standard_normal((BATCH, DIMENSION), dtype=np.float32)))
    probes[BATCH // 2 :] = unit(random.standard_normal((BATCH - BATCH // 2, DIMENSION), dtype=np.float32))
    turn = iter(range(10**9))

    def one() -> Any:
        return index.find(probes[next(turn) % BATCH], limit=10, at=AT, threshold=None)

    single = cpu_ms(one)
    batch = cpu_ms(lambda: index.find_many(probes, limit=10, at=AT), repeats=3) / BATCH
    table = Table("1:N over one sealed file, processor ms a probe, one thread", "ms", "of the floor")
    table.add_row(f"memory floor: reading the {half.nbytes / 1e6:.0f} MB once", f"{floor:.2f}", "1.00")
    table.add_row("one probe, best 10 subjects, exact", f"{single:.2f}", f"{single / floor:.2f}")
    table.add_row("of a batch of 64", f"{batch:.2f}", f"{batch / floor:.2f}")
    index.forget(
        [UUID(int=int(u) << 64 | int(v)) for u, v in index.file.records(range(0, count, 50))["member"]]
    )
    gone = cpu_ms(one)
    table.add_row("one probe, 2 % removed since sealing", f"{gone:.2f}", f"{gone / floor:.2f}")
    console.print(table)
    print_recall(ExactIndex(SealedFile(path), path), probes)
    print_remaking(path, count)
    evict(path)
    cold, opened = wall_s(lambda: ExactIndex(SealedFile(path), path))
    first, _ = wall_s(lambda: opened.find(probes[0], limit=10, at=AT, threshold=None))
    console.print(
        f"cold start, file not in memory: mapped in {cold:.2f} s, first answer {first * 1e3:.0f} ms later (wall)"
    )
    path.unlink()


def print_remaking(path: Path, count: int) -> None:
    """Make the file anew without one of its members, as an erasure does, and print what that costs."""
    index = ExactIndex(SealedFile(path), path)
    gone = np.array([count // 2])

    def remake() -> None:
        write_sealed(
            path.with_name("remade.sealed"),
            version=2,
            metric=Metric.COSINE,
            dimension=DIMENSION,
            count=count - 1,
            pieces=records_without(index.file, gone),
        )

    begun = time.process_time()
    seconds, _ = wall_s(remake)
    console.print(
        f"made anew without one member: {time.process_time() - begun:.2f} s of processor time, {seconds:.2f} s (wall)"
    )
    path.with_name("remade.sealed").unlink()


def print_recall(index: ExactIndex, probes: np.ndarray) -> None:
    """Compare the best subject of each probe with single-precision brute force."""
    best = np.full(len(probes), -np.inf)
    ids: list[UUID | None] = [None] * len(probes)
    for records in index.file.all_records():
        scores = probes @ np.ascontiguousarray(records["vector"]).T
        for number in np.flatnonzero(scores.max(axis=1) > best):
            row = int(scores[number].argmax())
            best[number] = scores[number, row]
            upper, lower = (int(v) for v in records["subject"][row])
            ids[number] = UUID(int=upper << 64 | lower)

    def right(answers: list[Any]) -> int:
        return sum(max(a, key=lambda f: f.score).subject_id == i for a, i in zip(answers, ids, strict=True))

    alone = right([index.find(probe, limit=1, at=AT, threshold=None) for probe in probes])
    together = right(index.find_many(probes, limit=1, at=AT))
    console.print(
        f"rank 1 as single-precision brute force: {alone} of {len(probes)} one by one, {together} of {len(probes)} in a batch"
    )


WORKER = """
import sys, numpy as np
from datetime import UTC, datetime
import django; django.setup()
from pathlib import Path
from biometrics.services.galleries.exact import ExactIndex
from biometrics.services.galleries.sealed_file import SealedFile
path = Path(sys.argv[1]); random = np.random.default_rng(int(sys.argv[2]))
print("before", flush=True); sys.stdin.readline()
index = ExactIndex(SealedFile(path), path)
for _ in range(20):
    probe = random.standard_normal(128, dtype=np.float32); probe /= np.linalg.norm(probe)
    index.find(probe, limit=10, at=datetime(2026, 11, 1, tzinfo=UTC), threshold=None)
print("after", flush=True); sys.stdin.readline()
"""


def print_memory(path: Path) -> None:
    """Start two workers, let both search, and print what they hold together: shared pages counted once (Pss)."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "deploy.settings"}
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(path), str(seed)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )
        for seed in (1, 2)
    ]  # fmt: skip
    try:
        readings = []
        for _ in ("before", "after"):
            for worker in workers:
                worker.stdout.readline()
            readings.append([(pss_mb(worker.pid), pss_mb(worker.pid, str(path))) for worker in workers])
            for worker in workers:
                worker.stdin.write("\n")
                worker.stdin.flush()
        before, after = (sum(total for total, _ in reading) for reading in readings)
        mapped = sum(of_file for _, of_file in readings[1])
        console.print(
            f"resident memory of two workers together (Pss): the shared file {mapped:.0f} MB; all that opening and searching "
            f"added {after - before:.0f} MB"
        )
    finally:
        for worker in workers:
            worker.communicate(timeout=30)


def pss_mb(pid: int, only: str = "") -> float:
    """Return the proportional set size of a process in MB, of all mappings or of those of one file."""
    total, counted = 0, not only
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if "-" in line.split(" ", 1)[0] and only:
            counted = only in line
        elif line.startswith("Pss:") and counted:
            total += int(line.split()[1])
    return total / 1024


def evict(path: Path) -> None:
    """Ask the kernel to forget a file's pages."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def make_templates(vectors: np.ndarray) -> list[Template]:
    """Write images and templates as rows, fast."""
    images, templates = [new_id() for _ in vectors], [new_id() for _ in vectors]
    with connection.cursor() as cursor:
        with cursor.copy(
            "COPY biometrics_capturedimage (id, kind, key, sha256, media_type, byte_count, width, height, captured_at) FROM STDIN"
        ) as copied:
            for image in images:
                copied.write_row((image, "FACE", f"bench/{image.hex}", "0" * 64, "image/jpeg", 1, 1, 1, AT))
        with cursor.copy(
            "COPY biometrics_template (id, image_id, engine, engine_version, vector, dimension, face_count, box, "
            "quality, created_at) FROM STDIN"
        ) as copied:
            for template, image, vector in zip(templates, images, vectors, strict=True):
                copied.write_row(
                    (
                        template,
                        image,
                        "sface",
                        "bench",
                        vector.tobytes(),
                        len(vector),
                        1,
                        "[0, 0, 1, 1]",
                        "{}",
                        AT,
                    )
                )
    return [Template(id=i, engine="sface", engine_version="bench", dimension=DIMENSION) for i in templates]


def measure_service(count: int, seed: int) -> None:
    """Enrolment, visibility, sealing and rebuilding through the services and their rows."""
    random = np.random.default_rng(seed + 2)
    vectors = unit(random.standard_normal((count, DIMENSION), dtype=np.float32))
    subjects = [new_id() for _ in range(count)]
    templates = [
        template
        for first in track(range(0, count, PIECE), "templates", console=console, transient=True)
        for template in make_templates(vectors[first : first + PIECE])
    ]
    rates = []
    for first in range(0, count, 1000):
        members = [
            NewMember(t, s)
            for t, s in zip(templates[first : first + 1000], subjects[first : first + 1000], strict=True)
        ]
        seconds, _ = wall_s(
            lambda members=members: enrol_many(actor=ACTOR, at=AT, gallery="bench", members=members)
        )
        rates.append(len(members) / seconds)
    gallery = Gallery.objects.get(name="bench")

    def search(vector: np.ndarray) -> Any:
        return search_gallery(gallery=gallery, metric=Metric.COSINE, probe=vector, limit=10, at=AT)

    console.print(
        f"enrolment in batches of 1,000 (wall, rows and audit durable): {statistics.median(rates):,.0f}/s median"
    )
    rebuild, _ = wall_s(lambda: seal_gallery(gallery=gallery, metric=Metric.COSINE))
    console.print(
        f"index rebuilt from the rows alone: {count:,} templates in {rebuild:.2f} s ({count / rebuild:,.0f}/s, wall)"
    )
    forget_projections()
    cold, _ = wall_s(lambda: search(vectors[0]))
    warm = cpu_ms(lambda: search(vectors[1]))
    console.print(
        f"first search of a process {cold * 1e3:.0f} ms (wall), later ones {warm:.2f} ms processor time, queries included"
    )
    extra = unit(random.standard_normal((200, DIMENSION), dtype=np.float32))
    seen, gone = [], []
    for template, vector in zip(make_templates(extra), extra, strict=True):
        subject = new_id()
        enrol_many(actor=ACTOR, at=AT, gallery="bench", members=[NewMember(template, subject)])
        seconds, found = wall_s(lambda vector=vector: search(vector))
        assert found.candidates[0].subject_id == subject
        seen.append(seconds * 1e3)
        remove(actor=ACTOR, at=AT, gallery="bench", subject_id=subject)
        seconds, found = wall_s(lambda vector=vector: search(vector))
        assert found.candidates[0].subject_id != subject
        gone.append(seconds * 1e3)
    console.print(
        f"a search right after enrolment finds it, after removal does not: medians {statistics.median(seen):.1f} and "
        f"{statistics.median(gone):.1f} ms, worst {max(seen):.1f} and {max(gone):.1f} (wall, catching up included)"
    )
    again, _ = wall_s(lambda: seal_gallery(gallery=gallery, metric=Metric.COSINE))
    console.print(f"sealing the newer rows into the file before: {again:.2f} s (wall)")
    discard_sealed(gallery.id)


def measure_backends(count: int, seed: int) -> None:
    """The same rows behind each backend: build, one search, recall of the best subject."""
    random = np.random.default_rng(seed + 3)
    vectors = unit(random.standard_normal((count, DIMENSION), dtype=np.float32))
    members = [NewMember(t, new_id()) for t in make_templates(vectors)]
    enrol_many(actor=ACTOR, at=AT, gallery="compared", members=members)
    gallery = Gallery.objects.get(name="compared")
    chosen = random.integers(0, count, 100)
    probes = unit(vectors[chosen] + unit(random.standard_normal((100, DIMENSION), dtype=np.float32)))
    expected = [members[int(row)].subject_id for row in (probes @ vectors.T).argmax(axis=1)]
    table = Table(
        f"{count:,} templates behind each backend", "build s", "search ms (wall, median)", "rank 1 of 100"
    )
    for backend in ("exact", "pgvector", "milvus"):
        settings.GALLERY_BACKEND = backend
        forget_projections()
        try:
            build, _ = wall_s(lambda: seal_gallery(gallery=gallery, metric=Metric.COSINE))
        except Exception as error:
            table.add_row(backend, "", f"{type(error).__name__}", "")
            continue
        times, right = [], 0
        for probe, subject in zip(probes, expected, strict=True):
            seconds, found = wall_s(
                lambda probe=probe: search_gallery(
                    gallery=gallery, metric=Metric.COSINE, probe=probe, limit=10, at=AT
                )
            )
            times.append(seconds * 1e3)
            right += found.candidates[0].subject_id == subject
        table.add_row(backend, f"{build:.1f}", f"{statistics.median(times):.2f}", str(right))
    console.print(table)


def main() -> None:
    templates, enrolled, indexed, seed = (int(value) for value in sys.argv[1:5])
    faiss.omp_set_num_threads(1)
    console.print(
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, faiss {faiss.__version__}; "
        f"load {os.getloadavg()[0]:.1f}; seed {seed}"
    )
    measure_sealed(templates, seed)
    measure_service(enrolled, seed)
    if indexed:
        measure_backends(indexed, seed)


if __name__ == "__main__":
    main()
