"""Registering people."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from audit import clock
from audit.actors import SYSTEM
from audit.models import Entry
from members.errors.people import BirthImpossible, NotTheirs, PayerPaidFor, PersonRegistered
from members.models import Person
from members.services.people import register_person
from tests.factories import make_person, make_user

pytestmark = pytest.mark.django_db
BORN_ON = dt.date(1990, 4, 5)


def test_a_user_registers_themselves_and_no_personal_data_reaches_the_log_or_the_disk_in_clear() -> None:
    user = make_user()
    person = register_person(
        name="  Zhao  Qiuyan ", born_on=BORN_ON, id_number="ID-77-ZZ", phone="1390001", user=user, by=user
    )
    assert person.name == "Zhao Qiuyan"
    entry = Entry.objects.get(kind="person.registered")
    assert (entry.stream, entry.actor) == (f"person:{person.pk}", user.audit_ref)
    assert "Zhao" not in str(entry.body)
    assert "1990" not in str(entry.body)
    with connection.cursor() as cursor:
        cursor.execute("select row_to_json(p)::text from members_person p where id = %s", [person.pk])
        stored = cursor.fetchone()[0]
    assert "Zhao" not in stored
    assert "1990-04" not in stored
    assert "ID-77" not in stored


def test_a_user_registers_a_dependant() -> None:
    user = make_user()
    payer = make_person(user=user)
    child = register_person(name="Child", born_on=BORN_ON, payer=payer, by=user)
    assert child.payer == payer
    assert child.user is None


def test_a_stranger_registers_nobody_else() -> None:
    user, other = make_user(), make_user()
    payer = make_person(user=other)
    for whom in ({"user": other}, {"payer": payer}, {}):
        with pytest.raises(NotTheirs):
            register_person(name="X", born_on=BORN_ON, by=user, **whom)
    assert Person.objects.count() == 1
    assert not Entry.objects.exists()


def test_birth_in_the_future_or_before_living_memory_is_impossible() -> None:
    today = timezone.localdate(clock.now())
    assert register_person(name="New", born_on=today, by=SYSTEM).pk
    for born_on in (today + dt.timedelta(days=1), dt.date(1800, 1, 1)):
        with pytest.raises(BirthImpossible, match=str(born_on.year)):
            register_person(name="X", born_on=born_on, by=SYSTEM)


def test_one_person_an_identity_number_however_it_is_written() -> None:
    register_person(name="A", born_on=BORN_ON, id_number="11010519900405123x", by=SYSTEM)
    with pytest.raises(PersonRegistered):
        register_person(name="B", born_on=BORN_ON, id_number=" 110105 19900405 123X", by=SYSTEM)
    # Without a number there is nothing to compare.
    register_person(name="C", born_on=BORN_ON, by=SYSTEM)
    register_person(name="D", born_on=BORN_ON, by=SYSTEM)


def test_one_person_a_login_and_an_import_key() -> None:
    user = make_user()
    register_person(name="A", born_on=BORN_ON, user=user, import_key="k", by=SYSTEM)
    with pytest.raises(PersonRegistered):
        register_person(name="A", born_on=BORN_ON, user=user, by=SYSTEM)
    with pytest.raises(PersonRegistered):
        register_person(name="A", born_on=BORN_ON, import_key="k", by=SYSTEM)


def test_somebody_paid_for_pays_for_nobody() -> None:
    child = make_person(payer=make_person())
    with pytest.raises(PayerPaidFor):
        register_person(name="Grandchild", born_on=BORN_ON, payer=child, by=SYSTEM)
