"""What deploy/ gives to migrations arrives in the session, beside what every session of ours asks for."""

import os
import re
import subprocess
import sys

import pytest
import yaml

from deploy.launcher.configuration import CHECKOUT

SHOW = """
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    for name in ("lock_timeout", "statement_timeout", "bmis.scope", "plan_cache_mode"):
        cursor.execute(f"SHOW {name}")
        print(cursor.fetchone()[0])
"""


def of_the_unit() -> str:
    unit = (CHECKOUT / "deploy" / "systemd" / "bmis-migrate.service").read_text()
    return re.search(r'^Environment=PGOPTIONS="(.+)"$', unit, re.MULTILINE)[1]


def of_the_container() -> str:
    services = yaml.safe_load((CHECKOUT / "deploy" / "compose.yaml").read_text())["services"]
    return services["migrate"]["environment"]["PGOPTIONS"]


@pytest.mark.django_db
@pytest.mark.parametrize("read_options", [of_the_unit, of_the_container])
def test_a_migration_gives_up_a_lock_after_three_seconds(read_options) -> None:
    said = subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=CHECKOUT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "deploy.settings", "PGOPTIONS": read_options()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.stdout.splitlines() == ["3s", "15min", "all", "force_generic_plan"], said.stderr
