import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

PROTECT = django.db.models.deletion.PROTECT
# those that begin as another one does, and those that are mostly of rows without a value: an index of the rest takes their place
DROPPED = {
    "borders_inspection_booth_id_38e5a60c": "borders_inspection (booth_id)",
    "borders_inspection_port_id_0600ebff": "borders_inspection (port_id)",
    "borders_inspection_traveler_id_621827eb": "borders_inspection (traveler_id)",
    "borders_inspection_party_id_c6830b01": "borders_inspection (party_id)",
    "borders_inspection_document_id_d2414abe": "borders_inspection (document_id)",
    "borders_inspection_chip_verification_id_826fc334": "borders_inspection (chip_verification_id)",
    "borders_inspection_live_template_id_dcfc470f": "borders_inspection (live_template_id)",
    "borders_inspection_portrait_template_id_94b037bd": "borders_inspection (portrait_template_id)",
    "borders_inspection_chip_template_id_b6634839": "borders_inspection (chip_template_id)",
    "borders_inspectionfinding_comparison_id_1b3c031f": "borders_inspectionfinding (comparison_id)",
    "borders_inspectionstep_inspection_id_ef495af6": "borders_inspectionstep (inspection_id)",
    "borders_decision_inspection_id_6b93ce37": "borders_decision (inspection_id)",
}


def add(model, field, name):
    index = models.Index(fields=[field], condition=Q((f"{field}__isnull", False)), name=name)
    return AddIndexConcurrently(model_name=model, index=index)


def alter(model, field, to, related_name, *, null=True):
    options = {"blank": True, "null": True} if null else {}
    key = models.ForeignKey(db_index=False, on_delete=PROTECT, related_name=related_name, to=to, **options)
    return migrations.AlterField(model_name=model, name=field, field=key)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("biometrics", "0005_add_subject_keys"),
        ("borders", "0023_add_account_changes"),
        ("travelers", "0006_index_desk_lists"),
        ("watchlists", "0008_take_uploads_in_parts"),
    ]

    operations = [
        add("inspection", "party", "inspection_party"),
        add("inspection", "document", "inspection_document"),
        add("inspection", "chip_verification", "inspection_chip_verification"),
        add("inspection", "live_template", "inspection_live_template"),
        add("inspection", "portrait_template", "inspection_portrait_template"),
        add("inspection", "chip_template", "inspection_chip_template"),
        add("inspectionfinding", "comparison", "finding_comparison"),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
                    f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {columns}",
                )
                for name, columns in DROPPED.items()
            ],
            state_operations=[
                alter("inspection", "port", "borders.portofentry", "inspections", null=False),
                alter("inspection", "booth", "borders.booth", "inspections", null=False),
                alter("inspection", "traveler", "travelers.traveler", "inspections"),
                alter("inspection", "party", "borders.travelparty", "inspections"),
                alter("inspection", "document", "travelers.traveldocument", "inspections"),
                alter("inspection", "chip_verification", "travelers.chipverification", "inspections"),
                alter("inspection", "live_template", "biometrics.template", "+"),
                alter("inspection", "portrait_template", "biometrics.template", "+"),
                alter("inspection", "chip_template", "biometrics.template", "+"),
                alter("inspectionfinding", "comparison", "biometrics.comparison", "findings"),
                alter("inspectionstep", "inspection", "borders.inspection", "steps", null=False),
                alter("decision", "inspection", "borders.inspection", "decisions", null=False),
            ],
        ),
    ]
