"""What is known of a person reads and writes like any other field, and is stored as one sealed value."""

from __future__ import annotations

import copy
import datetime as dt

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from members.fields import blind_index
from members.models import Membership, Person
from members.sealing import SealBroken
from tests.bent import bend, unguarded
from tests.factories import make_membership, make_person

pytestmark = pytest.mark.django_db
BORN_ON = dt.date(1990, 1, 2)


def _stored(person: Person) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM members_person WHERE id = %s", [person.pk])
        return bytes(cursor.fetchone()[0])


def test_each_datum_is_read_as_it_was_given() -> None:
    made = make_person("王小明", BORN_ON, phone="139", address="1 Harbour Road")
    found = Person.objects.get(pk=made.pk)

    for person in (made, found):
        assert (person.name, person.born_on, person.phone, person.address) == (
            "王小明",
            BORN_ON,
            "139",
            "1 Harbour Road",
        )
        assert (person.id_number, person.employer) == ("", "")
    assert "王小明".encode() not in _stored(made)


def test_a_change_is_sealed_with_what_was_known() -> None:
    person = Person.objects.get(pk=make_person(born_on=BORN_ON, phone="139").pk)
    person.name = "Li Na"
    bend(person)

    again = Person.objects.get(pk=person.pk)
    assert (again.name, again.born_on, again.phone) == ("Li Na", BORN_ON, "139")


def test_saving_one_datum_stores_it_with_its_blind_index_and_nothing_else() -> None:
    person = make_person()
    person.phone, person.sex = "13900000001", "female"
    bend(person, phone=person.phone)

    again = Person.objects.get(pk=person.pk)
    assert (again.phone, again.phone_digest) == ("13900000001", blind_index("phone", "13900000001"))
    assert again.sex == "unknown"


def test_saving_another_field_leaves_the_value_as_it_is() -> None:
    person = make_person()
    before = _stored(person)
    person.phone, person.sex = "139", "female"
    bend(person, sex=person.sex)

    assert _stored(person) == before
    assert Person.objects.get(pk=person.pk).sex == "female"


def test_a_refreshed_row_forgets_what_was_not_saved() -> None:
    person = make_person("Li Na")
    person.name = "Wang"
    person.refresh_from_db()

    assert person.name == "Li Na"
    bend(person)
    assert Person.objects.get(pk=person.pk).name == "Li Na"


def test_rows_in_bulk() -> None:
    made = Person.objects.bulk_create([Person(name=name, born_on=BORN_ON) for name in ("Li Na", "Wu Di")])
    made[0].name = "Li Nan"
    with unguarded():
        Person.objects.bulk_update(made, ["sealed"])

    assert [one.name for one in Person.objects.order_by("pk")] == ["Li Nan", "Wu Di"]


def test_a_row_fetched_without_it_fetches_it_when_it_is_read() -> None:
    pk = make_person("Li Na").pk
    for person in (Person.objects.defer("sealed").get(pk=pk), Person.objects.only("sex").get(pk=pk)):
        assert person.name == "Li Na"


def test_a_row_whose_data_nobody_reads_is_not_opened(settings: Settings) -> None:
    membership = make_membership()
    settings.PERSONAL_DATA_KEYS = [Fernet.generate_key()]

    found = Membership.objects.select_related("person").get(pk=membership.pk)
    assert found.person.sex == "unknown"
    with pytest.raises(SealBroken):
        _name = found.person.name


def test_reading_two_data_of_a_row_asks_once() -> None:
    pk = make_person().pk
    with CaptureQueriesContext(connection) as captured:
        person = Person.objects.get(pk=pk)
        assert person.name
        assert person.born_on
    assert len(captured) == 1


def test_keys_are_rotated_as_rows_change(settings: Settings) -> None:
    person, old = make_person("Li Na"), settings.PERSONAL_DATA_KEYS
    settings.PERSONAL_DATA_KEYS = [Fernet.generate_key(), *old]
    found = Person.objects.get(pk=person.pk)
    assert found.name == "Li Na"
    found.phone = "139"
    bend(found)

    settings.PERSONAL_DATA_KEYS = settings.PERSONAL_DATA_KEYS[:1]
    assert Person.objects.get(pk=person.pk).phone == "139"


def test_erasing_leaves_nothing_and_the_row_stays() -> None:
    person = make_person("Li Na", phone="139")
    for name in ("name", "phone", "id_number", "address", "employer"):
        setattr(person, name, "")
    person.born_on = None  # type: ignore[assignment]
    bend(person)

    again = Person.objects.get(pk=person.pk)
    assert (_stored(person), again.name, again.born_on, again.phone_digest) == (b"", "", None, "")


def test_a_copy_in_memory_changes_by_itself() -> None:
    person = make_person("Li Na")
    other = copy.deepcopy(person)
    other.name = "Wu Di"

    assert person.name == "Li Na"


def test_a_zero_character_breaks_no_value() -> None:
    person = make_person("Li\0Na", BORN_ON)

    assert Person.objects.get(pk=person.pk).name == person.name == "Li\ufffdNa"


@pytest.mark.parametrize("name", ["name", "born_on", "sealed"])
def test_it_is_not_searched_or_fetched_or_set_past_the_row(name: str) -> None:
    with pytest.raises(FieldError, match="blind index"):
        Person.objects.filter(**{name: "x"})
    with pytest.raises(FieldError, match="blind index"):
        Membership.objects.filter(**{f"person__{name}": "x"})
    if name != "sealed":
        with pytest.raises(FieldError):
            list(Person.objects.values_list(name))
        with pytest.raises(FieldError, match="blind index"):
            Person.objects.update(**{name: "x"})
