from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside the writers cannot be made in a transaction
    dependencies = [("audit", "0004_record_prunings")]

    operations = [
        AddIndexConcurrently(
            "headseen",
            models.Index(condition=models.Q(("agrees", False)), fields=["seen_at"], name="head_seen_conflict"),
        )
    ]
