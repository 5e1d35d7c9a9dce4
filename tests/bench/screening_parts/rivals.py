"""Other ways to screen, on the same list and queries: recall at equal benign alerts, and time for one query."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process
from rich.table import Table

from tests.accuracy.people.files import benign_rows, list_rows, mated_rows
from tests.accuracy.people.identities import identity_of
from tests.accuracy.people.perturb import fold
from watchlists.core.memory_index import build_index, screen_in_memory

BENIGN_ALERTS = 5.0
EACH_MOST, BENIGN_MOST = 15, 600
# (score of the expected entry or of any for benign queries) for one query
Rival = Callable[[dict[str, str], int | None], float]


def measure_rivals(size: int, each: int, benign: int, *, seed: str, show: Callable[[Any], None]) -> None:
    """Print the table."""
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
    nomenklatura = _nomenklatura(rows)
    if nomenklatura is None:
        show("nomenklatura is not installed: left out")
    else:
        rivals["pg_trgm candidates, nomenklatura logic-v2"] = nomenklatura
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
            cursor.execute("SELECT place FROM trigram_names WHERE name %% %s LIMIT 500", [name])
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


def _nomenklatura(rows: list[dict[str, str]]) -> Rival | None:
    try:
        from followthemoney import model
        from nomenklatura.matching.logic_v2.model import LogicV2
        from nomenklatura.matching.types import ScoringConfig
    except ModuleNotFoundError:
        return None
    from followthemoney import EntityProxy

    candidates = _trigram_candidates(rows)
    config = ScoringConfig.defaults() if hasattr(ScoringConfig, "defaults") else LogicV2.default_config()
    asked = iter(range(1 << 60))

    def entity(known_by: str, row: dict[str, str]) -> EntityProxy:
        made = model.make_entity("Person")
        made.id = known_by
        for name, value in (("name", row["name"]), ("birthDate", row["birth_date"])):
            if value:
                made.add(name, value)
        return made

    def ask(row: dict[str, str], wanted: int | None) -> float:
        # its cache goes by the entity's id: each query needs its own
        query = entity(f"query-{next(asked)}", row)
        best = 0.0
        for place in candidates(row["name"]):
            if wanted in (None, place):
                best = max(best, LogicV2.compare(query, entity(f"entry-{place}", rows[place]), config).score)
        return best

    return ask
