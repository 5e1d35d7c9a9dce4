#!/usr/bin/env python
import os
import sys

from django.core.management import execute_from_command_line

# what changes tables, copies the cluster or prunes the trail is done as the account that owns them, where it is given
OWNER_COMMANDS = ("migrate", "backup", "prune_audit", "makemigrations", "sqlmigrate", "showmigrations")


def work_as_owner() -> None:
    for suffix in ("", "_FILE"):
        if given := os.environ.get(f"DATABASE_OWNER_URL{suffix}"):
            os.environ.pop("DATABASE_URL", None)
            os.environ.pop("DATABASE_URL_FILE", None)
            os.environ[f"DATABASE_URL{suffix}"] = given


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
    if sys.argv[1:2] and sys.argv[1] in OWNER_COMMANDS:
        work_as_owner()
    execute_from_command_line(sys.argv)
