import django.db.models.deletion
from django.db import migrations, models

from audit.guards import frozen_columns

WAYS = [
    ('opened', 'its reader opened it'),
    ('arrived', 'it arrived'),
    ('taken', 'it was sent, and nothing came back'),
    ('told', 'a member of staff reached them'),
    ('inbox', 'it counts as served in the inbox'),
]
# The time to pay runs from the service of the notice: it moves away, never nearer, and only while the share is owed.
ONLY_GROWS = """
CREATE TRIGGER grace_only_grows BEFORE UPDATE ON allocation_arrear
    FOR EACH ROW WHEN (
        NEW.grace_ends_at < OLD.grace_ends_at
        OR (NEW.grace_ends_at > OLD.grace_ends_at AND OLD.status <> 'owed')
    ) EXECUTE FUNCTION assize_refuse_change();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('allocation', '0014_reminders'),
        ('audit', '0004_sweep_runs'),
    ]

    operations = [
        migrations.AddField(
            model_name='arrear',
            name='notice_entry',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='audit.entry', verbose_name='notice'),
        ),
        migrations.AddField(
            model_name='arrear',
            name='restarts',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='times that a bounce started the time again'),
        ),
        migrations.AddField(
            model_name='arrear',
            name='served_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='notice served'),
        ),
        migrations.AddField(
            model_name='arrear',
            name='served_by',
            field=models.CharField(blank=True, choices=WAYS, db_default='', max_length=10, verbose_name='notice served by'),
        ),
        migrations.AddIndex(
            model_name='arrear',
            index=models.Index(condition=models.Q(('served_at', None), ('status', 'owed')), fields=['id'], name='arrears_to_serve'),
        ),
        migrations.AddConstraint(
            model_name='arrear',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('served_at', None), ('served_by', '')), models.Q(('served_at__isnull', False), models.Q(('served_by', ''), _negated=True)), _connector='OR'), name='a_share_s_served_notice_says_by_what'),
        ),
        migrations.AddConstraint(
            model_name='arrear',
            constraint=models.CheckConstraint(condition=models.Q(('restarts__lte', 1)), name='a_bounce_starts_a_share_s_time_again_once'),
        ),
        migrations.RunSQL(
            'DROP TRIGGER frozen_membership_id ON allocation_arrear;',
            'CREATE TRIGGER frozen_membership_id BEFORE UPDATE ON allocation_arrear FOR EACH ROW '
            'WHEN (OLD.grace_ends_at <> NEW.grace_ends_at) EXECUTE FUNCTION assize_refuse_change();',
        ),
        frozen_columns('allocation_arrear', ['period_id', 'membership_id', 'share_id', 'amount_minor', 'failed_at']),
        migrations.RunSQL(ONLY_GROWS, 'DROP TRIGGER grace_only_grows ON allocation_arrear;'),
    ]
