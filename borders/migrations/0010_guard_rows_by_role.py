from django.db import migrations

# `scope` is "all" for processes of the system; for a person it is unset, and `ports` and `roles` say how far the person reaches.
# The settings are read through a sub-select, so that they are read once a statement and not once a row.
FUNCTIONS = """
CREATE FUNCTION bmis_wide() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(current_setting('bmis.scope', true), '') = 'all' $$;
CREATE FUNCTION bmis_ports() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(string_to_array(nullif(current_setting('bmis.ports', true), ''), ',')::uuid[], '{}') $$;
CREATE FUNCTION bmis_countries() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(string_to_array(nullif(current_setting('bmis.countries', true), ''), ','), '{}') $$;
CREATE FUNCTION bmis_holds(role text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT role = ANY (coalesce(string_to_array(current_setting('bmis.roles', true), ','), '{}')) $$;
"""
NO_FUNCTIONS = """
DROP FUNCTION bmis_wide(); DROP FUNCTION bmis_ports(); DROP FUNCTION bmis_countries(); DROP FUNCTION bmis_holds(text);
"""
WIDE = "(SELECT bmis_wide())"
AT_PORT = "ANY ((SELECT bmis_ports())::uuid[])"
# the history of a traveller in a country is one: a first line sees the own post, a second line what the country recorded
IN_COUNTRY = (
    "IN (SELECT p.id FROM borders_portofentry p WHERE p.country_id = ANY ((SELECT bmis_countries())::text[]))"
)
INSPECTED = "EXISTS (SELECT FROM borders_inspection i WHERE i.id = inspection_id AND i.port_id = " + AT_PORT + ")"
RULES = {
    "borders_crossing": f"port_id = {AT_PORT} OR port_id {IN_COUNTRY}",
    "borders_stay": f"entry_port_id {IN_COUNTRY} OR exit_port_id {IN_COUNTRY}",
    "borders_inspection": f"port_id = {AT_PORT}",
    "borders_decision": INSPECTED,
    "borders_referral": INSPECTED,
    "borders_protectioncase": f"(SELECT bmis_holds('PROTECTION')) AND {INSPECTED}",
    "borders_facilitatorcase": f"(SELECT bmis_holds('PROTECTION') OR bmis_holds('SECOND_LINE')) AND {INSPECTED}",
    "watchlists_hit": (
        "(NOT silent OR (SELECT bmis_holds('LIST_OWNER'))) AND EXISTS (SELECT FROM watchlists_screening s"
        f" WHERE s.id = screening_id AND s.port_id = {AT_PORT})"
    ),
    "watchlists_ownernotice": "(SELECT bmis_holds('LIST_OWNER'))",
}
GUARD = "".join(
    f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
    f" CREATE POLICY bmis_reach ON {table} USING ({WIDE} OR {rule}) WITH CHECK (true);\n"
    for table, rule in RULES.items()
)
NO_GUARD = "".join(
    f"DROP POLICY bmis_reach ON {table}; ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;"
    f" ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;\n"
    for table in RULES
)


class Migration(migrations.Migration):

    dependencies = [
        ("borders", "0009_add_partners_and_national_posts"),
        ("watchlists", "0004_withhold_silent_hits"),
    ]

    operations = [
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        migrations.RunSQL(GUARD, NO_GUARD),
    ]
