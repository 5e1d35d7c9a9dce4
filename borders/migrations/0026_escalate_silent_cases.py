from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('borders', '0025_take_travelers_anew'),
    ]

    operations = [
        migrations.AddField(
            model_name='protectioncase',
            name='escalated_at',
            field=models.DateTimeField(blank=True, help_text='When others were told that nobody answers', null=True),
        ),
        migrations.AddField(
            model_name='protectionservice',
            name='escalation_email',
            field=models.EmailField(blank=True, db_default='', help_text='Of whoever answers for the office; told when it stays silent', max_length=254),
        ),
        # the choices are Django's alone
        migrations.SeparateDatabaseAndState(state_operations=[migrations.AlterField(
            model_name='outboxmessage',
            name='topic',
            field=models.CharField(choices=[('inspection.received', 'Inspection received'), ('protection.asked', 'Protection service asked'), ('protection.reminder', 'Protection service reminded'), ('protection.silent', 'Nobody answers to a protection case'), ('owner.notice', 'List owner told')], max_length=30),
        )]),
    ]
