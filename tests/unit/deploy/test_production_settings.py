"""`manage.py check --deploy` finds nothing under DEPLOYMENT=production, and what must not be missing is asked for."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from biometrics.services.keys.master import make_first

CHECKOUT = Path(__file__).parents[3]
PRODUCTION = {
    "DEPLOYMENT": "production",
    "SECRET_KEY": "k" * 25 + "abcdefghijklmnopqrstuvwxyz0123456789",
    "ALLOWED_HOSTS": "border.example",
    "DATABASE_URL": "postgresql://127.0.0.1:1/unset",
    "BROKER_URL": "redis://127.0.0.1:1/0",
    "TRUSTED_PROXIES": "127.0.0.1,::1",
}


SERVE = """
from django.core.management import call_command
import django
django.setup()
call_command("collectstatic", "--noinput", verbosity=0)
from django.test import RequestFactory
from deploy.wsgi import application
told = {"HTTP_HOST": "border.example", "HTTP_X_FORWARDED_PROTO": "https"}
environ = RequestFactory().get("/static/console/icon.svg").environ | told
content = b"".join(application(environ, lambda status, headers: print(status, dict(headers)["Content-Type"])))
print(b"<svg" in content)
"""


def run(tmp_path: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    keys = tmp_path / "etc" / "master-keys"
    if not keys.exists():
        make_first(keys)
    environment = {
        "PATH": os.environ["PATH"],
        "BMIS_DATA_DIR": str(tmp_path / "data"),
        "MASTER_KEY_FILE": str(keys),
        "KEY_STORE_FILE": str(tmp_path / "keys" / "subject-keys"),
        "GALLERY_DIR": "/dev/shm/bmis-galleries",
        **PRODUCTION,
        **changes,
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=CHECKOUT,
        env={name: value for name, value in environment.items() if value},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def check(tmp_path: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    return run(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING", **changes)


def test_the_deployment_check_is_clean(tmp_path: Path) -> None:
    found = check(tmp_path)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "no issues" in found.stdout


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "ALLOWED_HOSTS", "MASTER_KEY_FILE", "KEY_STORE_FILE", "GALLERY_DIR"]
)
def test_production_does_not_start_without(tmp_path: Path, name: str) -> None:
    assert check(tmp_path, **{name: ""}).returncode != 0


def test_production_that_believes_no_proxy_is_told_so(tmp_path: Path) -> None:
    found = check(tmp_path, TRUSTED_PROXIES="")
    assert found.returncode != 0
    assert "borders.W001" in found.stderr


@pytest.mark.parametrize("networks", ["10.0.0.1/8", "proxy.example", "127.0.0.1,0.0.0.0/0"])
def test_proxies_that_are_no_networks_are_refused(tmp_path: Path, networks: str) -> None:
    found = check(tmp_path, TRUSTED_PROXIES=networks)
    assert found.returncode != 0
    assert "TRUSTED_PROXIES must" in found.stderr


def test_production_serves_the_files_that_were_gathered(tmp_path: Path) -> None:
    said = run(tmp_path, "-c", SERVE, DJANGO_SETTINGS_MODULE="deploy.settings")
    assert said.stdout.splitlines() == ["200 OK image/svg+xml", "True"], said.stderr
    assert (tmp_path / "data" / "static" / "console" / "icon.svg").exists()


SCRAPE = """
import sys
import django
django.setup()
from django.test import Client
answer = Client().get(sys.argv[1], headers={"Host": sys.argv[2]})
print(answer.status_code, "bmis_database_up 0.0" in answer.content.decode())
"""


def test_the_example_of_a_scrape_is_answered(tmp_path: Path) -> None:
    job = yaml.safe_load((CHECKOUT / "deploy" / "prometheus" / "scrape.yml").read_text())["scrape_configs"][0]
    example = (CHECKOUT / "deploy" / "env.example").read_text()
    hosts = re.search(r"^#ALLOWED_HOSTS=(\S+)$", example, re.MULTILINE)[1]  # type: ignore[index]
    said = subprocess.run(
        [sys.executable, "-c", SCRAPE, job["metrics_path"], job["static_configs"][0]["targets"][0]],
        cwd=CHECKOUT,
        env=PRODUCTION
        | {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "deploy.settings",
            "ALLOWED_HOSTS": hosts,
            "TRUSTED_PROXIES": "127.0.0.1",
            "BMIS_DATA_DIR": str(tmp_path),
            "STATIC_ROOT": str(tmp_path),
            "MASTER_KEY_FILE": str(tmp_path / "master-keys"),
            "KEY_STORE_FILE": str(tmp_path / "subject-keys"),
            "GALLERY_DIR": "/dev/shm/bmis-galleries",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert said.stdout.split() == ["200", "True"], said.stderr
