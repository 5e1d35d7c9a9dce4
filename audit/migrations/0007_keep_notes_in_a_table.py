from django.db import migrations, models

# What a transaction wrote is kept in a row that only the triggers write: no session can empty it, or fill it before, as it can a
# setting. Every function that works for its owner has a fixed path, with the tables of a session last: a temporary table of the
# same name would be written to instead.
PATH = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"

# Said once a statement: the first makes the row (part 0, which brings the check at the commit), the others add a line. Lines
# end at 4000 characters, so that a row always fits its page; from then on each statement is a part of its own, and counted.
ADD = r"""
    IF changed_rows > 0 THEN
        INSERT INTO audit_writenote AS kept (written_by, part, notes)
        VALUES (pg_current_xact_id()::text::bigint, 0, TG_TABLE_NAME || ' @@ ' || changed_rows || ' ' || ids || E'\n')
        ON CONFLICT (written_by, part) DO UPDATE SET notes = kept.notes || excluded.notes WHERE length(kept.notes) < 4000;
        IF NOT FOUND THEN
            INSERT INTO audit_writenote (written_by, part, notes)
            VALUES (pg_current_xact_id()::text::bigint, nextval('audit_writenote_part'), '');
        END IF;
    END IF;
    RETURN NULL;
END $$;
"""
# keys of text are cut to what an audit row holds
PLAIN = r"""
CREATE OR REPLACE FUNCTION audit_note_@@() RETURNS trigger LANGUAGE plpgsql ## AS $$
DECLARE
    changed_rows bigint;
    ids text;
BEGIN
    IF TG_ARGV[0] = 'id' THEN
        SELECT count(*), (array_agg(id))[1:20]::text INTO changed_rows, ids FROM changed;
    ELSE
        -- a million rows may go in one statement: as JSON only those that are named
        SELECT (SELECT count(*) FROM changed), array_agg(named.key)::text INTO changed_rows, ids
        FROM (SELECT left(to_jsonb(n)->>TG_ARGV[0], 40) AS key FROM changed n LIMIT 20) AS named;
    END IF;
"""
UPDATE = r"""
CREATE OR REPLACE FUNCTION audit_note_update() RETURNS trigger LANGUAGE plpgsql ## AS $$
DECLARE
    changed_rows bigint;
    ids text;
BEGIN
    IF TG_ARGV[0] <> 'id' THEN
        SELECT count(*), (array_agg(left(to_jsonb(n)->>TG_ARGV[0], 40)))[1:20]::text INTO changed_rows, ids FROM changed n;
    ELSIF TG_ARGV[1] = '{}' THEN
        SELECT count(*), (array_agg(id))[1:20]::text INTO changed_rows, ids FROM changed;
    ELSE
        -- each row as JSON once: OFFSET 0 keeps the planner from writing the conversion out at every mention
        SELECT count(*), (array_agg(id))[1:20]::text INTO changed_rows, ids
        FROM (
            SELECT n.id, o.id IS NULL AS is_new, to_jsonb(n) - TG_ARGV[1]::text[] AS now,
                to_jsonb(o) - TG_ARGV[1]::text[] AS before
            FROM changed n LEFT JOIN previous o ON o.id = n.id OFFSET 0
        ) AS compared
        -- a worker takes it up: what it finds is announced, step by step
        WHERE is_new OR CASE WHEN before->>'state' = 'RECEIVED' AND now->>'state' = 'PROCESSING'
            THEN now - 'state' IS DISTINCT FROM before - 'state' ELSE now IS DISTINCT FROM before END;
    END IF;
"""
CHECK = r"""
CREATE FUNCTION audit_tell(act text, object text, object_key text, more jsonb) RETURNS void LANGUAGE sql
SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO audit_auditentry
        (id, at, kind, action, actor_label, roles, purpose, origin, object_type, object_id, fields, detail)
    VALUES (
        gen_random_uuid(), clock_timestamp(), 'WRITE', 'raw.' || act,
        left(coalesce(nullif(current_setting('bmis.actor', true), ''), 'raw SQL by ' || session_user), 80), '',
        'unannounced', left(coalesce(host(inet_client_addr()), 'local'), 60), left(object, 40), left(object_key, 40), '[]',
        jsonb_build_object('database_user', session_user, 'application', current_setting('application_name')) || more
    );
$$;
REVOKE ALL ON FUNCTION audit_tell(text, text, text, jsonb) FROM PUBLIC;

CREATE FUNCTION audit_check_notes() RETURNS trigger LANGUAGE plpgsql ## AS $$
DECLARE
    announced text := current_setting('bmis.announced', true);
    notes text;
    further bigint;
    parts text[];
    line text;
    unreadable integer := 0;
BEGIN
    WITH gone AS (DELETE FROM audit_writenote AS c WHERE written_by = NEW.written_by RETURNING c.part, c.notes)
    SELECT max(gone.notes) FILTER (WHERE part = 0), count(*) FILTER (WHERE part > 0) INTO notes, further FROM gone;
    -- the setting says only where to look: the row must have been written, and queued, by this very transaction
    IF pg_input_is_valid(announced, 'uuid') AND EXISTS (
        SELECT FROM audit_waitingentry w JOIN audit_auditentry e ON e.id = w.entry_id AND e.xmin = w.xmin
        WHERE w.entry_id = announced::uuid AND w.written_by = pg_current_xact_id()
        AND e.kind = 'WRITE' AND e.action NOT LIKE 'raw.%'
    ) THEN
        RETURN NULL;
    END IF;
    FOREACH line IN ARRAY coalesce(string_to_array(rtrim(notes, E'\n'), E'\n'), '{}') LOOP
        parts := regexp_match(line, '^(\S+) (insert|update|delete) (\d{1,18}) (\{.*\})$');
        IF parts IS NULL OR NOT pg_input_is_valid(parts[4], 'text[]') THEN
            unreadable := unreadable + 1;
        ELSE
            PERFORM audit_tell(parts[2], parts[1], CASE WHEN parts[3] = '1' THEN trim(parts[4], '{}"') ELSE '' END,
                jsonb_build_object('count', parts[3]::bigint, 'ids', to_jsonb(parts[4]::text[])));
        END IF;
    END LOOP;
    IF further > 0 THEN
        PERFORM audit_tell('not_listed', 'transaction', NEW.written_by::text,
            jsonb_build_object('count', further, 'tables', audit_tables_written()));
    END IF;
    IF unreadable > 0 OR coalesce(notes, '') = '' THEN
        PERFORM audit_tell('concealed', 'transaction', NEW.written_by::text,
            jsonb_build_object('count', unreadable, 'tables', audit_tables_written()));
    END IF;
    RETURN NULL;
END $$;

-- the watched tables that this transaction holds open for writing: no session gives such a lock back before its end
CREATE FUNCTION audit_tables_written() RETURNS jsonb LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(jsonb_agg(DISTINCT c.relname ORDER BY c.relname), '[]') FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
    WHERE l.pid = pg_backend_pid() AND l.mode = 'RowExclusiveLock'
    AND EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'audit_note_delete');
$$;

CREATE CONSTRAINT TRIGGER audit_notes_checked AFTER INSERT ON audit_writenote DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.part = 0) EXECUTE FUNCTION audit_check_notes();

ALTER FUNCTION audit_announce_rows() SET search_path = pg_catalog, public, pg_temp;
DROP FUNCTION audit_announce();
DROP FUNCTION audit_note(text, text, bigint, text);
"""
TABLE = """
ALTER TABLE audit_writenote SET UNLOGGED;
ALTER TABLE audit_writenote ALTER notes SET STORAGE PLAIN, SET (fillfactor = 50);
CREATE UNLOGGED SEQUENCE audit_writenote_part MINVALUE 1 CACHE 100;
"""
FORWARDS = TABLE + "".join(
    (PLAIN + ADD).replace("@@", operation).replace("##", PATH) for operation in ("insert", "delete")
) + (UPDATE + ADD).replace("@@", "update").replace("##", PATH) + CHECK.replace("##", PATH)

