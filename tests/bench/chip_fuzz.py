"""Throw random and damaged chips, data groups, certificates, lists and seals at their readers and count what comes back.

    python -m tests.bench chip_fuzz [--calls 1000000] [--seed 9303] [--processes 2]

Every call must give a result or the named error, within bounds of time and memory, and nothing damaged may stay VALID.
Times are of the processor. Exits 1 otherwise.
"""

import argparse
import multiprocessing
import random
import resource
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from borders.demo.pki.keys import make_ec_key
from tests.documents.pki.clones import agree, answer_active
from tests.documents.pki.seals import make_seal, make_vds_nc, seal_signer
from tests.documents.pki.state import (
    AT,
    TestState,
    make_state,
    master_list,
    revocation_list,
    rsa_key,
    utopia,
    verify,
)
from travelers.core.chip import (
    ActiveAuthenticationEvidence,
    ChipFiles,
    Invalid,
    Malformed,
    TrustStore,
    Verdict,
)
from travelers.core.chip.certificate import parse_certificate
from travelers.core.chip.crl import parse_crl
from travelers.core.chip.data_groups import (
    parse_common,
    parse_dg1,
    parse_dg2,
    parse_dg11,
    parse_dg12,
    parse_dg14,
    parse_dg15,
)
from travelers.core.chip.master_list import parse_master_list
from travelers.core.chip.trust_import import read_trust_file
from travelers.core.seals import parse_seal, parse_vds_nc, verify_seal, verify_vds_nc

SLOWEST_MS = 2000.0
MEMORY_MIB = 256
BLOCK = 5_000


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


@dataclass(frozen=True, slots=True)
class Block:
    """What one block of calls came out as. grown_mib: peak memory of its process above that at rest."""

    outcomes: Counter[str]
    surprises: tuple[str, ...]
    slowest_ms: float
    slowest: str
    cpu_s: float
    grown_mib: float


@cache
def chips() -> tuple[tuple[TestState, ChipFiles, TrustStore], ...]:
    """Return a State of P-256 and one of RSA, each with its genuine chip and its store."""
    states = (utopia(), make_state(rsa_key(2048), rsa_key(2048)))
    return tuple((s, s.files(), s.store(crls=(revocation_list(s, 7),))) for s in states)


@cache
def material() -> dict[str, tuple[Callable[[bytes], Any], bytes]]:
    """Return a reader and a genuine file for each kind of file that stands by itself."""
    state, rsa = chips()[0][0], chips()[1][0]
    signer = seal_signer(state)
    held = parse_certificate(signer.der)
    return {
        "certificate": (parse_certificate, state.csca.der),
        "revocation list": (parse_crl, revocation_list(state, 1, 2, 3)),
        "master list": (parse_master_list, master_list(state, state.csca.der, rsa.csca.der)),
        "trust file": (_import, master_list(state, state.csca.der)),
        "EF.COM": (parse_common, chips()[0][1].com or b""),
        "DG1": (parse_dg1, state.groups[1]),
        "DG2": (parse_dg2, state.groups[2]),
        "DG11": (parse_dg11, state.groups[11]),
        "DG12": (parse_dg12, state.groups[12]),
        "DG14": (parse_dg14, state.groups[14]),
        "DG15": (parse_dg15, state.groups[15]),
        "seal": (
            lambda data: verify_seal(parse_seal(data), (held,), chips()[0][2], at=AT),
            make_seal(signer),
        ),
        "VDS-NC": (
            lambda data: verify_vds_nc(parse_vds_nc(data), chips()[0][2], at=AT),
            make_vds_nc(seal_signer(state, make_ec_key("P-256", seed=b"seal"))),
        ),
    }


