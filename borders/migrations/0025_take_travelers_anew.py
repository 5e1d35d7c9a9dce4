import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("borders", "0024_write_fewer_indexes"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="inspection",
            name="inspection_states",
        ),
        # the choices are Django's alone
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="decision",
                    name="outcome",
                    field=models.CharField(
                        choices=[
                            ("CLEARED", "Cleared to cross"),
                            ("REFERRED", "Referred"),
                            ("REFUSED", "Refused"),
                            ("WITHDRAWN", "Traveller withdrew"),
                            ("RETAKEN", "Wrong picture, taken anew"),
                        ],
                        max_length=9,
                    ),
                ),
                migrations.AlterField(
                    model_name="inspection",
                    name="state",
                    field=models.CharField(
                        choices=[
                            ("RECEIVED", "Received"),
                            ("PROCESSING", "Processing"),
                            ("READY", "Ready"),
                            ("REFERRED", "Referred"),
                            ("CLEARED", "Cleared"),
                            ("REFUSED", "Refused"),
                            ("WITHDRAWN", "Withdrawn"),
                            ("RETAKEN", "Retaken"),
                        ],
                        default="RECEIVED",
                        max_length=10,
                    ),
                ),
                migrations.AlterField(
                    model_name="trainingrun",
                    name="outcome",
                    field=models.CharField(
                        blank=True,
                        choices=[
                            ("CLEARED", "Cleared to cross"),
                            ("REFERRED", "Referred"),
                            ("REFUSED", "Refused"),
                            ("WITHDRAWN", "Traveller withdrew"),
                            ("RETAKEN", "Wrong picture, taken anew"),
                        ],
                        max_length=9,
                    ),
                ),
                migrations.AlterField(
                    model_name="trainingrun",
                    name="right_outcome",
                    field=models.CharField(
                        choices=[
                            ("CLEARED", "Cleared to cross"),
                            ("REFERRED", "Referred"),
                            ("REFUSED", "Refused"),
                            ("WITHDRAWN", "Traveller withdrew"),
                            ("RETAKEN", "Wrong picture, taken anew"),
                        ],
                        max_length=9,
                    ),
                ),
            ]
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="inspection",
            trigger=pgtrigger.compiler.Trigger(
                name="inspection_states",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{RECEIVED:PROCESSING,RECEIVED:READY,PROCESSING:READY,READY:RECEIVED,READY:CLEARED,READY:REFERRED,READY:WITHDRAWN,READY:RETAKEN,REFERRED:CLEARED,REFERRED:REFUSED,REFERRED:WITHDRAWN}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="03202935fa18e0bc7ea54ad7c602b652f54495cd",
                    operation="UPDATE",
                    pgid="pgtrigger_inspection_states_21422",
                    table="borders_inspection",
                    when="BEFORE",
                ),
            ),
        ),
    ]
