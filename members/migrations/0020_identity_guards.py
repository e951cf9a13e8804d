from django.db import migrations

from audit.guards import frozen_columns


class Migration(migrations.Migration):
    """What spoke against an identity stays, and a confirmation is final."""

    dependencies = [("members", "0019_identity_questions")]
    operations = [
        frozen_columns("members_identityquestion", ["person_id", "doubts", "row", "asked_at"]),
        frozen_columns(
            "members_identityquestion", ["reason", "settled_at", "settled_by_id"], "OLD.status = 'confirmed'"
        ),
    ]
