"""A subject gets all that is kept of them, in a file that only they can open, and every giving is on record."""

import io
import json
import zipfile
from uuid import uuid4

import pytest
import pyzipper
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from audit.models import AuditEntry
from biometrics.services.images import read_content
from borders.models import Disclosure
from borders.services.custody import SubjectUnknown, export_subject, record_disclosure
from tests.db.borders.custody.conftest import SWEEP

pytestmark = pytest.mark.django_db


def opened(content: bytes, passphrase: str) -> dict[str, bytes]:
    with pyzipper.AESZipFile(io.BytesIO(content)) as packed:
        packed.setpassword(passphrase.encode())
        return {name: packed.read(name) for name in packed.namelist()}


@pytest.fixture
def given(passes, dora, at):
    passed = passes()
    record_disclosure(
        actor=SWEEP, at=at, traveler_ids=[passed.crossing.traveler_id], recipient="Police of Utopia", purpose="law_enforcement",
        legal_basis="Act 7", fields=["document_number"], reference="X-1",
    )  # fmt: skip
    made = export_subject(actor=dora, at=at, traveler_id=passed.crossing.traveler_id, reference="DP 7/2026")
    return passed, made, opened(made.content, made.passphrase)


def test_the_file_holds_rows_and_images_of_the_person(given):
    passed, made, files = given
    record = json.loads(files["record.json"])
    assert record["tables"]["travelers.Traveler"][0]["primary_identifier"] == "ERIKSSON"
    assert {"borders.Crossing", "borders.Stay", "borders.Inspection", "travelers.TravelDocument"} <= set(
        record["tables"]
    )
    assert record["kept_until"]["class"] == "UNLIMITED_STAY"
    (name,) = (name for name in files if name.startswith("images/"))
    assert files[name] == read_content(image=passed.inspection.face_image)
    assert (made.images, made.rows) == (1, sum(len(rows) for rows in record["tables"].values()))


def test_the_file_tells_to_whom_data_were_given(given):
    record = json.loads(given[2]["record.json"])
    assert [d["recipient"] for d in record["disclosures"]] == ["Police of Utopia"]
    assert set(Disclosure.objects.values_list("recipient", flat=True)) == {"Police of Utopia", "The subject"}


def test_the_file_tells_nothing_of_searches_of_lists_and_of_officers(given):
    text = given[2]["record.json"].decode()
    assert not any(label in text for label in ("watchlists.", "FacilitatorCase", "decided_by", '"officer"'))


def test_the_file_opens_with_its_passphrase_only(given):
    _, made, _ = given
    assert b"ERIKSSON" not in made.content
    assert all(entry.flag_bits & 1 for entry in zipfile.ZipFile(io.BytesIO(made.content)).infolist())
    with pytest.raises(RuntimeError, match="Bad password"):
        opened(made.content, "wrong")


def test_a_giving_leaves_a_look_and_no_value_in_the_trail(given):
    row = AuditEntry.objects.get(action="traveler.exported_to_subject")
    assert row.object_id == str(given[0].crossing.traveler_id)
    assert {"travelers.Traveler.birth_date", "travelers.TravelDocument.document_number"} <= set(row.fields)
    assert "ERIKSSON" not in str(row.detail)


def test_only_the_data_protection_officer_gives(passes, alice_here, at):
    with pytest.raises(PermissionDenied):
        export_subject(actor=alice_here, at=at, traveler_id=passes().crossing.traveler_id, reference="X")


def test_nobody_unknown_is_given(dora, at):
    with pytest.raises(SubjectUnknown):
        export_subject(actor=dora, at=at, traveler_id=uuid4(), reference="X")


def test_the_command_writes_the_file_for_its_owner_only(passes, dora, tmp_path, capsys):
    path = tmp_path / "answer.zip"
    traveler_id = str(passes().crossing.traveler_id)
    call_command("export_subject", traveler_id, reference="DP 8/2026", to=path, officer=dora.label)
    passphrase = capsys.readouterr().out.split("Passphrase: ")[1].split()[0]
    assert "record.json" in opened(path.read_bytes(), passphrase)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="there already"):
        call_command("export_subject", traveler_id, reference="DP 8/2026", to=path, officer=dora.label)
