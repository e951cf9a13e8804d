from django.db import migrations

from audit.guards import frozen_columns


class Migration(migrations.Migration):
    """What was declared, by whom and when never changes; neither does how it ended."""

    dependencies = [("adjudication", "0014_declared_relations")]
    operations = [
        frozen_columns("adjudication_declaredrelation", ["claim_id", "user_id", "kind", "declared_at"]),
        frozen_columns("adjudication_declaredrelation", ["ended_at", "ended_by_id"], "OLD.status = 'withdrawn'"),
    ]
