from django.db import migrations

from audit.guards import REFUSE_FUNCTION, append_only


class Migration(migrations.Migration):
    """The log is append-only in the database itself."""

    dependencies = [("audit", "0001_initial")]
    operations = [
        migrations.RunSQL(REFUSE_FUNCTION, "DROP FUNCTION IF EXISTS assize_refuse_change()"),
        append_only("audit_entry"),
    ]
