"""`import_master_list` and `activate_trust_store`: governed from the command line, too."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.documents.pki.state import master_list, roll_over, utopia
from travelers.models import TrustStoreVersion
from travelers.services.trust_store import get_trust_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    state = utopia()
    (tmp_path / "list.ml").write_bytes(master_list(state, state.csca.der))
    (tmp_path / "root.cer").write_bytes(state.csca.der)
    (tmp_path / "other.cer").write_bytes(roll_over(state)[0].der)
    return tmp_path


def run(name: str, *arguments: str, **options: object) -> str:
    out = StringIO()
    call_command(name, *arguments, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def test_a_list_is_proposed_and_put_in_force_by_a_person(folder: Path, alice, bob) -> None:
    said = json.loads(run("import_master_list", str(folder / "list.ml"), root=[folder / "root.cer"]))
    assert (said["version"], said["state"], said["diff"]["added"]) == (1, "PROPOSED", 1)
    assert "ACTIVE" in run("activate_trust_store", "1", by=bob.user.username)
    assert len(get_trust_store()[0].anchors) == 1


def test_who_proposed_by_name_does_not_activate(folder: Path, alice) -> None:
    who = alice.user.username
    run("import_master_list", str(folder / "list.ml"), root=[folder / "root.cer"], by=who)
    with pytest.raises(CommandError, match="second_person_required"):
        run("activate_trust_store", "1", by=who)


def test_a_list_of_another_root_is_refused(folder: Path) -> None:
    with pytest.raises(CommandError, match="NO_PINNED_ROOT"):
        run("import_master_list", str(folder / "list.ml"), root=[folder / "other.cer"])
    assert not TrustStoreVersion.objects.exists()


def test_nobody_cannot_activate(folder: Path) -> None:
    run("import_master_list", str(folder / "list.ml"), root=[folder / "root.cer"])
    with pytest.raises(CommandError, match="Say who acts"):
        run("activate_trust_store", "1", by="nobody")
