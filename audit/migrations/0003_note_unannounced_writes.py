from django.db import migrations, models

# Notes are kept for the length of a transaction in a setting of its own; one row a transaction brings the check at its commit.
# Unlogged: such a row never outlives its transaction.
FORWARDS = r"""
ALTER TABLE audit_commitcheck SET UNLOGGED;
ALTER TABLE audit_waitingentry ADD COLUMN written_by xid8 NOT NULL DEFAULT pg_current_xact_id();

CREATE FUNCTION audit_note(noted_table text, operation text, changed bigint, ids text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    notes text := coalesce(current_setting('bmis.notes', true), '');
BEGIN
    IF notes = '' THEN
        INSERT INTO audit_commitcheck DEFAULT VALUES;
    END IF;
    IF length(notes) < 10000 THEN
        PERFORM set_config('bmis.notes', notes || noted_table || ' ' || operation || ' ' || changed || ' ' || ids || E'\n', true);
    END IF;
END $$;

-- the argument: the column of the key; what has no id is keyed by the row that it belongs to
CREATE FUNCTION audit_note_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_ARGV[0] = 'id' THEN
        PERFORM audit_note(TG_TABLE_NAME, 'insert', count(*), coalesce((array_agg(id))[1:20]::text, '{}'))
        FROM changed HAVING count(*) > 0;
    ELSE
        PERFORM audit_note(TG_TABLE_NAME, 'insert', count(*), coalesce((array_agg(to_jsonb(n)->>TG_ARGV[0]))[1:20]::text, '{}'))
        FROM changed n HAVING count(*) > 0;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION audit_note_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_ARGV[0] = 'id' THEN
        PERFORM audit_note(TG_TABLE_NAME, 'delete', count(*), coalesce((array_agg(id))[1:20]::text, '{}'))
        FROM changed HAVING count(*) > 0;
    ELSE
        PERFORM audit_note(TG_TABLE_NAME, 'delete', count(*), coalesce((array_agg(to_jsonb(n)->>TG_ARGV[0]))[1:20]::text, '{}'))
        FROM changed n HAVING count(*) > 0;
    END IF;
    RETURN NULL;
END $$;

-- the arguments: the column of the key, and columns that the system's own bookkeeping changes (of tables with an id)
CREATE FUNCTION audit_note_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_ARGV[0] <> 'id' THEN
        PERFORM audit_note(TG_TABLE_NAME, 'update', count(*), coalesce((array_agg(to_jsonb(n)->>TG_ARGV[0]))[1:20]::text, '{}'))
        FROM changed n HAVING count(*) > 0;
    ELSIF TG_ARGV[1] = '{}' THEN
        PERFORM audit_note(TG_TABLE_NAME, 'update', count(*), coalesce((array_agg(id))[1:20]::text, '{}'))
        FROM changed HAVING count(*) > 0;
    ELSE
        PERFORM audit_note(TG_TABLE_NAME, 'update', count(*), coalesce((array_agg(n.id))[1:20]::text, '{}'))
        FROM changed n LEFT JOIN previous o ON o.id = n.id
        WHERE o.id IS NULL OR to_jsonb(n) - TG_ARGV[1]::text[] - CASE
            -- a worker takes it up: what it finds is announced, step by step
            WHEN to_jsonb(o)->>'state' = 'RECEIVED' AND to_jsonb(n)->>'state' = 'PROCESSING' THEN 'state' ELSE '' END
            IS DISTINCT FROM to_jsonb(o) - TG_ARGV[1]::text[] - CASE
            WHEN to_jsonb(o)->>'state' = 'RECEIVED' AND to_jsonb(n)->>'state' = 'PROCESSING' THEN 'state' ELSE '' END
        HAVING count(*) > 0;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION audit_announce() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO audit_waitingentry (entry_id) VALUES (NEW.id);
    IF NEW.kind = 'WRITE' AND NEW.action NOT LIKE 'raw.%' THEN
        PERFORM set_config('bmis.announced', NEW.id::text, true);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_entry_announces AFTER INSERT ON audit_auditentry FOR EACH ROW EXECUTE FUNCTION audit_announce();

CREATE FUNCTION audit_check_notes() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    announced text := coalesce(current_setting('bmis.announced', true), '');
    notes text := coalesce(current_setting('bmis.notes', true), '');
    parts text[];
    line text;
BEGIN
    DELETE FROM audit_commitcheck WHERE id = NEW.id;
    PERFORM set_config('bmis.notes', '', true);
    -- the setting alone could be set by anybody: the row it names must be of this very transaction
    IF announced <> '' AND EXISTS (
        SELECT FROM audit_waitingentry WHERE entry_id::text = announced AND entry_id = announced::uuid
        AND written_by = pg_current_xact_id()
    ) THEN
        RETURN NULL;
    END IF;
    FOREACH line IN ARRAY string_to_array(rtrim(notes, E'\n'), E'\n') LOOP
        parts := string_to_array(line, ' ');
        INSERT INTO audit_auditentry
            (id, at, kind, action, actor_label, roles, purpose, origin, object_type, object_id, fields, detail)
        VALUES (
            gen_random_uuid(), clock_timestamp(), 'WRITE', 'raw.' || parts[2],
            left(coalesce(nullif(current_setting('bmis.actor', true), ''), 'raw SQL by ' || session_user), 80), '',
            'unannounced', left(coalesce(host(inet_client_addr()), 'local'), 60), left(parts[1], 40),
            CASE WHEN parts[3] = '1' THEN left(trim(parts[4], '{}'), 40) ELSE '' END, '[]',
            jsonb_build_object('count', parts[3]::bigint, 'ids', to_jsonb(parts[4]::text[]),
                'database_user', session_user, 'application', current_setting('application_name'))
        );
    END LOOP;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit_notes_checked AFTER INSERT ON audit_commitcheck DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION audit_check_notes();

CREATE FUNCTION audit_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Cannot truncate % table', TG_TABLE_NAME;
END $$;

-- Puts the triggers above on a table. Called after every migration, for every table that is not left out.
CREATE FUNCTION audit_watch(watched regclass, key text, bookkeeping text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER audit_note_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS changed'
        ' FOR EACH STATEMENT EXECUTE FUNCTION audit_note_insert(%L)', watched, key);
    EXECUTE format('CREATE OR REPLACE TRIGGER audit_note_update AFTER UPDATE ON %s'
        ' REFERENCING OLD TABLE AS previous NEW TABLE AS changed'
        ' FOR EACH STATEMENT EXECUTE FUNCTION audit_note_update(%L, %L)', watched, key, bookkeeping);
    EXECUTE format('CREATE OR REPLACE TRIGGER audit_note_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS changed'
        ' FOR EACH STATEMENT EXECUTE FUNCTION audit_note_delete(%L)', watched, key);
    EXECUTE format('CREATE OR REPLACE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON %s'
        ' FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_truncate()', watched);
END $$;
"""

BACKWARDS = """
DROP FUNCTION audit_watch(regclass, text, text);
DROP FUNCTION audit_refuse_truncate() CASCADE;
DROP FUNCTION audit_check_notes() CASCADE;
DROP FUNCTION audit_announce() CASCADE;
DROP FUNCTION audit_note_update() CASCADE;
DROP FUNCTION audit_note_delete() CASCADE;
DROP FUNCTION audit_note_insert() CASCADE;
DROP FUNCTION audit_note(text, text, bigint, text);
ALTER TABLE audit_waitingentry DROP COLUMN written_by;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_seal_the_trail")]

    operations = [
        migrations.CreateModel(
            name="CommitCheck",
            fields=[("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))],
        ),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("beaten_at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
