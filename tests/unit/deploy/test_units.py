"""deploy/systemd: systemd itself finds nothing wrong with the units, and each is locked in."""

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands

from deploy.launcher.application import WEB_THREADS
from deploy.launcher.configuration import CHECKOUT

FOLDER = CHECKOUT / "deploy" / "systemd"
SERVICES = sorted(FOLDER.glob("*.service"))
TIMERS = sorted(FOLDER.glob("*.timer"))
MOST_EXPOSURE = 2.5  # of 10, as systemd-analyze security counts; a service without any of it has 9.6
PYTHON = "/opt/bmis/.venv/bin/python"
ANALYZE = shutil.which("systemd-analyze")


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The units with an interpreter and folders that exist here."""
    folder = tmp_path_factory.mktemp("units")
    for unit in FOLDER.iterdir():
        name = unit.name.replace("@.", "@inspection.")
        text = unit.read_text().replace(PYTHON, sys.executable).replace("/opt/bmis", str(CHECKOUT))
        (folder / name).write_text(text)
    return folder


def read_unit(path: Path) -> dict[str, list[str]]:
    """Return the settings of [Service], each with all its values."""
    parser = configparser.RawConfigParser(strict=False, dict_type=dict, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    settings: dict[str, list[str]] = {}
    for line in path.read_text().splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            settings.setdefault(name, []).append(value)
    return settings


@pytest.mark.skipif(ANALYZE is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("name", [path.name for path in SERVICES + TIMERS] + ["bmis.target", "bmis.slice"])
def test_systemd_finds_nothing_wrong(units, name):
    unit = units / name.replace("@.", "@inspection.")
    said = subprocess.run([ANALYZE, "verify", "--man=no", unit], capture_output=True, text=True, check=False)
    complaints = [line for line in said.stderr.splitlines() if str(units) in line or unit.name in line]
    # units of the distribution that are not installed here
    assert [line for line in complaints if "not found" not in line] == []


@pytest.mark.skipif(ANALYZE is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("name", [path.name for path in SERVICES])
def test_a_service_is_exposed_as_little_as_it_can_be(units, name):
    unit = units / name.replace("@.", "@inspection.")
    said = subprocess.run(
        [
            ANALYZE,
            "security",
            "--offline=true",
            f"--threshold={round(MOST_EXPOSURE * 10)}",
            "--no-pager",
            unit,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout[-400:] + said.stderr


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_service_has_bounds_and_an_account_of_its_own(path):
    settings = read_unit(path)
    assert settings["User"] == ["bmis"]
    assert settings["Slice"] == ["bmis.slice"]
    assert settings["MemoryMax"]
    assert settings["LimitCORE"] == ["0"]
    assert settings["ProtectSystem"] == ["strict"]


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_no_secret_stands_in_a_unit(path):
    text = path.read_text()
    assert "LoadCredential=secret-key:" in text
    assert "SECRET_KEY=" not in text
    assert "PASSWORD" not in text


def test_web_server_has_the_threads_that_back_pressure_counts_on():
    assert f"--blocking-threads {WEB_THREADS}" in (FOLDER / "bmis-web.service").read_text()
    assert f'"--blocking-threads", "{WEB_THREADS}"' in (CHECKOUT / "deploy" / "Dockerfile").read_text()


def test_web_server_gathers_the_files_that_it_serves():
    assert (
        f"{PYTHON} manage.py collectstatic --noinput"
        in read_unit(FOLDER / "bmis-web.service")["ExecStartPre"]
    )


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_no_way_out_but_to_our_own_networks(path):
    settings = read_unit(path)
    assert settings["IPAddressDeny"] == ["any"]
    assert settings["IPAddressAllow"] == ["localhost", "10.0.0.0/8"]


def test_backups_are_made_by_the_clock_and_by_the_owner_alone():
    assert {path.stem for path in TIMERS} == {"bmis-backup", "bmis-backup-images"}
    owners = {path.stem for path in SERVICES if "/etc/bmis/keys/database-owner-url" in path.read_text()}
    assert owners == {"bmis-migrate", "bmis-backup", "bmis-backup-images"}
    # what may be lost of images is what may be lost of rows
    assert "OnUnitInactiveSec=5min" in (FOLDER / "bmis-backup-images.timer").read_text()


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_commands_of_a_unit_exist(path):
    known = get_commands()
    for line in path.read_text().splitlines():
        if (found := re.search(r"manage\.py ([a-z_]+)", line)) and line.startswith("Exec"):
            assert found[1] in known
