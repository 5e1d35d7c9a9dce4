"""The parser on many different zones: zones a second on one core, and how much faster than the plain twin.

    python -m tests.bench mrz_parser [--zones 20000] [--rounds 5] [--seed 9303]

Every zone is another one: names, numbers and dates are drawn from the seed. Processor time, median of the rounds.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from biometrics.core.mrz import Mrz, build_mrva, build_mrvb, build_td1, build_td2, build_td3, parse_mrz
from tests.reference.mrz_parse_plain import parse_plain

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
KINDS = {"TD3": build_td3, "TD1": build_td1, "TD2": build_td2, "MRV-A": build_mrva, "MRV-B": build_mrvb}
CODES = {"TD3": "P", "TD1": "I", "TD2": "I", "MRV-A": "V", "MRV-B": "V"}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PLAIN_SHARE = 10


def draw_zone(rng: random.Random, kind: str) -> tuple[str, ...]:
    """Return the lines of one zone with right digits."""

    def word(longest: int) -> str:
        return "".join(rng.choices(LETTERS, k=rng.randint(2, longest)))

    def day(first: int, last: int) -> str:
        return f"{rng.randint(first, last) % 100:02d}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"

    return KINDS[kind](
        document_code=CODES[kind],
        issuing_state="UTO",
        primary_identifier=word(12),
        secondary_identifier=f"{word(8)} {word(8)}",
        document_number="".join(rng.choices(LETTERS + "0123456789", k=rng.choice((8, 9)))),
        nationality="UTO",
        birth_date=day(1930, 2025),
        sex=rng.choice("MF<"),
        expiry_date=day(2020, 2036),
        optional_data=word(6) if rng.random() < 0.5 else "",
    )


def time_each(parse: Callable[..., Mrz], zones: Sequence[tuple[str, ...]]) -> float:
    """Return microseconds of processor time a zone."""
    begun = time.process_time()
    for lines in zones:
        parse(lines, at=AT)
    return (time.process_time() - begun) / len(zones) * 1e6


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench mrz_parser",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--zones", type=int, default=20_000, help="of each layout")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=9303)
    options = parser.parse_args(arguments)
    table = Table("layout", "µs a zone", "zones a second", "plain twin, µs", "ratio")
    console = Console()
    console.print(f"{options.zones} zones of each layout, all different, seed {options.seed}, one core")
    rng = random.Random(options.seed)
    drawn = {kind: [draw_zone(rng, kind) for _ in range(options.zones)] for kind in KINDS}
    mixed = [zone for group in zip(*drawn.values(), strict=True) for zone in group]
    for kind, zones in (*drawn.items(), ("mixed", mixed)):
        each_us = statistics.median(time_each(parse_mrz, zones) for _ in range(options.rounds))
        plain_us = time_each(parse_plain, zones[: max(1, len(zones) // PLAIN_SHARE)])
        table.add_row(
            kind, f"{each_us:.1f}", f"{1e6 / each_us:,.0f}", f"{plain_us:.0f}", f"{plain_us / each_us:.0f}"
        )
    console.print(table)


if __name__ == "__main__":
    main()
