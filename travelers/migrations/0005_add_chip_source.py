"""A reading may come from the chip alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("travelers", "0004_seal_chip_files")]

    operations = [
        migrations.AlterField(
            model_name="documentreading",
            name="source",
            field=models.CharField(
                choices=[
                    ("MRZ", "Read from the page"),
                    ("CHIP", "Read from the chip"),
                    ("KEYED", "Keyed by an officer"),
                    ("DECLARED", "Declared, no document"),
                ],
                max_length=8,
            ),
        )
    ]
