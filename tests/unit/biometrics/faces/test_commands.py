"""The commands that compare and measure faces, without a database: answers, codes and exit statuses on any input."""

import io
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from biometrics.management import face_runs

FACES = Path(__file__).resolve().parents[4] / "borders" / "demo" / "faces"
ONE, OTHER, STRANGER = (
    str(FACES / name) for name in ("person_01/portrait.jpg", "person_01/live_1.jpg", "person_02/live_1.jpg")
)


@pytest.fixture(autouse=True)
def _networks(network_dir: Path) -> None:
    """The commands open the networks that the fixture has built."""


def run(*arguments: str, **options: Any) -> tuple[int, Any]:
    """Return exit status and the JSON on standard output; nothing else may be there."""
    out = io.StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=io.StringIO(), **options)
    except CommandError as error:
        return error.returncode, json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


@pytest.mark.parametrize("engine", ["sface", "dlib"])
def test_two_pictures_of_one_person_match(engine: str) -> None:
    status, answer = run("compare_faces", ONE, OTHER, engine=engine)
    assert (status, answer["decision"], answer["code"]) == (0, "MATCH", "faces_match")
    assert answer["score"] >= answer["threshold"]
    assert answer["engine"]["name"] == engine
    for side in ("reference", "probe"):
        assert answer[side]["code"] == "FACE_FOUND"
        assert len(answer[side]["box"]) == 4
        assert answer[side]["quality"]["score"] > 0
        assert {"decode", "detect", "quality", "embed"} <= set(answer[side]["milliseconds"])


def test_pictures_of_two_people_are_a_decision_too() -> None:
    status, answer = run("compare_faces", ONE, STRANGER)
    assert (status, answer["decision"]) == (0, "NO_MATCH")
    assert answer["score"] < answer["threshold"]


def test_a_threshold_may_be_given() -> None:
    _, answer = run("compare_faces", ONE, OTHER, threshold=0.999)
    assert (answer["decision"], answer["threshold"]) == ("NO_MATCH", 0.999)


@pytest.fixture(scope="module")
def portrait_bgr() -> np.ndarray:
    return cv2.imread(OTHER)


def draw_cat() -> np.ndarray:
    picture = np.full((400, 400, 3), 230, np.uint8)
    cv2.circle(picture, (200, 220), 110, (90, 120, 170), -1)
    for ear in ([[110, 160], [120, 60], [180, 120]], [[290, 160], [280, 60], [220, 120]]):
        cv2.fillPoly(picture, [np.array(ear)], (80, 110, 160))
    for x in (160, 240):
        cv2.ellipse(picture, (x, 200), (22, 16), 0, 0, 360, (60, 220, 120), -1)
        cv2.ellipse(picture, (x, 200), (5, 15), 0, 0, 360, (0, 0, 0), -1)
    return picture


def change(picture: np.ndarray, how: str) -> bytes:
    """Return a file made of a good picture, or of none."""
    height, width = picture.shape[:2]
    pictures = {
        "quarter": lambda: cv2.rotate(picture, cv2.ROTATE_90_CLOCKWISE),
        "on its head": lambda: cv2.rotate(picture, cv2.ROTATE_180),
        "half": lambda: picture[:, : width * 45 // 100],
        "tiny": lambda: cv2.resize(picture, (24, 30), interpolation=cv2.INTER_AREA),
        "small": lambda: cv2.resize(picture, (48, 60), interpolation=cv2.INTER_AREA),
        "dark": lambda: np.asarray(picture * 0.04, np.uint8),
        "noise": lambda: np.random.default_rng(0).integers(0, 255, (300, 300, 3), np.uint8),
        "blank": lambda: np.full((300, 300, 3), 255, np.uint8),
        "cat": draw_cat,
        "grey": lambda: cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY),
        "infrared": lambda: cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), (0, 0), 1.5),
        "huge": lambda: cv2.resize(picture, (2400, 2400 * height // width)),
    }
    if how in pictures:
        return cv2.imencode(".jpg", pictures[how]())[1].tobytes()
    whole = cv2.imencode(".jpg", picture)[1].tobytes()
    return {"truncated": whole[:900], "text": b"no picture", "empty": b""}[how]


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("quarter", "FACE_TURNED"),
        ("on its head", "FACE_TURNED"),
        ("half", "FACE_NOT_FOUND"),
        ("tiny", "FACE_NOT_FOUND"),
        ("small", "FACE_NOT_ADMITTED"),
        ("dark", "FACE_NOT_ADMITTED"),
        ("noise", "FACE_NOT_FOUND"),
        ("blank", "FACE_NOT_FOUND"),
        ("cat", "FACE_NOT_FOUND"),
        ("truncated", "image_truncated"),
        ("text", "image_type_unsupported"),
        ("empty", "image_empty"),
    ],
)
def test_a_picture_that_gives_no_template_has_a_code_and_an_advice(
    how: str, code: str, portrait_bgr: np.ndarray, tmp_path: Path
) -> None:
    path = tmp_path / "probe.jpg"
    path.write_bytes(change(portrait_bgr, how))
    status, answer = run("compare_faces", ONE, str(path))
    assert (status, answer["decision"], answer["side"]) == (2, "UNDETERMINED", "probe")
    assert (answer["code"], answer["probe"]["code"]) == (code, code)
    assert answer["score"] is None
    assert answer["probe"]["advice"]
    assert "embed" not in answer["probe"]["milliseconds"]


