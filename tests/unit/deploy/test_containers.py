"""deploy/compose.yaml and the Dockerfile, as far as they can be judged without a container engine."""

import re

import pytest
import yaml

from deploy.launcher.configuration import CHECKOUT

COMPOSE = yaml.safe_load((CHECKOUT / "deploy" / "compose.yaml").read_text())
DOCKERFILE = (CHECKOUT / "deploy" / "Dockerfile").read_text()
SERVICES = COMPOSE["services"]
OURS = ("migrate", "web", "worker-inspection", "worker-background", "sweep")
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
