"""The file of the demo's passwords."""

import json
import stat
from pathlib import Path

import pytest

from borders.demo.logins import FILE_NAME, LoginsMissing, keep_logins, read_logins
from borders.demo.places import STAFF


def test_every_account_gets_a_password_of_its_own(tmp_path: Path) -> None:
    passwords = keep_logins(tmp_path)
    assert set(passwords) == {person.username for person in STAFF}
    assert len(set(passwords.values())) == len(STAFF)
    assert min(map(len, passwords.values())) >= 16


def test_file_can_be_read_by_its_owner_alone(tmp_path: Path) -> None:
    keep_logins(tmp_path)
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


def test_file_that_was_opened_to_others_is_closed_again(tmp_path: Path) -> None:
    keep_logins(tmp_path)
    (tmp_path / FILE_NAME).chmod(0o644)
    keep_logins(tmp_path)
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


def test_second_run_keeps_file_and_passwords(tmp_path: Path) -> None:
    passwords = keep_logins(tmp_path)
    before = (tmp_path / FILE_NAME).stat()
    assert keep_logins(tmp_path) == passwords == read_logins(tmp_path)
    assert (tmp_path / FILE_NAME).stat().st_mtime_ns == before.st_mtime_ns


def test_two_checkouts_have_different_passwords(tmp_path: Path) -> None:
    first, second = keep_logins(tmp_path / "a"), keep_logins(tmp_path / "b")
    assert set(first.values()).isdisjoint(second.values())


def test_file_says_where_to_log_in_and_as_what(tmp_path: Path) -> None:
    keep_logins(tmp_path)
    logins = json.loads((tmp_path / FILE_NAME).read_text())
    assert all(set(login) == {"role", "username", "password", "where"} for login in logins)
    assert {login["where"] for login in logins if login["role"] == "SUPERVISOR"} == {"/admin/"}


def test_reading_before_seeding_says_that_there_are_none(tmp_path: Path) -> None:
    with pytest.raises(LoginsMissing):
        read_logins(tmp_path)
