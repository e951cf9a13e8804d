from django.db import migrations

from audit.guards import frozen_columns


class Migration(migrations.Migration):
    """An opinion that was given up stays given up."""

    dependencies = [("jury", "0007_professionals_step_down")]
    operations = [frozen_columns("jury_opinion", ["recused_at", "recusal_reason"], "OLD.recused_at IS NOT NULL")]
