from typing import Any

import django.contrib.postgres.indexes
from django.conf import settings
from django.db import migrations, models

from members.fields import blind_number
from members.sealing import DATA, PersonSealer

_AT_ONCE = 2_000
_WRITE = """
UPDATE members_person p SET name_digest = found.digest
  FROM unnest(%s::bigint[], %s::bigint[]) AS found(id, digest) WHERE p.id = found.id
"""


def index_names(apps: Any, schema_editor: Any) -> None:
    """Index the names that are there already, some thousand at a time; who was erased has none."""
    sealer, place = PersonSealer(settings.PERSONAL_DATA_KEYS), DATA.index("name")
    people = apps.get_model("members", "Person").objects.only("public_id", "sealed").order_by("pk")
    last = 0
    while batch := list(people.filter(pk__gt=last)[:_AT_ONCE]):
        names = [sealer.open(one.sealed, one.public_id.bytes)[place] if one.sealed else "" for one in batch]
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(_WRITE, [[one.pk for one in batch], [blind_number("name", name) for name in names]])
        last = batch[-1].pk


class Migration(migrations.Migration):
    """People are found by name and phone."""

    dependencies = [("members", "0006_dissolutions")]
    operations = [
        migrations.AddField(
            model_name="person",
            name="name_digest",
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.RunPython(index_names, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["name_digest", "-id"], name="person_name"),
        ),
        migrations.AddIndex(
            model_name="person",
            index=django.contrib.postgres.indexes.HashIndex(
                condition=models.Q(("phone_digest", ""), _negated=True), fields=["phone_digest"], name="person_phone"
            ),
        ),
    ]
