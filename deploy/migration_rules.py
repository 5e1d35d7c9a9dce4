"""Which operations of a migration would stop booths while they run, or break the version that still runs beside it.

Asked by tests/unit/deploy/test_migration_rules.py of every migration after the first release; the rule itself is in
docs/operations.md, "Migrations without a pause".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import NOT_PROVIDED


def find_blocking(operations: list[Any]) -> Iterator[str]:
    """Yield what is wrong with each operation, in words. Tables that the same migration makes may be changed at will."""
    made: set[str] = set()
    for operation in flatten(operations):
        name = getattr(operation, "model_name", getattr(operation, "name", "")).lower()
        if isinstance(operation, migrations.CreateModel):
            made.add(operation.name.lower())
        elif name not in made and (fault := fault_of(operation)):
            yield f"{type(operation).__name__} {name}: {fault}"


def flatten(operations: list[Any]) -> Iterator[Any]:
    for operation in operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from flatten(operation.database_operations)
        else:
            yield operation


def fault_of(operation: Any) -> str:
    match operation:
        case migrations.AddField(field=field) if (
            not field.null and field.db_default is NOT_PROVIDED and not field.many_to_many
        ):
            return "the running version writes rows without it: nullable, or with a default of the database"
        case migrations.RemoveField() | migrations.DeleteModel():
            return (
                "the running version still reads it: take it out of the state first, drop it a release later"
            )
        case migrations.RenameField() | migrations.RenameModel() | migrations.AlterModelTable():
            return "the running version knows the old name only"
        case AddIndexConcurrently():
            return ""
        case migrations.AddIndex():
            return "writes wait until it is built: AddIndexConcurrently"
        case migrations.AddConstraint(constraint=models.UniqueConstraint()):
            return "writes wait until it is built: a unique index made concurrently first"
        case migrations.AddConstraint():
            return "the whole table is read under a lock: AddConstraintNotValid, then ValidateConstraint"
        case migrations.AlterField(field=field) if not field.null and field.db_default is NOT_PROVIDED:
            return "it may write the table anew: a new column, filled in batches"
        case migrations.RunPython():
            return "rows are changed in batches from a command, never inside a migration"
        case _:
            return ""
