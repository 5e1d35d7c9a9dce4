"""What would block or break a running version is found, in every migration that is not from before the first release."""

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models

from deploy.launcher.configuration import CHECKOUT
from deploy.migration_rules import find_blocking, find_faults

# Migrations from before the first release, and how many of their operations would block: no State has data yet, and nothing runs
# beside them. A closed list: what is made from now on has no fault, and what stands here is not edited any more
BEFORE_FIRST_RELEASE = {
    "audit/0002_seal_the_trail": 1,
    "biometrics/0002_add_galleries_at_scale": 1,
    "biometrics/0004_let_thresholds_follow_size": 3,
    "biometrics/0005_add_subject_keys": 4,
    "travelers/0003_add_seal_signers": 2,
    "travelers/0004_seal_chip_files": 2,
    "travelers/0005_add_chip_source": 1,
    "travelers/0006_index_desk_lists": 6,
    "watchlists/0002_add_shared_entries_imports_and_exceptions": 47,
    "watchlists/0003_add_search_forms_thresholds_and_leads": 5,
    "watchlists/0004_withhold_silent_hits": 2,
    "watchlists/0005_cover_entry_keys_with_birth_dates": 1,
    "watchlists/0006_review_true_matches_by_a_second_person": 2,
    "watchlists/0007_prune_superseded_versions": 3,
    "watchlists/0008_take_uploads_in_parts": 6,
    "borders/0001_initial": 4,
    "borders/0004_add_printed_read": 3,
    "borders/0005_add_rules_and_manifests": 5,
    "borders/0006_add_chip_to_inspection": 4,
    "borders/0008_add_roles": 1,
    "borders/0009_add_partners_and_national_posts": 3,
    "borders/0011_add_booth_devices": 1,
    "borders/0014_add_redress": 6,
    "borders/0015_add_training": 3,
    "borders/0016_add_notifications": 3,
    "borders/0017_index_desk_lists": 7,
    "borders/0018_write_ports_beside_decisions": 14,
    "borders/0021_publish_statistics": 1,
    "borders/0022_tell_capture_faults": 1,
}

BLOCKING = [
    migrations.AddField("crossing", "lane", models.CharField(max_length=3)),
    migrations.AddField("crossing", "lane", models.CharField(max_length=3, null=True, unique=True)),
    migrations.AddField("crossing", "lane", models.ForeignKey("Lane", models.PROTECT, null=True)),
    migrations.AlterUniqueTogether("crossing", {("lane", "id")}),
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
    migrations.AddField(
        "crossing", "lane", models.ForeignKey("Lane", models.PROTECT, null=True, db_index=False)
    ),
    AddConstraintNotValid("crossing", models.CheckConstraint(condition=models.Q(lane__gt=""), name="lane")),
    ValidateConstraint("crossing", "lane"),
    AddIndexConcurrently("crossing", models.Index(fields=["lane"], name="lane")),
    migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("crossing", "lane")]),
]


