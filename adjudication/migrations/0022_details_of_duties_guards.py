from django.db import migrations

from audit.guards import append_only


class Migration(migrations.Migration):
    """What a duty said before is written once."""

    dependencies = [("adjudication", "0021_details_of_duties"), ("audit", "0002_guards")]
    operations = [append_only("adjudication_dutyrevision")]
