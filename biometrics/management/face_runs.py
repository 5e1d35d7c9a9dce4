"""What the commands that measure face engines share: templates of many files, figures as JSON, faults of lists."""

import json
import multiprocessing
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, TextIO

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.core.management.base import CommandError
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from biometrics.core.error_rates import Interval, ListRefused, RowFault, wilson_interval
from biometrics.core.faces import FaceEngine
from biometrics.networks.files import NetworkFileError
from biometrics.services.engines import load_engine
from biometrics.services.face_files import is_list_fault, read_face_file, use_one_thread

MAX_WORKERS = 64
MAX_FAULTS_SHOWN = 100
EXIT_REFUSED = 2


@dataclass(frozen=True, eq=False)
class FileTemplate:
    """One file's template, or the code of why there is none. vector: float32 (D,)."""

    code: str
    vector: npt.NDArray[np.float32] | None
    elapsed_ms: dict[str, float]


@dataclass(eq=False)
class Templates:
    """The templates of a set of files, each file once.

    rows: file to row of `matrix`, only of files with a template. codes: file to code. elapsed_ms: step to all its times.
    """

    matrix: npt.NDArray[np.float32]
    rows: dict[str, int]
    codes: dict[str, str]
    elapsed_ms: dict[str, list[float]] = field(default_factory=dict)

    @property
    def failures(self) -> Counter[str]:
        """How many pictures gave no template, by code: failures to acquire; faults of the list do not count."""
        return Counter(
            code for file, code in self.codes.items() if file not in self.rows and not is_list_fault(code)
        )

    @property
    def acquired(self) -> int:
        return len(self.rows)


def open_engine(name: str) -> FaceEngine:
    """Return the engine. Raises NetworkFileError."""
    use_one_thread()
    return load_engine(name, network_dir=settings.NETWORK_DIR)


_worker_engine: FaceEngine | None = None


def _open_in_worker(name: str, network_dir: Path) -> None:
    global _worker_engine
    use_one_thread()
    _worker_engine = load_engine(name, network_dir=network_dir)


def _read_in_worker(path: str) -> FileTemplate:
    if _worker_engine is None:
        raise RuntimeError("the worker has no engine")
    found = read_face_file(_worker_engine, Path(path))
    vector = None if found.vector is None else np.asarray(found.vector, np.float32)
    return FileTemplate(str(found.code), vector, found.elapsed_ms)


def _read_all(paths: Sequence[str], engine_name: str, workers: int) -> Iterator[FileTemplate]:
    if workers == 1:
        _open_in_worker(engine_name, settings.NETWORK_DIR)
        yield from map(_read_in_worker, paths)
        return
    # spawned, not forked: a network opened before a fork must not be used behind it
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        workers, mp_context=context, initializer=_open_in_worker, initargs=(engine_name, settings.NETWORK_DIR)
    ) as pool:
        yield from pool.map(_read_in_worker, paths, chunksize=4)


def make_templates(files: Sequence[str], root: Path, *, engine_name: str, workers: int) -> Templates:
    """Return the templates of files below a folder, with a progress bar on standard error.

    files: as the list names them, each read once however often it occurs. workers: processes, 1 for this one.
    """
    unique = list(dict.fromkeys(files))
    paths = [os.path.join(root, file) for file in unique]
    vectors: list[npt.NDArray[np.float32]] = []
    found = Templates(np.empty((0, 0), np.float32), {}, {})
    with show_progress() as progress:
        task = progress.add_task("Templates", total=len(paths))
        for file, one in zip(
            unique, _read_all(paths, engine_name, min(workers, max(len(paths), 1))), strict=True
        ):
            found.codes[file] = one.code
            if one.vector is not None:
                found.rows[file] = len(vectors)
                vectors.append(one.vector)
            for step, value in one.elapsed_ms.items():
                found.elapsed_ms.setdefault(step, []).append(value)
            if one.vector is not None:
                found.elapsed_ms.setdefault("template", []).append(sum(one.elapsed_ms.values()))
            progress.advance(task)
    if vectors:
        found.matrix = np.stack(vectors)
    return found


