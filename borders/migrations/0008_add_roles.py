from django.db import migrations, models

ROLES = [
    ("OFFICER", "Officer"),
    ("SECOND_LINE", "Second line"),
    ("SUPERVISOR", "Supervisor"),
    ("LIST_OWNER", "List owner"),
    ("PROTECTION", "Protection"),
    ("ADJUDICATOR", "Adjudicator"),
    ("DATA_PROTECTION", "Data protection"),
    ("ADMINISTRATOR", "Administrator"),
    ("INTEGRATOR", "Integrator"),
]


class Migration(migrations.Migration):

    dependencies = [("borders", "0007_add_seal_to_inspection")]

    operations = [
        migrations.AlterField(
            model_name="postassignment",
            name="role",
            field=models.CharField(choices=ROLES, max_length=20),
        ),
    ]
