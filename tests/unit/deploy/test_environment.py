"""deploy/env.example names every variable that is read, and every secret may be a file."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

from deploy.launcher.configuration import CHECKOUT

EXAMPLE = CHECKOUT / "deploy" / "env.example"
# what others set for us, or the launcher for its own children
NOT_FOR_OPERATORS = {"BMIS_READY_DIR", "PATH", "VAR_FILE"}


def read_names(path: Path) -> set[str]:
    """Return the variables that a module reads: env.str("NAME"), env["NAME"], environment.get("NAME"), os.environ.get("NAME")."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        holder, key = None, None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            holder, key = node.func.value, node.args[0]
        elif isinstance(node, ast.Subscript):
            holder, key = node.value, node.slice
        if holder is None or not re.search(r"env", ast.unparse(holder)):
            continue
        if (
            isinstance(key, ast.Constant)
            and isinstance(key.value, str)
            and re.fullmatch(r"[A-Z][A-Z0-9_]+", key.value)
        ):
            names.add(key.value)
    return names


def test_every_variable_that_is_read_stands_in_the_example():
    sources = [CHECKOUT / "deploy" / "settings.py", *(CHECKOUT / "deploy" / "launcher").glob("*.py")]
    read = set().union(*(read_names(path) for path in sources)) - NOT_FOR_OPERATORS
    named = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", EXAMPLE.read_text(), re.MULTILINE))
    assert len(read) > 15
    assert read - named - {"DJANGO_SETTINGS_MODULE", "TERM", "HOME", "LC_ALL", "NO_COLOR"} == set()


def test_every_variable_of_the_example_is_read():
    sources = [CHECKOUT / "deploy" / "settings.py", *(CHECKOUT / "deploy" / "launcher").glob("*.py")]
    read = set().union(*(read_names(path) for path in sources))
    named = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", EXAMPLE.read_text(), re.MULTILINE))
    assert named - read == set()


def test_secrets_may_be_files(tmp_path):
    for name, value in {
        "key": "k" * 60,
        "database": "postgresql://a:b@db.example/bmis",
        "broker": "rediss://b.example/0",
    }.items():
        (tmp_path / name).write_text(value + "\n")
    environment = {
        "PATH": os.defpath,
        "DEPLOYMENT": "production",
        "ALLOWED_HOSTS": "border.example",
        "SECRET_KEY_FILE": str(tmp_path / "key"),
        "DATABASE_URL_FILE": str(tmp_path / "database"),
        "BROKER_URL_FILE": str(tmp_path / "broker"),
        "MASTER_KEY_FILE": str(tmp_path / "master-keys"),
        "KEY_STORE_FILE": str(tmp_path / "subject-keys"),
        "GALLERY_DIR": "/dev/shm/bmis-galleries",
    }
    show = (
        "from deploy import settings as s; d = s.DATABASES['default'];"
        " print(len(s.SECRET_KEY), d['HOST'], d['NAME'], s.BROKER_URL)"
    )
    said = subprocess.run(
        [sys.executable, "-c", show],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == "60 db.example bmis rediss://b.example/0"
