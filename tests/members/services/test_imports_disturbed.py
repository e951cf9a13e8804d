"""An import that is interrupted, disturbed by others, short of room, or done by several processes."""

from __future__ import annotations

import datetime as dt
import errno
from pathlib import Path

import pytest
from django.db import connection, transaction

from audit.actors import SYSTEM
from audit.models import Entry
from members.imports import staging
from members.imports.spool import Spool
from members.models import Membership, Person, Plan
from members.services.imports import ImportStopped, RowsRefused
from members.services.people import register_person
from tests.factories import make_plan_version
from tests.members.imports.making import member
from tests.members.imports.running import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan() -> Plan:
    make_plan_version("xhb-2019-01-01")
    return make_plan_version("xhb-2020-01-01").plan


def _take_the_number_of_member(number: int) -> Person:
    born_on = dt.date(1985, 5, 17)
    return register_person(name="Meanwhile", born_on=born_on, id_number=f"ID{number:08d}", by=SYSTEM)


def test_an_interrupted_import_goes_on(plan: Plan, tmp_path: Path) -> None:
    """The power fails after the second of four batches."""
    rows = [member(1, payer_external_id="M8"), *(member(number) for number in range(2, 9))]

    def fail(phase: str, done: int, _total: int) -> None:
        if phase == "storing" and done >= 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(plan, tmp_path, *rows, rows_a_batch=2, progress=fail)
    stored = Membership.objects.count()
    done = run(plan, tmp_path, *rows, rows_a_batch=2)

    assert 0 < stored < 8
    assert done.counts == (8, 8 - stored, stored, 0)
    assert Person.objects.get(import_key="M1").payer == Person.objects.get(import_key="M8")
    assert Person.objects.count() == Membership.objects.count() == 8


def test_who_registers_meanwhile_costs_their_row_and_no_other(plan: Plan, tmp_path: Path) -> None:
    """Somebody takes the identity number of row 3 after the checks and before the batch is stored."""
    taken: list[Person] = []

    def disturb(phase: str, _done: int, _total: int) -> None:
        if phase == "storing" and not taken:
            taken.append(_take_the_number_of_member(3))

    done = run(plan, tmp_path, *(member(number) for number in range(1, 6)), rows_a_batch=2, progress=disturb)

    assert done.counts == (5, 4, 0, 1)
    assert done.told == [(4, "id_number", "is registered for somebody else")]
    assert Person.objects.count() == 5
    ended = Entry.objects.get(kind="memberships.imported").body
    ids = Membership.objects.order_by("pk").values_list("pk", flat=True)
    assert (ended["stored"], ended["refused"], ended["already_there"]) == (4, 1, 0)
    assert ended["memberships"][0] <= ids[0] <= ids[3] <= ended["memberships"][1]


def test_all_or_nothing_is_nothing_when_somebody_registers_meanwhile(plan: Plan, tmp_path: Path) -> None:
    def disturb(phase: str, done: int, _total: int) -> None:
        if phase == "storing" and done == 1:
            register_person(name="Meanwhile", born_on=dt.date(1985, 5, 17), import_key="M2", by=SYSTEM)

    with pytest.raises(ImportStopped, match="Nothing was imported"), transaction.atomic():
        run(plan, tmp_path, member(1), member(2), rows_a_batch=1, is_atomic=True, progress=disturb)
    assert not Person.objects.exists()


def test_one_who_disturbs_every_attempt_stops_the_import(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as the checks see nothing wrong and the database does."""
    register_person(name="By hand", born_on=dt.date(1985, 5, 17), id_number="ID00000001", by=SYSTEM)
    monkeypatch.setattr(staging, "_CHECKS", staging._CHECKS[:2])

    with pytest.raises(ImportStopped, match="1 rows were stored: run it again to go on"):
        run(plan, tmp_path, member(1), member(2), rows_a_batch=1)


def test_the_staging_tables_are_gone_afterwards(plan: Plan, tmp_path: Path) -> None:
    run(plan, tmp_path, member(1))
    with pytest.raises(RowsRefused):
        run(plan, tmp_path, member(2, sex="?"), is_atomic=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'import\\_%' AND relpersistence = 't'")
        assert cursor.fetchone() == (0,)


def test_no_room_for_the_rows_that_wait_is_told(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Spool, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Spool, "keep", full)
    with pytest.raises(ImportStopped, match="No space left on device"):
        run(plan, tmp_path, member(1))
    assert not Person.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_several_processes_store_the_same_as_one(tmp_path: Path) -> None:
    plan = make_plan_version("xhb-2020-01-01").plan
    payers = {number: f"M{number + 7}" for number in range(3, 53, 4)}
    rows = [member(number, payer_external_id=payers.get(number, "")) for number in range(60)]
    rows[10] = member(10, sex="?")
    done = run(plan, tmp_path, *rows, rows_a_batch=9, workers=2)
    again = run(plan, tmp_path, *rows, rows_a_batch=9, workers=2)

    stored = done.done.stored
    assert stored == Membership.objects.count() == Person.objects.count() == 60 - done.done.refused
    assert again.counts == (60, 0, stored, done.done.refused)
    paid_for = Person.objects.exclude(payer=None).values_list("import_key", "payer__import_key")
    assert (done.done.refused, len(paid_for)) == (2, 12)
    assert all(payer == f"M{int(str(key)[1:]) + 7}" for key, payer in paid_for)
    names = {person.name for person in Person.objects.all()}
    assert names == {"Wang Xiaoming"}


@pytest.mark.django_db(transaction=True)
def test_several_processes_are_disturbed_as_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = make_plan_version("xhb-2020-01-01").plan
    chunks_with_places = staging.chunks_with_places
    taken: list[Person] = []

    def after_the_checks(*, is_late: bool) -> list[int]:
        if not taken:
            taken.append(_take_the_number_of_member(3))
        return chunks_with_places(is_late=is_late)

    monkeypatch.setattr(staging, "chunks_with_places", after_the_checks)
    done = run(plan, tmp_path, *(member(number) for number in range(1, 6)), rows_a_batch=2, workers=1)

    assert done.counts == (5, 4, 0, 1)


@pytest.mark.django_db(transaction=True)
def test_processes_write_up_and_one_transaction_stores(tmp_path: Path) -> None:
    plan = make_plan_version("xhb-2020-01-01").plan
    rows = [member(number) for number in range(5)]

    assert run(plan, tmp_path, *rows, rows_a_batch=2, workers=1, is_atomic=True).counts == (5, 5, 0, 0)
