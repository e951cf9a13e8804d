"""What the database itself enforces: memberships of one person and plan never overlap, however they are written."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.models import Membership
from members.models.memberships import NEVER_OVERLAP
from tests.bent import without_classes
from tests.factories import make_membership, make_person, make_plan_version

pytestmark = pytest.mark.django_db
_START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
_days = st.integers(0, 7)
_day_or_none = st.none() | _days
_writes = st.one_of(
    st.tuples(st.just("insert"), st.integers(0, 1), _days, _day_or_none, _day_or_none),
    st.tuples(
        st.just("update"), st.integers(0, 5), st.sampled_from(["joined_at", "left_at", "previous_left_at"]), _days
    ),
    st.tuples(st.just("move"), st.integers(0, 5), st.integers(0, 1)),
    st.tuples(st.just("reopen"), st.integers(0, 5)),
    st.tuples(st.just("delete"), st.integers(0, 5)),
)
_OVERLAPS = """
SELECT count(*) FROM members_membership a JOIN members_membership b USING (person_id, plan_id)
 WHERE a.id < b.id AND tstzrange(a.joined_at, a.left_at) && tstzrange(b.joined_at, b.left_at)
"""


def _day(number: int | None) -> dt.datetime | None:
    return None if number is None else _START + dt.timedelta(days=number)


def _stored(
    plan_id: int, person_id: int, joined: int, left: int | None = None, before: int | None = None
) -> Membership:
    """A membership as it is given, neither looked up nor mended."""
    return Membership.objects.create(
        plan_id=plan_id,
        person_id=person_id,
        joined_at=_day(joined),
        left_at=_day(left),
        previous_left_at=_day(before),
        end_reason="" if left is None else "left",
        waits_from=_day(joined),
        first_notice_on=_START.date(),
    )


def _write(plan_id: int, people: list[int], kind: str, *given: Any) -> None:
    if kind == "insert":
        who, joined, left, before = given
        _stored(plan_id, people[who], joined, left, before)
        return
    number, *values = given
    ids = list(Membership.objects.order_by("pk").values_list("pk", flat=True))[number : number + 1]
    rows = Membership.objects.filter(pk__in=ids)
    if kind == "delete":
        rows.delete()
    elif kind == "move":
        rows.update(person_id=people[values[0]])
    elif kind == "reopen":
        rows.update(left_at=None, end_reason="")
    else:
        column, day = values
        reason = {"end_reason": "left"} if column == "left_at" else {}
        rows.update(**{column: _day(day)}, **reason)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(writes=st.lists(_writes, min_size=3, max_size=14))
def test_no_sequence_of_writes_makes_two_overlap(writes: list[tuple[Any, ...]]) -> None:
    with transaction.atomic(), without_classes("members_membership"):
        plan_id = make_plan_version().plan.pk
        people = [make_person().pk, make_person().pk]
        for one in writes:
            try:
                with transaction.atomic():
                    _write(plan_id, people, *one)
            except IntegrityError:
                continue
            with connection.cursor() as cursor:
                cursor.execute(_OVERLAPS)
                assert cursor.fetchone() == (0,), one
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("joined", "left", "before", "constraint"),
    [
        (3, None, None, NEVER_OVERLAP),
        (0, 1, None, NEVER_OVERLAP),
        (6, None, 2, NEVER_OVERLAP),
        (6, None, 4, f"{NEVER_OVERLAP}_link"),
        (4, None, 5, f"{NEVER_OVERLAP}_begin"),
        (5, 6, 5, ""),
    ],
)
def test_a_membership_follows_the_one_before_it(
    joined: int, left: int | None, before: int | None, constraint: str
) -> None:
    """After memberships from day 1 to 2 and from day 3 to 5."""
    plan, person = make_plan_version().plan, make_person()
    _stored(plan.pk, person.pk, 1, 2)
    _stored(plan.pk, person.pk, 3, 5, before=2)
    if not constraint:
        assert _stored(plan.pk, person.pk, joined, left, before).pk
        return
    with pytest.raises(IntegrityError, match=f'"{constraint}"'), transaction.atomic():
        _stored(plan.pk, person.pk, joined, left, before)


def test_an_end_that_another_follows_stays(db: None) -> None:
    plan, person = make_plan_version().plan, make_person()
    first = _stored(plan.pk, person.pk, 1, 2)
    _stored(plan.pk, person.pk, 3, None, before=2)
    with without_classes("members_membership"):
        for end in (None, _day(1), _day(4)):
            with pytest.raises(IntegrityError, match=f"{NEVER_OVERLAP}_link|membership_end"), transaction.atomic():
                Membership.objects.filter(pk=first.pk).update(left_at=end)
    with pytest.raises(IntegrityError, match=f"{NEVER_OVERLAP}_link"), transaction.atomic():
        Membership.objects.filter(pk=first.pk)._raw_delete(using="default")  # type: ignore[attr-defined]


def _meanwhile(first: Callable[[], object], second: Callable[[], object]) -> list[str]:
    """What becomes of two transactions, the second of which writes before the first has committed."""
    told: list[str] = []
    has_written, may_commit = threading.Event(), threading.Event()

    def later() -> None:
        try:
            has_written.wait(timeout=60)
            with transaction.atomic():
                second()
            told.append("second stored")
        except IntegrityError as error:
            told.append("second refused" if NEVER_OVERLAP in str(error) else str(error))
        finally:
            may_commit.set()
            connection.close()

    thread = threading.Thread(target=later)
    thread.start()
    with transaction.atomic():
        first()
        has_written.set()
        # The second is refused at once, or waits for this transaction: either way this one goes on.
        may_commit.wait(timeout=0.3)
    thread.join(timeout=30)
    return told


@pytest.mark.django_db(transaction=True)
def test_of_two_first_memberships_at_once_one_is_refused() -> None:
    plan, person = make_plan_version().plan, make_person()

    told = _meanwhile(lambda: _stored(plan.pk, person.pk, 1), lambda: _stored(plan.pk, person.pk, 5))

    assert (told, Membership.objects.count()) == (["second refused"], 1)


@pytest.mark.django_db(transaction=True)
def test_of_two_that_follow_the_same_end_at_once_one_is_refused() -> None:
    first = make_membership(joined_at=_day(1), left_at=_day(2), end_reason="left")

    told = _meanwhile(
        lambda: _stored(first.plan_id, first.person_id, 3, before=2),
        lambda: _stored(first.plan_id, first.person_id, 5, before=2),
    )

    assert (told, Membership.objects.count()) == (["second refused"], 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_moved_first", [True, False])
def test_an_end_that_is_moved_while_another_begins_after_it(is_moved_first: bool) -> None:
    first = make_membership(joined_at=_day(1), left_at=_day(2), end_reason="left")

    def move() -> None:
        Membership.objects.filter(pk=first.pk).update(left_at=_day(9))

    def follow() -> None:
        _stored(first.plan_id, first.person_id, 3, before=2)

    with without_classes("members_membership"):
        told = _meanwhile(*((move, follow) if is_moved_first else (follow, move)))

    assert (told, Membership.objects.count()) == (["second refused"], 1 if is_moved_first else 2)
