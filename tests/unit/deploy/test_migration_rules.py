"""What would block or break a running version is found, in every migration after the first release."""

import importlib
import re

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

from deploy.launcher.configuration import CHECKOUT
from deploy.migration_rules import find_blocking

# No State has data yet, so migrations up to these numbers change tables as they like. At the first release: the latest that
# exist, and never raised again
FIRST_RELEASE = {"audit": 20, "biometrics": 20, "travelers": 20, "watchlists": 20, "borders": 30}

BLOCKING = [
    migrations.AddField("crossing", "lane", models.CharField(max_length=3)),
    migrations.RemoveField("crossing", "lane"),
    migrations.RenameField("crossing", "lane", "track"),
    migrations.RenameModel("Crossing", "Passage"),
    migrations.DeleteModel("Crossing"),
    migrations.AddIndex("crossing", models.Index(fields=["lane"], name="lane")),
    migrations.AddConstraint(
        "crossing", models.CheckConstraint(condition=models.Q(lane__gt=""), name="lane")
    ),
    migrations.AddConstraint("crossing", models.UniqueConstraint(fields=["lane"], name="lane")),
    migrations.AlterField("crossing", "lane", models.IntegerField()),
    migrations.RunPython(migrations.RunPython.noop),
]
HARMLESS = [
    migrations.CreateModel("Lane", [("id", models.UUIDField(primary_key=True))]),
    migrations.AddField("crossing", "lane", models.CharField(max_length=3, null=True)),
    migrations.AddField("crossing", "lane", models.CharField(max_length=3, db_default="")),
    AddIndexConcurrently("crossing", models.Index(fields=["lane"], name="lane")),
    migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("crossing", "lane")]),
]


@pytest.mark.parametrize("operation", BLOCKING, ids=lambda operation: type(operation).__name__)
def test_blocking_operation_is_found(operation):
    assert len(list(find_blocking([operation]))) == 1


@pytest.mark.parametrize("operation", HARMLESS, ids=lambda operation: type(operation).__name__)
def test_harmless_operation_is_left_alone(operation):
    assert list(find_blocking([operation])) == []


def test_a_table_made_by_the_same_migration_may_be_changed():
    made = migrations.CreateModel("Crossing", [("id", models.UUIDField(primary_key=True))])
    assert list(find_blocking([made, *BLOCKING[:1]])) == []


@pytest.mark.parametrize("app", FIRST_RELEASE)
def test_no_migration_after_the_first_release_blocks(app):
    faults = []
    for path in sorted((CHECKOUT / app / "migrations").glob("[0-9]*.py")):
        if int(re.match(r"\d+", path.name)[0]) > FIRST_RELEASE[app]:  # type: ignore[index]
            module = importlib.import_module(f"{app}.migrations.{path.stem}")
            faults += [f"{path.name}: {fault}" for fault in find_blocking(module.Migration.operations)]
    assert faults == []
