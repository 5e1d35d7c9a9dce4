from django.db import migrations

# Tables that are watched for what is taken away lose a million rows in one statement: as JSON only those that are named.
DELETE = r"""
CREATE OR REPLACE FUNCTION audit_note_delete() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    changed_rows bigint;
    ids text;
BEGIN
    IF TG_ARGV[0] = 'id' THEN
        SELECT count(*), (array_agg(id))[1:20]::text INTO changed_rows, ids FROM changed;
    ELSE
        @@
    END IF;
    IF changed_rows > 0 THEN
        INSERT INTO audit_writenote AS kept (written_by, part, notes)
        VALUES (pg_current_xact_id()::text::bigint, 0, TG_TABLE_NAME || ' delete ' || changed_rows || ' ' || ids || E'\n')
        ON CONFLICT (written_by, part) DO UPDATE SET notes = kept.notes || excluded.notes WHERE length(kept.notes) < 4000;
        IF NOT FOUND THEN
            INSERT INTO audit_writenote (written_by, part, notes)
            VALUES (pg_current_xact_id()::text::bigint, nextval('audit_writenote_part'), '');
        END IF;
    END IF;
    RETURN NULL;
END $$;
"""
FEW = """SELECT (SELECT count(*) FROM changed), array_agg(named.key)::text INTO changed_rows, ids
        FROM (SELECT left(to_jsonb(n)->>TG_ARGV[0], 40) AS key FROM changed n LIMIT 20) AS named;"""
ALL = """SELECT count(*), (array_agg(left(to_jsonb(n)->>TG_ARGV[0], 40)))[1:20]::text INTO changed_rows, ids FROM changed n;"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0007_keep_notes_in_a_table")]

    operations = [migrations.RunSQL(DELETE.replace("@@", FEW), DELETE.replace("@@", ALL))]
