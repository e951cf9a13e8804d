import audit.guards
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    """Columns of the sweeps change as their class says and not otherwise; guards of single columns are no longer needed."""

    dependencies = [
        ('audit', '0008_entries_in_time'),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name='pending',
            trigger=pgtrigger.compiler.Trigger(name='columns', sql=audit.guards.UnswitchableSql(condition='WHEN ((OLD."entry_id" IS DISTINCT FROM NEW."entry_id"))', func='RAISE EXCEPTION \'UPDATE on audit_pending is forbidden: %\', CASE\nWHEN OLD."entry_id" IS DISTINCT FROM NEW."entry_id" THEN \'entry_id is written once, at insert\'\nEND USING ERRCODE = \'restrict_violation\';\nRETURN NULL;', hash='08cad94c9ae744271dafb509b5ad563719affed0', operation='UPDATE OF "entry_id"', pgid='pgtrigger_columns_94ffd', table='audit_pending', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sweepfault',
            trigger=pgtrigger.compiler.Trigger(name='columns', sql=audit.guards.UnswitchableSql(condition='WHEN ((OLD."id" IS DISTINCT FROM NEW."id") OR (OLD."task" IS DISTINCT FROM NEW."task") OR (OLD."part" IS DISTINCT FROM NEW."part") OR (OLD."row" IS DISTINCT FROM NEW."row") OR (OLD."label" IS DISTINCT FROM NEW."label") OR (OLD."first_at" IS DISTINCT FROM NEW."first_at") OR (OLD."ended_at" IS DISTINCT FROM NEW."ended_at" AND NOT (OLD."ended_at" IS NULL)))', func='RAISE EXCEPTION \'UPDATE on audit_sweepfault is forbidden: %\', CASE\nWHEN OLD."id" IS DISTINCT FROM NEW."id" THEN \'id is written once, at insert\'\nWHEN OLD."task" IS DISTINCT FROM NEW."task" THEN \'task is written once, at insert\'\nWHEN OLD."part" IS DISTINCT FROM NEW."part" THEN \'part is written once, at insert\'\nWHEN OLD."row" IS DISTINCT FROM NEW."row" THEN \'row is written once, at insert\'\nWHEN OLD."label" IS DISTINCT FROM NEW."label" THEN \'label is written once, at insert\'\nWHEN OLD."first_at" IS DISTINCT FROM NEW."first_at" THEN \'first_at is written once, at insert\'\nWHEN OLD."ended_at" IS DISTINCT FROM NEW."ended_at" AND NOT (OLD."ended_at" IS NULL) THEN \'ended_at is written once\'\nEND USING ERRCODE = \'restrict_violation\';\nRETURN NULL;', hash='1dc701cd3668a0fad9049b6f20f861f0ec1f800f', operation='UPDATE OF "id", "task", "part", "row", "label", "first_at", "ended_at"', pgid='pgtrigger_columns_59b84', table='audit_sweepfault', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sweeprun',
            trigger=pgtrigger.compiler.Trigger(name='columns', sql=audit.guards.UnswitchableSql(condition='WHEN ((OLD."id" IS DISTINCT FROM NEW."id") OR (OLD."task" IS DISTINCT FROM NEW."task") OR (OLD."known_since" IS DISTINCT FROM NEW."known_since"))', func='RAISE EXCEPTION \'UPDATE on audit_sweeprun is forbidden: %\', CASE\nWHEN OLD."id" IS DISTINCT FROM NEW."id" THEN \'id is written once, at insert\'\nWHEN OLD."task" IS DISTINCT FROM NEW."task" THEN \'task is written once, at insert\'\nWHEN OLD."known_since" IS DISTINCT FROM NEW."known_since" THEN \'known_since is written once, at insert\'\nEND USING ERRCODE = \'restrict_violation\';\nRETURN NULL;', hash='e2f291b60cb0b00633114c4bb0c621d148f9f913', operation='UPDATE OF "id", "task", "known_since"', pgid='pgtrigger_columns_09375', table='audit_sweeprun', when='BEFORE')),
        ),
    ]
