from django.db import migrations

# The reach of a national system is told apart from a person's: `bmis.ports` stays empty, so that what no policy names a system in
# shows it nothing. Crossings, stays and inspections are shared at `bmis.shared_ports`; crossings and stays by the rest of its
# terms too: since when, of whom, and never of those whom its State must not learn of.
# These are policies of their own, which the grants after a migration give to the role of looks alone (row_guard.py): in a policy
# for everybody they would cost each statement of an officer's path some 25 microseconds.
FUNCTIONS = """
CREATE FUNCTION bmis_shared_ports() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(string_to_array(nullif(current_setting('bmis.shared_ports', true), ''), ',')::uuid[], '{}') $$;

CREATE FUNCTION borders_withheld(traveler uuid, state text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM public.borders_inspection i JOIN public.borders_protectioncase c ON c.inspection_id = i.id
        WHERE i.traveler_id = traveler
            AND (c.state IN ('OPEN', 'REFERRED', 'ACKNOWLEDGED', 'HANDED_OVER') OR c.outcome = 'HELPED')
    ) AND (
        EXISTS (SELECT FROM public.travelers_traveler t WHERE t.id = traveler AND t.nationality = state)
        OR EXISTS (
            SELECT FROM public.travelers_traveldocument d WHERE d.traveler_id = traveler AND d.issuing_state = state
        )
    );
END $$;
REVOKE ALL ON FUNCTION borders_withheld(uuid, text) FROM PUBLIC;

CREATE FUNCTION bmis_shares(traveler uuid, at timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 AS $$
DECLARE
    state text := nullif(current_setting('bmis.shared_state', true), '');
    since timestamptz := nullif(current_setting('bmis.shared_since', true), '');
    nationals_only boolean := coalesce(current_setting('bmis.shared_nationals', true), '') <> '';
BEGIN
    IF state IS NULL OR (since IS NOT NULL AND (at >= since) IS NOT TRUE) THEN
        RETURN false;
    END IF;
    IF nationals_only AND NOT EXISTS (
        SELECT FROM public.travelers_traveler t WHERE t.id = traveler AND t.nationality = state
    ) THEN
        RETURN false;
    END IF;
    RETURN NOT public.borders_withheld(traveler, state);
END $$;
"""
NO_FUNCTIONS = """
DROP FUNCTION bmis_shares(uuid, timestamptz);
DROP FUNCTION borders_withheld(uuid, text);
DROP FUNCTION bmis_shared_ports();
"""
# what is asked for its owner sees every case; no account that serves owns a table, and a look never has the owner's role
OWNERS = """
ALTER TABLE borders_inspection NO FORCE ROW LEVEL SECURITY;
ALTER TABLE borders_protectioncase NO FORCE ROW LEVEL SECURITY;
"""
NO_OWNERS = """
ALTER TABLE borders_protectioncase FORCE ROW LEVEL SECURITY;
ALTER TABLE borders_inspection FORCE ROW LEVEL SECURITY;
"""
SHARED = "ANY ((SELECT bmis_shared_ports())::uuid[])"
POLICIES = {
    "borders_crossing": f"USING (port_id = {SHARED} AND bmis_shares(traveler_id, occurred_at))",
    "borders_stay": (
        f"USING ((entry_port_id = {SHARED} OR exit_port_id = {SHARED})"
        " AND bmis_shares(traveler_id, greatest(entered_at, exited_at)))"
    ),
    # by them a traveller or a document is in reach; what hangs on an inspection names the ports of persons itself
    "borders_inspection": f"USING (port_id = {SHARED})",
}
GUARD = "".join(
    f"CREATE POLICY bmis_shared ON {table} FOR SELECT {rule};\n" for table, rule in POLICIES.items()
)
# corrections of travellers and documents are for all persons, and of no use to a system; the others are seen with their record
PERSONS = """
CREATE POLICY bmis_shared ON borders_recordcorrection AS RESTRICTIVE FOR SELECT
USING ((SELECT bmis_shared_ports()) = '{}' OR record_type NOT IN ('TRAVELER', 'DOCUMENT'));
"""
NO_GUARD = "".join(f"DROP POLICY bmis_shared ON {table};\n" for table in (*POLICIES, "borders_recordcorrection"))


class Migration(migrations.Migration):

    dependencies = [("borders", "0028_guard_more_rows_by_role")]

    operations = [
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        migrations.RunSQL(OWNERS, NO_OWNERS),
        migrations.RunSQL(GUARD + PERSONS, NO_GUARD),
    ]
