"""To a booth, a traveller with a silent hit looks like one without: same fields, same findings, same size."""

import json
import re
import statistics
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from audit.core.actor import Actor
from borders.core.pipeline import SCREENING_GRID_MS
from borders.models import Officer
from tests.db.api.conftest import ANNA, entry_of_anna
from watchlists.core.birth_dates import BirthDate
from watchlists.core.names import PersonName
from watchlists.core.proposals import ListedDocument, ProposedEntry
from watchlists.core.screening import Action
from watchlists.models import Hit, Watchlist
from watchlists.services.lists import activate_version, create_watchlist, propose_version
from watchlists.services.withheld import write_withheld_hits

PAIRS = 12
# of the lengths of Anna's
NOBODY = {
    "document_number": "L898902C4",
    "primary_identifier": "ODEGAARD",
    "secondary_identifier": "ELSE INGER",
    "birth_date": "1981-02-03",
}
PATH = "/api/v1/inspections/"
PASSING = {"id", "client_reference", "opened_at", "deadline_at", "ready_at", "reading", "steps"}


@pytest.fixture
def list_with(bob: Officer, charlie: Officer, actor_of: Callable[..., Actor]) -> Callable[[Action], None]:
    """list_with(action): a list in force with Anna's passport and name on it, and a list of documents with none of hers."""

    def make(action: Action) -> None:
        now = timezone.now()
        for kind in (Watchlist.Kind.PERSON, Watchlist.Kind.DOCUMENT):
            watchlist = create_watchlist(
                actor=actor_of(bob),
                at=now,
                name=f"List {kind}",
                kind=kind,
                owner_unit="Unit 1",
                legal_basis="Act 1",
            )
            sought = kind == Watchlist.Kind.PERSON
            entry = ProposedEntry(
                source_id="1",
                action=action,
                reason="Sought",
                legal_basis="Act 1",
                owner_unit="Unit 1",
                valid_from=now - timedelta(days=1),
                valid_until=now + timedelta(days=1),
                review_by=date(2030, 1, 1),
                names=(PersonName("ERIKSSON", "ANNA MARIA"),) if sought else (),
                documents=(ListedDocument("L898902C3" if sought else "A0000000", "UTO"),),
                birth_dates=(BirthDate(1974, 8, 12),) if sought else (),
            )
            version = propose_version(
                actor=actor_of(bob), at=now, watchlist=watchlist, entries=[entry], sha256="0" * 64
            )
            activate_version(actor=actor_of(charlie), at=now, version_id=version.id)

    return make


def inspect(client: APIClient, document_number: str) -> Any:
    keyed = ANNA | {"document_number": document_number}
    if document_number != "L898902C3":
        keyed |= {
            "primary_identifier": "ERIKSEN",
            "secondary_identifier": "ANNE MARIE",
            "birth_date": "1981-02-03",
        }
    return client.post(f"{PATH}?wait_s=5", entry_of_anna(keyed=keyed))


def test_the_inspection_shows_no_trace_of_a_silent_hit(
    as_alice: APIClient, worker: None, list_with: Callable[[Action], None]
) -> None:
    list_with(Action.SILENT)
    with_hit, without = inspect(as_alice, "L898902C3"), inspect(as_alice, "L898902C4")
    assert write_withheld_hits() == 2
    a, b = with_hit.json(), without.json()
    assert {k: v for k, v in a.items() if k not in PASSING} == {
        k: v for k, v in b.items() if k not in PASSING
    }
    assert [set(s) for s in a["steps"]] == [set(s) for s in b["steps"]]
    assert [(s["step"], s["state"], s["code"]) for s in a["steps"]] == [
        (s["step"], s["state"], s["code"]) for s in b["steps"]
    ]
    assert dict(with_hit.headers).keys() == dict(without.headers).keys()
    assert abs(len(with_hit.content) - len(without.content)) < 32


def shape_of(body: dict[str, Any]) -> str:
    """Return an answer without ids, times and what was keyed."""
    kept = {k: v for k, v in body.items() if k not in PASSING}
    kept["reading"] = {k: body["reading"][k] for k in ("source", "status", "reason", "doubtful", "lines")}
    kept["steps"] = [{**step, "elapsed_ms": 0} for step in body["steps"]]
    return json.dumps(kept)


