"""The supervisor's desk on millions of crossings: `python -m tests.bench admin_lists --crossings 10000000`.

Starts an embedded PostgreSQL of its own in a temporary folder, fills it by SQL, and opens pages as three supervisors, of all
sixty ports, of one with a quarter of the traffic, and of a small one: each list, its filters (values of one in 25 to one in
100,000 crossings), searches, orders, further pages, the live board, the evidence and its replay. Prints a table on standard
error and one JSON object: milliseconds of the whole request, sign-in and audit row included, in the process that asks.
"""

import argparse
import html
import json
import logging
import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from deploy.launcher.postgres import PostgresServer

console = Console(stderr=True)
LIMIT_MS = 300


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench admin_lists", description=__doc__)
    parser.add_argument("--crossings", type=int, default=10_000_000, help="past crossings (10,000,000)")
    parser.add_argument(
        "--repeats", type=int, default=5, help="of each page, after one that is not counted (5)"
    )
    parser.add_argument("--folder", type=Path, default=None, help="where the database lies; kept if given")
    parser.add_argument(
        "--only", default="", help="pages whose name holds one of these texts, parted by commas, alone"
    )
    parser.add_argument(
        "--plans", action="store_true", help="print the plans of pages over the limit on standard error"
    )
    args = parser.parse_args(arguments)
    folder = args.folder or Path(tempfile.mkdtemp(prefix="bmis-bench-"))
    folder.mkdir(exist_ok=True, parents=True)
    folder.chmod(0o755)
    (folder / "static").mkdir(exist_ok=True)
    server = PostgresServer(folder, folder / "postgres.log", durable=False)
    server.start()
    try:
        os.environ |= {"DEPLOYMENT": "test", "BMIS_DATA_DIR": str(folder), "DATABASE_URL": server.url}
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
        import django

        django.setup()
        logging.disable(logging.INFO)  # a line a request would bury the progress
        from tests.bench import desk_data, record_data

        filled_s = record_data.fill(crossings=args.crossings, console=console)
        filled_s += desk_data.fill_desk(crossings=args.crossings, console=console)
        found = measure(args)
        print(
            json.dumps({"crossings": record_data.count(), "filled_s": round(filled_s, 1), **found}, indent=2)
        )
    finally:
        server.stop()
        if args.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Open every page as often as asked, and return its milliseconds."""
    from django.contrib.auth.models import User
    from django.test import Client

    figures: dict[str, dict[str, Any]] = {}
    for user_id, name in ((2, "all ports"), (3, "a large port"), (4, "a small port")):
        browser = Client()
        browser.force_login(User.objects.get(id=user_id))
        for page, steps in pages(user_id).items():
            title = f"{page} ({name})"
            if any(part in title for part in args.only.split(",")):
                figures[title] = time_page(browser, steps, args.repeats)
                console.print(f"{title}: {figures[title]['p50']} ms", markup=False)
                if args.plans and figures[title]["p95"] > LIMIT_MS:
                    tell_plans(browser, steps)
    table = Table("page", "p50 ms", "p95 ms", "own processor ms", "rows", "unfinished", title="slowest first")
    for title, row in sorted(figures.items(), key=lambda pair: -pair[1]["p95"]):
        table.add_row(
            title,
            str(row["p50"]),
            str(row["p95"]),
            str(row["own_p50"]),
            str(row["rows"]),
            "yes" if row["unfinished"] else "",
        )
    console.print(table)
    return {
        "limit_ms": LIMIT_MS,
        "worst_p95_ms": max((row["p95"] for row in figures.values()), default=0.0),
        "over_limit": sorted(title for title, row in figures.items() if row["p95"] > LIMIT_MS),
        "load": round(os.getloadavg()[0], 1),
        "pages": figures,
    }


def pages(user_id: int) -> dict[str, tuple[str, str]]:
    """Return the pages by name: an address, and what is typed into the search of its list ("" for none)."""
    from django.urls import reverse

    from borders.models import Crossing, Decision, PostAssignment, Stay
    from travelers.models import TravelDocument

    port = PostAssignment.objects.filter(officer__user_id=user_id).order_by("port__code").first().port_id
    crossing = Crossing.objects.filter(port_id=port).order_by("-occurred_at").first()
    decided = Decision.objects.filter(inspection__port_id=port).order_by("-decided_at")
    decision = decided.filter(override=True).first() or decided.first()
    number = TravelDocument.objects.get(id=crossing.document_id).document_number

    def of(model: str, query: str = "") -> str:
        app = "audit" if model == "auditentry" else "travelers" if model.startswith("travel") else "borders"
        return reverse(f"admin:{app}_{model}_changelist") + query

    filters = {
        "crossing": ["", "order=oldest", "since=2026-11-01", "direction=EXIT", f"port={port}", "advice=REFER", "override=yes",
                     "override=no", "outcome=REFERRED", "finding=FACE.QUALITY", "finding=DOCUMENT.EXPIRED",
                     "finding=CHIP.CLONE", "route=PROTECTION", "nationality=FRA", "nationality=TUV", "nationality=ZZZ",
                     "override=yes&order=oldest", "advice=REFER&finding=CHIP.CLONE",
                     "since=2025-06-01&until=2025-06-30&override=yes"],
        "inspection": ["", "order=oldest", "state=waiting", "state=READY", "state=REFUSED", "state=WITHDRAWN",
                       "advice=REFER", "override=yes", "finding=CHIP.CLONE", "route=PROTECTION", "direction=EXIT"],
        "decision": ["", "order=oldest", "override=yes", "outcome=REFUSED", "outcome=WITHDRAWN", "line=SECOND", f"port={port}",
                     "until=2025-06-30"],
        "decisionreview": ["", "show=overdue", "show=answered", "show=all", "cause=REFUSAL"],
        "referral": ["", "show=overdue", "show=closed", "show=all", "route=PROTECTION",
                     "show=closed&since=2025-06-01&until=2025-06-30"],
        "stay": ["", "order=oldest", "show=open", "show=overstayed", "show=closed", "show=anomaly", "nationality=TUV",
                 "since=2025-06-01&until=2025-06-30", "until=2025-06-30"],
        "traveler": ["", "nationality=TUV", "nationality=ZZZ", "until=2025-06-30"],
        "traveldocument": [""],
        "auditentry": ["", "order=oldest", "kind=WRITE", "action=inspection.read", "actor=B-1", "actor=B-9",
                       f"object_id={crossing.inspection_id}"],
    }  # fmt: skip
    found = {
        f"{m} {q or 'as it opens'}": (of(m, f"?{q}" if q else ""), "")
        for m, qs in filters.items()
        for q in qs
    }
    for term in (number, "SURNAME17", "SURNAME17, GIVEN2", "SURNAME", "N999999999", "NOBODY"):
        for model in ("crossing", "inspection", "traveler", "stay"):
            kind = {number: "a number", "N999999999": "an unknown number"}.get(term, term)
            found[f"{model} find {kind}"] = (of(model), term)
    stay = Stay.objects.filter(entry_port_id=port).order_by("-id").first()
    found |= {
        "first page": (reverse("admin:index"), ""),
        "live board": (reverse("admin:borders_portofentry_board", args=(port,)), ""),
        "evidence": (reverse("admin:borders_crossing_change", args=(crossing.id,)), ""),
        "replay": (reverse("admin:borders_inspection_replay", args=(decision.inspection_id,)), ""),
        "traveller": (reverse("admin:travelers_traveler_change", args=(crossing.traveler_id,)), ""),
        "stay": (reverse("admin:borders_stay_change", args=(stay.id,)), ""),
    }
    return found


def time_page(browser: Any, steps: tuple[str, str], repeats: int) -> dict[str, Any]:
    """Open a page, and the page that follows it, as often as asked; return the milliseconds of all of them together."""
    address, term = steps
    if term:
        browser.post(address + "find/", {"term": term})
    shown = fetch(browser, address).content.decode()
    further = re.search(r'rel="next" href="([^"]+)"', shown)
    rows = re.search(r'class="pages-count">(\d+)', shown)
    addresses = [address]
    if further:
        addresses.append(address.split("?")[0] + html.unescape(further[1]))
    times, own = [], []
    for _ in range(repeats):
        for each in addresses:
            begun, cpu = time.perf_counter(), time.process_time()
            fetch(browser, each)
            times.append((time.perf_counter() - begun) * 1e3)
            own.append((time.process_time() - cpu) * 1e3)
    if term:
        browser.post(address + "find/", {"term": ""})
    p50, p95 = np.percentile(times, (50, 95))
    return {
        "p50": round(float(p50), 1),
        "p95": round(float(p95), 1),
        "own_p50": round(float(np.percentile(own, 50)), 1),
        "rows": int(rows[1]) if rows else None,
        "unfinished": "pages-searched" in shown,
    }


def fetch(browser: Any, address: str) -> Any:
    response = browser.get(address)
    if response.status_code != 200:
        raise SystemExit(f"{address} answered {response.status_code}")
    return response


def tell_plans(browser: Any, steps: tuple[str, str]) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.bench import record_data

    with CaptureQueriesContext(connection) as asked:
        fetch(browser, steps[0])
    slow = sorted(asked.captured_queries, key=lambda q: -float(q["time"]))[:2]
    record_data.print_plans([q["sql"] for q in slow if "set_config" not in q["sql"]], console)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
