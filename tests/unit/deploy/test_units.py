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
# what each unit writes, by the variables that say where; `None`: every one of them
WRITES = {
    "BMIS_DATA_DIR": None,
    "NETWORK_DIR": None,
    "STATIC_ROOT": {"bmis-web"},
    "EXPORT_DIR": {"bmis-web", "bmis-sweep"},
    "GALLERY_DIR": {"bmis-web", "bmis-worker@", "bmis-sweep"},
    "PROMETHEUS_MULTIPROC_DIR": {"bmis-web"},
    # a booth, a desk, a worker and the sweep may all be the first to see a person
    "KEY_STORE_FILE": {"bmis-web", "bmis-worker@", "bmis-sweep", "bmis-backup", "bmis-backup-images"},
    # an erasure: at a desk, or when a period is over
    "ERASURE_REGISTER_FILE": {"bmis-web", "bmis-sweep"},
    "KEY_STORE_COPIES": {"bmis-web", "bmis-sweep"},
    "BACKUP_DIR": {"bmis-web", "bmis-sweep", "bmis-backup", "bmis-backup-images"},
    "WAL_ARCHIVE_DIR": {"bmis-backup", "bmis-backup-images"},
    "AUDIT_HEADS_DIR": {"bmis-sweep"},
}
# keys and programs, which no unit changes
READS = {"AUDIT_KEY_FILE", "MASTER_KEY_FILE", "POSTGRES_BIN_DIR"}
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


def read_places() -> dict[str, Path]:
    """Return every file and folder of this host that env.example names, by its variable."""
    example = (CHECKOUT / "deploy" / "env.example").read_text()
    return {
        name: Path(place)
        for name, place in re.findall(r"^#?([A-Z][A-Z0-9_]+)=(/\S+)$", example, re.MULTILINE)
    }


def read_writable(path: Path) -> list[Path]:
    """Return the folders that a unit may write to, as systemd takes its settings."""
    settings = read_unit(path)

    def words(name: str) -> list[str]:
        return " ".join(settings.get(name, ())).split()

    return [
        *(Path("/var/lib", name) for name in words("StateDirectory")),
        *(Path("/run", name) for name in words("RuntimeDirectory")),
        *(Path(name.removeprefix("-")) for name in words("ReadWritePaths")),
    ]


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


def test_the_table_knows_every_place_of_the_example():
    assert set(read_places()) <= set(WRITES) | READS


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_unit_may_write_where_the_example_puts_what_it_writes(path):
    writable = read_writable(path)
    shut = {
        name: str(place)
        for name, place in read_places().items()
        if name in WRITES
        and (WRITES[name] is None or path.stem in WRITES[name])
        and not any(place.is_relative_to(folder) for folder in writable)
    }
    assert shut == {}


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_unit_may_not_write_where_it_has_no_business(path):
    writable = read_writable(path)
    for name in ("WAL_ARCHIVE_DIR", "AUDIT_HEADS_DIR", *READS):
        if path.stem not in WRITES.get(name, ()):
            assert not any(read_places()[name].is_relative_to(folder) for folder in writable)


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_the_folder_that_units_share_outlives_each_of_them(path):
    settings = read_unit(path)
    assert settings["RuntimeDirectory"][0].split()[0] == "bmis"
    assert settings["RuntimeDirectoryPreserve"] == ["yes"]


def test_the_installation_makes_every_folder_that_systemd_does_not():
    page = (CHECKOUT / "docs" / "operations.md").read_text()
    made = {
        word for line in re.findall(r"^    install -d (.+)$", page, re.MULTILINE) for word in line.split()
    }
    given = {
        Path(word.removeprefix("-"))
        for path in SERVICES
        for line in read_unit(path).get("ReadWritePaths", ())
        for word in line.split()
    }
    for name, place in read_places().items():
        if any(place.is_relative_to(folder) for folder in given) and name != "KEY_STORE_COPIES":
            assert str(place) in made, name
    assert {str(read_places()[name].parent) for name in ("AUDIT_KEY_FILE", "MASTER_KEY_FILE")} <= made


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_no_secret_stands_in_a_unit(path):
    text = path.read_text()
    assert "LoadCredential=secret-key:" in text
    assert "SECRET_KEY=" not in text
    assert "PASSWORD" not in text


def test_web_server_has_the_threads_that_back_pressure_counts_on():
    assert f"--blocking-threads {WEB_THREADS}" in (FOLDER / "bmis-web.service").read_text()
    assert f'"--blocking-threads", "{WEB_THREADS}"' in (CHECKOUT / "deploy" / "Dockerfile").read_text()


def test_counters_are_those_of_the_web_processes_of_this_run_together():
    told = {path.stem: path.read_text().count("PROMETHEUS_MULTIPROC_DIR=") for path in SERVICES}
    assert {name for name, times in told.items() if times} == {"bmis-web"}
    settings = read_unit(FOLDER / "bmis-web.service")
    folder = str(read_places()["PROMETHEUS_MULTIPROC_DIR"]).replace("/run", "%t", 1)
    assert f"PROMETHEUS_MULTIPROC_DIR={folder}" in settings["Environment"]
    # systemd makes it, and whatever ran before the web server has left its counters by then
    assert folder.removeprefix("%t/") in settings["RuntimeDirectory"][0].split()
    assert settings["ExecStartPre"][-1] == f"/usr/bin/find {folder} -mindepth 1 -delete"


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
