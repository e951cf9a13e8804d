from django.conf import settings
from django.db import migrations

import members.fields
import members.sealed_fields
from members.sealing import DATA, PersonSealer

_AT_ONCE = 2_000
_WRITE = "UPDATE members_person p SET sealed = v.sealed FROM unnest(%s::bigint[], %s::bytea[]) v (id, sealed) WHERE p.id = v.id"


def seal(apps, schema_editor):
    """Seal what six columns hold; the blind indexes stay as they are."""
    sealer = PersonSealer(settings.PERSONAL_DATA_KEYS)
    for people in _people(apps, "public_id", *DATA):
        sealed = [
            sealer.seal([getattr(one, name).replace("\0", "\ufffd") for name in DATA], one.public_id.bytes)
            for one in people
        ]
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(_WRITE, [[one.pk for one in people], sealed])


def unseal(apps, schema_editor):
    """Fill the six columns again."""
    sealer = PersonSealer(settings.PERSONAL_DATA_KEYS)
    for people in _people(apps, "public_id", "sealed"):
        for one in people:
            texts = sealer.open(one.sealed, one.public_id.bytes) if one.sealed else [""] * len(DATA)
            for name, text in zip(DATA, texts, strict=True):
                setattr(one, name, text)
        people[0].__class__.objects.bulk_update(people, DATA)


def _people(apps, *columns):
    """All people, some at a time."""
    found = apps.get_model("members", "Person").objects.only(*columns).order_by("pk")
    last = 0
    while people := list(found.filter(pk__gt=last)[:_AT_ONCE]):
        yield people
        last = people[-1].pk


class Migration(migrations.Migration):
    """What is known of a person is one sealed value instead of six encrypted columns."""

    dependencies = [("members", "0004_memberships_in_a_chain")]
    operations = [
        # Texts that may be empty, only so that the way back can add the columns to rows that are there.
        migrations.AlterField("person", "name", members.fields.EncryptedTextField(blank=True, verbose_name="name")),
        migrations.AlterField(
            "person", "born_on", members.fields.EncryptedTextField(blank=True, verbose_name="date of birth")
        ),
        migrations.AddField("person", "sealed", members.sealed_fields.SealedField(default=b"")),
        migrations.RunPython(seal, unseal),
        *(migrations.RemoveField("person", name) for name in DATA),
    ]
