"""Throw random and damaged chips, certificates and lists at the verifier and count what comes back.

    python -m tests.bench chip_fuzz [--calls 1000000] [--seed 9303]

Every call must give a result or the named error, within bounds of time and memory, and no damaged file may stay VALID.
Exits 1 otherwise.
"""

import argparse
import random
import resource
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from tests.documents.pki.clones import agree, answer_active
from tests.documents.pki.state import (
    TestState,
    make_state,
    master_list,
    revocation_list,
    rsa_key,
    utopia,
    verify,
)
from travelers.core.chip import ActiveAuthenticationEvidence, ChipFiles, Invalid, Malformed, Verdict
from travelers.core.chip.certificate import parse_certificate
from travelers.core.chip.crl import parse_crl
from travelers.core.chip.master_list import parse_master_list
from travelers.core.chip.trust_import import read_trust_file

SLOWEST_MS = 2000.0
MEMORY_MIB = 256
BLOCK = 20_000


def damage(chance: random.Random, data: bytes) -> bytes:
    """Return bytes with one to five places changed, cut out, put in, repeated, or lengths made wrong."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 5)):
        if not changed:
            return bytes(chance.randbytes(4))
        at = chance.randrange(len(changed))
        kind = chance.randrange(7)
        if kind <= 1:
            changed[at] = chance.randrange(256)
        elif kind == 2:
            del changed[at : at + chance.randint(1, 60)]
        elif kind == 3:
            changed[at:at] = chance.randbytes(chance.randint(1, 12))
        elif kind == 4:
            changed[at:at] = changed[at : at + chance.randint(1, 80)]
        elif kind == 5:
            changed[at : at + 5] = chance.choice(
                (b"\x84\xff\xff\xff\xff", b"\x80", b"\x30\x80", b"\x7f\xff\xff\xff")
            )
        else:
            del changed[at:]
    return bytes(changed)


def damaged_chip(chance: random.Random, state: TestState, files: ChipFiles) -> ChipFiles:
    """Return a chip with one or all of its files damaged, taken away or replaced by noise."""
    target = chance.choice(("sod", "sod", "sod", "com", "group", "group", "evidence", "all"))
    if target in ("sod", "all"):
        files = replace(files, sod=damage(chance, files.sod or b""))
    if target in ("com", "all"):
        files = replace(files, com=damage(chance, files.com or b""))
    if target in ("group", "all"):
        number = chance.choice(tuple(state.groups))
        content = (
            chance.randbytes(chance.randrange(400))
            if chance.random() < 0.1
            else damage(chance, state.groups[number])
        )
        files = replace(files, groups=state.groups | {chance.choice((number, number, 3, 16, 17)): content})
    if target in ("evidence", "all"):
        evidence = answer_active(state.active_key)
        agreement = agree(state.chip_key)
        files = replace(
            files,
            active_authentication=ActiveAuthenticationEvidence(
                evidence.challenge, damage(chance, evidence.response)
            ),
            chip_authentication=replace(
                agreement,
                response=damage(chance, agreement.response),
                terminal_private_key=damage(chance, agreement.terminal_private_key),
            ),
        )
    return files


def main(arguments: list[str]) -> int:
    """Run, print the counts, return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=9303)
    options = parser.parse_args(arguments)
    chance = random.Random(options.seed)
    rsa = make_state(rsa_key(2048), rsa_key(2048))
    states = [(s, s.files(), s.store(crls=(revocation_list(s, 7),))) for s in (utopia(), rsa)]
    material = {
        parse_certificate: utopia().csca.der,
        parse_crl: revocation_list(utopia(), 1, 2, 3),
        parse_master_list: master_list(utopia(), utopia().csca.der, rsa.csca.der),
        _import: master_list(utopia(), utopia().csca.der),
    }
    parsers: list[Callable[[bytes], object]] = list(material)
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    resting = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    begun = time.process_time()
    for number in range(options.calls):
        started = time.perf_counter()
        try:
            if number % 4:
                state, files, store = states[number % 2]
                damaged = damaged_chip(chance, state, files)
                found = verify(damaged, store).passive_authentication.result
                same = (damaged.sod, damaged.com, damaged.groups) == (files.sod, files.com, files.groups)
                if found is Verdict.VALID and not same:
                    outcomes["SURPRISE damaged and VALID"] += 1
                outcomes[f"chip {found}{' with genuine files' if same else ''}"] += 1
            else:
                parse = chance.choice(parsers)
                noise = chance.random() < 0.15
                parse(chance.randbytes(chance.randrange(600)) if noise else damage(chance, material[parse]))
                outcomes["file taken"] += 1
        except (Malformed, Invalid):
            outcomes["file refused"] += 1
        except Exception as surprise:
            outcomes[f"SURPRISE {type(surprise).__name__}"] += 1
            if outcomes[f"SURPRISE {type(surprise).__name__}"] == 1:
                print(f"call {number}: {type(surprise).__name__}: {surprise}")
        slowest = max(slowest, (time.perf_counter() - started) * 1e3)
        if number % BLOCK == BLOCK - 1:
            print(f"{number + 1:>12,} calls", flush=True)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - resting
    for name, count in outcomes.most_common():
        print(f"{count:>12,}  {name}")
    print(
        f"{outcomes.total():>12,}  calls, seed {options.seed}, {time.process_time() - begun:.0f} s of processor time, "
        f"slowest {slowest:.0f} ms, memory grown by {grown:.0f} MiB"
    )
    surprises = sum(count for name, count in outcomes.items() if name.startswith("SURPRISE"))
    return 1 if surprises or slowest > SLOWEST_MS or grown > MEMORY_MIB else 0


def _import(content: bytes) -> object:
    root = parse_certificate(utopia().csca.der)
    return read_trust_file(content, roots=[root], anchors=[root])
