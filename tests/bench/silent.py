"""Whether a booth can tell a traveller with a silent hit from one without: bytes and time, through real processes.

    python -m tests.bench silent [--pairs 2000] [--background 5000]

A pair is a traveller who stands on a silent list by name, birth date and document, and one who does not, with names of
the same lengths; which of the two goes first is drawn. What a booth can see of each (length of the answer, time of the
step SCREEN and of all steps as shown, READY since opening as shown, time over HTTP) goes to each classifier: one feature
alone, and a logistic regression trained on one half of the pairs and tried on the other. An area under the curve (AUC)
of 0.5 is guessing; at most 0.55 is asked for. Ids and times are left out of the bytes compared: every answer has its own.
"""

import argparse
import http.client
import json
import os
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

console = Console()
SEED = "silent 2026"
FEATURES = (
    "bytes of the answer",
    "SCREEN as shown, ms",
    "all steps as shown, ms",
    "READY as shown, ms",
    "HTTP, ms",
)
OWN = {"id", "client_reference", "opened_at", "deadline_at", "ready_at", "reading", "steps"}


@dataclass(frozen=True, slots=True)
class Traveler:
    """What is keyed at the booth, without the document number."""

    primary_identifier: str
    secondary_identifier: str
    birth_date: str
    sex: str
    nationality: str

    @property
    def size(self) -> tuple[int, int]:
        return len(self.primary_identifier), len(self.secondary_identifier)


def make_travelers(count: int, *, seed: str) -> Iterator[Traveler]:
    """Yield made-up travellers with a whole birth date and a name that a booth can key."""
    from tests.accuracy.people.generate import make_persons
    from tests.accuracy.people.perturb import fold

    for person in make_persons(count, seed=seed):
        surname, given = (" ".join(map(fold, words)) for words in (person.surname, person.given))
        if (
            len(person.birth_date) == 10
            and person.nationality
            and 0 < len(surname) < 30
            and 0 < len(given) < 30
        ):
            yield Traveler(surname, given, person.birth_date, person.sex, person.nationality)


def make_pairs(count: int) -> list[tuple[Traveler, Traveler]]:
    """Return so many pairs of one who is to be listed and one who is not, with names of the same lengths."""
    others: dict[tuple[int, int], list[Traveler]] = defaultdict(list)
    for other in make_travelers(count * 4, seed=f"{SEED} others"):
        others[other.size].append(other)
    pairs = []
    for sought in make_travelers(count * 4, seed=f"{SEED} sought"):
        if len(pairs) < count and others[sought.size]:
            pairs.append((sought, others[sought.size].pop()))
    return pairs


def list_silently(pairs: list[tuple[Traveler, Traveler]], background: int) -> None:
    """Put in force a list of silent entries: the first of each pair, with the document they will show, and others."""
    from django.utils import timezone

    from borders.demo.seeding.places import demo_actor
    from watchlists.core.birth_dates import parse_birth_date
    from watchlists.core.names import PersonName
    from watchlists.core.proposals import ListedDocument, ProposedEntry
    from watchlists.core.screening import Action
    from watchlists.models import Watchlist
    from watchlists.services import activate_version, create_watchlist, propose_version

    at = timezone.now()
    owner, approver = (demo_actor(username=name, at=at) for name in ("olga", "bob"))
    watchlist = create_watchlist(
        actor=owner, at=at, name="Movements", kind=Watchlist.Kind.PERSON, owner_unit="Unit", legal_basis="Act"
    )
    known = [*(sought for sought, _ in pairs), *make_travelers(background, seed=f"{SEED} background")]
    entries = [
        ProposedEntry(
            f"M{number:06d}",
            Action.SILENT,
            "Movement notice",
            "Act",
            "Unit",
            names=(PersonName(one.primary_identifier, one.secondary_identifier),),
            birth_dates=tuple(filter(None, [parse_birth_date(one.birth_date)])),
            sex=one.sex,
            nationalities=(one.nationality,),
            documents=(ListedDocument(number_of(number, sought=True), "UTO"),) if number < len(pairs) else (),
        )
        for number, one in enumerate(known)
    ]
    version = propose_version(actor=owner, at=at, watchlist=watchlist, entries=entries, sha256="0" * 64)
    activate_version(actor=approver, at=at, version_id=version.id)


