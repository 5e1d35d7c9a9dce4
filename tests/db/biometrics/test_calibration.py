"""From a labelled set to a threshold that two persons stand behind."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError

from biometrics.models import OperatingPoint
from biometrics.networks.build import ensure

pytestmark = pytest.mark.django_db
FACES = Path(__file__).resolve().parents[3] / "borders" / "demo" / "faces"


@pytest.fixture(autouse=True)
def people() -> None:
    ensure(settings.NETWORK_DIR)
    for name in ("alice", "bob"):
        User.objects.create_user(name)


@pytest.fixture
def pairs(tmp_path: Path) -> str:
    """Four people: their own captures, and everybody's portrait with each other's capture."""
    rows = ["reference,probe,mated,group"]
    for own in range(1, 5):
        rows += [
            f"person_{own:02d}/portrait.jpg,person_{other:02d}/live_1.jpg,{int(own == other)},"
            for other in range(1, 5)
        ]
    path = tmp_path / "pairs.csv"
    path.write_text("\n".join(rows) + "\n")
    return str(path)


def run(*arguments: str, **options: Any) -> tuple[int, Any]:
    out = io.StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=io.StringIO(), **options)
    except CommandError as error:
        return error.returncode, json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


def calibrate(pairs: str, **options: Any) -> tuple[int, Any]:
    return run("calibrate_operating_point", pairs, **({"root": str(FACES), "rate": 0.1} | options))


def test_a_measured_threshold_awaits_its_second_person(pairs: str) -> None:
    status, answer = calibrate(pairs, proposer="alice", provenance="Drawings")
    assert status == 0
    point = OperatingPoint.objects.get(id=answer["proposed"]["id"])
    assert (point.state, point.purpose, point.engine) == ("PROPOSED", "VERIFICATION", "sface")
    assert point.threshold == pytest.approx(answer["threshold"], abs=1e-6)
    assert point.target == "FMR 1e-1"
    assert point.provenance.startswith("Drawings: mated 4, non_mated 12")
    refused = run("approve_operating_point", str(point.id), approver="alice")
    assert refused == (2, {"error": "second_person_required"})
    status, approved = run("approve_operating_point", str(point.id), approver="bob")
    assert (status, approved["state"]) == (0, "ACTIVE")


def test_without_a_proposer_nothing_is_recorded(pairs: str) -> None:
    status, answer = calibrate(pairs)
    assert (status, answer["proposed"]) == (0, None)
    assert not OperatingPoint.objects.exists()


def test_searches_give_a_threshold_for_lists(tmp_path: Path) -> None:
    enrol, probes = tmp_path / "enrol.csv", tmp_path / "probes.csv"
    enrol.write_text("image,subject\n" + "".join(f"person_{n:02d}/portrait.jpg,s{n}\n" for n in (1, 2, 3)))
    probes.write_text(
        "image,subject\n"
        + "".join(f"person_{n:02d}/live_1.jpg,{f's{n}' if n < 4 else ''}\n" for n in range(1, 8))
    )
    status, answer = run(
        "calibrate_operating_point", str(enrol), str(probes), root=str(FACES), rate=0.25, proposer="alice"
    )
    assert (status, answer["purpose"], answer["fnir"]) == (0, "WATCHLIST_IDENTIFICATION", 0)
    point = OperatingPoint.objects.get()
    assert point.target == "FPIR 2.5e-1 at 3 enrolled"
    assert (point.calibrated_size, point.calibrated_fpir) == (3, 0.25)
    assert 0.05 < point.score_spread < 0.2


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"rate": 1e-4}, "too_few_non_mated_comparisons"),
        ({"rate": 1.5}, "rate_out_of_range"),
        ({"purpose": "WATCHLIST_IDENTIFICATION"}, "purpose_needs_other_lists"),
        ({"proposer": "nobody"}, "proposer_unknown"),
        ({"workers": 0}, "workers_out_of_range"),
    ],
)
def test_what_cannot_be_calibrated_is_refused(pairs: str, options: dict[str, Any], code: str) -> None:
    status, answer = calibrate(pairs, **({"proposer": "alice"} | options))
    assert (status, answer["error"]) == (2, code)
    assert not OperatingPoint.objects.exists()


def test_a_list_with_a_bad_row_gives_no_threshold(pairs: str) -> None:
    with Path(pairs).open("a") as stream:
        stream.write("person_01/portrait.jpg,none.jpg,1,\n")
    status, answer = calibrate(pairs, proposer="alice")
    assert (status, answer["error"], answer["rows_refused"]["count"]) == (2, "rows_refused", 1)


@pytest.mark.parametrize(
    ("point", "approver", "code"),
    [("no-id", "bob", "not_an_id"), (str(FACES), "carol", "approver_unknown"),
     ("00000000-0000-7000-8000-000000000000", "bob", "not_proposed")],
)  # fmt: skip
def test_what_cannot_be_approved_is_refused(point: str, approver: str, code: str) -> None:
    assert run("approve_operating_point", point, approver=approver) == (2, {"error": code})
