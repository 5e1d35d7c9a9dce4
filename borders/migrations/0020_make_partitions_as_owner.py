from django.db import migrations

# The application owns no table, and a month's partition is made by the owner: this function is all that it may ask for.
# A row of the month in the default partition would forbid the new one. So the default is detached: then it is a table like any
# other, what moves out of it is not changed, and its append-only trigger may rest.
FORWARDS = r"""
CREATE FUNCTION borders_make_partition(month date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    first date := date_trunc('month', month)::date;
    name text := 'borders_crossing_' || to_char(first, 'YYYY_MM');
    opens timestamptz := first::timestamp AT TIME ZONE 'UTC';
    closes timestamptz := (first + interval '1 month') AT TIME ZONE 'UTC';
    make text := format('CREATE TABLE IF NOT EXISTS public.%I PARTITION OF public.borders_crossing FOR VALUES FROM (%L) TO (%L)',
        name, opens, closes);
BEGIN
    LOCK TABLE public.borders_crossing IN ACCESS EXCLUSIVE MODE;
    IF NOT EXISTS (
        SELECT FROM public.borders_crossing_default WHERE occurred_at >= opens AND occurred_at < closes
    ) THEN
        EXECUTE make;
        RETURN name;
    END IF;
    ALTER TABLE public.borders_crossing DETACH PARTITION public.borders_crossing_default;
    EXECUTE make;
    EXECUTE format('INSERT INTO public.%I SELECT * FROM public.borders_crossing_default'
        ' WHERE occurred_at >= $1 AND occurred_at < $2', name) USING opens, closes;
    ALTER TABLE public.borders_crossing_default DISABLE TRIGGER USER;
    DELETE FROM public.borders_crossing_default WHERE occurred_at >= opens AND occurred_at < closes;
    ALTER TABLE public.borders_crossing_default ENABLE TRIGGER USER;
    ALTER TABLE public.borders_crossing ATTACH PARTITION public.borders_crossing_default DEFAULT;
    RETURN name;
END $$;
REVOKE ALL ON FUNCTION borders_make_partition(date) FROM PUBLIC;
"""
BACKWARDS = "DROP FUNCTION borders_make_partition(date);"


class Migration(migrations.Migration):
    dependencies = [("borders", "0019_keep_captures_ahead")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