# for tables that are made from others, where a service changes rows all day: what is taken away is told
DELETES = r"""
CREATE FUNCTION audit_watch_deletes(watched regclass, key text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER audit_note_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS changed'
        ' FOR EACH STATEMENT EXECUTE FUNCTION audit_note_delete(%L)', watched, key);
    EXECUTE format('CREATE OR REPLACE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON %s'
        ' FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_truncate()', watched);
END $$;
"""

BACKWARDS = r"""
DROP FUNCTION audit_check_notes() CASCADE;
DROP FUNCTION audit_tell(text, text, text, jsonb);
DROP FUNCTION audit_tables_written();
DROP SEQUENCE audit_writenote_part;
ALTER FUNCTION audit_announce_rows() SET search_path FROM CURRENT;
ALTER FUNCTION audit_note_insert() SECURITY INVOKER RESET search_path;
ALTER FUNCTION audit_note_update() SECURITY INVOKER RESET search_path;
ALTER FUNCTION audit_note_delete() SECURITY INVOKER RESET search_path;
-- as migrations 0003 and 0006 made them
CREATE FUNCTION audit_announce() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO audit_waitingentry (entry_id) VALUES (NEW.id);
    IF NEW.kind = 'WRITE' AND NEW.action NOT LIKE 'raw.%' THEN
        PERFORM set_config('bmis.announced', NEW.id::text, true);
    END IF;
    RETURN NULL;
END $$;

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

CREATE OR REPLACE FUNCTION audit_note_insert() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION audit_note_delete() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION audit_note_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_ARGV[0] <> 'id' THEN
        PERFORM audit_note(TG_TABLE_NAME, 'update', count(*), coalesce((array_agg(to_jsonb(n)->>TG_ARGV[0]))[1:20]::text, '{}'))
        FROM changed n HAVING count(*) > 0;
    ELSIF TG_ARGV[1] = '{}' THEN
        PERFORM audit_note(TG_TABLE_NAME, 'update', count(*), coalesce((array_agg(id))[1:20]::text, '{}'))
        FROM changed HAVING count(*) > 0;
    ELSE
        PERFORM audit_note(TG_TABLE_NAME, 'update', count(*), coalesce((array_agg(id))[1:20]::text, '{}'))
        FROM (
            SELECT n.id, o.id IS NULL AS is_new, to_jsonb(n) - TG_ARGV[1]::text[] AS now,
                to_jsonb(o) - TG_ARGV[1]::text[] AS before
            FROM changed n LEFT JOIN previous o ON o.id = n.id OFFSET 0
        ) AS compared
        -- a worker takes it up: what it finds is announced, step by step
        WHERE is_new OR CASE WHEN before->>'state' = 'RECEIVED' AND now->>'state' = 'PROCESSING'
            THEN now - 'state' IS DISTINCT FROM before - 'state' ELSE now IS DISTINCT FROM before END
        HAVING count(*) > 0;
    END IF;
    RETURN NULL;
END $$;
"""
CHECK_BEFORE = r"""
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
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0006_announce_rows_together")]

    operations = [
        migrations.RunSQL(
            "DROP FUNCTION audit_check_notes() CASCADE;",
            CHECK_BEFORE,
        ),
        # the table it had goes with the next release
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name="CommitCheck")]),
        migrations.CreateModel(
            name="WriteNote",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "written_by", "part", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("written_by", models.BigIntegerField()),
                ("part", models.BigIntegerField()),
                ("notes", models.TextField()),
            ],
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        migrations.RunSQL(DELETES, "DROP FUNCTION audit_watch_deletes(regclass, text);"),
    ]