def size_of(content: bytes) -> int:
    """Return the length of an answer as sent, its times written alike."""
    content = re.sub(rb'"elapsed_ms": ?[0-9.]+', b'"elapsed_ms":0', content)
    return len(re.sub(rb"T[0-9:]+(\.[0-9]+)?Z", b"T0Z", content))


def test_pairs_are_equal_in_bytes_and_in_milliseconds_shown(
    as_alice: APIClient, worker: None, list_with: Callable[[Action], None]
) -> None:
    list_with(Action.SILENT)
    taken: dict[bool, list[float]] = {True: [], False: []}
    shapes, sizes, shown = set(), set(), set()
    for pair in range(PAIRS + 1):
        for sought in (True, False) if pair % 2 else (False, True):
            keyed = ANNA if sought else ANNA | NOBODY
            begun = time.perf_counter()
            answer = as_alice.post(
                f"{PATH}?wait_s=5", entry_of_anna(keyed=keyed, client_reference=f"r-{pair:02d}-{sought:d}")
            )
            if pair == 0:  # both are seen for the first time, which the answer says
                continue
            taken[sought].append(time.perf_counter() - begun)
            shapes.add(shape_of(answer.json()))
            sizes.add(size_of(answer.content))
            shown |= {step["elapsed_ms"] for step in answer.json()["steps"] if step["step"] == "SCREEN"}
            ready, opened = (datetime.fromisoformat(answer.json()[at]) for at in ("ready_at", "opened_at"))
            shown.add((ready - opened) / timedelta(milliseconds=1))
    assert write_withheld_hits() == 2 * (PAIRS + 1)
    assert len(shapes) == 1
    assert len(sizes) == 1
    # the grid of borders/core/pipeline.py
    assert all(value > 0 and value % SCREENING_GRID_MS == 0 for value in shown)
    # wall time is measured by `python -m tests.bench silent`; here only what no load explains
    assert abs(statistics.median(taken[True]) - statistics.median(taken[False])) < 0.25


def statements_of(work: Callable[[], object]) -> list[str]:
    """Return the statements that a call sends to the database, without the values in them."""
    with CaptureQueriesContext(connection) as captured:
        work()
    return [
        re.sub(r"'(?:[^']|'')*'|ARRAY\[[^]]*\]|\b\d[\d.]*\b|NULL|s\d+_x\d+", "?", q["sql"]) for q in captured
    ]


def test_database_is_asked_and_told_the_same_with_and_without_a_silent_hit(
    as_alice: APIClient, worker: None, list_with: Callable[[Action], None]
) -> None:
    list_with(Action.SILENT)
    inspect(as_alice, "L898902C5")
    without = statements_of(lambda: inspect(as_alice, "L898902C4"))
    with_hit = statements_of(lambda: inspect(as_alice, "L898902C3"))
    assert write_withheld_hits() == 2
    assert any("INSERT INTO watchlists_screening" in s for s in with_hit)
    # the first words of each: further on, the condition on birth dates follows the names
    assert [s[:80] for s in with_hit] == [s[:80] for s in without]


def test_an_open_hit_is_shown_so_that_the_test_above_means_something(
    as_alice: APIClient, worker: None, list_with: Callable[[Action], None]
) -> None:
    list_with(Action.SECOND_LINE)
    a, b = inspect(as_alice, "L898902C3").json(), inspect(as_alice, "L898902C4").json()
    assert [f["outcome"] for f in a["findings"]] != [f["outcome"] for f in b["findings"]]


def test_a_silent_hit_is_in_no_list_at_the_booth(
    as_alice: APIClient, as_bob: APIClient, worker: None, list_with: Callable[[Action], None]
) -> None:
    list_with(Action.SILENT)
    inspect(as_alice, "L898902C3")
    assert write_withheld_hits() == 2
    assert as_alice.get("/api/v1/hits/").status_code == 403
    for hit_id in Hit.objects.values_list("id", flat=True):
        assert as_alice.get(f"/api/v1/hits/{hit_id}/").status_code == 403
