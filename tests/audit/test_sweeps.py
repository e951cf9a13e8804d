"""Sweeps: one run of a kind at a time, each row by itself, whatever is in the way or dies."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.db import connection, transaction

from audit.locks import AdvisoryLock
from audit.models import SweepRun
from audit.services import sweeps
from audit.services.sweeps import CutOff, Part, run_alone, sweep
from members.models import Person
from tests.factories import make_person
from tests.run.crew import address_of_the_tests

TASK = "tests.sweep"
PAGE = 2


@pytest.fixture
def people(transactional_db: None) -> list[int]:
    return [make_person(f"Person {number}").pk for number in range(5)]


@pytest.fixture
def elsewhere(transactional_db: None) -> Iterator[psycopg.Connection]:
    """Somebody else's connection."""
    other = psycopg.connect(address_of_the_tests())
    yield other
    other.close()


def page(behind: int) -> list[int]:
    return list(Person.objects.filter(pk__gt=behind).order_by("pk").values_list("pk", flat=True)[:PAGE])


def swept(act: Callable[[int], object] = lambda _pk: None, *, name: str = "people") -> list[int]:
    """One run; the rows that it acted on, in their order."""
    seen: list[int] = []

    def seen_and_done(pk: int) -> None:
        seen.append(pk)
        act(pk)

    sweep(TASK, Part(name, "members.Person", page, seen_and_done))
    return seen


def run() -> SweepRun:
    return SweepRun.objects.get(task=TASK)


def hold(other: psycopg.Connection, pk: int) -> None:
    other.execute("SELECT 1 FROM members_person WHERE id = %s FOR UPDATE", [pk])


def lock(pk: int) -> None:
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=pk)


def test_it_acts_on_every_due_row_page_by_page(people: list[int]) -> None:
    assert swept() == people
    assert (run().rows, run().failed, run().held, run().fault) == (5, 0, 0, "")
    assert run().began_at <= run().ended_at == run().through_at
    assert (run().at_part, run().at_row, run().is_running) == ("", 0, False)
    assert swept() == people


def test_one_that_fails_delays_no_other_and_its_text_is_not_kept(people: list[int]) -> None:
    def fail(pk: int) -> None:
        if pk in people[:3]:
            raise ValueError("Wang Xiaoming")

    assert swept(fail) == people
    assert (run().rows, run().failed, run().fault) == (5, 3, "ValueError")
    assert run().through_at is not None, "what fails makes nothing late"
    swept()
    assert (run().failed, run().fault) == (0, "")


def test_what_fails_does_not_count_as_done(people: list[int]) -> None:
    def fail_once(pk: int) -> None:
        if pk == people[0]:
            raise ValueError

    assert sweep(TASK, Part("people", "members.Person", page, fail_once)) == 4


def test_a_failed_statement_leaves_the_connection_usable(people: list[int]) -> None:
    def break_it(pk: int) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 / %s", [pk - people[1]])

    assert swept(break_it) == people
    assert run().failed == 1


def test_a_row_that_somebody_holds_is_passed_over_and_taken_next_time(
    people: list[int], elsewhere: psycopg.Connection
) -> None:
    for pk in people[:2]:  # a whole page of them
        hold(elsewhere, pk)
    assert swept(lock) == people[2:]
    assert (run().rows, run().held, run().failed) == (3, 2, 0)
    elsewhere.rollback()
    assert swept(lock) == people
    assert run().held == 0


