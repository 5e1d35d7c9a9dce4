"""`make bench`: print what this machine does, all measurements one after the other at sizes that end within half an hour.

`make bench NAME=faces` runs one, `FULL=1` takes the sizes of the documentation, and `python -m tests.bench NAME --help` shows
what each of them can be told.
"""

import importlib
import os
import subprocess
import sys
from collections.abc import Mapping
from types import MappingProxyType

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
# name: the arguments of a short run, those of the whole one
MEASUREMENTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "journey": ("--count 60", ""),
        "console": ("--count 10", ""),
        "mrz_generated": ("--pages 120", "--pages 2000 --seed 9"),
        "mrz_parser": ("", ""),
        "mrz_viz": ("--count 4", "--count 25"),
        "mrz_peers": ("", ""),
        "mrz_fuzz": ("--count 100000", "--count 10000000"),
        "faces": ("", ""),
        "gallery": ("--enrolled 2000 --indexed 0", ""),
        "screening": ("--entries 10000 --documents 20000", ""),
        "silent": ("--pairs 200 --background 1000", "--pairs 2000"),
        "importing": ("--entries 15000", "--entries 1000000"),
        "uploads": ("--entries 15000", "--entries 1000000"),
        "chip": ("--repeats 5", "--large"),
        "chip_flips": ("", ""),
        "chip_fuzz": ("--calls 5000", "--calls 1000000"),
        "row_guard": ("--crossings 200000", "--crossings 10000000"),
        "custody": ("--templates 20000", "--templates 1000000"),
        "records": ("--crossings 200000", "--crossings 10000000"),
        "restore": ("--crossings 50000 --images 200", ""),
        "audit": ("--rows 100000 --trials 5 --crossings 100", ""),
        "admin_lists": ("--crossings 100000 --repeats 5", "--crossings 10000000"),
    }
)


def run_all(*, whole: bool) -> int:
    """Run every measurement in a process of its own; return how many failed."""
    failed = 0
    for name, (short, long) in MEASUREMENTS.items():
        arguments = (long if whole else short).split()
        print(f"\n== {name} {' '.join(arguments)}", flush=True)
        failed += subprocess.run([sys.executable, "-m", "tests.bench", name, *arguments]).returncode != 0
    return failed


def main(arguments: list[str]) -> int | None:
    if not arguments or arguments[0] in ("all", "full"):
        return run_all(whole=arguments[:1] == ["full"])
    name, *further = arguments
    if name in ("journey", "console"):
        django.setup()  # the demo's modules need the settings; others start a database of their own first
    try:
        module = importlib.import_module(f"tests.bench.{name}")
    except ModuleNotFoundError:
        print(f"No such measurement. There are: {', '.join(MEASUREMENTS)}", file=sys.stderr)
        return 2
    return module.main(further)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