@cache
def resting_mib() -> float:
    """Return the peak memory of this process before its first call."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def one_call(chance: random.Random, number: int) -> tuple[str, str]:
    """Damage something and give it to its reader; return what was damaged and what came of it."""
    if number % 4 == 0:
        kind = chance.choice(tuple(material()))
        parse, genuine = material()[kind]
        noise = chance.random() < 0.15
        given = chance.randbytes(chance.randrange(600)) if noise else damage(chance, genuine)
        try:
            found = parse(given)
        except (Malformed, Invalid):
            return kind, f"{kind} refused"
        # white space in JSON is not signed, every octet of the compact seal is
        if kind == "seal" and found.result is Verdict.VALID and given != genuine:
            return kind, "SURPRISE damaged seal and VALID"
        return kind, f"{kind} taken"
    state, files, store = chips()[number % 2]
    damaged = damaged_chip(chance, state, files)
    found = verify(damaged, store).passive_authentication.result
    same = (damaged.sod, damaged.com, damaged.groups) == (files.sod, files.com, files.groups)
    if found is Verdict.VALID and not same:
        return "chip", "SURPRISE damaged and VALID"
    return "chip", f"chip {found}{' with genuine files' if same else ''}"


def run_block(task: tuple[int, int, int]) -> Block:
    """Make the calls first to last, of a seed. Each block has its own chance, whoever runs it."""
    seed, first, last = task
    chance = random.Random(f"{seed}/{first}")
    at_rest, begun = resting_mib(), time.process_time()
    outcomes: Counter[str] = Counter()
    surprises: list[str] = []
    slowest_ms, slowest = 0.0, ""
    for number in range(first, last):
        started, where = time.process_time(), ""
        try:
            kind, outcome = one_call(chance, number)
        except Exception as surprise:
            kind, outcome = "any", f"SURPRISE {type(surprise).__name__}"
            place = traceback.extract_tb(surprise.__traceback__)[-1]
            where = f" in {place.filename}:{place.lineno}"
        if outcome.startswith("SURPRISE"):
            surprises.append(f"call {number}, {kind}: {outcome}{where}")
        outcomes[outcome] += 1
        elapsed_ms = (time.process_time() - started) * 1e3
        if elapsed_ms > slowest_ms:
            slowest_ms, slowest = elapsed_ms, f"call {number}, {kind}"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Block(outcomes, tuple(surprises), slowest_ms, slowest, time.process_time() - begun, peak - at_rest)


def main(arguments: list[str]) -> int:
    """Run, print the counts, return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=9303)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args(arguments)
    # keys and genuine files are made once and shared: workers fork afterwards
    chips(), material()
    tasks = [
        (options.seed, first, min(first + BLOCK, options.calls)) for first in range(0, options.calls, BLOCK)
    ]
    outcomes: Counter[str] = Counter()
    surprises: list[str] = []
    slowest_ms, slowest, cpu_s, grown_mib = 0.0, "", 0.0, 0.0
    begun = time.perf_counter()
    with multiprocessing.get_context("fork").Pool(options.processes) as pool:
        for block in pool.imap_unordered(run_block, tasks):
            outcomes += block.outcomes
            surprises += block.surprises
            for surprise in block.surprises:
                print(surprise, flush=True)
            cpu_s += block.cpu_s
            grown_mib = max(grown_mib, block.grown_mib)
            slowest_ms, slowest = max((slowest_ms, slowest), (block.slowest_ms, block.slowest))
            done, elapsed_s = outcomes.total(), time.perf_counter() - begun
            left_s = elapsed_s / done * (options.calls - done)
            print(
                f"{done:>12,} of {options.calls:,} calls, {elapsed_s:.0f} s, about {left_s:.0f} s left, "
                f"surprises {sum(n for o, n in outcomes.items() if o.startswith('SURPRISE'))}, "
                f"slowest {slowest_ms:.0f} ms, memory +{grown_mib:.0f} MiB",
                flush=True,
            )
    for name, count in outcomes.most_common():
        print(f"{count:>12,}  {name}")
    print(
        f"{outcomes.total():>12,}  calls, seed {options.seed}, {cpu_s:.0f} s of processor time, "
        f"slowest {slowest_ms:.0f} ms ({slowest}), memory of a process grown by {grown_mib:.0f} MiB"
    )
    failed = any(name.startswith("SURPRISE") for name in outcomes)
    return int(failed or slowest_ms > SLOWEST_MS or grown_mib > MEMORY_MIB)


def _import(content: bytes) -> object:
    root = parse_certificate(utopia().csca.der)
    return read_trust_file(content, roots=[root], anchors=[root])