@pytest.mark.parametrize("how", ["grey", "infrared", "huge"])
def test_a_poor_but_usable_picture_is_compared(how: str, portrait_bgr: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "probe.jpg"
    path.write_bytes(change(portrait_bgr, how))
    status, answer = run("compare_faces", ONE, str(path))
    assert (status, answer["decision"]) == (0, "MATCH")


@pytest.mark.parametrize(
    ("name", "code"), [("none.jpg", "file_missing"), (".", "file_not_a_file"), ("a\0b", "file_missing")]
)
def test_a_file_that_cannot_be_read_has_a_code(name: str, code: str, tmp_path: Path) -> None:
    status, answer = run("compare_faces", ONE, f"{tmp_path}/{name}")
    assert (status, answer["code"]) == (2, code)


def test_of_many_faces_the_central_one_counts(portrait_bgr: np.ndarray, tmp_path: Path) -> None:
    side = cv2.resize(cv2.imread(STRANGER), portrait_bgr.shape[1::-1])
    path = tmp_path / "three.jpg"
    cv2.imwrite(str(path), np.hstack([side, portrait_bgr, side]))
    status, answer = run("compare_faces", ONE, str(path))
    assert (status, answer["decision"], answer["probe"]["code"]) == (0, "MATCH", "FACE_SEVERAL")
    assert (answer["probe"]["face_count"], len(answer["probe"]["other_boxes"])) == (3, 2)


def write_list(path: Path, rows: list[str]) -> str:
    path.write_text("\n".join(rows) + "\n")
    return str(path)


def pair_rows(count: int) -> list[str]:
    """Mated pairs of each drawn person, and non-mated ones of everybody's captures with each next portrait."""
    rows = ["reference,probe,mated,group"]
    for number in range(1, count + 1):
        group = "even" if number % 2 == 0 else "odd"
        rows += [
            f"person_{number:02d}/portrait.jpg,person_{number:02d}/live_{live}.jpg,1,{group}"
            for live in (1, 2)
        ]
        rows += [
            f"person_{number:02d}/portrait.jpg,person_{other:02d}/live_1.jpg,0,{group}"
            for other in range(1, count + 1)
            if other != number
        ]
    return rows


def test_pairs_are_measured_with_groups_and_a_curve(tmp_path: Path) -> None:
    pairs, det = write_list(tmp_path / "pairs.csv", pair_rows(4)), tmp_path / "det.png"
    status, answer = run("evaluate_faces", pairs, root=str(FACES), det=str(det))
    assert status == 0
    assert answer["pairs"] == {"listed": 20, "compared": 20, "mated": 8, "non_mated": 12}
    assert answer["failures_to_acquire"]["failures"] == 0
    assert list(answer["fnmr_at_fmr"]) == ["1e-2", "1e-3", "5e-4", "1e-4"]
    # twelve non-mated pairs say nothing about one in a hundred
    assert answer["fnmr_at_fmr"]["1e-2"]["reason"] == "too_few_non_mated_comparisons"
    assert answer["fnmr_at_fmr"]["1e-2"]["fnmr"] is None
    assert set(answer["groups"]) == {"even", "odd"}
    assert answer["det_curve"]["file"] == str(det)
    assert cv2.imread(str(det)).shape == (800, 1000, 3)
    assert {"decode", "detect", "embed", "template"} <= set(answer["milliseconds"])


def test_a_failure_to_acquire_is_counted_and_no_non_match(tmp_path: Path) -> None:
    (tmp_path / "blank.png").write_bytes(cv2.imencode(".png", np.zeros((99, 99, 3), np.uint8))[1].tobytes())
    (tmp_path / "text.jpg").write_text("no picture")
    rows = [
        *pair_rows(2),
        f"{tmp_path}/blank.png,person_01/live_1.jpg,1,",
        f"person_01/live_1.jpg,{tmp_path}/text.jpg,0,",
    ]
    status, answer = run(
        "evaluate_faces",
        write_list(tmp_path / "pairs.csv", rows),
        root=str(FACES),
        det=str(tmp_path / "det.png"),
    )
    assert status == 0
    assert answer["failures_to_acquire"]["by_code"] == {"FACE_NOT_FOUND": 1, "image_type_unsupported": 1}
    assert answer["failures_to_acquire"]["mated_pairs_lost"] == 1
    assert answer["pairs"]["mated"] == 4


def test_bad_rows_are_named_by_line_and_column(tmp_path: Path) -> None:
    rows = [
        *pair_rows(2),
        "person_01/live_1.jpg,none.jpg,1,",
        "person_01/live_1.jpg,person_02/live_1.jpg,maybe,",
    ]
    status, answer = run(
        "evaluate_faces",
        write_list(tmp_path / "pairs.csv", rows),
        root=str(FACES),
        det=str(tmp_path / "det.png"),
    )
    assert status == 2
    assert answer["pairs"]["compared"] == 6
    assert answer["rows_refused"] == {
        "count": 2,
        "first": [
            {"line": 8, "column": "probe", "code": "file_missing"},
            {"line": 9, "column": "mated", "code": "row_mated_not_0_or_1"},
        ],
    }


@pytest.mark.parametrize(
    ("content", "code", "column"),
    [("", "list_empty", None), ("a,b\n1,2\n", "list_column_missing", "reference")],
)
def test_a_list_that_cannot_be_used_is_told(
    content: str, code: str, column: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(content)
    status, answer = run("evaluate_faces", str(path))
    assert (status, answer["error"], answer.get("column")) == (2, code, column)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"workers": 0}, "workers_out_of_range"),
        ({"workers": 65}, "workers_out_of_range"),
        ({"root": "/none"}, "root_not_a_folder"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any], code: str, tmp_path: Path) -> None:
    status, answer = run("evaluate_faces", write_list(tmp_path / "pairs.csv", pair_rows(2)), **options)
    assert (status, answer["error"]) == (2, code)


