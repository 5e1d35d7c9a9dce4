"""Read pictures with another MRZ reader, in that reader's own environment: started by tests.bench.mrz_peers.

    PYTHON mrz_peer_runner.py passporteye|fastmrz|tesseract TESSDATA < paths

One JSON object a line: file, lines, milliseconds of processor time with child processes. Imports nothing of the
project, because the peers' pins clash with it.
"""

import json
import os
import resource
import subprocess
import sys
import warnings
from collections.abc import Callable

TIMEOUT_S = 120


def spent_ms() -> float:
    """Return processor time of this process and of its children that have ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages) * 1e3


def open_passporteye() -> Callable[[str], str]:
    """Return PassportEye's reader of one picture."""
    from passporteye import read_mrz

    def read(path: str) -> str:
        found = read_mrz(path)
        return "" if found is None else str(found.aux.get("text") or "")

    return read


def open_fastmrz() -> Callable[[str], str]:
    """Return fastmrz's reader of one picture."""
    from fastmrz import FastMRZ

    reader = FastMRZ()

    def read(path: str) -> str:
        found = reader.get_details(path, ignore_parse=True)
        return found if isinstance(found, str) else ""

    return read


def open_tesseract() -> Callable[[str], str]:
    """Return tesseract with an MRZ weight on the whole page."""

    def read(path: str) -> str:
        command = ["tesseract", path, "-", "--psm", "6", "-l", "mrz"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        return done.stdout

    return read


PEERS = {"passporteye": open_passporteye, "fastmrz": open_fastmrz, "tesseract": open_tesseract}


def main() -> None:
    """Read every path of standard input; the first twice, so that loading is not timed."""
    warnings.simplefilter("ignore")
    peer, tessdata = sys.argv[1:3]
    os.environ |= (
        {"TESSDATA_PREFIX": tessdata, "OMP_THREAD_LIMIT": "1"} if tessdata else {"OMP_THREAD_LIMIT": "1"}
    )
    read = PEERS[peer]()
    paths = sys.stdin.read().splitlines()
    for number, path in enumerate([*paths[:1], *paths]):
        begun = spent_ms()
        try:
            lines = ["".join(line.split()) for line in read(path).splitlines()]
        except Exception as error:  # whatever a peer raises on a page is a page not read
            lines = []
            print(type(error).__name__, file=sys.stderr)
        if number:
            print(json.dumps({"file": path, "lines": lines, "ms": spent_ms() - begun}), flush=True)


if __name__ == "__main__":
    main()
