"""What a restore needs besides the backup: copied whole, under the lock of its writers, and handed on."""

import fcntl
import json
import os
import shlex
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from audit.services.backups import BackupFailed, copy_locked, making, refresh_images

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def site(settings, tmp_path: Path) -> Path:
    """One finished backup, a key store and a register."""
    for name in ("images", "wal", "keys"):
        (tmp_path / name).mkdir()
    settings.BACKUP_DIR, settings.WAL_ARCHIVE_DIR = tmp_path / "backups", tmp_path / "wal"
    settings.IMAGE_STORE_DIR = tmp_path / "images"
    settings.KEY_STORE_FILE, settings.ERASURE_REGISTER_FILE = tmp_path / "keys" / "k", tmp_path / "keys" / "r"
    settings.KEY_STORE_FILE.write_bytes(b"k" * 128)
    settings.ERASURE_REGISTER_FILE.write_text("{}\n")
    newest = settings.BACKUP_DIR / "20261120T080000Z"
    newest.mkdir(parents=True)
    (newest / "manifest.json").write_text(json.dumps({"made_at": AT.isoformat()}))
    return newest


def test_keys_and_register_lie_beside_the_backups_for_their_owner_alone(site):
    refresh_images(at=AT)
    copies = {p.name: p for p in site.parent.iterdir() if p.is_file()}
    assert {name: p.read_bytes() for name, p in copies.items()} == {
        "key-store": b"k" * 128, "erasures.jsonl": b"{}\n"
    }  # fmt: skip
    assert {p.stat().st_mode & 0o777 for p in copies.values()} == {0o600}


def test_the_copy_waits_for_a_writer_and_holds_what_it_wrote(settings, site):
    refresh_images(at=AT)
    copy = site.parent / "key-store"
    file = os.open(settings.KEY_STORE_FILE, os.O_RDWR)
    fcntl.flock(file, fcntl.LOCK_EX)
    taken = threading.Thread(target=refresh_images, kwargs={"at": AT})
    taken.start()
    taken.join(0.3)
    assert taken.is_alive()
    assert copy.read_bytes() == b"k" * 128
    os.pwrite(file, b"-" * 128, 0)
    os.close(file)
    taken.join(10)
    assert copy.read_bytes() == b"-" * 128


def test_a_key_store_that_may_only_be_read_is_copied(monkeypatch, settings, tmp_path, site):
    def open_file(path, flags, *rest):
        if path == settings.KEY_STORE_FILE and flags & os.O_RDWR:
            raise PermissionError
        return real(path, flags, *rest)

    real = os.open
    monkeypatch.setattr("audit.services.backups.copying.os.open", open_file)
    assert copy_locked(source=settings.KEY_STORE_FILE, to=tmp_path / "copy") == 128


def test_a_copy_that_cannot_be_made_is_a_failure_of_the_backup(site):
    (site.parent / "key-store").mkdir()
    with pytest.raises(BackupFailed, match="disk"):
        refresh_images(at=AT)


@pytest.mark.parametrize("has_register", [True, False])
def test_the_command_is_handed_all_that_a_restore_needs_and_is_there(settings, tmp_path, site, has_register):
    out = tmp_path / "said"
    script = f"import sys; open({str(out)!r}, 'w').write(chr(10).join(sys.argv[1:]))"
    words = " ".join(shlex.quote(w) for w in (sys.executable, "-c", script))
    settings.BACKUP_AFTER = f"{words} --to far {{}} {{log}} {{register}} {{keys}}"
    if not has_register:
        settings.ERASURE_REGISTER_FILE.unlink()
    refresh_images(at=AT)
    making._take_away(site)
    register = [str(site.parent / "erasures.jsonl")] if has_register else []
    assert out.read_text().split("\n") == [
        "--to", "far", str(site), str(settings.WAL_ARCHIVE_DIR), *register, str(site.parent / "key-store")
    ]  # fmt: skip
