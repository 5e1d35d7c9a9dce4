"""Change every byte of EF.SOD and of every data group to every other value; nothing may stay VALID.

    python -m tests.bench chip_flips [--every 1]

--every N: one value in N. Exits 1 if a change went unnoticed.
"""

import argparse
import time
from collections import Counter
from dataclasses import replace

from tests.documents.pki.state import make_state, rsa_algorithm, rsa_key, utopia, verify
from travelers.core.chip import Verdict


def main(arguments: list[str]) -> int:
    """Print what each State's flips came out as."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--every", type=int, default=1)
    options = parser.parse_args(arguments)
    key = replace(rsa_key(2048), algorithm=rsa_algorithm("sha256", 32))
    missed = 0
    for name, state in (("P-256", utopia()), ("RSA-PSS 2048", make_state(key, key))):
        files, store = state.files(), state.store()
        begun = time.process_time()
        found: Counter[str] = Counter()
        for label, content in {"EF.SOD": files.sod, **{f"DG{n}": d for n, d in files.groups.items()}}.items():
            for position in range(len(content)):
                for change in range(1, 256, options.every):
                    changed = bytearray(content)
                    changed[position] ^= change
                    if label == "EF.SOD":
                        forged = replace(files, sod=bytes(changed))
                    else:
                        forged = replace(files, groups=files.groups | {int(label[2:]): bytes(changed)})
                    said = verify(forged, store).passive_authentication
                    found[f"{label[:2]} {said.result}"] += 1
                    if said.result is Verdict.VALID:
                        missed += 1
                        print(f"{name} {label} byte {position} xor {change:02x} stays VALID")
        print(
            f"{name}: {found.total():,} changes, {dict(found)}, {time.process_time() - begun:.0f} s of processor time"
        )
    print(f"unnoticed: {missed}")
    return 1 if missed else 0
