"""deploy/compose.yaml and the Dockerfile, as far as they can be judged without a container engine."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands

from deploy.launcher.configuration import CHECKOUT
from deploy.launcher.postgres import PACKAGE

COMPOSE = yaml.safe_load((CHECKOUT / "deploy" / "compose.yaml").read_text())
DOCKERFILE = (CHECKOUT / "deploy" / "Dockerfile").read_text()
SERVICES = COMPOSE["services"]
OURS = ("migrate", "web", "worker-inspection", "worker-background", "sweep", "backup")
# of the Compose specification, as far as used here
KEYS = {
    *(
        "image",
        "build",
        "env_file",
        "environment",
        "secrets",
        "user",
        "read_only",
        "tmpfs",
        "volumes",
        "cap_drop",
        "cap_add",
    ),
    *(
        "security_opt",
        "networks",
        "restart",
        "stop_grace_period",
        "logging",
        "depends_on",
        "command",
        "healthcheck",
    ),
    *("mem_limit", "pids_limit", "ports", "network_mode", "shm_size"),
}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_uses_keys_that_compose_knows(name):
    service = SERVICES[name]
    assert set(service) <= KEYS
    assert not {"networks", "network_mode"} <= set(service)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_more_rights_than_it_needs(name):
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "database"])
def test_a_service_runs_unprivileged_on_a_read_only_file_system(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert int(service["user"].partition(":")[0]) > 0


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_named_is_declared(name):
    service = SERVICES[name]
    assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])
    assert set(service.get("networks", ())) <= set(COMPOSE["networks"])
    assert set(service.get("depends_on", {})) <= set(SERVICES)
    named = {volume.partition(":")[0] for volume in service.get("volumes", ()) if not volume.startswith(".")}
    assert named <= set(COMPOSE["volumes"])
    for volume in service.get("volumes", ()):
        if volume.startswith("./") and not volume.startswith("./tls"):
            assert (CHECKOUT / "deploy" / volume.partition(":")[0]).exists()


@pytest.mark.parametrize("name", OURS)
def test_ours_reach_nothing_outside(name):
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert set(SERVICES[name]["networks"]) <= {"inside", "front"}


def test_databases_are_not_reachable_from_outside():
    assert [name for name in SERVICES if "ports" in SERVICES[name]] == ["web"]


def test_every_service_has_a_health_check_or_says_that_it_has_none():
    for name in OURS:
        assert name == "web" or SERVICES[name]["healthcheck"] == {"disable": True}
    for name in ("database", "broker"):
        assert SERVICES[name]["healthcheck"]["test"]
    assert "HEALTHCHECK" in DOCKERFILE


def test_no_secret_stands_in_compose_or_image():
    text = (CHECKOUT / "deploy" / "compose.yaml").read_text() + DOCKERFILE
    assert not re.search(
        r"(PASSWORD|SECRET_KEY|_URL)\s*[:=]\s*[^/\s]*[A-Za-z0-9]{8}", text.replace("_FILE", "")
    )
    assert all(secret == {"file": f"./secrets/{name}"} for name, secret in COMPOSE["secrets"].items())


def test_image_brings_the_files_of_the_pages():
    place = re.search(r"^    STATIC_ROOT=(\S+)", DOCKERFILE, re.MULTILINE)[1]
    assert f"STATIC_ROOT={place} .venv/bin/python manage.py collectstatic --noinput" in DOCKERFILE
    # a volume would go on showing those of the version before
    assert not place.startswith("/var/lib/bmis")


def test_proxy_sees_nothing_of_the_data():
    assert not [volume for volume in SERVICES["proxy"]["volumes"] if volume.startswith("data:")]


def test_image_is_built_from_the_lock_and_runs_unprivileged():
    assert "--require-hashes -r requirements.lock" in DOCKERFILE
    assert re.findall(r"^USER (\d+):", DOCKERFILE, re.MULTILINE) == ["10001"]
    assert "latest" not in DOCKERFILE


# keys that open what is sealed, and who needs them: neither the owner of the tables nor the backups
KEYS_OF = {
    "master-keys": {"web", "worker-inspection", "worker-background", "sweep"},
    "audit-key": {"sweep"},
}
# what each service writes, by the variables that say where
WRITES = {
    "BMIS_DATA_DIR": {"web", "worker-inspection", "worker-background", "sweep"},
    "KEY_STORE_FILE": {"web", "worker-inspection", "worker-background", "sweep", "backup"},
    "GALLERY_DIR": {"web", "worker-inspection", "worker-background", "sweep"},
    "BACKUP_DIR": {"web", "sweep", "backup"},
    "WAL_ARCHIVE_DIR": {"backup"},
    "AUDIT_HEADS_DIR": {"sweep"},
    "PROMETHEUS_MULTIPROC_DIR": {"web"},
}


def read_environment(name: str) -> dict[str, str]:
    """Return what a container of ours is told: by the image, by the service, and by the file that the operator fills in."""
    image = dict(
        re.findall(r"^(?:ENV|   ) ([A-Z_]+)=(\S+)(?: \\)?$", DOCKERFILE.split("\nFROM ")[-1], re.MULTILINE)
    )
    return image | {"ALLOWED_HOSTS": "border.example"} | SERVICES[name].get("environment", {})


def read_writable(name: str) -> list[Path]:
    mounts = [volume.split(":") for volume in SERVICES[name].get("volumes", ())]
    return [
        *(Path(mount[1]) for mount in mounts if mount[-1] != "ro"),
        *(Path(place.partition(":")[0]) for place in SERVICES[name].get("tmpfs", ())),
    ]


@pytest.mark.parametrize("name", OURS)
def test_a_service_is_told_all_that_production_demands(name, tmp_path):
    told = read_environment(name)
    secrets = {"secret-key": "k" * 60, "broker-url": "redis://broker:6379/0"}
    secrets |= dict.fromkeys(("database-url", "database-owner-url"), "postgresql://bmis_app:a@database/bmis")
    for mounted in SERVICES[name]["secrets"]:
        (tmp_path / mounted).write_text(secrets.get(mounted, ""))
    environment = {key: value.replace("/run/secrets", str(tmp_path)) for key, value in told.items()}
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import deploy.settings as s; print(s.DATABASES['default']['HOST'], s.PRODUCTION)",
        ],
        cwd=CHECKOUT,
        env=environment | {"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.stdout.split() == ["database", "True"], said.stderr


@pytest.mark.parametrize("name", OURS)
def test_a_secret_that_is_named_is_mounted(name):
    mounted = set(SERVICES[name]["secrets"])
    named = {Path(v).name for v in SERVICES[name]["environment"].values() if v.startswith("/run/secrets/")}
    assert mounted - set(KEYS_OF) == named - set(KEYS_OF)
    assert mounted & set(KEYS_OF) == {key for key, services in KEYS_OF.items() if name in services}


@pytest.mark.parametrize("name", OURS)
def test_a_service_may_write_where_its_variables_point(name):
    told, writable = read_environment(name), read_writable(name)
    shut = [
        told[variable]
        for variable, services in WRITES.items()
        if name in services and not any(Path(told[variable]).is_relative_to(folder) for folder in writable)
    ]
    assert shut == []
    for variable in ("WAL_ARCHIVE_DIR", "AUDIT_HEADS_DIR"):
        if name not in WRITES[variable]:
            assert not any(Path(told[variable]).is_relative_to(folder) for folder in writable)


def test_a_new_volume_belongs_to_who_writes_it():
    places = {volume.split(":")[1] for name in OURS for volume in SERVICES[name]["volumes"]}
    assert places <= set(re.findall(r"(?<= )/\S+", DOCKERFILE))
    assert "install -d -o 999 -g bmis -m 2770 /srv/backup/bmis-wal" in DOCKERFILE


def test_every_command_of_ours_exists():
    named = re.findall(r"manage\.py\W+([a-z_]+)", (CHECKOUT / "deploy" / "compose.yaml").read_text())
    named += re.findall(r"manage\.py ([a-z_]+)", (CHECKOUT / "deploy" / "backups.sh").read_text())
    assert {"migrate", "sweep", "backup", "check_backup"} == set(named) <= set(get_commands())


def test_nothing_of_the_host_comes_into_the_image():
    left_out = set((CHECKOUT / ".dockerignore").read_text().splitlines())
    assert {".venv", ".data", ".cache", ".git", "deploy/secrets", "deploy/tls", "deploy/env"} <= left_out


def test_postgresql_reads_what_it_is_started_with(tmp_path):
    command = SERVICES["database"]["command"]
    mounted = dict(v.split(":")[1::-1] for v in SERVICES["database"]["volumes"] if v.startswith("./"))
    (tmp_path / "postgresql.conf").touch()
    options = [
        re.sub(r"/etc/bmis/\S+", lambda found: str(CHECKOUT / "deploy" / mounted[found[0]]), option)
        for option in command[1:]
    ]
    for name, value in (
        ("archive_mode", "on"),
        ("archive_timeout", "60"),
        ("maintenance_work_mem", "131072"),
    ):
        said = subprocess.run(
            [PACKAGE / "pginstall" / "bin" / "postgres", "-C", name, "-D", tmp_path, *options],
            capture_output=True,
            text=True,
            check=False,
        )
        assert said.stdout.strip() == value, said.stderr
    assert (
        f"{SERVICES['backup']['environment']['WAL_ARCHIVE_DIR']}/"
        in (CHECKOUT / "deploy" / "postgresql" / "bmis.conf").read_text()
    )


@pytest.mark.parametrize(
    ("there", "called"),
    [
        ([], ["backup", "check_backup"]),
        (["20200101T021500Z", "key-store"], ["backup", "check_backup"]),
        (["20200101T021500Z", "29990101T021500Z"], ["backup --images-only"]),
    ],
)
def test_a_night_without_a_backup_gets_one_and_images_follow(tmp_path, there, called):
    for name in there:
        (tmp_path / "backups" / name).mkdir(parents=True)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    python = tmp_path / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nshift\necho "$*" >> "{tmp_path}/called"\n')
    python.chmod(0o755)
    process = subprocess.Popen(
        ["sh", CHECKOUT / "deploy" / "backups.sh", "600"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "BACKUP_DIR": str(tmp_path / "backups")},
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not (
            (tmp_path / "called").exists()
            and len((tmp_path / "called").read_text().splitlines()) == len(called)
        ):
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        # it does not sleep its five minutes out
        assert process.wait(20) == 0
    finally:
        with contextlib.suppress(ProcessLookupError):  # the sleep that it left
            os.killpg(process.pid, signal.SIGKILL)
    assert (tmp_path / "called").read_text().splitlines() == called
