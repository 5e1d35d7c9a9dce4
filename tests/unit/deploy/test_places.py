import os
import pwd

import pytest

from deploy.launcher.failures import ExitCode, LaunchError
from deploy.launcher.places import (
    POINTER,
    can_reach,
    check_disk_space,
    copy_readable,
    find_memory,
    make_data_folder,
    remove_data,
    settle_server_folder,
)
from deploy.launcher.postgres import choose_buffers_mb

NOBODY = pwd.getpwnam("nobody")


def test_ourselves_reach_everything(tmp_path):
    assert can_reach(None, tmp_path)


def test_a_private_folder_is_closed_to_another_account(tmp_path):
    tmp_path.chmod(0o700)
    below = tmp_path / "open"
    below.mkdir(mode=0o755)

    assert not can_reach(NOBODY, below)


def test_a_full_disk_is_named_with_what_is_needed(tmp_path):
    with pytest.raises(LaunchError, match=r"is full.*are needed.*BMIS_DATA_DIR") as refusal:
        check_disk_space(tmp_path, needed_mib=10**9)

    assert refusal.value.code == ExitCode.DISK_FULL


def test_a_file_where_the_data_folder_should_be_is_refused(tmp_path):
    (tmp_path / "data").touch()

    with pytest.raises(LaunchError, match="is not a folder") as refusal:
        make_data_folder(tmp_path / "data")

    assert refusal.value.code == ExitCode.REFUSED


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_named_with_its_owner(tmp_path):
    tmp_path.chmod(0o500)

    with pytest.raises(LaunchError, match=r"No permission to write.*belongs to") as refusal:
        make_data_folder(tmp_path / "data")

    assert refusal.value.code == ExitCode.NO_PERMISSION


def test_the_servers_share_the_data_folder_when_they_can_reach_it(tmp_path):
    assert settle_server_folder(tmp_path, None) == tmp_path
    assert not (tmp_path / POINTER).exists()


def test_servers_that_cannot_reach_the_data_folder_get_one_outside_found_again_and_removed(tmp_path):
    tmp_path.chmod(0o700)
    data = tmp_path / "data"
    data.mkdir()

    folder = settle_server_folder(data, NOBODY)

    assert can_reach(NOBODY, folder)
    assert settle_server_folder(data, NOBODY) == folder
    assert set(remove_data(data)) == {folder, data}
    assert not folder.exists()


def test_a_pointer_to_a_folder_that_is_not_ours_removes_nothing_else(tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    data = tmp_path / "data"
    data.mkdir()
    (data / POINTER).write_text(f"{precious}\n")

    assert remove_data(data) == [data]
    assert precious.exists()


def test_a_copy_is_readable_by_all_even_of_private_files(tmp_path):
    source = tmp_path / "source"
    (source / "bin").mkdir(parents=True, mode=0o700)
    tool = source / "bin" / "tool"
    tool.touch(mode=0o700)
    text = source / "text"
    text.touch(mode=0o600)

    copy_readable(source, tmp_path / "copy")

    modes = {name: (tmp_path / "copy" / name).stat().st_mode & 0o777 for name in ("bin", "bin/tool", "text")}
    assert modes == {"bin": 0o755, "bin/tool": 0o755, "text": 0o644}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "source"]


@pytest.mark.parametrize(
    ("memory_gib", "buffers_mb"), [(1, 256), (4, 256), (8, 512), (16, 1024), (256, 1024)], ids=str
)
def test_postgresql_keeps_pages_in_a_sixteenth_of_the_memory_within_bounds(memory_gib, buffers_mb):
    assert choose_buffers_mb(memory_gib * 2**30) == buffers_mb


@pytest.mark.parametrize("limit", ["max", "1073741824"])
def test_a_container_has_the_memory_that_it_is_told(tmp_path, limit):
    told = tmp_path / "memory.max"
    told.write_text(f"{limit}\n")
    whole = find_memory([tmp_path / "missing"])

    assert find_memory([told]) == (whole if limit == "max" else min(whole, 2**30))