def test_an_act_waits_only_a_little_for_a_lock_further_on(
    people: list[int], elsewhere: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row is free, and what its act has to lock beside it is not."""
    monkeypatch.setattr(sweeps, "PATIENCE_SECONDS", 0.05)
    needed = make_person("Needed").pk
    hold(elsewhere, needed)
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        before = cursor.fetchone()

    assert swept(lambda pk: lock(needed) if pk == people[0] else None) == people
    assert (run().held, run().failed) == (2, 0)
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == before


def test_a_second_run_at_once_does_nothing_until_the_first_one_s_connection_ends(
    people: list[int], elsewhere: psycopg.Connection
) -> None:
    swept()
    elsewhere.execute("SELECT pg_advisory_lock(%s, %s)", [int(AdvisoryLock.SWEEP), run().pk])
    before = run().began_at
    assert swept() == []
    assert run().began_at == before
    elsewhere.close()
    deadline = 500
    while not (found := swept()) and deadline:
        deadline -= 1
    assert found == people


def test_two_kinds_run_side_by_side(people: list[int]) -> None:
    inside: list[int] = []

    def another(pk: int) -> None:
        if pk == people[0]:
            inside.append(sweep("tests.another", Part("people", "members.Person", page, lambda _pk: None)))

    assert swept(another) == people
    assert inside == [5]


def test_a_run_that_is_cut_off_is_continued_behind_its_row(people: list[int]) -> None:
    def die(pk: int) -> None:
        if pk == people[1]:
            raise SystemExit

    with pytest.raises(SystemExit):
        swept(die)
    assert (run().is_running, run().at_part, run().at_row) == (True, "people", people[1])

    assert swept() == people[2:], "the row that may have killed the worker comes last"
    assert (run().failed, run().fault, run().is_running) == (1, "CutOff", False)
    assert swept() == people
    assert run().failed == 0


def test_a_run_that_takes_long_goes_on_behind_its_last_row(people: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "MOST_SECONDS", 0.0)
    assert [swept() for _each in range(4)] == [[pk] for pk in people[:4]]
    assert run().through_at is None, "not everything was looked at"
    assert (run().failed, run().is_running) == (0, False)
    monkeypatch.undo()
    assert swept() == people[4:]
    assert run().through_at is not None
    assert swept() == people


def test_a_part_that_a_release_has_renamed_begins_at_the_beginning(people: list[int]) -> None:
    def die(_pk: int) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        swept(die, name="an-old-name")
    assert swept() == people


def test_parts_come_one_after_the_other_and_are_continued_where_they_stopped(people: list[int]) -> None:
    seen: list[tuple[str, int]] = []

    def part(name: str, dies_at: int | None = None) -> Part:
        def act(pk: int) -> None:
            seen.append((name, pk))
            if pk == dies_at:
                raise SystemExit

        return Part(name, "members.Person", page, act)

    with pytest.raises(SystemExit):
        sweep(TASK, part("first"), part("second", dies_at=people[3]), part("third"))
    seen.clear()
    assert sweep(TASK, part("first"), part("second"), part("third")) == 6
    assert seen == [("second", people[4]), *[("third", pk) for pk in people]]


def test_a_part_ends_when_it_makes_no_sense_to_go_on_and_the_next_part_begins(people: list[int]) -> None:
    seen: list[int] = []
    quiet = Part("first", "members.Person", page, seen.append, goes_on=lambda: len(seen) < 3)
    assert sweep(TASK, quiet, Part("second", "members.Person", page, lambda _pk: None)) == 3 + 5
    assert seen == people[:3]
    assert run().through_at is not None
    assert (run().at_part, run().at_row) == ("", 0)


def test_with_its_connection_a_run_loses_its_lock_and_ends(people: list[int]) -> None:
    def lose_the_connection(pk: int) -> None:
        if pk == people[1]:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(CutOff):
        swept(lose_the_connection)
    connection.close()
    assert swept() == people[2:]


def test_a_run_without_rows_that_fails_is_recorded_and_raised(transactional_db: None) -> None:
    def fail() -> int:
        raise RuntimeError("not for everybody")

    assert run_alone(TASK, lambda: 3) == 3
    through = run().through_at
    with pytest.raises(RuntimeError):
        run_alone(TASK, fail)
    assert (run().failed, run().fault, run().through_at) == (1, "RuntimeError", through)
    assert not run().is_running
    assert run_alone(TASK, lambda: 0) == 0
    assert (run().failed, run().fault) == (0, "")


def test_the_lock_of_a_machine_that_has_gone_is_soon_free(people: list[int]) -> None:
    """On the server's side of a connection over the network; a local socket knows when the other end has gone."""
    asked: list[tuple[str, ...]] = []

    def ask(_pk: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT boot_val, reset_val, source FROM pg_settings WHERE name = 'tcp_keepalives_idle'")
            asked.append(cursor.fetchone())

    swept(ask)
    assert {source for _boot, _reset, source in asked} == {"session"}
