import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# One call for all rows of a statement instead of one a row: an act writes several at once.
ANNOUNCE = r"""
CREATE FUNCTION audit_announce_rows() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    announced text;
BEGIN
    INSERT INTO audit_waitingentry (entry_id) SELECT id FROM written;
    SELECT id::text INTO announced FROM written WHERE kind = 'WRITE' AND action NOT LIKE 'raw.%' LIMIT 1;
    IF announced IS NOT NULL THEN
        PERFORM set_config('bmis.announced', announced, true);
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER audit_entry_announces ON audit_auditentry;
CREATE TRIGGER audit_entry_announces AFTER INSERT ON audit_auditentry REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION audit_announce_rows();
"""
ANNOUNCE_EACH = """
DROP TRIGGER audit_entry_announces ON audit_auditentry;
CREATE TRIGGER audit_entry_announces AFTER INSERT ON audit_auditentry FOR EACH ROW EXECUTE FUNCTION audit_announce();
DROP FUNCTION audit_announce_rows();
"""

UPDATE = r"""
CREATE OR REPLACE FUNCTION audit_note_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_ARGV[0] <> 'id' THEN
        PERFORM audit_note(TG_TABLE_NAME, 'update', count(*), coalesce((array_agg(to_jsonb(n)->>TG_ARGV[0]))[1:20]::text, '{}'))
        FROM changed n HAVING count(*) > 0;
    ELSIF TG_ARGV[1] = '{}' THEN
        PERFORM audit_note(TG_TABLE_NAME, 'update', count(*), coalesce((array_agg(id))[1:20]::text, '{}'))
        FROM changed HAVING count(*) > 0;
    ELSE
        @@
    END IF;
    RETURN NULL;
END $$;
"""
# each row as JSON once: OFFSET 0 keeps the planner from writing the conversion out at every mention
ONCE = r"""PERFORM audit_note(TG_TABLE_NAME, 'update', count(*), coalesce((array_agg(id))[1:20]::text, '{}'))
        FROM (
            SELECT n.id, o.id IS NULL AS is_new, to_jsonb(n) - TG_ARGV[1]::text[] AS now, to_jsonb(o) - TG_ARGV[1]::text[] AS before
            FROM changed n LEFT JOIN previous o ON o.id = n.id OFFSET 0
        ) AS compared
        -- a worker takes it up: what it finds is announced, step by step
        WHERE is_new OR CASE WHEN before->>'state' = 'RECEIVED' AND now->>'state' = 'PROCESSING'
            THEN now - 'state' IS DISTINCT FROM before - 'state' ELSE now IS DISTINCT FROM before END
        HAVING count(*) > 0;"""
FOUR_TIMES = r"""PERFORM audit_note(TG_TABLE_NAME, 'update', count(*), coalesce((array_agg(n.id))[1:20]::text, '{}'))
        FROM changed n LEFT JOIN previous o ON o.id = n.id
        WHERE o.id IS NULL OR to_jsonb(n) - TG_ARGV[1]::text[] - CASE
            -- a worker takes it up: what it finds is announced, step by step
            WHEN to_jsonb(o)->>'state' = 'RECEIVED' AND to_jsonb(n)->>'state' = 'PROCESSING' THEN 'state' ELSE '' END
            IS DISTINCT FROM to_jsonb(o) - TG_ARGV[1]::text[] - CASE
            WHEN to_jsonb(o)->>'state' = 'RECEIVED' AND to_jsonb(n)->>'state' = 'PROCESSING' THEN 'state' ELSE '' END
        HAVING count(*) > 0;"""

ACTOR_INDEX = "audit_auditentry_actor_id_8ab278be"


class Migration(migrations.Migration):
    atomic = False  # an index is dropped beside the writers
    dependencies = [("audit", "0005_index_head_conflicts"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.RunSQL(f"BEGIN;{ANNOUNCE}COMMIT;", f"BEGIN;{ANNOUNCE_EACH}COMMIT;"),
        migrations.RunSQL(UPDATE.replace("@@", ONCE), UPDATE.replace("@@", FOUR_TIMES)),
        # audit_actor begins with the same column
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"DROP INDEX CONCURRENTLY IF EXISTS {ACTOR_INDEX}",
                    f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {ACTOR_INDEX} ON audit_auditentry (actor_id)",
                )
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="auditentry",
                    name="actor",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                )
            ],
        ),
    ]
