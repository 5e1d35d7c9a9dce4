"""The proof of erasure finds what is left wherever it is left, and says so; after a restore, erasures are applied again."""

import base64
import gzip
import json
import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.services.backups import refresh_images
from biometrics.models import SubjectKey, Template
from biometrics.services.keys import copy_key_store
from borders.core.traces import Traces, as_pieces, find_in_stream, make_traces
from borders.models import Erasure, TravelParty
from borders.services.custody import (
    ErasureRefused,
    decide_erasure,
    erase_traveler,
    propose_erasure,
    prove_erasure,
    reapply_erasures,
)
from borders.services.custody.proof import collect_traces
from borders.services.custody.register import read_register
from tests.db.borders.custody.conftest import SWEEP
from travelers.models import Traveler

pytestmark = pytest.mark.django_db


@pytest.fixture
def erased(passes, at):
    """A traveller erased, with the traces that were gathered before, and the face's vector."""
    passed = passes()
    traveler_id = passed.crossing.traveler_id
    traces = collect_traces(traveler_id=traveler_id)
    erase_traveler(actor=SWEEP, at=at, traveler_id=traveler_id, ground="RETENTION", retention="FILE/1")
    return traveler_id, traces, passed.vector


def prove(erased, at) -> dict:
    return prove_erasure(actor=SWEEP, at=at, traveler_id=erased[0], traces=erased[1])


def outcomes(proof) -> dict[str, str]:
    return {place["place"]: place["outcome"] for place in proof["places"]}


def test_nothing_is_found_of_somebody_erased(erased, at):
    proof = prove(erased, at)
    assert proof["proven"], proof
    assert proof["looked_for"]["texts"] >= 4
    assert proof["looked_for"]["templates_images_keys"] >= 3
    assert "ERIKSSON" not in json.dumps(proof)


def test_a_person_who_is_still_there_is_found_everywhere(settings, passes, at):
    passed = passes()
    traces = collect_traces(traveler_id=passed.crossing.traveler_id)
    proof = prove_erasure(actor=SWEEP, at=at, traveler_id=passed.crossing.traveler_id, traces=traces)
    assert not proof["proven"]
    tables = {f["table"] for p in proof["places"] if p["place"].startswith("tables") for f in p["found"]}
    assert {"travelers_traveler", "travelers_documentreading", "travelers_traveldocument"} <= tables
    assert outcomes(proof)["rows of the subject"] == "FOUND"


def test_a_value_left_in_a_table_is_found(erased, airport, at):
    TravelParty.objects.create(port=airport, reference="L898902C3", opened_at=at)
    proof = prove(erased, at)
    (place,) = (p for p in proof["places"] if p["outcome"] == "FOUND")
    assert place["found"] == [{"table": "borders_travelparty", "rows": 1}]
    assert not proof["proven"]


def test_a_template_left_in_an_index_is_found(settings, erased, at):
    settings.GALLERY_DIR.mkdir(exist_ok=True)
    (settings.GALLERY_DIR / "old.sealed").write_bytes(b"x" * 999 + erased[2].astype("<f2").tobytes())
    assert outcomes(prove(erased, at))["galleries and their indexes"] == "FOUND"


@pytest.mark.parametrize("pack", [lambda b: b, gzip.compress], ids=["plain", "gzip"])
def test_a_value_left_in_an_export_or_backup_is_found(settings, erased, at, pack):
    for folder in (settings.EXPORT_DIR, settings.BACKUP_DIR / "20261119"):
        folder.mkdir(parents=True)
        name = "crossings.csv.gz" if pack is gzip.compress else "crossings.csv"
        (folder / name).write_bytes(pack(b"number\nL898902C3\n"))
    found = outcomes(prove(erased, at))
    assert (found["exports"], found["newest backup"]) == ("FOUND", "FOUND")


