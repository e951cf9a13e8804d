"""Writing the log, and what the database refuses to do with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from audit.actors import SYSTEM, SystemActor
from audit.models import Entry
from audit.services import NotInTransaction, append
from members.services.plans import load_plan_version
from tests.factories import alone, make_user, plan_file


def write(**changes: Any) -> Entry:
    return append(**({"kind": "thing.done", "stream": "thing:1", "by": SYSTEM, "body": {"a": 1}} | changes))


@pytest.mark.django_db
def test_an_entry_says_what_was_done_to_what_by_whom() -> None:
    user = make_user()
    entry = write(by=user)
    stored = Entry.objects.get(pk=entry.pk)
    assert (stored.kind, stored.stream, stored.actor, stored.body) == (
        "thing.done",
        "thing:1",
        user.audit_ref,
        {"a": 1},
    )
    assert stored.recorded_at is not None
    assert write(by=SystemActor("sweep"), body=None).actor == "system:sweep"


@pytest.mark.django_db
def test_each_entry_has_salts_of_its_own() -> None:
    one, other = write(), write()
    salts = {bytes(one.head_salt), bytes(one.body_salt), bytes(other.head_salt), bytes(other.body_salt)}
    assert len(salts) == 4
    assert {len(salt) for salt in salts} == {16}


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_written() -> None:
    with pytest.raises(NotInTransaction, match=r"thing\.done"):
        write()
    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_act_that_fails_leaves_no_entry() -> None:
    def act() -> None:
        with transaction.atomic():
            write()
            raise LookupError("the act failed after its entry")

    with pytest.raises(LookupError):
        act()
    assert not Entry.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "update audit_entry set body = '{}'",
        "update audit_entry set recorded_at = assize_now()",
        "delete from audit_entry",
        "truncate audit_entry",
        "set local pgtrigger.ignore = '{audit_entry}'; delete from audit_entry",
    ],
)
def test_the_database_refuses_to_change_the_log(sql: str) -> None:
    entry = write()
    with pytest.raises(DatabaseError, match="forbidden"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert Entry.objects.get(pk=entry.pk).body == {"a": 1}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        lambda entry: Entry.objects.update(kind="thing.undone"),
        lambda entry: entry.delete(),
        lambda entry: entry.save(update_fields=["kind"]),
    ],
)
def test_the_models_own_ways_are_refused_too(change: Callable[[Entry], object]) -> None:
    entry = write()
    with pytest.raises(DatabaseError, match="forbidden"), transaction.atomic():
        change(entry)
    assert Entry.objects.get().kind == "thing.done"


@pytest.mark.django_db
def test_published_rules_are_as_fixed_as_the_log() -> None:
    version = load_plan_version(source=alone(plan_file("xhb-2020-01-01")), filename="x.toml", by=SYSTEM)
    version.source = version.source.replace('fee = "8 %"', 'fee = "1 %"')
    with pytest.raises(DatabaseError, match="forbidden"), transaction.atomic():
        version.save(update_fields=["source"])
