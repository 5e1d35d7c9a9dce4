"""Throw bytes, texts and damaged zones at the parser and count what comes back.

    python -m tests.bench.mrz_fuzz [--count 10000000] [--seed 9303]

Every call must give a value or MrzFormatError. Exits 1 if any other exception was raised.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from biometrics.core.mrz import MrzFormatError, parse_mrz, split_mrz
from biometrics.core.mrz.alphabet import ALPHABET

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SPECIMENS: tuple[tuple[str, ...], ...] = (
    ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"),
    ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"),
    ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"),
    ("I<UTOD23145890<7349<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<8", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"),
    ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"),
    ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<"),
    ("IDFRAERIKSSON<<<<<<<<<<<<<<<<<952042", "0509952018746ANNA<<MARIA<<<7408122F7"),
    ("D1FRA13AA000026181231ERIKSSON4",),
    ("AAA001D<<", "FACHE100200300001<<740812<<<<<", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"),
)
FOREIGN = "\x00\n\r \taéßİıſ０Ⅷ\u0660\ud800\U0001f6c2«≪-'"
BLOCK = 100_000


def bytes_as_texts(rng: random.Random) -> tuple[Any, ...]:
    """Return random bytes as one to three lines, each latin-1."""
    return tuple(
        rng.randbytes(rng.choice((0, 1, 30, 36, 44, 60))).decode("latin-1") for _ in range(rng.randint(1, 3))
    )


def raw_bytes(rng: random.Random) -> Any:
    """Return random bytes, as they are or as lines."""
    content = rng.randbytes(rng.choice((0, 1, 44, 88, 90)))
    return content if rng.random() < 0.5 else (content, content)


def specimen_changed(rng: random.Random) -> tuple[str, ...]:
    """Return a specimen with one to four characters of the alphabet, or one foreign one, put in."""
    lines = list(rng.choice(SPECIMENS))
    for _ in range(rng.randint(1, 4)):
        row = rng.randrange(len(lines))
        at = rng.randrange(len(lines[row]))
        pool = ALPHABET if rng.random() < 0.9 else FOREIGN
        lines[row] = lines[row][:at] + rng.choice(pool) + lines[row][at + 1 :]
    return tuple(lines)


def specimen_cut(rng: random.Random) -> tuple[str, ...]:
    """Return a specimen with a character lost or gained, a line lost, repeated or moved."""
    lines = list(rng.choice(SPECIMENS))
    row = rng.randrange(len(lines))
    at = rng.randrange(len(lines[row]))
    kind = rng.randrange(5)
    if kind == 0:
        lines[row] = lines[row][:at] + lines[row][at + 1 :]
    elif kind == 1:
        lines[row] = lines[row][:at] + "<" + lines[row][at:]
    elif kind == 2:
        del lines[row]
    elif kind == 3:
        lines.insert(at % (len(lines) + 1), lines[row])
    else:
        rng.shuffle(lines)
    return tuple(lines)


def zone_at_random(rng: random.Random) -> tuple[str, ...]:
    """Return a zone of a layout's size with any characters in most places and digits where dates stand."""
    rows, columns = rng.choice(((2, 44), (2, 36), (3, 30)))
    lines = ["".join(rng.choices(ALPHABET, k=columns)) for _ in range(rows)]
    lines[0] = rng.choice(("P<UTO", "V<UTO", "I<UTO", "IDFRA", "")) + "".join(rng.choices("<AZ", k=columns))
    lines[0] = lines[0][:columns]
    lines[1] = "".join(rng.choices("<0123456789", k=columns)) if rng.random() < 0.8 else lines[1]
    return tuple(lines)


def run_together(rng: random.Random) -> str:
    """Return a specimen without line ends, for split_mrz, damaged at times."""
    text = "".join(specimen_changed(rng))
    return text if rng.random() < 0.5 else text[: rng.randrange(len(text))]


KINDS: tuple[Callable[[random.Random], Any], ...] = (
    bytes_as_texts, raw_bytes, specimen_changed, specimen_changed, specimen_changed, specimen_cut, zone_at_random,
    run_together,
)  # fmt: skip


def fuzz(count: int, seed: int) -> Iterator[Counter[str]]:
    """Yield the outcomes of each block of calls: "parsed", an error's code, or "SURPRISE" and its type."""
    rng = random.Random(seed)
    for begun in range(0, count, BLOCK):
        outcomes: Counter[str] = Counter()
        for _ in range(min(BLOCK, count - begun)):
            make = KINDS[rng.randrange(len(KINDS))]
            given = make(rng)
            try:
                parse_mrz(split_mrz(given) if make is run_together else given, at=AT)
                outcomes["parsed"] += 1
            except MrzFormatError as error:
                outcomes[error.code] += 1
            except Exception as surprise:
                outcomes[f"SURPRISE {type(surprise).__name__}"] += 1
        yield outcomes


def main(arguments: list[str] | None = None) -> int:
    """Run, print the counts, return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=9303)
    options = parser.parse_args(arguments)
    begun = time.process_time()
    total: Counter[str] = Counter()
    for outcomes in fuzz(options.count, options.seed):
        total += outcomes
    for name, number in total.most_common():
        print(f"{number:>12,}  {name}")
    print(
        f"{total.total():>12,}  calls, seed {options.seed}, {time.process_time() - begun:.0f} s of processor time"
    )
    return int(any(name.startswith("SURPRISE") for name in total))


if __name__ == "__main__":
    sys.exit(main())
