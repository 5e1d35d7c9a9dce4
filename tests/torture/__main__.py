"""`make torture`: kill, load, tamper, restore, fuzz and bomb campaigns, each with a seed, and one table of what they found.

    python -m tests.torture [NAME …] [--full] [--seed N] [--size N]

Each campaign is a module of this folder with `run(*, seed, size) -> Outcome`, and runs in a process of its own. Short sizes by
default; --full takes those of the documentation. Exits 1 if any campaign found a fault.
"""

import argparse
import importlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from tests.torture.report import Outcome, make_table

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")


@dataclass(frozen=True)
class Sizes:
    """What `size` counts is said by each campaign."""

    short: int
    full: int


CAMPAIGNS: Mapping[str, Sizes] = MappingProxyType(
    {
        "kill": Sizes(short=240, full=20_000),  # crossings
        "load": Sizes(short=8, full=100),  # seconds at 100 requests a second
        "overload": Sizes(short=5, full=60),  # seconds at twice what the system can take
        "tamper": Sizes(short=2, full=25),  # trials of each kind
        "restore": Sizes(short=20_000, full=1_000_000),  # crossings
        "contract": Sizes(short=10, full=300),  # examples an operation
        "fuzz": Sizes(short=2_000, full=100_000),  # calls a parser
        "bombs": Sizes(short=1, full=3),  # times each bomb is sent
    }
)


def main(arguments: list[str]) -> int:
    options = read_options(arguments)
    if options.outcome is not None:
        return run_here(options.names[0], options.seed, options.size, options.outcome)
    names = options.names or list(CAMPAIGNS)
    outcomes = []
    for name in names:
        sizes = CAMPAIGNS[name]
        size = options.size or (sizes.full if options.full else sizes.short)
        print(f"== {name}, size {size}, seed {options.seed}", file=sys.stderr, flush=True)
        outcomes.append(run_apart(name, options.seed, size))
    print(make_table(outcomes), flush=True)
    return int(any(outcome.faults for outcome in outcomes))


def read_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(CAMPAIGNS)}; none: all")
    parser.add_argument("--full", action="store_true", help="the sizes of the documentation")
    parser.add_argument("--seed", type=int, help="another campaign; printed, so that it can be repeated")
    parser.add_argument("--size", type=int, help="of the one campaign that is named")
    parser.add_argument(
        "--outcome", type=Path, help=argparse.SUPPRESS
    )  # where a campaign's own process writes
    options = parser.parse_args(arguments)
    for name in options.names:
        if name not in CAMPAIGNS:
            parser.error(f"no campaign {name}; there are {', '.join(CAMPAIGNS)}")
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(10_000)
    return options


def run_apart(name: str, seed: int, size: int) -> Outcome:
    """Run a campaign in a process of its own: memory is measured from a clean start, and a crash is a finding."""
    with tempfile.TemporaryDirectory(prefix="bmis-torture-") as folder:
        path = Path(folder) / "outcome.json"
        begun = time.monotonic()
        command = [sys.executable, "-m", "tests.torture", name]
        command += ["--seed", str(seed), "--size", str(size), "--outcome", str(path)]
        status = subprocess.run(command).returncode
        seconds = time.monotonic() - begun
        if not path.exists():
            fault = f"ended with status {status} and no result"
            return Outcome(name, str(size), seed, "-", seconds=seconds, faults=(fault,))
        return replace(Outcome.read(path), seconds=seconds)


def run_here(name: str, seed: int, size: int, path: Path) -> int:
    importlib.import_module(f"tests.torture.{name}").run(seed=seed, size=size).write(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
