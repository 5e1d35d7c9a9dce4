"""What sealing costs: a key, an image, a template, a gallery of sealed templates, a rotation, on this machine.

    python -m tests.bench custody [--templates 100000] [--repeats 200]

Processor time, medians of single calls; no database. A journey pays one new key, two images sealed and opened, two templates.
"""

import argparse
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import django
from rich.console import Console
from rich.table import Table

IMAGE_BYTES = 300_000
VECTOR_BYTES = 512


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="custody", description=__doc__.splitlines()[0])
    parser.add_argument("--templates", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=200)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bmis-custody-") as folder:
        os.environ |= {"DEPLOYMENT": "test", "BMIS_DATA_DIR": folder}
        django.setup()
        table = Table(
            "what", "median", title=f"{options.repeats} calls each; gallery of {options.templates:,}"
        )
        for name, figure in measure(Path(folder), options.templates, options.repeats):
            table.add_row(name, figure)
        Console().print(table)
    return 0


def measure(folder: Path, templates: int, repeats: int) -> list[tuple[str, str]]:
    """Return what each thing costs. templates: sealed, each under a key of its own."""
    from biometrics.core.envelope import NONCE_BYTES, Belonging, Kind, open_sealed, seal, slot_of
    from biometrics.services.files import write_durably
    from biometrics.services.keys.master import add_master_key
    from biometrics.services.keys.store import count_slots, read_key, read_keys, rewrap, write_new_key

    def sealed(content: bytes, kind: Kind, subject, slot: int) -> bytes:
        return seal(
            content,
            key=read_key(slot, subject=subject),
            slot=slot,
            nonce=secrets.token_bytes(NONCE_BYTES),
            belonging=Belonging(subject, kind, subject),
        )

    subject = uuid4()
    slot = write_new_key(subject=subject)
    image, vector = os.urandom(IMAGE_BYTES), os.urandom(VECTOR_BYTES)
    belonging = Belonging(subject, Kind.IMAGE, subject)
    lying = sealed(image, Kind.IMAGE, subject, slot)
    plain, closed = folder / "plain", folder / "sealed"
    numbers = iter(range(10**9))
    rows = [
        ("new key, on disk (wall)", median_ms(lambda: write_new_key(subject=uuid4()), repeats, wall=True)),
        ("read a key", median_ms(lambda: read_key(slot, subject=subject), repeats)),
        (
            f"seal an image of {IMAGE_BYTES:,} bytes",
            median_ms(lambda: sealed(image, Kind.IMAGE, subject, slot), repeats),
        ),
        (
            f"open an image of {IMAGE_BYTES:,} bytes",
            median_ms(
                lambda: open_sealed(lying, key=read_key(slot, subject=subject), belonging=belonging), repeats
            ),
        ),
        (
            "store it plain, on disk (wall)",
            median_ms(lambda: write_durably(plain / str(next(numbers)), image), repeats, wall=True),
        ),
        (
            "store it sealed, on disk (wall)",
            median_ms(
                lambda: write_durably(closed / str(next(numbers)), sealed(image, Kind.IMAGE, subject, slot)),
                repeats,
                wall=True,
            ),
        ),
        ("seal a template", median_ms(lambda: sealed(vector, Kind.TEMPLATE, subject, slot), repeats)),
    ]
    owners = [uuid4() for _ in range(templates)]
    begun = time.process_time()
    slots = make_many(owners)
    lie = [sealed(vector, Kind.TEMPLATE, owner, slot) for owner, slot in zip(owners, slots, strict=True)]
    rows.append(("seal the gallery's templates, each with a key of its own", seconds(begun)))
    begun = time.process_time()
    with read_keys() as keys:
        for owner, octets in zip(owners, lie, strict=True):
            open_sealed(
                octets,
                key=keys.read(slot_of(octets), subject=owner),
                belonging=Belonging(owner, Kind.TEMPLATE, owner),
            )
    rows.append(("open the gallery's templates", seconds(begun)))
    add_master_key()
    begun = time.process_time()
    first = 0
    while first < count_slots():
        rewrap(first=first, count=2048)
        first += 2048
    rows.append((f"rewrap {count_slots():,} keys under a new master key", seconds(begun)))
    return rows


def make_many(owners: list) -> list[int]:
    """Append a key for each owner in one write, which is durable once: a store that has grown over years."""
    from django.conf import settings

    from biometrics.core.envelope import KEY_BYTES, NONCE_BYTES, wrap_key
    from biometrics.services.keys.master import master_keys
    from biometrics.services.keys.store import count_slots

    first, master = count_slots(), master_keys().active
    with Path(settings.KEY_STORE_FILE).open("ab") as file:
        for owner in owners:
            file.write(
                wrap_key(
                    secrets.token_bytes(KEY_BYTES),
                    master=master,
                    nonce=secrets.token_bytes(NONCE_BYTES),
                    subject=owner,
                )
            )
    return list(range(first, first + len(owners)))


def median_ms(call: Callable[[], object], repeats: int, *, wall: bool = False) -> str:
    clock = time.perf_counter if wall else time.process_time
    taken = []
    for _ in range(repeats):
        begun = clock()
        call()
        taken.append((clock() - begun) * 1e3)
    return f"{statistics.median(taken):.3f} ms"


def seconds(begun: float) -> str:
    return f"{time.process_time() - begun:.2f} s"
