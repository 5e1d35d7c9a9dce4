import audit.models
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('borders', '0010_guard_rows_by_role'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BoothDevice',
            fields=[
                ('id', models.UUIDField(default=audit.models.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(help_text='Of the terminal, e.g. its inventory number; not of a person', max_length=60)),
                ('invited_at', models.DateTimeField()),
                ('code_sha256', models.CharField(help_text='Of the enrolment code, which is good once', max_length=64, unique=True)),
                ('code_expires_at', models.DateTimeField()),
                ('public_key', models.TextField(blank=True, help_text='P-256, SubjectPublicKeyInfo in Base64. Empty: not enrolled yet')),
                ('enrolled_at', models.DateTimeField(blank=True, null=True)),
                ('used_at', models.DateTimeField(blank=True, help_text='Latest sign-in', null=True)),
                ('challenge_at', models.DateTimeField(blank=True, help_text='Time of the latest challenge that was answered: none is answered twice', null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('booth', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='devices', to='borders.booth')),
                ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('revoked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddField(
            model_name='boothsession',
            name='device',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='borders.boothdevice'),
        ),
        migrations.AddConstraint(
            model_name='boothdevice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('enrolled_at__isnull', True), ('public_key', '')), models.Q(('enrolled_at__isnull', False), models.Q(('public_key', ''), _negated=True)), _connector='OR'), name='booth_device_enrolled'),
        ),
        migrations.AddConstraint(
            model_name='boothdevice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('revoked_at__isnull', True), ('revoked_by__isnull', True)), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False)), _connector='OR'), name='booth_device_revoked'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='boothdevice',
            trigger=pgtrigger.compiler.Trigger(name='booth_device_never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='37f6c2b23b664bbdb76c720c6b39ece6354852c0', operation='DELETE', pgid='pgtrigger_booth_device_never_deleted_03638', table='borders_boothdevice', when='BEFORE')),
        ),
    ]
