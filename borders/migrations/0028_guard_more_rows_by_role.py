from django.db import migrations

# the functions and the form are those of 0010; what hangs on a row that is guarded already is seen as far as that row is, for a
# policy's own questions are asked under the policies too. `watchlists_watchlistentry` has none: an import writes it by COPY, which
# PostgreSQL refuses under row security.
WIDE = "(SELECT bmis_wide())"
AT_PORT = "ANY ((SELECT bmis_ports())::uuid[])"
OWNER = "(SELECT bmis_holds('LIST_OWNER'))"
INSPECTED = "EXISTS (SELECT FROM borders_inspection i WHERE i.id = inspection_id AND i.port_id = " + AT_PORT + ")"
RULES = {
    "borders_inspectionstep": INSPECTED,
    "borders_inspectionfinding": INSPECTED,
    "borders_captureahead": (
        f"EXISTS (SELECT FROM borders_booth b WHERE b.id = booth_id AND b.port_id = {AT_PORT})"
    ),
    "borders_protectionanswer": "EXISTS (SELECT FROM borders_protectioncase c WHERE c.id = case_id)",
    "borders_refusalnotice": "EXISTS (SELECT FROM borders_decision d WHERE d.id = decision_id)",
    "borders_decisionreview": f"port_id = {AT_PORT}",
    "borders_correctionrequest": f"port_id = {AT_PORT}",
    # what was corrected counts wherever the record is read: a stay's in the whole country; travellers and documents are shared
    "borders_recordcorrection": (
        "record_type IN ('TRAVELER', 'DOCUMENT') OR EXISTS (SELECT FROM borders_stay s WHERE s.id = record_id)"
        " OR EXISTS (SELECT FROM borders_crossing c WHERE c.id = record_id)"
    ),
    # without a port: asked by a national system
    "watchlists_screening": f"port_id = {AT_PORT} OR (port_id IS NULL AND {OWNER})",
    "watchlists_adjudication": "EXISTS (SELECT FROM watchlists_hit h WHERE h.id = hit_id)",
    "watchlists_adjudicationreview": "EXISTS (SELECT FROM watchlists_adjudication a WHERE a.id = adjudication_id)",
    "watchlists_lead": f"{OWNER} AND EXISTS (SELECT FROM watchlists_screening s WHERE s.id = screening_id)",
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
        ("borders", "0027_order_stays_by_port"),
        ("watchlists", "0009_say_by_which_rules_keys_are_made"),
    ]

    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
