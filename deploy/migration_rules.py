"""Which operations of a migration would stop booths while they run, or break the version that still runs beside it.

Asked by tests/unit/deploy/test_migration_rules.py of every migration; the rule itself is in docs/operations.md, "Migrations
without a pause".
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
)
from django.db import migrations, models
from django.db.models import NOT_PROVIDED

ROWS = "rows are changed in batches from a command, never inside a migration"
INDEX = "writes wait until it is built: make the index CONCURRENTLY"
RENAMED = "the running version knows the old name only"
GONE = "the running version still reads it: take it out of the state first, drop it a release later"
# of a statement of SQL, and what is wrong with it; tables that the same migration makes are let through
STATEMENTS = (
    (r"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY).*? ON (?:ONLY )?(?P<table>\S+)", INDEX),
    (r"ALTER TABLE (?P<table>\S+) .*?\bADD COLUMN (?!.*\bDEFAULT\b).*\bNOT NULL\b", "a default of the database first"),
    (r"ALTER TABLE (?P<table>\S+) .*?\bSET NOT NULL\b", "the whole table is read under a lock: a CHECK NOT VALID first"),
    (r"ALTER TABLE (?P<table>\S+) .*?\bDROP COLUMN\b", GONE),
    (r"ALTER TABLE (?P<table>\S+) .*?\bALTER COLUMN \S+ (?:SET DATA )?TYPE\b", "the table is written anew under a lock"),
    (r"ALTER TABLE (?P<table>\S+) .*?\bRENAME\b", RENAMED),
    (
        r"ALTER TABLE (?P<table>\S+) .*?\bADD (?:CONSTRAINT \S+ )?(?:CHECK|FOREIGN KEY)\b(?!.*\bNOT VALID\b)",
        "the whole table is read under a lock: NOT VALID, then VALIDATE CONSTRAINT",
    ),
    (r"ALTER TABLE (?P<table>\S+) .*?\bADD (?:CONSTRAINT \S+ )?(?:UNIQUE|PRIMARY KEY)\b(?!.*USING INDEX)", INDEX),
    (r"DROP TABLE (?:IF EXISTS )?(?P<table>\S+)", GONE),
    (r"(?:UPDATE|DELETE FROM) (?P<table>\S+)", ROWS),
    (r"LOCK TABLE (?P<table>\S+)", "every booth waits behind it"),
    (r"(?:VACUUM FULL|CLUSTER|REINDEX (?!.*CONCURRENTLY))(?P<table>)", "the table is locked for as long as it is written anew"),
)  # fmt: skip
BODY = re.compile(r"\$(\w*)\$.*?\$\1\$", re.DOTALL)
COMMENT = re.compile(r"--[^\n]*")
TABLE_MADE = re.compile(r"CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?(\S+)", re.IGNORECASE)


def find_faults(path: Path) -> list[str]:
    """Return what is wrong with the migration of a file, in words."""
    spec = importlib.util.spec_from_file_location(f"looked_at_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return list(find_blocking(module.Migration.operations))


def find_blocking(operations: list[Any]) -> Iterator[str]:
    """Yield what is wrong with each operation, in words. Tables that the same migration makes may be changed at will."""
    made: set[str] = set()
    for operation in flatten(operations):
        name = getattr(operation, "model_name", getattr(operation, "name", "")) or ""
        if isinstance(operation, migrations.CreateModel):
            made.add(operation.name.lower())
        elif isinstance(operation, migrations.RunSQL):
            made |= {found.strip('"(').lower() for found in TABLE_MADE.findall(text_of(operation))}
            yield from faults_of_sql(text_of(operation), made)
        elif name.lower() not in made and (fault := fault_of(operation)):
            yield f"{type(operation).__name__} {name.lower()}: {fault}"


def flatten(operations: list[Any]) -> Iterator[Any]:
    for operation in operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from flatten(operation.database_operations)
        else:
            yield operation


def text_of(operation: migrations.RunSQL) -> str:
    """Return the forward statements. Bodies of functions run later, and comments never."""
    given = operation.sql
    if isinstance(given, (list, tuple)):
        given = ";".join(part if isinstance(part, str) else part[0] for part in given)
    return BODY.sub("''", COMMENT.sub("", str(given)))


def faults_of_sql(text: str, made: set[str]) -> Iterator[str]:
    for statement in text.split(";"):
        plain = " ".join(statement.split())
        for pattern, fault in STATEMENTS:
            if found := re.match(pattern, plain, re.IGNORECASE):
                table = found["table"].strip('"(').lower()
                # a model's table is named app_model
                if table not in made and table.partition("_")[2] not in made:
                    yield f"RunSQL {table}: {fault}"
                break


def fault_of(operation: Any) -> str:
    match operation:
        case migrations.AddField(field=field) if (
            not field.null and field.db_default is NOT_PROVIDED and not field.many_to_many
        ):
            return "the running version writes rows without it: nullable, or with a default of the database"
        case migrations.AddField(field=field) if field.unique or field.db_index:
            return f"{INDEX} (db_index=False here)"
        case migrations.RemoveField() | migrations.DeleteModel():
            return GONE
        case migrations.RenameField() | migrations.RenameModel() | migrations.AlterModelTable():
            return RENAMED
        case AddIndexConcurrently() | RemoveIndexConcurrently() | AddConstraintNotValid():
            return ""
        case migrations.AddIndex() | migrations.AlterUniqueTogether():
            return INDEX
        case migrations.AddConstraint(constraint=models.UniqueConstraint()):
            return f"{INDEX}, unique, before"
        case migrations.AddConstraint():
            return "the whole table is read under a lock: AddConstraintNotValid, then ValidateConstraint"
        case migrations.AlterField(field=field) if not field.null and field.db_default is NOT_PROVIDED:
            return "it may write the table anew: a new column, filled in batches"
        case migrations.RunPython():
            return ROWS
        case _:
            return ""
