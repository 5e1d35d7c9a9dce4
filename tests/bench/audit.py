"""The audit trail: sealing and verifying a million rows, tampering, and what it costs a crossing.

    python -m tests.bench audit [--rows 1000000] [--trials 25] [--crossings 400]

Starts an embedded PostgreSQL of its own in a temporary folder and prints one JSON object. The cost on a write is taken in
one run: the same crossings (opened, settled, decided and recorded; no images) in small turns with everything on, with seals and
notes off, and with no audit row at all, so that a busy machine slows all three alike.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from deploy.launcher.postgres import PostgresServer

TURN = 10
PORTS = 50
# many rows of one trail as they are in life: half reads, a few fields, a detail of a few codes
FILL = """
INSERT INTO audit_auditentry (id, at, kind, action, actor_label, roles, purpose, origin, port_id, object_type, object_id,
 fields, detail)
SELECT uuidv7(), timestamptz '2026-11-01' + n * interval '30 ms', CASE WHEN n %% 2 = 0 THEN 'READ' ELSE 'WRITE' END,
 CASE WHEN n %% 2 = 0 THEN 'inspection.read' ELSE 'inspection.decided' END, 'UT-' || n %% 9999, 'OFFICER', 'border_control',
 '10.0.' || n %% 200 || '.7', ('01930000-0000-7000-8000-' || lpad((n %% %s)::text, 12, '0'))::uuid, 'inspection',
 gen_random_uuid()::text, CASE WHEN n %% 2 = 0 THEN '["birth_date", "document_number", "surname"]' ELSE '[]' END::jsonb,
 jsonb_build_object('line', 'FIRST', 'outcome', 'CLEARED', 'override', false, 'crossing', gen_random_uuid())
