import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import audit.clock

# Until now one number said up to which message somebody had read; from now on each one that was read has a row.
KEEP = """
CREATE TABLE assize_readings_before AS SELECT user_id, read_to, changed_at FROM members_broadcastreading;
DELETE FROM members_broadcastreading;
"""
READ = """
INSERT INTO members_broadcastreading (user_id, broadcast_id, read_at)
SELECT DISTINCT r.user_id, b.id, greatest(r.changed_at, b.written_at)
  FROM assize_readings_before r
  JOIN members_person p ON p.user_id = r.user_id
                        OR p.payer_id = (SELECT own.id FROM members_person own WHERE own.user_id = r.user_id)
  JOIN members_membership m ON m.person_id = p.id
  JOIN members_broadcast b ON b.plan_id = m.plan_id AND b.id <= r.read_to;
DROP TABLE assize_readings_before;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0020_identity_guards'),
    ]

    operations = [
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
        migrations.AlterModelOptions(
            name='broadcastreading',
            options={'verbose_name': 'reading of a message to all members', 'verbose_name_plural': 'readings of messages to all members'},
        ),
        migrations.RemoveField(model_name='broadcastreading', name='read_to'),
        migrations.RemoveField(model_name='broadcastreading', name='changed_at'),
        migrations.AlterField(
            model_name='broadcastreading',
            name='user',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='broadcast_readings', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='broadcastreading',
            name='broadcast',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='readings', to='members.broadcast'),
        ),
        migrations.AddField(
            model_name='broadcastreading',
            name='read_at',
            field=models.DateTimeField(db_default=audit.clock.DatabaseNow(), editable=False, verbose_name='read'),
        ),
        migrations.AddConstraint(
            model_name='broadcastreading',
            constraint=models.UniqueConstraint(fields=('user', 'broadcast'), name='a_broadcast_is_read_once'),
        ),
        migrations.RunSQL(READ, migrations.RunSQL.noop),
    ]