BLOCKING_SQL = [
    "CREATE INDEX lane ON borders_crossing (lane)",
    "CREATE UNIQUE INDEX lane ON borders_crossing (lane)",
    "ALTER TABLE borders_crossing ADD COLUMN lane text NOT NULL",
    "ALTER TABLE borders_crossing ALTER COLUMN lane SET NOT NULL",
    "ALTER TABLE borders_crossing ALTER COLUMN lane TYPE integer USING lane::integer",
    "ALTER TABLE borders_crossing DROP COLUMN lane",
    "ALTER TABLE borders_crossing RENAME COLUMN lane TO track",
    "ALTER TABLE borders_crossing RENAME TO passage",
    "ALTER TABLE borders_crossing ADD CONSTRAINT lane CHECK (lane <> '')",
    "ALTER TABLE borders_crossing ADD FOREIGN KEY (lane) REFERENCES borders_lane",
    "ALTER TABLE borders_crossing ADD CONSTRAINT lane UNIQUE (lane)",
    "DROP TABLE borders_crossing",
    "UPDATE borders_crossing SET lane = ''",
    "DELETE FROM borders_crossing",
    "LOCK TABLE borders_crossing IN EXCLUSIVE MODE",
    "VACUUM FULL borders_crossing",
]
HARMLESS_SQL = [
    "CREATE INDEX CONCURRENTLY lane ON borders_crossing (lane)",
    "ALTER TABLE borders_crossing ADD COLUMN lane text",
    "ALTER TABLE borders_crossing ADD COLUMN lane text NOT NULL DEFAULT ''",
    "ALTER TABLE borders_crossing ADD CONSTRAINT lane CHECK (lane <> '') NOT VALID",
    "ALTER TABLE borders_crossing VALIDATE CONSTRAINT lane",
    "ALTER TABLE borders_crossing ADD CONSTRAINT lane UNIQUE USING INDEX lane",
    "CREATE TABLE borders_lane (id uuid PRIMARY KEY); CREATE INDEX lane ON borders_lane (id); UPDATE borders_lane SET id = NULL",
    "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN UPDATE borders_crossing SET lane = ''; END $$",
    "ALTER TABLE borders_crossing ENABLE ROW LEVEL SECURITY",
]
BAD_MIGRATION = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("borders", "0098_nothing")]
    operations = [
        migrations.AddField("crossing", "lane", models.CharField(max_length=3, default="")),
        migrations.RenameField("crossing", "lane", "track"),
        migrations.AddIndex("crossing", models.Index(fields=["track"], name="crossing_track")),
        migrations.RunSQL([("ALTER TABLE borders_crossing ADD COLUMN side text NOT NULL", None), "DROP TABLE borders_crossing"]),
    ]
"""
MIGRATIONS = sorted(
    path
    for app in ("audit", "biometrics", "travelers", "watchlists", "borders")
    for path in (CHECKOUT / app / "migrations").glob("[0-9]*.py")
)


@pytest.mark.parametrize("operation", BLOCKING, ids=lambda operation: type(operation).__name__)
def test_blocking_operation_is_found(operation):
    assert len(list(find_blocking([operation]))) == 1


@pytest.mark.parametrize("operation", HARMLESS, ids=lambda operation: type(operation).__name__)
def test_harmless_operation_is_left_alone(operation):
    assert list(find_blocking([operation])) == []


def test_a_table_made_by_the_same_migration_may_be_changed():
    made = migrations.CreateModel("Crossing", [("id", models.UUIDField(primary_key=True))])
    assert list(find_blocking([made, *BLOCKING[:1]])) == []


@pytest.mark.parametrize("statement", BLOCKING_SQL)
def test_blocking_statement_is_found(statement):
    assert len(list(find_blocking([migrations.RunSQL(f"-- a comment; {statement}\n{statement};")]))) == 1


@pytest.mark.parametrize("statement", HARMLESS_SQL)
def test_harmless_statement_is_left_alone(statement):
    assert list(find_blocking([migrations.RunSQL(statement)])) == []


def test_a_bad_migration_fails_where_it_is_put(tmp_path):
    """As an engineer would write it, in a file of its own: found by the very function that looks at ours."""
    path = tmp_path / "0099_rename_lane.py"
    path.write_text(BAD_MIGRATION)
    assert [fault.split(":")[0] for fault in find_faults(path)] == [
        "AddField crossing",
        "RenameField crossing",
        "AddIndex crossing",
        "RunSQL borders_crossing",
        "RunSQL borders_crossing",
    ]


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: f"{path.parents[1].name}/{path.stem}")
def test_a_migration_stops_nobody_and_breaks_no_running_version(path):
    name = f"{path.parents[1].name}/{path.stem}"
    faults = find_faults(path)
    assert len(faults) == BEFORE_FIRST_RELEASE.get(name, 0), faults


def test_every_exemption_is_of_a_migration_that_is_there():
    assert set(BEFORE_FIRST_RELEASE) <= {f"{path.parents[1].name}/{path.stem}" for path in MIGRATIONS}