def test_a_missing_list_is_told(tmp_path: Path) -> None:
    status, answer = run("evaluate_faces", str(tmp_path / "none.csv"))
    assert (status, answer["error"], answer["list"]) == (2, "list_missing", "none.csv")


def test_searches_are_measured_with_several_enrolment_images(tmp_path: Path) -> None:
    enrol = ["image,subject"]
    enrol += [f"person_{n:02d}/{name}.jpg,s{n}" for n in range(1, 5) for name in ("portrait", "live_2")]
    probes = [
        "image,subject",
        *(f"person_{n:02d}/live_1.jpg,{f's{n}' if n < 5 else ''}" for n in range(1, 8)),
    ]
    status, answer = run(
        "evaluate_identification", write_list(tmp_path / "e.csv", enrol), write_list(tmp_path / "p.csv", probes),
        root=str(FACES), det=str(tmp_path / "det.png"),
    )  # fmt: skip
    assert status == 0
    assert answer["enrolled"] == {"images": 8, "subjects": 4, "subjects_without_template": 0}
    assert answer["probes"] == {"mated": 4, "non_mated": 3, "of_unknown_subjects": 0}
    assert (answer["rank_1"]["hits"], answer["rank_1"]["total"]) == (4, 4)
    assert answer["fnir_at_fpir"]["1e-2"]["reason"] == "too_few_non_mated_probes"
    assert answer["by_gallery_size"] == []
    assert (tmp_path / "det.png").is_file()


def test_an_enrolment_without_subject_is_a_bad_row(tmp_path: Path) -> None:
    enrol = write_list(
        tmp_path / "e.csv", ["image,subject", "person_01/portrait.jpg,s1", "person_02/portrait.jpg,"]
    )
    probes = write_list(tmp_path / "p.csv", ["image,subject", "person_01/live_1.jpg,s1", "none.jpg,"])
    status, answer = run("evaluate_identification", enrol, probes, root=str(FACES))
    assert status == 2
    assert answer["rows_refused"]["enrol"]["first"] == [
        {"line": 3, "column": "subject", "code": "row_cell_empty"}
    ]
    assert answer["rows_refused"]["probes"]["first"] == [
        {"line": 3, "column": "image", "code": "file_missing"}
    ]
    assert answer["rank_1"]["hits"] == 1


def test_two_processes_give_what_one_gives(tmp_path: Path) -> None:
    files = ["person_01/portrait.jpg", "person_02/portrait.jpg", "person_01/portrait.jpg", "none.jpg"]
    one, two = (face_runs.make_templates(files, FACES, engine_name="sface", workers=n) for n in (1, 2))
    assert (one.rows, one.codes) == (two.rows, two.codes)
    assert np.array_equal(one.matrix, two.matrix)


@pytest.mark.parametrize(("rate", "name"), [(1e-2, "1e-2"), (5e-4, "5e-4"), (0.025, "2.5e-2")])
def test_rates_are_named_as_people_write_them(rate: float, name: str) -> None:
    assert face_runs.rate_name(rate) == name