def number_of(pair: int, *, sought: bool) -> str:
    """Return the document number of one of a pair."""
    return f"{'LK'[sought]}{random.Random(pair).randrange(10**8):08d}"


class Booth:
    """One booth over HTTP: sends a traveller, and notes what it can see."""

    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def inspect(self, one: Traveler, document_number: str, reference: str) -> tuple[list[float], str, str]:
        """Return the features, the body without what is every answer's own, and the id of the inspection."""
        keyed = {name: getattr(one, name) for name in Traveler.__dataclass_fields__}
        keyed |= {
            "document_code": "P",
            "issuing_state": "UTO",
            "document_number": document_number,
            "expiry_date": "2032-04-15",
        }
        sent = {
            "client_reference": reference,
            "direction": "ENTRY",
            "conveyance": "UA 417",
            "purpose_of_travel": "TOURISM",
            "address_of_stay": "Harbour Lodge, Zenith",
            "keyed": keyed,
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        begun = time.perf_counter()
        connection.request("POST", "/api/v1/inspections/?wait_s=5", json.dumps(sent), self.headers)
        answer = connection.getresponse()
        content = answer.read()
        elapsed_ms = (time.perf_counter() - begun) * 1e3
        connection.close()
        if answer.status != 201:
            raise RuntimeError(f"{answer.status} {content[:300]!r}")
        body = json.loads(content)
        shown = {step["step"]: step["elapsed_ms"] for step in body["steps"]}
        ready, opened = (datetime.fromisoformat(body[name]) for name in ("ready_at", "opened_at"))
        features = [
            len(content),
            shown["SCREEN"],
            sum(shown.values()),
            (ready - opened).total_seconds() * 1e3,
            elapsed_ms,
        ]
        return features, shape_of(body), body["id"]


def shape_of(body: dict[str, Any]) -> str:
    """Return an answer without ids, times and what was keyed: the same for both of a pair, or it tells."""
    kept = {name: value for name, value in body.items() if name not in OWN}
    kept["traveler_id"] = kept["document_id"] = None
    kept["steps"] = [{**step, "elapsed_ms": None} for step in body["steps"]]
    reading = body["reading"]
    kept["reading"] = {name: reading[name] for name in ("source", "status", "reason", "doubtful", "lines")}
    return json.dumps(kept, sort_keys=True)


def auc(scores: np.ndarray, listed: np.ndarray) -> float:
    """Return the chance that one of the listed scores higher than one of the others, ties counted half."""
    order = np.unique(scores, return_inverse=True, return_counts=True)
    ends = np.cumsum(order[2])
    ranks = (ends - (order[2] - 1) / 2)[order[1]]
    positive = int(listed.sum())
    below = ranks[listed].sum() - positive * (positive + 1) / 2
    return float(below / (positive * (len(listed) - positive)))


def two_fold_auc(features: np.ndarray, listed: np.ndarray, pair: np.ndarray) -> float:
    """Return the AUC of a logistic regression on the features and their squares, trained on one half, tried on the other."""
    ranks = np.argsort(np.argsort(features, axis=0), axis=0) / len(features) - 0.5
    columns = np.hstack([ranks, ranks**2, np.ones((len(ranks), 1))])
    found = []
    for half in (0, 1):
        train, test = pair % 2 != half, pair % 2 == half
        weights = np.zeros(columns.shape[1])
        for _ in range(20):  # Newton's method with a little ridge
            chance = 1 / (1 + np.exp(-columns[train] @ weights))
            slope = columns[train].T @ (listed[train] - chance) - 1e-3 * weights
            curve = (columns[train] * (chance * (1 - chance))[:, None]).T @ columns[train]
            weights += np.linalg.solve(curve + 1e-3 * np.eye(len(weights)), slope)
        found.append(auc(columns[test] @ weights, listed[test]))
    return float(np.mean(found))


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench silent", description=__doc__)
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument("--minutes", type=float, default=60.0, help="send no pair after so long")
    parser.add_argument("--background", type=int, default=5000, help="other entries of the silent list")
    options = parser.parse_args(arguments)
    os.environ.setdefault("DEPLOYMENT", "test")
    from tests.flows.stack import Stack

    stack = Stack.prepare()
    os.environ |= {"DATABASE_URL": stack.database_url, "BMIS_DATA_DIR": str(stack.folder)}
    import django

    django.setup()
    try:
        stack.start()
        measure(stack, options)
    finally:
        from django.db import connections

        connections.close_all()
        stack.close()


def measure(stack: Any, options: argparse.Namespace) -> None:
    """Send the pairs, and print what can be told from what the booth sees."""
    from tests.flows.travelers import sign_in_first_line

    pairs = make_pairs(options.pairs)
    list_silently(pairs, options.background)
    booth = Booth(stack.web_port, sign_in_first_line(stack).token)
    for number, one in enumerate(make_travelers(40, seed=f"{SEED} warm-up")):
        booth.inspect(one, f"W{number:08d}", f"warm-up-{number}")
    chance = random.Random(SEED)
    seen: list[tuple[int, bool, list[float], str, str]] = []
    begun = time.perf_counter()
    for pair, both in enumerate(track(pairs, "pairs", console=console, transient=True)):
        if time.perf_counter() - begun > options.minutes * 60:
            console.print(f"{options.minutes:g} minutes are over: {pair} of {len(pairs)} pairs sent")
            break
        for sought in chance.sample((True, False), 2):
            shown = booth.inspect(
                both[not sought], number_of(pair, sought=sought), f"s-{pair:05d}-{'ab'[sought]}"
            )
            seen.append((pair, sought, *shown))
    elapsed_s = time.perf_counter() - begun
    seen = _as_meant(seen)
    report(seen, elapsed_s)


def _as_meant(
    seen: list[tuple[int, bool, list[float], str, str]],
) -> list[tuple[int, bool, list[float], str, str]]:
    """Leave out pairs of which the wrong one hits: a stranger so like an entry, or a list that does not fire."""
    from django.utils import timezone

    from watchlists.models import Hit
    from watchlists.services.tending import tend
    from watchlists.services.withheld import write_withheld_hits

    tend(at=timezone.now())
    while write_withheld_hits():
        pass  # a sweep writes some hundreds at a time
    hits = set(map(str, Hit.objects.values_list("screening__inspection_id", flat=True)))
    wrong = {pair for pair, sought, _, _, inspection in seen if (inspection in hits) != sought}
    console.print(
        f"{len({p for p, *_ in seen}) - len(wrong)} pairs; left out: {len(wrong)} whose stranger hits as well"
    )
    return [one for one in seen if one[0] not in wrong]


def report(seen: list[tuple[int, bool, list[float], str, str]], elapsed_s: float) -> None:
    """Print each feature's medians and AUC, that of them together, and how many pairs differ in bytes."""
    pair = np.array([one[0] for one in seen])
    listed = np.array([one[1] for one in seen])
    features = np.array([one[2] for one in seen])
    shapes: dict[int, set[str]] = defaultdict(set)
    for number, _, _, shape, _ in seen:
        shapes[number].add(shape)
    table = Table(title=f"{len(shapes)} pairs, {elapsed_s:.0f} s, load {os.getloadavg()[0]:.1f}")
    for column in ("what a booth sees", "median with", "median without", "AUC"):
        table.add_column(column, justify="left" if "booth" in column else "right")
    worst = 0.0
    for number, name in enumerate(FEATURES):
        values = features[:, number]
        area = auc(values, listed)
        worst = max(worst, area, 1 - area)
        with_hit, without = np.median(values[listed]), np.median(values[~listed])
        table.add_row(name, f"{with_hit:,.2f}", f"{without:,.2f}", f"{max(area, 1 - area):.3f}")
    together = two_fold_auc(features, listed, pair)
    table.add_row("all together, two-fold", "", "", f"{max(together, 1 - together):.3f}")
    console.print(table)
    console.print(
        f"pairs that differ in bytes besides ids, times and what was keyed: {sum(len(s) > 1 for s in shapes.values())}"
    )
    worst = max(worst, together, 1 - together)
    console.print(
        f"largest AUC {worst:.3f}: {'silent' if worst <= 0.55 else 'NOT silent'} (at most 0.55 is asked for)"
    )