def show_progress() -> Progress:
    """Return a progress bar on standard error; it shows on a terminal only."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip


def check_workers(workers: int, stdout: Any) -> None:
    """Refuse a number of processes that makes no sense."""
    if not 1 <= workers <= MAX_WORKERS:
        refuse(stdout, "workers_out_of_range", detail=f"1 to {MAX_WORKERS}")


def check_root(root: str | None, list_path: Path, stdout: Any) -> Path:
    """Return the folder that the list's file names start from."""
    folder = Path(root) if root is not None else list_path.parent
    if not folder.is_dir():
        refuse(stdout, "root_not_a_folder")
    return folder


def read_list(path: Path, stdout: Any) -> bytes:
    """Return the bytes of a list, or end the command with a code."""
    if not path.exists():
        refuse(stdout, "list_missing", list=path.name)
    if not path.is_file():
        refuse(stdout, "list_not_a_file", list=path.name)
    try:
        return path.read_bytes()
    except OSError:
        refuse(stdout, "list_not_readable", list=path.name)


def refuse(stdout: Any, code: str, **more: Any) -> NoReturn:
    """Write {"error": code, …} as the only answer and end with exit status 2."""
    write_json(stdout, {"error": code, **more})
    raise CommandError(code, returncode=EXIT_REFUSED)


def refuse_list(stdout: Any, path: Path, error: ListRefused) -> NoReturn:
    """End the command for a list that cannot be used."""
    more: dict[str, Any] = {"list": path.name}
    if error.column:
        more["column"] = error.column
    if error.faults:
        more["rows_refused"] = describe_faults(error.faults)
    refuse(stdout, error.code.value, **more)


def refuse_networks(stdout: Any, error: NetworkFileError) -> NoReturn:
    """End the command where the network files are not those reviewed."""
    refuse(stdout, error.code.value)


def write_json(stdout: TextIO | Any, value: Any) -> None:
    """Write one JSON document."""
    stdout.write(json.dumps(value, ensure_ascii=False, indent=2))


def describe_faults(faults: Sequence[RowFault]) -> dict[str, Any]:
    """Return how many rows were refused, and the first hundred with line, column and code."""
    return {
        "count": len({fault.line for fault in faults}),
        "first": [
            {"line": fault.line, "column": fault.column, "code": str(fault.code)}
            for fault in sorted(faults, key=lambda fault: fault.line)[:MAX_FAULTS_SHOWN]
        ],
    }


def describe_acquisition(found: Templates) -> dict[str, Any]:
    """Return the failures to acquire among the pictures: count, share, interval, by code."""
    failures = found.failures
    failed = failures.total()
    total = failed + found.acquired
    return {
        "images": total,
        "failures": failed,
        "rate": rounded(failed / total) if total else None,
        "interval_95": interval(wilson_interval(failed, total)) if total else None,
        "by_code": dict(sorted(failures.items())),
    }


def describe_times(elapsed_ms: dict[str, list[float]]) -> dict[str, Any]:
    """Return median and 95th percentile by step, in milliseconds."""
    return {
        step: {
            "median": round(float(np.median(values)), 2),
            "p95": round(float(np.percentile(values, 95)), 2),
        }
        for step, values in elapsed_ms.items()
        if values
    }


def rounded(value: float | None, digits: int = 6) -> float | None:
    """Return a number as JSON shows it."""
    return None if value is None else round(float(value), digits)


def interval(value: Interval | None) -> list[float] | None:
    """Return an interval as JSON shows it."""
    return None if value is None else [round(float(end), 6) for end in value]


def rate_name(rate: float) -> str:
    """Return 1e-3 for 0.001, 5e-4 for 0.0005."""
    mantissa, exponent = f"{rate:e}".split("e")
    return f"{float(mantissa):g}e{int(exponent)}"


def write_plot(path: Path, content: bytes) -> dict[str, Any]:
    """Write a picture; a folder that does not take it is told, not fatal."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError:
        return {"file": None, "error": "det_file_not_writable"}
    return {"file": str(path)}
