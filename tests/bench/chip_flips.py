"""Change every byte of EF.SOD and of every data group to every other value; nothing may stay VALID.

    python -m tests.bench chip_flips [--every 1] [--processes 2]

--every N: one value in N. Exits 1 if a change went unnoticed.
"""

import argparse
import multiprocessing
import resource
import time
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache

from tests.documents.pki.state import TestState, make_state, rsa_algorithm, rsa_key, utopia, verify
from travelers.core.chip import ChipFiles, TrustStore, Verdict

POSITIONS = 8


@dataclass(frozen=True, slots=True)
class Task:
    """Some bytes of one file: first to last of the file called label, "SOD" or "DG1" …, of one State."""

    state: str
    label: str
    first: int
    last: int
    every: int


@dataclass(frozen=True, slots=True)
class Flipped:
    """What the changes of a task came out as. peak_mib: of its process."""

    task: Task
    found: Counter[str]
    unnoticed: tuple[str, ...]
    cpu_s: float
    peak_mib: float


@cache
def states() -> dict[str, tuple[TestState, ChipFiles, TrustStore]]:
    """Return a State of P-256 and one of RSA-PSS, with a genuine chip and the store."""
    key = replace(rsa_key(2048), algorithm=rsa_algorithm("sha256", 32))
    made = {"P-256": utopia(), "RSA-PSS 2048": make_state(key, key)}
    return {name: (state, state.files(), state.store()) for name, state in made.items()}


def contents(files: ChipFiles) -> dict[str, bytes]:
    """Return the files of a chip by label."""
    return {"SOD": files.sod or b"", **{f"DG{number}": data for number, data in files.groups.items()}}


def tasks(every: int) -> list[Task]:
    """Return all changes in pieces."""
    return [
        Task(name, label, first, min(first + POSITIONS, len(content)), every)
        for name, (_, files, _) in states().items()
        for label, content in contents(files).items()
        for first in range(0, len(content), POSITIONS)
    ]


def flip(task: Task) -> Flipped:
    """Make the changes of one task."""
    _, files, store = states()[task.state]
    content = contents(files)[task.label]
    found: Counter[str] = Counter()
    unnoticed = []
    begun = time.process_time()
    for position in range(task.first, task.last):
        for change in range(1, 256, task.every):
            changed = bytearray(content)
            changed[position] ^= change
            if task.label == "SOD":
                forged = replace(files, sod=bytes(changed))
            else:
                forged = replace(files, groups=files.groups | {int(task.label[2:]): bytes(changed)})
            said = verify(forged, store).passive_authentication
            found[f"{task.label} {said.result}"] += 1
            if said.result is Verdict.VALID:
                unnoticed.append(f"{task.state} {task.label} byte {position} xor {change:02x} stays VALID")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Flipped(task, found, tuple(unnoticed), time.process_time() - begun, peak)


def main(arguments: list[str]) -> int:
    """Print what each State's flips came out as."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args(arguments)
    waiting = tasks(options.every)
    found: dict[str, Counter[str]] = {name: Counter() for name in states()}
    missed: list[str] = []
    cpu_s = peak_mib = 0.0
    begun = told = time.perf_counter()
    with multiprocessing.get_context("fork").Pool(options.processes) as pool:
        for number, flipped in enumerate(pool.imap_unordered(flip, waiting), 1):
            found[flipped.task.state] += flipped.found
            missed += flipped.unnoticed
            cpu_s += flipped.cpu_s
            peak_mib = max(peak_mib, flipped.peak_mib)
            if time.perf_counter() - told > 10:
                told = time.perf_counter()
                left_s = (told - begun) / number * (len(waiting) - number)
                done = sum(counter.total() for counter in found.values())
                print(f"{done:>12,} changes, about {left_s:.0f} s left, unnoticed: {len(missed)}", flush=True)
    for name, counter in found.items():
        print(f"{name}: {counter.total():,} changes")
        for outcome, count in sorted(counter.items()):
            print(f"{count:>12,}  {outcome}")
    for line in missed[:20]:
        print(line)
    print(
        f"unnoticed: {len(missed)}, {cpu_s:.0f} s of processor time, "
        f"peak memory of a process {peak_mib:.0f} MiB"
    )
    return 1 if missed else 0
