from django.db import migrations, models

import audit.pairing

# Without a default first: the entries that are there keep none, and no table is written over.
WRITTEN_IN = """
ALTER TABLE audit_entry ADD COLUMN written_in bigint;
ALTER TABLE audit_entry ALTER COLUMN written_in SET DEFAULT (pg_current_xact_id()::text::bigint);
"""
UNDO = "ALTER TABLE audit_entry DROP COLUMN written_in;"


class Migration(migrations.Migration):
    """By the number of its transaction the rows of an act find their entry."""

    dependencies = [("audit", "0006_sweep_faults")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(WRITTEN_IN, UNDO)],
            state_operations=[
                migrations.AddField(
                    model_name="entry",
                    name="written_in",
                    field=models.BigIntegerField(
                        db_default=audit.pairing.CurrentTransaction(), editable=False, null=True
                    ),
                ),
            ],
        ),
        migrations.RunSQL(audit.pairing.FUNCTIONS, audit.pairing.NO_FUNCTIONS),
    ]
