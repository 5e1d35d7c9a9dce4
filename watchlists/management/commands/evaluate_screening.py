"""Measure the screening engine on a list and queries with known answers, without any running service."""

import csv
import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError

from watchlists.core.birth_dates import parse_birth_date
from watchlists.core.evaluation import Answered, summarise
from watchlists.core.memory_index import MemoryIndex, build_index, screen_in_memory
from watchlists.core.names import MAX_NAME_LENGTH, PersonName
from watchlists.core.score import Identity
from watchlists.core.thresholds import threshold_for

LIST_COLUMNS = ("entry_id", "name", "aliases", "birth_date", "sex", "nationality")
QUERY_COLUMNS = ("query_id", "name", "birth_date", "sex", "nationality", "expected_entry_id", "kind")
ANY_ENTRY = "*"
# lengths of name fields in the zone: a name that fills one may have been cut
FULL_FIELDS = frozenset((20, 30, 31, 36, 39))
CELL_MOST = 20_000


class Command(BaseCommand):
    help = "Print recall, benign alerts and times of the screening engine as one JSON object."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("list", type=Path, metavar="LIST.csv", help=",".join(LIST_COLUMNS))
        parser.add_argument("queries", type=Path, metavar="QUERIES.csv", help=",".join(QUERY_COLUMNS))
        parser.add_argument(
            "--threshold", type=float, metavar="BITS", help="default: by the size of the list"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        ids: list[str] = []
        index = build_index(self._entries(options["list"], ids), progress=self._tell)
        threshold = options["threshold"]
        if threshold is None:
            threshold = threshold_for(len(ids))
        places = {entry_id: place for place, entry_id in enumerate(ids)}
        answered = [
            answer(index, places, identity, expected, kind, threshold)
            for identity, expected, kind in self._queries(options["queries"], places)
        ]
        self.stdout.write(json.dumps(summarise(answered, entries=len(ids), threshold=threshold)))

    def _entries(self, path: Path, ids: list[str]) -> Iterator[Identity]:
        seen: set[str] = set()
        for line, row in read_rows(path, LIST_COLUMNS):
            entry_id = row["entry_id"].strip()
            if not entry_id or entry_id in seen:
                raise CommandError(f"{path.name}, line {line}, entry_id: empty or given twice")
            seen.add(entry_id)
            ids.append(entry_id)
            names = [row["name"], *row["aliases"].split("|")]
            yield make_identity(path, line, row, tuple(name for name in names if name.strip()))

    def _queries(self, path: Path, places: dict[str, int]) -> Iterator[tuple[Identity, str, str]]:
        for line, row in read_rows(path, QUERY_COLUMNS):
            expected = row["expected_entry_id"].strip()
            if expected and expected != ANY_ENTRY and expected not in places:
                raise CommandError(f"{path.name}, line {line}, expected_entry_id: not in the list")
            truncated = len(row["name"].strip()) + 1 in FULL_FIELDS or len(row["name"].strip()) in FULL_FIELDS
            names = (row["name"],) if row["name"].strip() else ()
            yield make_identity(path, line, row, names, truncated=truncated), expected, row["kind"].strip()

    def _tell(self, done: int) -> None:
        if done % 10_000 == 0 and sys.stderr.isatty():
            self.stderr.write(f"indexed {done}")


def answer(
    index: MemoryIndex, places: dict[str, int], identity: Identity, expected: str, kind: str, threshold: float
) -> Answered:
    """Screen one traveller and compare the answer with the one expected."""
    begun = time.perf_counter()
    found = screen_in_memory(index, identity, threshold)
    elapsed_ms = (time.perf_counter() - begun) * 1e3
    hits = {place for place, _ in found.hits}
    if expected in ("", ANY_ENTRY):
        candidate, agreed = bool(len(found.candidates)), bool(hits)
    else:
        candidate, agreed = bool((found.candidates == places[expected]).any()), places[expected] in hits
    return Answered(kind, not expected, candidate, bool(hits), agreed, elapsed_ms)


def read_rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line, row) of a CSV file with at least these columns. Raises CommandError naming line and field."""
    csv.field_size_limit(CELL_MOST)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _rows_of(path, file, columns)
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path.name}: cannot be read as UTF-8 text ({type(error).__name__})") from error


def _rows_of(path: Path, file: TextIO, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(file)
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        raise CommandError(f"{path.name}, line 1: no column {', '.join(missing)}")
    try:
        for row in reader:
            absent = [column for column in columns if row[column] is None]
            if absent:
                raise CommandError(f"{path.name}, line {reader.line_num}, {absent[0]}: the row is too short")
            yield reader.line_num, row
    except csv.Error as error:
        raise CommandError(f"{path.name}, line {reader.line_num}: {error}") from error


def make_identity(
    path: Path, line: int, row: dict[str, str], names: tuple[str, ...], *, truncated: bool = False
) -> Identity:
    """Return the person of a row."""
    try:
        birth_date = parse_birth_date(row["birth_date"])
    except ValueError as error:
        raise CommandError(f"{path.name}, line {line}, birth_date: YYYY-MM-DD, YYYY or empty") from error
    nationality = row["nationality"].strip().upper()
    return Identity(
        names=tuple(PersonName(name.strip()[:MAX_NAME_LENGTH]) for name in names),
        birth_dates=(birth_date,) if birth_date else (),
        sex=row["sex"].strip().upper()[:1],
        nationalities=(nationality,) if nationality else (),
        names_truncated=truncated,
    )
