"""What staff see of the workers: what is late, since when, and what waits in the log."""

from __future__ import annotations

import datetime as dt
import html
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from audit import clock
from audit.actors import SYSTEM
from audit.models import SweepRun
from audit.rooms import PeriodicTask, all_periodic_tasks
from audit.selectors.sweeps import LOG_LATE_AFTER, late_since, oldest_unsigned_at, operations
from audit.services import append, publish, sequence_all
from tests.cast import Cast
from tests.moving import move_clock, set_clock

pytestmark = pytest.mark.django_db
PAGE, API = "/operations/", "/api/v1/operations/"
STAFF = ["reviewer", "auditor"]
OTHERS = ["outsider", "member", "investigator", "professional"]
TASK = PeriodicTask("tests.sweep", every_s=15.0, words="Words", when_late="Late.", late_after_s=120.0)


def all_went_through(**changed: Any) -> None:
    """As if the workers had just gone through everything."""
    now = clock.now()
    SweepRun.objects.all().delete()
    SweepRun.objects.bulk_create(
        SweepRun(task=one.task, known_since=now, began_at=now, ended_at=now, through_at=now, **changed)
        for one in all_periodic_tasks().values()
    )


def text(client: Client, address: str = PAGE, **headers: str) -> str:
    return html.unescape(client.get(address, headers=headers).content.decode())


def test_a_sweep_is_late_a_while_after_its_next_run_was_due() -> None:
    through = dt.datetime(2026, 3, 11, 10, 0, tzinfo=dt.UTC)
    run = SweepRun(task="tests.sweep", known_since=through - dt.timedelta(days=9), through_at=through)
    due = through + dt.timedelta(seconds=15)
    assert late_since(TASK, run, due + dt.timedelta(seconds=120)) is None
    assert late_since(TASK, run, due + dt.timedelta(seconds=120, microseconds=1)) == due


def test_a_sweep_that_begins_again_and_again_and_never_gets_through_is_late_from_its_first_day() -> None:
    known = dt.datetime(2026, 3, 11, 10, 0, tzinfo=dt.UTC)
    later = known + dt.timedelta(hours=1)
    run = SweepRun(task="tests.sweep", known_since=known, began_at=later, ended_at=later)
    assert late_since(TASK, run, later) == known + dt.timedelta(seconds=15)


def test_what_has_never_run_is_late() -> None:
    found = operations()
    assert found.is_late
    assert {one.task for one in found.sweeps if one.has_never_run} == {
        one.task for one in all_periodic_tasks().values()
    }


def test_everything_on_time_and_one_kind_late() -> None:
    all_went_through()
    assert not operations().is_late
    move_clock(minutes=3)
    SweepRun.objects.exclude(task="allocation.sweep_payments").update(through_at=clock.now())
    assert [one.task for one in operations().sweeps if one.is_late] == ["allocation.sweep_payments"]
    assert not operations().is_failing


def test_rows_that_fail_are_no_delay_and_are_said() -> None:
    all_went_through(failed=2, fault="ValueError")
    assert (operations().is_late, operations().is_failing) == (False, True)


def test_the_oldest_entry_that_is_not_signed() -> None:
    assert oldest_unsigned_at() is None
    set_clock(clock.now())
    first = append(kind="thing.done", stream="thing:1", by=SYSTEM)
    move_clock(seconds=30)
    append(kind="thing.done", stream="thing:2", by=SYSTEM)
    assert oldest_unsigned_at() == first.recorded_at
    sequence_all()
    assert oldest_unsigned_at() == first.recorded_at, "it has its place, and no checkpoint covers it"
    publish()
    assert oldest_unsigned_at() is None
    third = append(kind="thing.done", stream="thing:3", by=SYSTEM)
    assert oldest_unsigned_at() == third.recorded_at
    set_clock(third.recorded_at + LOG_LATE_AFTER)
    assert not operations().log.is_late
    set_clock(third.recorded_at + LOG_LATE_AFTER + dt.timedelta(microseconds=1))
    assert operations().log.is_late


@pytest.mark.parametrize("role", STAFF)
def test_staff_read_what_is_late_what_it_means_and_what_to_do(client: Client, cast: Cast, role: str) -> None:
    client.force_login(cast.by_role()[role])
    assert "Has never run" in text(client)
    all_went_through()
    publish()
    calm = text(client)
    assert "Everything is on time" in calm
    assert "Every entry is covered by a signed checkpoint." in calm
    SweepRun.objects.filter(task="audit.publish").update(rows=1, failed=1, fault="LogForked")
    failing = text(client)
    assert "Some work fails" in failing
    assert "LogForked" in failing
    move_clock(minutes=10)
    late = text(client)
    assert "The workers are behind" in late
    assert "New entries are not signed yet, so nobody can prove them, and no jury is drawn." in late
    assert "Start a worker for this queue" in late


@pytest.mark.parametrize("role", OTHERS)
def test_others_do_not(client: Client, cast: Cast, role: str) -> None:
    user = cast.by_role()[role]
    assert user is not None
    client.force_login(user)
    assert client.get(PAGE).status_code == 403
    api = APIClient()
    api.force_authenticate(user)
    assert api.get(API).status_code == 403


def test_in_chinese(client: Client, cast: Cast) -> None:
    client.force_login(cast.auditor)
    found = text(client, **{"accept-language": "zh-hans"})
    assert "运行状况" in found
    assert "后台处理已延迟" in found
    assert "新记录尚未签名，因此无法证明，也无法抽选赔审员。" in found


@pytest.mark.parametrize("role", STAFF)
def test_the_same_over_the_api(cast: Cast, role: str) -> None:
    all_went_through(rows=7, held=1)
    SweepRun.objects.filter(task="allocation.sweep_arrears").delete()
    api = APIClient()
    api.force_authenticate(cast.by_role()[role])
    found = api.get(API).json()
    by_task = {one["task"]: one for one in found["sweeps"]}
    assert (found["is_late"], found["is_failing"], found["log"]["is_late"]) == (True, False, False)
    assert (by_task["audit.publish"]["rows"], by_task["audit.publish"]["held"]) == (7, 1)
    assert by_task["audit.publish"]["queue"] == "log"
    assert dt.datetime.fromisoformat(by_task["audit.publish"]["through_at"]) <= clock.now()
    never = by_task["allocation.sweep_arrears"]
    assert (never["is_late"], never["began_at"], never["rows"], never["is_running"]) == (True, None, 0, False)


def test_the_board_says_so_while_something_is_late_or_fails(client: Client, cast: Cast) -> None:
    client.force_login(cast.reviewer)
    late, failing = "some things happen later than announced", "Some work of the workers fails"
    assert late in text(client, "/board/")
    all_went_through()
    calm = text(client, "/board/")
    assert late not in calm
    assert failing not in calm
    SweepRun.objects.update(failed=1)
    assert failing in text(client, "/board/")


def test_it_costs_the_same_for_any_number_of_entries(django_assert_num_queries: Any) -> None:
    append(kind="thing.done", stream="thing:0", by=SYSTEM)
    with CaptureQueriesContext(connection) as before:
        operations()
    all_went_through()
    for number in range(20):
        append(kind="thing.done", stream=f"thing:{number}", by=SYSTEM)
    with django_assert_num_queries(len(before)):
        operations()
