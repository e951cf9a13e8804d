from django.db import migrations

from audit.guards import append_only


class Migration(migrations.Migration):
    """Published rules and signed health statements never change."""

    dependencies = [("members", "0001_initial"), ("audit", "0002_guards")]
    operations = [append_only("members_planversion"), append_only("members_healthstatement")]
