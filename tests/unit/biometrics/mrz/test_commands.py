"""The commands on generated pages: no database, coded errors, exit status 2, nothing left out of the report."""

import csv
import io
import itertools
import json
import time
from pathlib import Path
from typing import Any

import cv2
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.unit.biometrics.mrz.pages import PASSPORT, photograph

MISPRINTED = (PASSPORT[0], PASSPORT[1][:9] + "7" + PASSPORT[1][10:])


@pytest.fixture(autouse=True)
def ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a look at the clock take a microsecond: on a busy machine a moment's pause spends the budget of a page."""
    monkeypatch.setattr(time, "thread_time", itertools.count(step=1e-6).__next__)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    for name, lines in (("good.png", PASSPORT), ("misprinted.png", MISPRINTED), ("empty.png", ())):
        cv2.imwrite(str(folder / name), photograph("TD3", lines))
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 nothing")
    return folder


def write_manifest(folder: Path, rows: list[tuple[str, str, str, str]]) -> Path:
    path = folder / "manifest.csv"
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([("file", "type", "all_checks_valid", "mrz"), *rows])
    return path


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def refuse(*arguments: str) -> tuple[str, int, str]:
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command(*arguments, stdout=out, stderr=out)
    return str(caught.value), caught.value.returncode, out.getvalue()


def test_a_page_is_one_json_object(folder: Path) -> None:
    found: dict[str, Any] = json.loads(run("read_mrz", str(folder / "good.png"), "--json"))
    assert found["status"] == "accepted"
    assert found["format"] == "TD3"
    assert tuple(found["lines"]) == tuple(found["lines_read"]) == PASSPORT
    assert found["fields"]["primary_identifier"] == "ERIKSSON"
    assert found["fields"]["expiry_date"]["date"] == "2032-04-15"
    assert [len(line) for line in found["confidence"]] == [44, 44]
    assert (found["repairs"], found["doubtful"], found["advice"]) == ([], [], [])
    assert len(found["corners"]) == 4
    assert found["milliseconds"]["total"] > 0


def test_each_picture_has_its_own_line(folder: Path) -> None:
    lines = run("read_mrz", str(folder / "misprinted.png"), str(folder / "empty.png"), "--json").splitlines()
    misprinted, empty = (json.loads(line) for line in lines)
    assert misprinted["status"] == "review"
    assert misprinted["check_digits"][0]["verdict"] == "wrong_as_printed"
    assert empty["status"] == "unreadable"
    assert empty["fields"] is None
    assert empty["advice"] == ["show_the_data_page"]


def test_a_person_reads_lines_and_advice(folder: Path) -> None:
    text = run("read_mrz", str(folder / "good.png"), str(folder / "empty.png"))
    assert PASSPORT[1] in text
    assert "Show the whole page" in text


@pytest.mark.parametrize(
    ("name", "code"),
    [("missing.png", "file_missing"), (".", "file_not_a_file"), ("broken.jpg", "image_")],
)
def test_a_bad_path_is_a_coded_error_and_the_others_are_read(folder: Path, name: str, code: str) -> None:
    message, status, out = refuse("read_mrz", str(folder / name), str(folder / "good.png"), "--json")
    assert (message, status) == ("pictures_refused: 1 of 2", 2)
    bad, good = (json.loads(line) for line in out.splitlines())
    assert bad["error"].startswith(code)
    assert good["status"] == "accepted"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_set_is_measured(folder: Path, workers: str) -> None:
    rows = [
        ("good.png", "TD3", "1", "|".join(PASSPORT)),
        ("misprinted.png", "TD3", "0", "|".join(MISPRINTED)),
        ("empty.png", "none", "", ""),
    ]
    text = run("evaluate_mrz", str(write_manifest(folder, rows)), "--workers", workers)
    assert "100.0 % (2 of 2; 34.2 to 100.0)" in text
    assert "misprinted specimens accepted: 0.0 % (0 of 1" in text
    assert "pages without a zone accepted: 0.0 % (0 of 1" in text


def test_the_report_shows_each_miss_and_nothing_from_outside(folder: Path, tmp_path: Path) -> None:
    wrong_truth = (PASSPORT[0].replace("ANNA", "ANMA"), PASSPORT[1])
    rows = [("good.png", "TD3", "1", "|".join(wrong_truth)), ("empty.png", "<b>", "", "")]
    run("evaluate_mrz", str(write_manifest(folder, rows)), "--report", str(tmp_path / "report"))
    page = (tmp_path / "report/index.html").read_text()
    assert page.count("<article") == 1
    assert page.count("data:image/jpeg;base64,") == 2
    assert "<mark>N</mark>" in page
    assert "http" not in page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere.csv",), "manifest_missing"),
        (("MANIFEST", "--images", "nowhere"), "images_not_a_folder"),
        (("MANIFEST", "--workers", "0"), "workers_out_of_range: 1 to 64"),
        (("MANIFEST",), "pictures_refused: 2 of 2"),
    ],
)
def test_a_bad_set_ends_with_a_code(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    manifest = write_manifest(folder, [("gone.png", "TD3", "", ""), ("broken.jpg", "TD3", "", "")])
    given = [str(manifest) if argument == "MANIFEST" else argument for argument in arguments]
    assert refuse("evaluate_mrz", *given)[:2] == (message, 2)


def test_a_bad_row_is_named_by_its_line(folder: Path) -> None:
    manifest = write_manifest(folder, [("good.png", "TD3", "1", "P<UTO")])
    assert refuse("evaluate_mrz", str(manifest))[0] == "manifest_row_lines_of_no_size: line 2"
