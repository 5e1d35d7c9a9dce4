"""Other ways to screen, on the same list and queries: recall at equal benign alerts, and time for one query."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process
from rich.table import Table

from tests.accuracy.people.files import benign_rows, list_rows, mated_rows
from tests.accuracy.people.identities import identity_of
from tests.accuracy.people.perturb import fold
from watchlists.core.memory_index import build_index, screen_in_memory

BENIGN_ALERTS = 5.0
EACH_MOST, BENIGN_MOST, CANDIDATES_MOST = 15, 600, 50
RUNNER = Path(__file__).with_name("nomenklatura_runner.py")
# (score of the expected entry or of any for benign queries) for one query
Rival = Callable[[dict[str, str], int | None], float]


def measure_rivals(
    size: int, each: int, benign: int, *, seed: str, nomenklatura: str, show: Callable[[Any], None]
) -> None:
    """Print the table. nomenklatura: an interpreter that has it, "" to leave it out."""
    listed = list(list_rows(size, seed=seed))
    rows = [row for _, row in listed]
    mated = list(mated_rows(listed, min(each, EACH_MOST), seed=seed))
    strangers = list(benign_rows(min(benign, BENIGN_MOST), seed=f"{seed} rivals"))
    places = {row["entry_id"]: place for place, row in enumerate(rows)}
    table = Table(
        title=f"Side by side: {size:,} entries, {len(mated)} listed and {len(strangers)} benign travellers"
    )
    for column in ("method", "recall at 5 in 1,000", "median ms", "p95 ms"):
        table.add_column(column, justify="right")
    rivals: dict[str, Rival] = {
        "this engine (in memory)": _engine(rows),
        "rapidfuzz token_sort_ratio, all names": _brute_force(rows),
        "pg_trgm, then token_sort_ratio and birth year": _trigrams(rows),
    }
    if nomenklatura:
        rivals["pg_trgm, then nomenklatura logic-v2"] = _nomenklatura(rows, nomenklatura)
    else:
        show("nomenklatura is left out: name an interpreter that has it by --nomenklatura")
    for name, rival in rivals.items():
        table.add_row(name, *_judge(rival, mated, strangers, places))
    show(table)


def _judge(
    rival: Rival, mated: list[dict[str, str]], strangers: list[dict[str, str]], places: dict[str, int]
) -> tuple[str, str, str]:
    taken = []

    def ask(row: dict[str, str], wanted: int | None) -> float:
        begun = time.perf_counter()
        score = rival(row, wanted)
        taken.append((time.perf_counter() - begun) * 1e3)
        return score

    found = np.array([ask(row, places[row["expected_entry_id"]]) for row in mated])
    alarms = np.sort([ask(row, None) for row in strangers])[::-1]
    threshold = alarms[int(len(alarms) * BENIGN_ALERTS / 1000)]
    recall = float((found > threshold).mean())
    return f"{recall:.3f}", *(f"{value:.1f}" for value in np.percentile(taken, [50, 95]))


def _engine(rows: list[dict[str, str]]) -> Rival:
    index = build_index(identity_of(row) for row in rows)

    def ask(row: dict[str, str], wanted: int | None) -> float:
        hits = screen_in_memory(index, identity_of(row), 8.0, most=500).hits
        return max((score.bits for place, score in hits if wanted in (None, place)), default=-99.0)

    return ask


def _brute_force(rows: list[dict[str, str]]) -> Rival:
    names = [" ".join(sorted(fold(row["name"]).split())) for row in rows]

    def ask(row: dict[str, str], wanted: int | None) -> float:
        query = " ".join(sorted(row["name"].split()))
        scores = process.cdist([query], names, scorer=fuzz.ratio, dtype=np.float32, workers=1)[0]
        return float(scores[wanted] if wanted is not None else scores.max())

    return ask


def _trigram_candidates(rows: list[dict[str, str]]) -> Callable[[str], list[int]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        cursor.execute("CREATE TEMPORARY TABLE IF NOT EXISTS trigram_names (place int, name text)")
        cursor.execute("TRUNCATE trigram_names")
        with cursor.copy("COPY trigram_names FROM STDIN") as copy:
            for place, row in enumerate(rows):
                copy.write_row((place, fold(row["name"])))
        cursor.execute(
            "CREATE INDEX IF NOT EXISTS trigram_search ON trigram_names USING gin (name gin_trgm_ops)"
        )
        cursor.execute("ANALYZE trigram_names")
        cursor.execute("SET pg_trgm.similarity_threshold = 0.45")

    def ask(name: str) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT place FROM trigram_names WHERE name %% %s ORDER BY similarity(name, %s) DESC LIMIT %s",
                [name, name, CANDIDATES_MOST],
            )
            return [place for (place,) in cursor.fetchall()]

    return ask


def _trigrams(rows: list[dict[str, str]]) -> Rival:
    candidates = _trigram_candidates(rows)

    def ask(row: dict[str, str], wanted: int | None) -> float:
        best = 0.0
        for place in candidates(row["name"]):
            if wanted is not None and place != wanted:
                continue
            listed = rows[place]
            years = (row["birth_date"][:4], listed["birth_date"][:4])
            near = not all(years) or abs(int(years[0]) - int(years[1])) <= 1
            ratio = fuzz.token_sort_ratio(row["name"], fold(listed["name"]))
            best = max(
                best, ratio + (10.0 if row["birth_date"] == listed["birth_date"] else 0.0) if near else 0.0
            )
        return best

    return ask


def _nomenklatura(rows: list[dict[str, str]], python: str) -> Rival:
    """Return the matcher in the environment of this interpreter, on the candidates most alike by trigrams."""
    candidates = _trigram_candidates(rows)
    runner = subprocess.Popen(
        [python, str(RUNNER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    sent, answers = runner.stdin, runner.stdout
    if sent is None or answers is None or "ready" not in answers.readline():
        raise RuntimeError("nomenklatura does not run there")

    def ask(row: dict[str, str], wanted: int | None) -> float:
        places = candidates(row["name"])
        compared = places if wanted is None else [place for place in places if place == wanted]
        sent.write(json.dumps({"query": row, "entries": [rows[place] for place in compared]}) + "\n")
        sent.flush()
        return float(json.loads(answers.readline())["score"])

    return ask
