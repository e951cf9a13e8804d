"""Moving from one plan into another: one act, one line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import Error, IntegrityError, transaction
from django.utils.translation import override

from audit import clock
from audit.actors import SYSTEM
from audit.errors import DomainError
from audit.models import Entry
from members.errors.memberships import (
    AlreadyMember,
    EndsBeforeItBegins,
    HealthStatementForbids,
    HealthStatementIncomplete,
    JoinsInTheFuture,
    MembershipEnded,
)
from members.errors.moves import NoWayIn, TooOldToMove, TooYoungToMove
from members.errors.people import BirthImpossible, NotTheirs
from members.errors.plans import NoRulesInForce
from members.models import HealthStatement, Membership, Message, Person, Plan, PlanVersion
from members.selectors.moves import line_of, lines_of, move_options
from members.services.memberships import end_line, end_membership, leave_plan, move_to_plan
from tests.factories import SHANGHAI, make_membership, make_person, make_plan_version, make_user

pytestmark = pytest.mark.django_db
WELL = {"medicine_30_days": False, "hospital_15_days": False, "covered_condition": False, "open_examination": False}
JOINED = dt.datetime(2019, 3, 1, 10, tzinfo=SHANGHAI)
MOVED = dt.datetime(2019, 6, 1, 12, tzinfo=SHANGHAI)
TOO_EARLY = dt.datetime(2018, 12, 31, tzinfo=SHANGHAI)
NOT_YET = dt.datetime(2999, 1, 1, tzinfo=SHANGHAI)


@pytest.fixture
def mutual(db: None) -> PlanVersion:
    return make_plan_version("xhb-mutual-2018-10-16")


@pytest.fixture
def xhb(db: None) -> PlanVersion:
    return make_plan_version("xhb-2019-01-01")


@pytest.fixture
def senior(db: None) -> PlanVersion:
    return make_plan_version("xhb-senior-2019-05-01")


def member(version: PlanVersion, person: Person | None = None, **fields: Any) -> Membership:
    return make_membership(version.plan, person or make_person(), JOINED, first_notice_on=dt.date(2019, 3, 7), **fields)


def move(membership: Membership, plan: Plan, **changes: Any) -> Membership:
    given: dict[str, Any] = {"health_answers": {}, "by": SYSTEM, "moved_at": MOVED}
    return move_to_plan(membership_id=membership.pk, plan=plan, **(given | changes))


def test_who_moves_is_told_once(mutual: PlanVersion, xhb: PlanVersion) -> None:
    user = make_user()
    new = move(member(mutual, make_person(user=user)), xhb.plan, by=user)
    message = Message.objects.get(to_user=user)
    assert message.kind == "members.moved"
    notice = new.first_notice_on.isoformat()
    assert message.params == {"before": mutual.plan.code, "plan": "xhb", "notice": notice}


def test_an_upgrade_ends_one_and_begins_the_next_in_one_moment(mutual: PlanVersion, xhb: PlanVersion) -> None:
    user = make_user()
    old = member(mutual, make_person(user=user), is_gifted=True, carried_minor=70)
    new = move(old, xhb.plan, by=user)
    old = Membership.objects.get(pk=old.pk)
    assert (old.left_at, old.end_reason) == (MOVED, "transferred")
    new = Membership.objects.get(pk=new.pk)
    assert (new.plan, new.person, new.joined_at, new.left_at) == (xhb.plan, old.person, MOVED, None)
    assert (new.waits_from, new.first_notice_on) == (JOINED, dt.date(2019, 6, 7))
    assert (new.carried_minor, new.is_gifted, new.moved_from) == (0, False, old)
    # Nobody is asked about their health again: what was signed before goes on.
    assert not HealthStatement.objects.filter(membership=new).exists()
    ended, moved = Entry.objects.filter(kind__startswith="membership.").order_by("pk")
    assert (ended.kind, ended.stream, ended.body["reason"]) == (
        "membership.ended",
        f"membership:{old.pk}",
        "transferred",
    )
    assert (moved.kind, moved.stream, moved.actor) == ("membership.moved", f"membership:{new.pk}", user.audit_ref)
    assert moved.body == {
        "from": f"membership:{old.pk}",
        "from_plan": "xhb-mutual",
        "plan": "xhb",
        "version": "2019-01-01",
        "kind": "upgrade",
        "joined_at": MOVED.isoformat(),
        "waits_from": JOINED.astimezone(dt.UTC).isoformat(),
        "first_notice_on": "2019-06-07",
        "carried_minor": 0,
    }


def test_a_transfer_asks_the_health_statement_of_the_other_plan(xhb: PlanVersion, senior: PlanVersion) -> None:
    old = member(xhb, make_person(born_on=dt.date(1959, 6, 1)))
    with pytest.raises(HealthStatementIncomplete):
        move(old, senior.plan)
    with pytest.raises(HealthStatementForbids):
        move(old, senior.plan, health_answers=WELL | {"hospital_15_days": True})
    assert Membership.objects.get().left_at is None
    assert not Entry.objects.exists()
    new = move(old, senior.plan, health_answers=WELL | {"favourite_colour": True})
    assert new.health_statement.plan_version == senior
    assert set(new.health_statement.answers) == {question.code for question in senior.rules.join.health_questions}


@pytest.mark.parametrize(
    ("born_on", "error", "words"),
    [
        (dt.date(1959, 6, 2), TooYoungToMove, "from the age of 60"),
        (dt.date(1959, 6, 1), None, ""),
        (dt.date(1948, 6, 2), None, ""),
        (dt.date(1948, 6, 1), TooOldToMove, "up to the age of 70"),
    ],
)
def test_the_age_on_the_day_of_the_move_decides(
    xhb: PlanVersion, senior: PlanVersion, born_on: dt.date, error: type[DomainError] | None, words: str
) -> None:
    old = member(xhb, make_person(born_on=born_on))
    if error is None:
        assert move(old, senior.plan, health_answers=WELL).moved_from == old
        return
    with pytest.raises(error, match=words):
        move(old, senior.plan, health_answers=WELL)
    with override("zh-hans"), pytest.raises(error, match="周岁"):
        move(old, senior.plan, health_answers=WELL)
    assert Membership.objects.get().left_at is None


def test_a_wait_that_the_rules_do_not_count_starts_again(mutual: PlanVersion) -> None:
    other = make_plan_version("xhb-2019-01-01", **{"counts_wait = true": "counts_wait = false"})
    assert move(member(mutual), other.plan).waits_from == MOVED


Refused = Callable[[PlanVersion, PlanVersion], Any]


@pytest.mark.parametrize(
    ("error", "act"),
    [
        (NoWayIn, lambda mutual, xhb: move(member(xhb), mutual.plan)),
        (NoWayIn, lambda mutual, xhb: move(member(xhb), xhb.plan)),
        (MembershipEnded, lambda mutual, xhb: move(member(mutual, left_at=MOVED, end_reason="left"), xhb.plan)),
        (EndsBeforeItBegins, lambda mutual, xhb: move(member(mutual), xhb.plan, moved_at=JOINED)),
        (JoinsInTheFuture, lambda mutual, xhb: move(member(mutual), xhb.plan, moved_at=NOT_YET)),
        (NoRulesInForce, lambda mutual, xhb: move(member(mutual), xhb.plan, moved_at=TOO_EARLY)),
        (NotTheirs, lambda mutual, xhb: move(member(mutual), xhb.plan, by=make_user())),
        (NotTheirs, lambda mutual, xhb: move(member(mutual), xhb.plan, by=make_user(None, "reviewer"))),
        (BirthImpossible, lambda mutual, xhb: move(member(mutual, make_person(born_on=dt.date(2020, 1, 1))), xhb.plan)),
    ],
    ids=["no way", "same plan", "ended", "before joining", "future", "not started", "stranger", "staff", "not born"],
)
def test_what_forbids_a_move_is_named_and_nothing_changes(
    mutual: PlanVersion, xhb: PlanVersion, error: type[DomainError], act: Refused
) -> None:
    with pytest.raises(error) as caught:
        act(mutual, xhb)
    assert str(caught.value)
    assert not Membership.objects.filter(end_reason="transferred").exists()
    assert not Entry.objects.exists()


def test_nobody_moves_into_a_plan_that_they_are_in(mutual: PlanVersion, xhb: PlanVersion) -> None:
    person = make_person()
    old = member(mutual, person)
    member(xhb, person)
    with pytest.raises(AlreadyMember):
        move(old, xhb.plan)
    assert Membership.objects.get(pk=old.pk).left_at is None
    [option] = move_options(old, clock.now())
    assert isinstance(option.refusal, AlreadyMember)


def test_a_payer_moves_a_dependant(mutual: PlanVersion, xhb: PlanVersion) -> None:
    payer = make_user()
    child = make_person(payer=make_person(user=payer), born_on=dt.date(2015, 1, 1))
    assert move(member(mutual, child), xhb.plan, by=payer).person == child


def test_now_is_when_a_move_happens_unless_a_moment_is_given(mutual: PlanVersion, xhb: PlanVersion) -> None:
    before = clock.now()
    new = move(member(mutual), xhb.plan, moved_at=None)
    assert before <= new.joined_at <= clock.now()


def test_the_options_say_what_stands_in_the_way(mutual: PlanVersion, xhb: PlanVersion, senior: PlanVersion) -> None:
    old = member(xhb)
    [option] = move_options(old, clock.now())
    assert (option.plan, option.way.kind, option.is_possible) == (senior.plan, "transfer", False)
    assert "from the age of 60" in str(option.refusal)
    [option] = move_options(member(mutual), clock.now())
    assert (option.plan, option.is_possible) == (xhb.plan, True)
    assert move_options(member(senior), clock.now()) == []
    gone = member(mutual, left_at=MOVED, end_reason="left")
    assert [type(one.refusal) for one in move_options(gone, clock.now())] == [MembershipEnded]


def test_a_line_is_what_follows_from_moves_and_only_that(
    mutual: PlanVersion, xhb: PlanVersion, senior: PlanVersion
) -> None:
    person = make_person(born_on=dt.date(1959, 6, 1))
    first = member(mutual, make_person(born_on=dt.date(1959, 7, 1)))
    second = move(first, xhb.plan)
    third = move(second, senior.plan, health_answers=WELL, moved_at=dt.datetime(2019, 8, 1, tzinfo=SHANGHAI))
    alone = member(xhb, person)
    line = (first.pk, second.pk, third.pk)
    assert lines_of([second.pk, third.pk, alone.pk]) == {second.pk: line, third.pk: line, alone.pk: (alone.pk,)}
    assert third.waits_from == JOINED


def test_what_ends_being_a_member_ends_what_the_membership_became(mutual: PlanVersion, xhb: PlanVersion) -> None:
    old = member(mutual)
    new = move(old, xhb.plan)
    at = clock.now()
    ended = end_line(membership_id=old.pk, at=at, reason="aided", by=SYSTEM)
    assert ended == new
    assert (ended.left_at, ended.end_reason) == (at, "aided")
    assert end_line(membership_id=old.pk, at=at, reason="aided", by=SYSTEM) is None
    assert line_of(new.pk) == (old.pk, new.pk)


def test_aid_for_a_moment_before_the_move_still_ends_the_line(mutual: PlanVersion, xhb: PlanVersion) -> None:
    old = member(mutual)
    move(old, xhb.plan)
    ended = end_line(membership_id=old.pk, at=MOVED - dt.timedelta(days=1), reason="aided", by=SYSTEM)
    assert ended is not None
    assert ended.left_at is not None
    assert ended.left_at > ended.joined_at


def test_the_family_stays_when_one_is_aided_or_leaves(xhb: PlanVersion) -> None:
    payer = make_user()
    head = member(xhb, make_person(user=payer))
    child = member(xhb, make_person(payer=head.person))
    elder = member(xhb, make_person(payer=head.person))
    end_line(membership_id=child.pk, at=clock.now(), reason="aided", by=SYSTEM)
    leave_plan(membership_id=head.pk, by=payer)
    assert list(Membership.objects.filter(left_at=None)) == [elder]
    assert {one.end_reason for one in Membership.objects.all()} == {"", "aided", "left"}


def _write(membership: Membership, **values: Any) -> None:
    with transaction.atomic():
        Membership.objects.filter(pk=membership.pk).update(**values)


def test_the_database_holds_the_link_to_the_move(mutual: PlanVersion, xhb: PlanVersion) -> None:
    old = member(mutual)
    new = move(old, xhb.plan)
    stranger = make_person()
    for wrong in (
        {"person": stranger},
        {"plan": mutual.plan},
        {"joined_at": MOVED + dt.timedelta(seconds=1)},
        {"waits_from": JOINED + dt.timedelta(seconds=1)},
        {"moved_from": None},
    ):
        with pytest.raises(Error):
            _write(new, **wrong)
    for wrong in ({"left_at": clock.now()}, {"end_reason": "left"}, {"left_at": None, "end_reason": ""}):
        with pytest.raises(Error):
            _write(old, **wrong)
    alone = member(xhb, stranger)
    with pytest.raises(IntegrityError, match="does not go on"):
        _write(alone, moved_from=old)
    ended = member(mutual, make_person(), left_at=MOVED, end_reason="left")
    with pytest.raises(IntegrityError, match="does not go on"), transaction.atomic():
        make_membership(xhb.plan, ended.person, MOVED, moved_from=ended)


def test_one_membership_has_one_successor(mutual: PlanVersion, xhb: PlanVersion, senior: PlanVersion) -> None:
    old = member(mutual)
    move(old, xhb.plan)
    with pytest.raises(IntegrityError, match="one_membership_follows_another"), transaction.atomic():
        make_membership(senior.plan, old.person, MOVED, waits_from=JOINED, moved_from=old)


def test_no_wait_begins_after_joining(xhb: PlanVersion) -> None:
    with pytest.raises(IntegrityError, match="waits_from_joining_or_before"), transaction.atomic():
        member(xhb, waits_from=JOINED + dt.timedelta(seconds=1))


def test_a_member_who_left_may_not_move(mutual: PlanVersion, xhb: PlanVersion) -> None:
    old = member(mutual)
    end_membership(membership_id=old.pk, at=clock.now(), reason="left", by=SYSTEM)
    with pytest.raises(MembershipEnded):
        move(old, xhb.plan, moved_at=None)
