from django.db import migrations

from audit.guards import frozen_columns


class Migration(migrations.Migration):
    """The facts of a given opinion never change."""

    dependencies = [("jury", "0009_facts_in_opinions")]
    operations = [
        frozen_columns("jury_opinion", ["facts", "confidence", "missing", "literature"], "OLD.given_at IS NOT NULL"),
    ]