def write_backup(folder: Path, *, made_at: datetime, next_segment: str) -> None:
    (folder / "base").mkdir(parents=True)
    manifest = {"made_at": made_at.isoformat(), "next_segment": next_segment}
    (folder / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(("segment", "outcome"), [("04", "NOTHING_FOUND"), ("05", "FOUND"), ("06", "FOUND")])
def test_the_log_is_searched_from_the_segment_that_the_backup_needs(
    settings, tmp_path, erased, at, segment, outcome
):
    settings.WAL_ARCHIVE_DIR = tmp_path / "wal"
    settings.WAL_ARCHIVE_DIR.mkdir()
    log = settings.WAL_ARCHIVE_DIR / f"0000000100000000000000{segment}.gz"
    log.write_bytes(gzip.compress(b"xx L898902C3 yy"))
    made_at = at - timedelta(hours=2)
    os.utime(log, (made_at.timestamp() + 3600,) * 2)
    newest = settings.BACKUP_DIR / "20261120T070000Z"
    write_backup(newest, made_at=made_at, next_segment="000000010000000000000005")
    refresh_images(at=at + timedelta(hours=1))  # renews the folder's own time
    write_backup(
        settings.BACKUP_DIR / "20261119T070000Z", made_at=made_at - timedelta(days=1), next_segment="0" * 24
    )
    proof = prove(erased, at)
    assert outcomes(proof)["archived log since then"] == outcome
    (backup,) = (p for p in proof["places"] if p["place"] == "newest backup")
    assert (backup["name"], backup["older_than_the_erasure"]) == (newest.name, True)


def test_only_the_newest_backup_counts_and_its_faces_open_no_more(settings, passes, at):
    passed = passes()
    store, copy = settings.IMAGE_STORE_DIR, settings.BACKUP_DIR / "keys" / settings.KEY_STORE_FILE.name
    settings.KEY_STORE_COPIES = [copy]
    shutil.copytree(store, settings.BACKUP_DIR / "20261120" / "images")
    copy_key_store(to=copy)
    traces = collect_traces(traveler_id=passed.crossing.traveler_id)
    erase_traveler(
        actor=SWEEP, at=at, traveler_id=passed.crossing.traveler_id, ground="RETENTION", retention="FILE/1"
    )
    proof = prove((passed.crossing.traveler_id, traces), at)
    assert outcomes(proof)["newest backup"] == "NOTHING_FOUND"  # the images lie there, sealed
    assert outcomes(proof)["keys in backups"] == "NOTHING_FOUND"
    assert proof["proven"]


def test_the_copy_beside_the_backups_is_overwritten_and_is_no_backup(settings, passes, at):
    passed = passes()
    (settings.BACKUP_DIR / "20261120T080000Z").mkdir(parents=True)
    copy_key_store(to=settings.BACKUP_DIR / "key-store")
    traces = collect_traces(traveler_id=passed.crossing.traveler_id)
    erase_traveler(
        actor=SWEEP, at=at, traveler_id=passed.crossing.traveler_id, ground="RETENTION", retention="FILE/1"
    )
    proof = prove((passed.crossing.traveler_id, traces), at)
    (backup,) = (p for p in proof["places"] if p["place"] == "newest backup")
    assert backup["name"] == "20261120T080000Z"
    assert outcomes(proof)["keys in backups"] == "NOTHING_FOUND"


def test_a_key_left_in_a_copy_of_the_key_store_is_found(settings, passes, at):
    passed = passes()
    copy = settings.BACKUP_DIR / "20261120" / settings.KEY_STORE_FILE.name
    copy_key_store(to=copy)
    traces = collect_traces(traveler_id=passed.crossing.traveler_id)
    erase_traveler(
        actor=SWEEP, at=at, traveler_id=passed.crossing.traveler_id, ground="RETENTION", retention="FILE/1"
    )
    proof = prove((passed.crossing.traveler_id, traces), at)
    assert outcomes(proof)["keys in backups"] == "FOUND"
    assert not proof["proven"]


def test_a_restored_backup_is_purged_of_whom_it_brought_back(settings, passes, at):
    from django.db import transaction

    passed = passes()
    traveler_id, image = passed.crossing.traveler_id, passed.inspection.face_image
    octets = (settings.IMAGE_STORE_DIR / image.key).read_bytes()
    before = transaction.savepoint()
    erasure = erase_traveler(
        actor=SWEEP, at=at, traveler_id=traveler_id, ground="RETENTION", retention="FILE/1"
    )
    transaction.savepoint_rollback(before)  # the database as the backup had it
    (settings.IMAGE_STORE_DIR / image.key).write_bytes(octets)
    assert Traveler.objects.filter(id=traveler_id).exists()
    assert reapply_erasures(actor=SWEEP, at=at + timedelta(days=1)) == {"applied": 1, "known": 0}
    assert not Traveler.objects.filter(id=traveler_id).exists()
    assert not (settings.IMAGE_STORE_DIR / image.key).exists()
    assert SubjectKey.objects.get(id=image.subject_key_id).destroyed_at is not None
    assert Erasure.objects.get().id == erasure.id
    assert reapply_erasures(actor=SWEEP, at=at + timedelta(days=1)) == {"applied": 0, "known": 1}


def test_the_register_holds_ids_only_and_a_torn_last_line_is_passed_over(settings, erased, at):
    text = settings.ERASURE_REGISTER_FILE.read_text()
    assert not any(value in text for value in ("ERIKSSON", "L898902C3"))
    assert settings.ERASURE_REGISTER_FILE.stat().st_mode & 0o777 == 0o600
    with settings.ERASURE_REGISTER_FILE.open("a") as file:
        file.write('{"id": "torn')
    assert reapply_erasures(actor=SWEEP, at=at)["known"] == 1


@pytest.mark.parametrize("torn", ['{"id": "torn', '{"id": "whole but for its end"}'])
def test_a_torn_line_swallows_no_erasure_after_it(settings, monkeypatch, passes, at, torn):
    settings.ERASURE_REGISTER_FILE.parent.mkdir(parents=True, exist_ok=True)
    settings.ERASURE_REGISTER_FILE.write_text(torn)
    real = os.write
    # a disk that takes some octets at a time
    monkeypatch.setattr("borders.services.custody.register.os.write", lambda f, octets: real(f, octets[:50]))
    erasure = erase_traveler(
        actor=SWEEP, at=at, traveler_id=passes().crossing.traveler_id, ground="RETENTION", retention="FILE/1"
    )
    assert str(erasure.id) in [line["id"] for line in read_register()]


def test_two_officers_erase_by_command_and_get_the_proof(passes, dora, david, at, capsys):
    traveler_id = passes().crossing.traveler_id
    asked = propose_erasure(actor=dora, at=at, traveler_id=traveler_id, ground="REQUEST", reason="DP 1/2026")
    with pytest.raises(CommandError, match="not_approved"):
        call_command("erase_subject", str(traveler_id), officer=dora.label)
    with pytest.raises(ErasureRefused, match="own_request"):
        decide_erasure(actor=dora, at=at, request_id=asked.id, approve=True)
    decide_erasure(actor=david, at=at, request_id=asked.id, approve=True)
    call_command("erase_subject", str(traveler_id), officer=dora.label)
    assert json.loads(capsys.readouterr().out)["proven"] is True


def test_the_command_proves_with_values_that_the_subject_brings(erased, tmp_path, airport, at, capsys):
    values = tmp_path / "values.json"
    values.write_text(
        json.dumps(
            {
                "texts": ["L898902C3", ["ERIKSSON", "1974-08-12"]],
                "vectors": [base64.b64encode(erased[2]).decode()],
            }
        )
    )
    call_command("prove_erasure", str(erased[0]), values=values)
    assert json.loads(capsys.readouterr().out)["looked_for"] == {"texts": 2, "templates_images_keys": 1}
    TravelParty.objects.create(port=airport, reference="L898902C3", opened_at=at)
    with pytest.raises(SystemExit):
        call_command("prove_erasure", str(erased[0]), values=values)


@pytest.mark.parametrize("content", ["", "[]", '{"texts": 1}', '{"vectors": ["?"]}'])
def test_a_malformed_file_of_values_is_refused_without_naming_one(erased, tmp_path, content):
    path = tmp_path / "values.json"
    path.write_text(content)
    with pytest.raises(CommandError, match="not as --help says"):
        call_command("prove_erasure", str(erased[0]), values=path)


def test_an_officer_of_another_role_may_not_erase(passes, alice_here):
    with pytest.raises(CommandError, match="no data protection officer"):
        call_command("erase_subject", str(passes().crossing.traveler_id), officer=alice_here.label)


def test_a_needle_across_two_pieces_is_found():
    content = os.urandom(5000)
    needle = content[1990:2030]
    assert find_in_stream(as_pieces(content, 2000), (b"not there" * 9, needle)) == {1}


def test_what_is_too_short_to_tell_one_person_from_another_is_not_looked_for():
    assert make_traces([["AB1"], ["", ""], ["<<<<<<<<AB"], ["L898902C3"]], [b"short"]) == Traces(
        (("L898902C3",),), ()
    )


def test_no_template_keeps_its_vector(erased):
    assert bytes(Template.objects.get(engine_version="1").vector) == b""