FROM generate_series(1, %s) n
"""


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench audit", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows sealed and verified (1,000,000)")
    parser.add_argument("--trials", type=int, default=25, help="tamperings of each kind (25)")
    parser.add_argument(
        "--crossings", type=int, default=400, help="crossings timed in each of three ways (400)"
    )
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="bmis-bench-"))
    folder.chmod(0o755)
    (folder / "static").mkdir()
    server = PostgresServer(folder, folder / "postgres.log", durable=True)
    server.start()
    try:
        os.environ |= {"DEPLOYMENT": "test", "BMIS_DATA_DIR": str(folder), "DATABASE_URL": server.url}
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        figures: dict[str, Any] = {}
        if args.trials:
            figures["tampering"] = tamper(args.trials, args.seed)
        if args.crossings:
            call_command("seed_demo", verbosity=0, stdout=sys.stderr)
            figures["cost"] = measure_cost(args.crossings)
        if args.rows:
            figures["sealing"] = seal_and_verify(args.rows)
        print(json.dumps(figures, indent=2))
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def tamper(trials: int, seed: int) -> dict[str, Any]:
    from django.conf import settings

    from tests.bench.audit_tampering import forget_heads, run_campaign

    lines = run_campaign(trials=trials, seed=seed)
    forget_heads(settings.AUDIT_HEADS_DIR)
    return {
        "seed": seed,
        "trials": sum(line.trials for line in lines),
        "found at the right place": sum(line.found for line in lines),
        "kinds": {line.kind: f"{line.found}/{line.trials}" for line in lines},
    }


def seal_and_verify(rows: int) -> dict[str, Any]:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from audit.services.sealing import seal_trail
    from audit.services.verification import verify_trail

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(FILL, [PORTS, rows])
        cursor.execute(
            "INSERT INTO audit_waitingentry SELECT id FROM audit_auditentry ON CONFLICT DO NOTHING"
        )
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE audit_auditentry, audit_waitingentry")
    sealed, sealed_s, _ = timed(lambda: seal_trail(at=timezone.now()))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE audit_auditblock")
    heads = settings.AUDIT_HEADS_DIR
    result, verified_s, cpu_s = timed(lambda: verify_trail(folders=[heads], keys_folder=heads))
    if result.finding_count:
        raise SystemExit(f"the trail is not whole: {result.findings[:3]}")
    call_command("verify_audit", stdout=sys.stderr)
    return {
        "rows": result.rows,
        "blocks": result.blocks,
        "sealed rows": sealed,
        "seal_s": round(sealed_s, 1),
        "verify_s": round(verified_s, 1),
        "verify_cpu_s": round(cpu_s, 1),
    }


def timed(act: Any) -> tuple[Any, float, float]:
    """Return the result, the seconds by the clock, and the processor time of this process (the server's is apart)."""
    begun, cpu = time.perf_counter(), time.process_time()
    result = act()
    return result, time.perf_counter() - begun, time.process_time() - cpu


def measure_cost(crossings: int) -> dict[str, Any]:
    """Time one crossing's write path with the whole trail, without seals and notes, and without any row."""
    booth = make_booth()
    ways = {"whole": whole, "rows_only": rows_only, "none": no_rows}
    taken: dict[str, list[float]] = {name: [] for name in ways}
    chance = random.Random(1)
    for number in range(TURN):  # warm: plans, caches
        cross(booth, number)
    number = TURN
    while len(taken["none"]) < crossings:
        for name in chance.sample(sorted(ways), len(ways)):
            with ways[name]():
                for _ in range(TURN):
                    begun = time.perf_counter()
                    cross(booth, number)
                    taken[name].append((time.perf_counter() - begun) * 1e3)
                    number += 1
                if name == "whole":
                    # what sealing costs is paid beside the write path, by the sweep; counted here all the same
                    begun = time.perf_counter()
                    seal_now()
                    share_ms = (time.perf_counter() - begun) * 1e3 / TURN
                    taken.setdefault("sealing", []).append(share_ms)
    median = {name: statistics.median(values) for name, values in taken.items()}
    return {
        "crossings each": len(taken["none"]),
        "median_ms": {name: round(value, 2) for name, value in median.items()},
        "p95_ms": {name: round(statistics.quantiles(values, n=20)[-1], 2) for name, values in taken.items()},
        "whole trail over no trail": round(median["whole"] / median["none"] - 1, 3),
        "seals and notes over rows only": round(median["whole"] / median["rows_only"] - 1, 3),
    }


def make_booth() -> Any:
    """Return the actor of an officer at a booth of the demo."""
    from django.utils import timezone

    from borders.models import Booth, BoothSession, PostAssignment
    from borders.queries import actor_of_session

    booth = Booth.objects.select_related("port").filter(port__kind="LAND").first() or Booth.objects.first()
    post = PostAssignment.objects.filter(port=booth.port, role="OFFICER").first()
    now = timezone.now()
    return actor_of_session(
        session=BoothSession(officer=post.officer, booth=booth), at=now, origin="127.0.0.1"
    )


def cross(actor: Any, number: int) -> None:
    """Open an inspection, let its deadline pass, clear it by override: three transactions, as over HTTP."""
    from django.utils import timezone

    from borders.core.requests import InspectionRequest
    from borders.services.decisions import decide
    from borders.services.inspections import open_inspection
    from travelers.core.keyed import KeyedFields

    keyed = KeyedFields(
        document_code="P",
        issuing_state="UTO",
        document_number=f"L{number:08d}",
        primary_identifier="ERIKSSON",
        secondary_identifier="ANNA MARIA",
        nationality="UTO",
        birth_date=date(1974, 8, 12),
        sex="F",
        expiry_date=date(2032, 4, 15),
    )
    at = timezone.now()
    request = InspectionRequest(
        client_reference=f"bench-{number}",
        direction="ENTRY",
        conveyance="UA 417",
        purpose_of_travel="TOURISM",
        address_of_stay="Harbour Lodge",
        keyed=keyed,
    )
    inspection, _ = open_inspection(actor=actor, at=at, request=request)
    at += timedelta(minutes=1)
    decide(actor=actor, at=at, inspection_id=inspection.id, outcome="CLEARED", reason="measured")


def seal_now() -> None:
    from django.utils import timezone

    from audit.services.sealing import seal_trail

    seal_trail(at=timezone.now())


@contextmanager
def whole() -> Iterator[None]:
    yield


@contextmanager
def rows_only() -> Iterator[None]:
    """Without the queue of rows to be sealed and without notes of writes: the triggers rest."""
    set_triggers("DISABLE")
    try:
        yield
    finally:
        set_triggers("ENABLE")


@contextmanager
def no_rows() -> Iterator[None]:
    """Without any row of the trail, written alone or gathered."""
    with ExitStack() as stack:
        stack.enter_context(rows_only())
        stack.enter_context(mock.patch("audit.services.trail._write"))
        yield


def set_triggers(state: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
            " WHERE tgname IN ('audit_note_insert', 'audit_note_update', 'audit_note_delete', 'audit_entry_announces')"
        )
        for table, name in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} {state} TRIGGER {name}")
