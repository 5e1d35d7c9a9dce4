"""The two commands that measure the engine: their files, their answers, and what they say to a bad file."""

import csv
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

LIST = """entry_id,name,aliases,birth_date,sex,nationality
E1,Muhammad Ali Testawi,محمد التستاوي|M. Testawi,1980-05-01,M,UTO
E2,Müller Jürgen,,1975,M,
E3,Иванов Пётр,,,,
"""
QUERIES = """query_id,name,birth_date,sex,nationality,expected_entry_id,kind
Q1,TESTAWI MOHAMED ALI,1980-05-01,M,UTO,E1,spelling
Q2,MUELLER JUERGEN,1975-03-04,M,DEU,E2,umlaut
Q3,NOBODY ATALL,1990-01-01,F,FRA,,benign
Q4,TESTAWI MUHAMMAD ALI,1980-05-01,,,*,any
"""


def run(tmp_path: Path, listed: str = LIST, queries: str = QUERIES, *options: str) -> dict:
    (tmp_path / "list.csv").write_text(listed, "utf-8")
    (tmp_path / "queries.csv").write_text(queries, "utf-8")
    out = io.StringIO()
    call_command(
        "evaluate_screening", str(tmp_path / "list.csv"), str(tmp_path / "queries.csv"), *options, stdout=out
    )
    return json.loads(out.getvalue())


def test_evaluation_prints_one_object(tmp_path: Path) -> None:
    figures = run(tmp_path)

    assert (figures["queries"], figures["entries"], figures["recall"]) == (4, 3, 1.0)
    assert set(figures["kinds"]) == {"spelling", "umlaut", "any"}
    assert (figures["benign_alerts_per_1000"], figures["candidate_recall"]) == (0.0, 1.0)
    assert figures["median_ms"] <= figures["p95_ms"] <= figures["p99_ms"]


def test_threshold_is_taken_from_the_command_line(tmp_path: Path) -> None:
    assert run(tmp_path, LIST, QUERIES, "--threshold", "60")["recall"] == 0.0


@pytest.mark.parametrize(
    ("listed", "queries", "message"),
    [
        ("entry_id,name\nE1,x\n", QUERIES, "line 1: no column aliases"),
        (LIST.replace("1980-05-01", "01.05.1980"), QUERIES, "line 2, birth_date"),
        (LIST.replace("E2", "E1"), QUERIES, "line 3, entry_id"),
        (LIST, QUERIES.replace(",E2,", ",E9,"), "line 3, expected_entry_id"),
    ],
)
def test_bad_file_is_refused_by_line_and_field(tmp_path, listed: str, queries: str, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run(tmp_path, listed, queries)


def test_pairs_of_names_are_scored_row_by_row(tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text(
        "name1,name2\nAnna Eriksson,ERIKSSON ANNA\nJohn Smith,Wang Wei\n,x\n", "utf-8"
    )
    out = io.StringIO()
    call_command("score_names", str(tmp_path / "pairs.csv"), stdout=out)

    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert [row["name1"] for row in rows] == ["Anna Eriksson", "John Smith", ""]
    assert [float(row["score"]) for row in rows] == [1.0, pytest.approx(0.1, abs=0.15), 0.0]
