"""How long chips take: each algorithm, and a master list of 600 certificates. Medians, with processor time.

    python -m tests.bench chip [--repeats 50] [--master-list FILE] [--large]

`python -m tests.bench chip_flips` changes every byte of EF.SOD to every other value; `chip_fuzz` throws damaged files.
"""

import argparse
import statistics
import time
from dataclasses import replace
from pathlib import Path

from borders.demo.pki.certificates import AUTHORITY, issue_csca
from borders.demo.pki.keys import make_ec_key, rsa_algorithm
from tests.documents.pki.state import (
    ALGORITHMS,
    AT,
    CSCA_AT,
    LARGE_ALGORITHMS,
    make_state,
    master_list,
    revocation_list,
    rsa_key,
    utopia,
    verify,
)
from travelers.core.chip import Verdict, build_trust_store, verify_chip
from travelers.core.chip.master_list import parse_master_list

LIST_SIZE = 600
NAMED = {"rsa 2048 e 65537 pkcs1 sha256": 2, "P-256 sha256": 2, "brainpoolP512r1 sha256": 15}


def main(arguments: list[str]) -> int:
    """Print the table, return 1 if a genuine chip is not VALID."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=50)
    parser.add_argument("--master-list", type=Path)
    parser.add_argument("--large", action="store_true", help="also RSA keys of 4096 and 6144 bits")
    options = parser.parse_args(arguments)
    wrong = 0
    print(f"{'algorithm (CSCA, signer and chip)':<48} {'median ms':>9} {'p95 ms':>8}  limit")
    for algorithm in (*ALGORITHMS, *(LARGE_ALGORITHMS if options.large else ())):
        state = make_state(algorithm.make("csca"), algorithm.make("signer"), digest=algorithm.digest)
        files, store = state.files(), state.store(crls=(revocation_list(state, 7),))
        wrong += verify(files, store).passive_authentication.result is not Verdict.VALID
        spent = _measure(
            lambda f=files, s=store: verify_chip(f, s, at=AT, clock=time.perf_counter), options.repeats
        )
        limit = NAMED.get(algorithm.name)
        print(
            f"{algorithm.name:<48} {statistics.median(spent):>9.2f} {statistics.quantiles(spent, n=20)[-1]:>8.2f}"
            f"  {f'<= {limit} ms' if limit else ''}"
        )
    content = options.master_list.read_bytes() if options.master_list else _large_list()
    spent = _measure(lambda: _load(content), 5)
    store = _load(content)
    usable = sum(anchor.key is not None for anchor in store.anchors)
    explicit = sum(anchor.key is not None and anchor.key.explicit for anchor in store.anchors)
    print(
        f"\nmaster list: {len(store.anchors)} certificates, {usable} usable, {explicit} with explicit parameters, "
        f"{len(content):,} bytes, median {statistics.median(spent):.0f} ms  <= 2000 ms"
    )
    print(f"genuine chips not VALID: {wrong} of {len(ALGORITHMS)}")
    return 1 if wrong else 0


def _measure(act, repeats: int) -> list[float]:
    act()
    spent = []
    for _ in range(repeats):
        begun = time.perf_counter()
        act()
        spent.append((time.perf_counter() - begun) * 1e3)
    return spent


def _load(content: bytes):
    return build_trust_store(parse_master_list(content).certificates)


def _large_list() -> bytes:
    """Return a list as public ones are: RSA for two thirds, elliptic curves with written-out parameters for a quarter."""
    rsa = replace(rsa_key(3072), algorithm=rsa_algorithm("sha256"))
    curves = ("P-256", "P-384", "P-521", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1")
    keys = [make_ec_key(curve, "sha384", seed=b"list", explicit=True) for curve in curves]
    certificates = []
    for number in range(LIST_SIZE):
        key = keys[number % len(keys)] if number % 4 == 0 else rsa
        country = f"{chr(65 + number % 26)}{chr(65 + number // 26 % 26)}"
        profile = replace(AUTHORITY, country=country, common_name=f"CSCA {number}", serial_number=number + 1)
        certificates.append(issue_csca(key, CSCA_AT, profile).der)
    return master_list(utopia(), *certificates)
