import audit.models
import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('borders', '0008_add_roles'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        migrations.swappable_dependency(settings.OAUTH2_PROVIDER_APPLICATION_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Partner',
            fields=[
                ('id', models.UUIDField(default=audit.models.new_id, editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(help_text='Short name in the audit trail, e.g. POLICE', max_length=20, unique=True)),
                ('name', models.CharField(help_text='Of the office that runs the system; not of a person', max_length=120)),
                ('state', models.CharField(help_text='The State it belongs to, as in the MRZ: its protected nationals are kept from it', max_length=3)),
                ('certificate_sha256', models.CharField(blank=True, help_text='Of its client certificate (mutual TLS): no token counts without it. Empty: none is asked for', max_length=64)),
                ('enrolled_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, help_text='From then on nothing answers to it', null=True)),
            ],
        ),
        migrations.CreateModel(
            name='PartnerMinute',
            fields=[
                ('pk', models.CompositePrimaryKey('partner_id', 'minute', blank=True, editable=False, primary_key=True, serialize=False)),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='minutes', to='borders.partner')),
                ('minute', models.DateTimeField()),
                ('requests', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='PartnerProfile',
            fields=[
                ('id', models.UUIDField(default=audit.models.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('PROPOSED', 'Proposed'), ('ACTIVE', 'Active'), ('RETIRED', 'Retired'), ('REJECTED', 'Rejected')], default='PROPOSED', max_length=10)),
                ('purpose', models.CharField(help_text='Code, written into every audit row of the partner', max_length=40)),
                ('legal_basis', models.CharField(help_text='Act and section', max_length=200)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('crossings.read', 'crossings.read'), ('stays.read', 'stays.read'), ('travelers.read', 'travelers.read'), ('documents.read', 'documents.read'), ('manifests.send', 'manifests.send'), ('screenings.ask', 'screenings.ask'), ('lists.propose', 'lists.propose')], max_length=20), size=None)),
                ('fields', models.JSONField(blank=True, default=dict, help_text='Fields shown by kind of record, {"crossing": ["id", "port"]}')),
                ('ports', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=5), blank=True, default=list, help_text='Records of these ports (UN/LOCODE)', size=None)),
                ('countries', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=3), blank=True, default=list, help_text='Records of all ports of these countries, as in the MRZ', size=None)),
                ('lists', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, help_text='Watchlists it may propose changes of', size=None)),
                ('days_back', models.PositiveIntegerField(blank=True, help_text='Records of the latest days only. Empty: no limit', null=True)),
                ('nationals_only', models.BooleanField(default=False, help_text="Records of nationals of the partner's State only")),
                ('requests_per_minute', models.PositiveIntegerField(default=60)),
                ('valid_from', models.DateTimeField()),
                ('valid_until', models.DateTimeField()),
                ('proposed_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name='postassignment',
            name='country',
            field=models.ForeignKey(blank=True, help_text='In place of a port: the role counts at every port of the country', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='borders.country'),
        ),
        migrations.AlterField(
            model_name='postassignment',
            name='port',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='borders.portofentry'),
        ),
        migrations.AddConstraint(
            model_name='postassignment',
            constraint=models.UniqueConstraint(fields=('officer', 'country', 'role', 'valid_from'), name='post_assignment_national_once'),
        ),
        migrations.AddConstraint(
            model_name='postassignment',
            constraint=models.CheckConstraint(condition=models.Q(('port__isnull', True), ('country__isnull', True), _connector='XOR'), name='post_assignment_place'),
        ),
        migrations.AddField(
            model_name='partner',
            name='application',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='partner', to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL),
        ),
        migrations.AddField(
            model_name='partner',
            name='enrolled_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='partner',
            name='revoked_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='partner',
            name='user',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='partner', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='partnerprofile',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='partnerprofile',
            name='partner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='profiles', to='borders.partner'),
        ),
        migrations.AddField(
            model_name='partnerprofile',
            name='proposed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='partner',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('revoked_at__isnull', True), ('revoked_by__isnull', True)), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False)), _connector='OR'), name='partner_revoked'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='partner',
            trigger=pgtrigger.compiler.Trigger(name='partner_never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='b8ab706c29fdd9c500bf5f228b8b2551fb1c5288', operation='DELETE', pgid='pgtrigger_partner_never_deleted_e6c4d', table='borders_partner', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='partnerprofile',
            constraint=models.UniqueConstraint(fields=('partner', 'version'), name='partner_profile_version'),
        ),
        migrations.AddConstraint(
            model_name='partnerprofile',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'ACTIVE')), fields=('partner',), name='partner_profile_one_active'),
        ),
        migrations.AddConstraint(
            model_name='partnerprofile',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'PROPOSED'), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='partner_profile_decided'),
        ),
        migrations.AddConstraint(
            model_name='partnerprofile',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('PROPOSED', 'REJECTED')), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='partner_profile_two_persons'),
        ),
        migrations.AddConstraint(
            model_name='partnerprofile',
            constraint=models.CheckConstraint(condition=models.Q(('valid_until__gt', models.F('valid_from'))), name='partner_profile_validity'),
        ),
        migrations.AddConstraint(
            model_name='partnerprofile',
            constraint=models.CheckConstraint(condition=models.Q(('requests_per_minute__gte', 1)), name='partner_profile_rate'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='partnerprofile',
            trigger=pgtrigger.compiler.Trigger(name='partner_profile_terms_stay', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."partner_id" IS DISTINCT FROM (NEW."partner_id") OR OLD."version" IS DISTINCT FROM (NEW."version") OR OLD."purpose" IS DISTINCT FROM (NEW."purpose") OR OLD."legal_basis" IS DISTINCT FROM (NEW."legal_basis") OR OLD."scopes" IS DISTINCT FROM (NEW."scopes") OR OLD."fields" IS DISTINCT FROM (NEW."fields") OR OLD."ports" IS DISTINCT FROM (NEW."ports") OR OLD."countries" IS DISTINCT FROM (NEW."countries") OR OLD."lists" IS DISTINCT FROM (NEW."lists") OR OLD."days_back" IS DISTINCT FROM (NEW."days_back") OR OLD."nationals_only" IS DISTINCT FROM (NEW."nationals_only") OR OLD."requests_per_minute" IS DISTINCT FROM (NEW."requests_per_minute") OR OLD."valid_from" IS DISTINCT FROM (NEW."valid_from") OR OLD."valid_until" IS DISTINCT FROM (NEW."valid_until") OR OLD."proposed_by_id" IS DISTINCT FROM (NEW."proposed_by_id") OR OLD."proposed_at" IS DISTINCT FROM (NEW."proposed_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='af544180b68cfceaf40cd64ec98aca5abea7905f', operation='UPDATE', pgid='pgtrigger_partner_profile_terms_stay_68b13', table='borders_partnerprofile', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='partnerprofile',
            trigger=pgtrigger.compiler.Trigger(name='partner_profile_states', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{PROPOSED:ACTIVE,PROPOSED:REJECTED,ACTIVE:RETIRED}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='670e389cb7ed93f6a3b4e617a17d7e426c2909f4', operation='UPDATE', pgid='pgtrigger_partner_profile_states_518b0', table='borders_partnerprofile', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='partnerprofile',
            trigger=pgtrigger.compiler.Trigger(name='partner_profile_never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='38e628ae7acc5d2a15414b039d6ab14629bfd954', operation='DELETE', pgid='pgtrigger_partner_profile_never_deleted_8dd70', table='borders_partnerprofile', when='BEFORE')),
        ),
    ]
