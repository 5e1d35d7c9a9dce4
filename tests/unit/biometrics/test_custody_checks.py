"""A production system whose keys or faces lie open does not start."""

from pathlib import Path

import pytest

from biometrics.services.custody_checks import check_custody, file_system_of
from biometrics.services.keys.master import make_first


@pytest.fixture(autouse=True)
def _production(settings, tmp_path: Path) -> None:
    settings.PRODUCTION = True
    settings.BMIS_DATA_DIR = tmp_path / "data"
    settings.BACKUP_DIR = tmp_path / "backups"
    settings.MASTER_KEY_FILE = tmp_path / "etc" / "master-keys"
    settings.GALLERY_DIR = tmp_path / "galleries"
    settings.GALLERY_BACKEND = "exact"
    settings.GALLERY_DISK_ENCRYPTED = True
    make_first(settings.MASTER_KEY_FILE)


def ids() -> list[str]:
    return [message.id for message in check_custody()]


def test_a_system_in_order_says_nothing():
    assert ids() == []


def test_a_missing_master_key_is_an_error(settings):
    settings.MASTER_KEY_FILE.unlink()
    assert ids() == ["biometrics.E001"]


def test_a_master_key_that_others_may_read_is_an_error(settings):
    settings.MASTER_KEY_FILE.chmod(0o604)
    assert ids() == ["biometrics.E001"]


def test_galleries_on_an_open_disk_are_an_error(settings, monkeypatch):
    settings.GALLERY_DISK_ENCRYPTED = False
    monkeypatch.setattr("biometrics.services.custody_checks.file_system_of", lambda path: "ext4")
    assert ids() == ["biometrics.E002"]


def test_galleries_in_memory_are_in_order(settings, monkeypatch):
    settings.GALLERY_DISK_ENCRYPTED = False
    monkeypatch.setattr("biometrics.services.custody_checks.file_system_of", lambda path: "tmpfs")
    assert ids() == []


@pytest.mark.parametrize("backend", ["pgvector", "milvus"])
def test_a_backend_that_keeps_vectors_in_the_clear_needs_an_encrypted_disk(settings, backend):
    settings.GALLERY_BACKEND = backend
    assert ids() == []
    settings.GALLERY_DISK_ENCRYPTED = False
    assert ids() == ["biometrics.E003"]


def test_a_master_key_beside_the_data_is_warned_of(settings):
    settings.MASTER_KEY_FILE = settings.BACKUP_DIR / "master-keys"
    make_first(settings.MASTER_KEY_FILE)
    assert ids() == ["biometrics.W001"]


def test_a_demo_is_left_alone(settings):
    settings.PRODUCTION = False
    settings.MASTER_KEY_FILE.unlink()
    assert ids() == []


def test_the_file_system_of_a_folder_that_is_not_there_is_that_of_its_parent():
    assert file_system_of(Path("/proc/self/no/such/folder")) == "proc"
