"""Eight kinds of tampering with a sealed trail, each at random places: size = trials of each kind.

Found means that both verifiers, `manage.py verify_audit` and the outside auditor's script, name the very place.
"""

from __future__ import annotations

import os

import django

from tests.flows.stack import Stack
from tests.torture.report import Outcome


def run(*, seed: int, size: int) -> Outcome:
    stack = Stack.prepare()
    # who tampers has more rights than the application
    os.environ.update(stack.application.environment, DATABASE_URL=stack.database_url)
    (stack.folder / "static").mkdir()
    stack.postgres.start()
    try:
        stack.run_command("migrate", "--noinput")
        django.setup()
        # needs the settings of this stack
        from tests.bench.audit_tampering import run_campaign

        lines = run_campaign(trials=size, seed=seed)
    finally:
        stack.close()
    trials, found = sum(line.trials for line in lines), sum(line.found for line in lines)
    return Outcome(
        campaign="tamper",
        size=f"{len(lines)} kinds x {size}",
        seed=seed,
        found=f"{found} of {trials} found in place",
        faults=tuple(
            f"{line.kind}: {line.found} of {line.trials}" for line in lines if line.found < line.trials
        ),
    )
