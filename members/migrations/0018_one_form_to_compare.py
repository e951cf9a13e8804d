from typing import Any

from django.conf import settings
from django.db import migrations

from members.fields import blind_index, blind_number
from members.sealing import DATA, PersonSealer

_AT_ONCE = 2_000
_WRITE = """
UPDATE members_person p
   SET name_digest = f.name, id_digest = f.id_number, phone_digest = f.phone, address_digest = f.address,
       employer_digest = f.employer
  FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[])
       AS f(id, name, id_number, phone, address, employer)
 WHERE p.id = f.id
"""
_DIGESTS = {
    "name": "name_digest",
    "id_number": "id_digest",
    "phone": "phone_digest",
    "address": "address_digest",
    "employer": "employer_digest",
}


def index_again(apps: Any, schema_editor: Any) -> None:
    """Index everybody in the form in which data are compared now, some thousand at a time.

    Two people may have one identity number in it, such as with and without hyphens. The first keeps it, and the other
    the digest of before, since which of them is meant is for a person to find out.
    """
    sealer = PersonSealer(settings.PERSONAL_DATA_KEYS)
    people = apps.get_model("members", "Person").objects.only("public_id", "sealed", *_DIGESTS.values()).order_by("pk")
    last = 0
    while batch := list(people.filter(pk__gt=last)[:_AT_ONCE]):
        last = batch[-1].pk
        rows = [row for one in batch if one.sealed and (row := _row(one, sealer)) is not None]
        taken = _taken(people, rows)
        for row in rows:
            if row[2] in taken and taken[row[2]] != row[0]:
                row[2] = row[6]
            elif row[2]:
                taken[row[2]] = row[0]
        if rows:
            with schema_editor.connection.cursor() as cursor:
                cursor.execute(_WRITE, [[row[column] for row in rows] for column in range(6)])


def _row(person: Any, sealer: PersonSealer) -> list[Any] | None:
    """Key, new digests and the identity number's old one; None where nothing changes."""
    data = dict(zip(DATA, sealer.open(person.sealed, person.public_id.bytes), strict=False))
    new = [
        blind_number("name", data["name"]),
        *(blind_index(name, data[name]) for name in ("id_number", "phone", "address", "employer")),
    ]
    old = [getattr(person, column) for column in _DIGESTS.values()]
    return None if new == old else [person.pk, *new, person.id_digest]


def _taken(people: Any, rows: list[list[Any]]) -> dict[str, int]:
    """Whose the new digests of identity numbers are already."""
    wanted = {row[2] for row in rows} - {""}
    return dict(people.filter(id_digest__in=wanted).values_list("id_digest", "pk"))


class Migration(migrations.Migration):
    """Blind indexes ignore invisible characters, hyphens and the country code of a phone."""

    dependencies = [("members", "0017_mail_reports")]
    operations = [migrations.RunPython(index_again, migrations.RunPython.noop)]
