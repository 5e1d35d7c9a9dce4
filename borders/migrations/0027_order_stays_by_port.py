import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

# the new ones begin as they do
DOUBLED = {
    "borders_stay_entry_port_id_9716ab15": "entry_port_id",
    "borders_stay_exit_port_id_467352cf": "exit_port_id",
}


def alter(field):
    key = models.ForeignKey(
        blank=True,
        db_index=False,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="borders.portofentry",
    )
    return migrations.AlterField(model_name="stay", name=field, field=key)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("borders", "0026_escalate_silent_cases"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="stay",
            index=models.Index(
                fields=["-exited_at", "-id"], condition=Q(exit_id__isnull=False, anomaly=""), name="stay_closed"
            ),
        ),
        AddIndexConcurrently(
            model_name="stay", index=models.Index(fields=["entry_port", "-id"], name="stay_entry_port")
        ),
        AddIndexConcurrently(
            model_name="stay",
            index=models.Index(
                fields=["exit_port", "-id"], condition=Q(exit_port__isnull=False), name="stay_exit_port"
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
                    f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON borders_stay ({column})",
                )
                for name, column in DOUBLED.items()
            ],
            state_operations=[alter("entry_port"), alter("exit_port")],
        ),
    ]
