"""Members past the oldest age that their plan covers: told before, told on the day, moved, ended or kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from audit import clock
from audit.models import Entry
from members.errors.plans import PlanFileInvalid, SeniorPlanUnknown
from members.models import Membership, Message, PastAge, Person, PlanVersion
from members.models.memberships import EndReason
from members.rules.past_age import born_by, is_past_age
from members.rules.plans import parse_plan
from members.selectors.past_age import memberships_past_time, memberships_that_reached, memberships_to_warn
from members.services.memberships import leave_plan, move_to_plan
from members.services.past_age import end_by_age, reach_age, warn_of_age
from members.services.plans import load_plan_file
from members.tasks import sweep_ages
from tests.bent import bend
from tests.factories import SHANGHAI, alone, make_membership, make_person, make_plan_version, make_user, plan_file
from tests.moving import set_clock

pytestmark = pytest.mark.django_db
TODAY = dt.datetime(2024, 6, 15, 9, tzinfo=SHANGHAI)
WELL = {"medicine_30_days": False, "hospital_15_days": False, "covered_condition": False, "open_examination": False}


@pytest.fixture
def version(db: None) -> PlanVersion:
    set_clock(TODAY)
    return make_plan_version("xhb-2020-01-01")


def member(version: PlanVersion, born_on: dt.date) -> Membership:
    person = make_person(born_on=born_on, user=make_user())
    return make_membership(version.plan, person, TODAY - dt.timedelta(days=900))


def turning_sixty(version: PlanVersion, days: int) -> Membership:
    """A member who turns 60 in so many days; before, if it is less than none."""
    birthday = (TODAY + dt.timedelta(days=days)).date()
    return member(version, birthday.replace(year=birthday.year - 60))


def told(membership: Membership) -> list[str]:
    return list(Message.objects.filter(to_user=membership.person.user).order_by("pk").values_list("kind", flat=True))


def after(days: int) -> None:
    set_clock(TODAY + dt.timedelta(days=days, hours=1))


def test_a_member_is_told_sixty_days_before_then_on_the_day_and_leaves_thirty_days_after(version: PlanVersion) -> None:
    membership = turning_sixty(version, 61)
    assert sweep_ages() == 0
    after(1)
    assert sweep_ages() == 1
    assert told(membership) == ["members.age_ends_soon", "members.senior_plan"]
    assert sweep_ages() == 0, "once"
    after(60)
    assert sweep_ages() == 0, "the day before the birthday"
    after(62)
    assert sweep_ages() == 1
    assert told(membership)[2:] == ["members.age_ends", "members.senior_plan"]
    after(91)
    assert sweep_ages() == 0
    after(93)
    assert sweep_ages() == 1
    membership.refresh_from_db()
    assert (membership.end_reason, membership.left_at is not None) == (EndReason.PAST_AGE, True)
    assert told(membership)[4:] == ["members.membership_ended_by_age"]
    assert sweep_ages() == 0
    kinds = Entry.objects.filter(stream=f"membership:{membership.pk}").order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["membership.age_warned", "membership.age_reached", "membership.ended"]


def test_the_log_does_not_hold_the_birthday(version: PlanVersion) -> None:
    turning_sixty(version, 10)
    sweep_ages()
    entry = Entry.objects.get(kind="membership.age_warned")
    assert entry.body == {"plan": "xhb", "version": "2020-01-01", "then": "ends", "senior_plan": "xhb-senior"}


def test_who_is_younger_is_left_alone(version: PlanVersion) -> None:
    membership = turning_sixty(version, 62)
    assert warn_of_age(membership_id=membership.pk) is None
    assert reach_age(membership_id=membership.pk) is None
    assert end_by_age(membership_id=membership.pk) is None
    assert not PastAge.objects.exists()


def test_who_is_told_late_has_the_whole_time(version: PlanVersion) -> None:
    membership = turning_sixty(version, -700)
    assert sweep_ages() == 1
    after(59)
    assert sweep_ages() == 0
    after(60)
    assert sweep_ages() == 1
    after(91)
    assert sweep_ages() == 1
    membership.refresh_from_db()
    assert membership.end_reason == EndReason.PAST_AGE


def test_there_is_time_to_move_to_the_plan_for_seniors(version: PlanVersion) -> None:
    set_clock(TODAY)
    senior = make_plan_version("xhb-senior-2019-05-01")
    membership = turning_sixty(version, 1)
    sweep_ages()
    after(61)
    sweep_ages()
    user = membership.person.user
    assert user is not None
    moved = move_to_plan(membership_id=membership.pk, plan=senior.plan, health_answers=WELL, by=user)
    after(120)
    assert sweep_ages() == 1, "its row is closed"
    moved.refresh_from_db()
    assert (moved.left_at, moved.waits_from) == (None, membership.waits_from)
    assert PastAge.objects.get().closed_at is not None
    assert "members.membership_ended_by_age" not in told(membership)


def test_who_leaves_meanwhile_is_told_nothing_more(version: PlanVersion) -> None:
    membership = turning_sixty(version, 1)
    sweep_ages()
    user = membership.person.user
    assert user is not None
    leave_plan(membership_id=membership.pk, by=user)
    before = told(membership)
    after(100)
    assert sweep_ages() == 0
    assert told(membership) == before


def test_a_plan_may_keep_them(db: None) -> None:
    set_clock(TODAY)
    text = alone(plan_file("xhb-2020-01-01")).replace('then = "ends"', 'then = "stays"')
    version = load_plan_file(
        source=text.replace("ends_after_days = 30", 'ends_after_days = "none"'), filename="x.toml", by=make_user()
    ).version
    membership = turning_sixty(version, 1)
    sweep_ages()
    after(70)
    assert sweep_ages() == 1
    assert told(membership) == ["members.age_soon", "members.age_stays"]
    after(400)
    assert sweep_ages() == 0
    membership.refresh_from_db()
    assert membership.left_at is None


def test_a_version_that_says_nothing_does_nothing(db: None) -> None:
    set_clock(TODAY)
    version = make_plan_version(
        "xhb-2020-01-01",
        **{
            'then = "ends"\nwarn_days = 60': 'then = "none"\nwarn_days = "none"',
            "ends_after_days = 30": 'ends_after_days = "none"',
            'senior_plan = "xhb-senior"': 'senior_plan = "none"',
        },
    )
    membership = turning_sixty(version, -1)
    assert sweep_ages() == 0
    assert warn_of_age(membership_id=membership.pk) is None


def test_the_work_grows_with_those_who_reach_the_age_and_not_with_all(version: PlanVersion) -> None:
    for year in range(1970, 2000):
        member(version, dt.date(year, 6, 15))
    elder = turning_sixty(version, 10)
    now = clock.now()
    with CaptureQueriesContext(connection) as many:
        assert memberships_to_warn(now) == [elder.pk]
    assert memberships_to_warn(clock.now(), behind=elder.pk) == []
    assert len(many) == 2
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + str(many[-1]["sql"]))
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "person_born" in plan


def test_what_happened_is_not_changed(version: PlanVersion) -> None:
    turning_sixty(version, 1)
    sweep_ages()
    row = PastAge.objects.get()
    with pytest.raises(DatabaseError, match="forbidden"), transaction.atomic():
        PastAge.objects.filter(pk=row.pk).update(warned_at=row.warned_at - dt.timedelta(days=30))
    PastAge.objects.filter(pk=row.pk).update(reached_at=row.warned_at, closed_at=row.warned_at)
    for column in ("reached_at", "closed_at"):
        with pytest.raises(DatabaseError, match="forbidden"), transaction.atomic():
            PastAge.objects.filter(pk=row.pk).update(**{column: None})


@pytest.mark.parametrize("find", [memberships_to_warn, memberships_that_reached, memberships_past_time])
def test_without_plans_there_is_nobody(find: Callable[[dt.datetime], list[int]]) -> None:
    assert find(TODAY) == []


def test_a_day_of_birth_is_found_by_its_digest_alone_and_follows_a_correction(version: PlanVersion) -> None:
    membership = turning_sixty(version, 10)
    Person.objects.get(pk=membership.person_id)
    membership.person.born_on = dt.date(1990, 1, 1)
    bend(membership.person, born_on=membership.person.born_on)
    assert memberships_to_warn(clock.now()) == []


@pytest.mark.parametrize(
    ("born_on", "on", "is_past"),
    [
        (dt.date(1964, 6, 15), dt.date(2024, 6, 14), False),
        (dt.date(1964, 6, 15), dt.date(2024, 6, 15), True),
        (dt.date(1964, 2, 29), dt.date(2024, 2, 28), False),
        (dt.date(1964, 2, 29), dt.date(2024, 2, 29), True),
        (dt.date(2024, 6, 16), dt.date(2024, 6, 15), False),
    ],
)
def test_the_birthday_itself_is_past(born_on: dt.date, on: dt.date, is_past: bool) -> None:
    rules = parse_plan(plan_file("xhb-2020-01-01"), "x.toml")
    assert is_past_age(rules, born_on, on) is is_past
    assert (born_on in set(born_by(rules.oldest_covered_years, on))) is is_past


def test_no_day_of_birth_is_left_out() -> None:
    rules = parse_plan(plan_file("xhb-2020-01-01"), "x.toml")
    for on in (dt.date(2024, 2, 29), dt.date(2024, 12, 31), dt.date(2023, 2, 28)):
        days = list(born_by(rules.oldest_covered_years, on))
        assert days == sorted(days, reverse=True)
        assert is_past_age(rules, days[0], on)
        assert not is_past_age(rules, days[0] + dt.timedelta(days=1), on)


def test_a_plan_for_seniors_that_does_not_exist_is_refused(db: None) -> None:
    by = make_user()
    with pytest.raises(SeniorPlanUnknown, match="xhb-senior"):
        load_plan_file(source=plan_file("xhb-2020-01-01"), filename="x.toml", by=by)
    load_plan_file(source=plan_file("xhb-2020-01-01"), filename="x.toml", by=by, together_with={"xhb-senior"})


@pytest.mark.parametrize(
    ("old", "new", "key", "allowed"),
    [
        ("warn_days = 60", 'warn_days = "none"', "past_age.warn_days", "days if"),
        ("warn_days = 60", "warn_days = 0", "past_age.warn_days", "a whole number from 1"),
        ("warn_days = 60", 'warn_days = "soon"', "past_age.warn_days", "a whole number from 1"),
        ("ends_after_days = 30", 'ends_after_days = "none"', "past_age.ends_after_days", "days if"),
        ('then = "ends"', 'then = "stays"', "past_age.ends_after_days", "days if"),
        ('then = "ends"', 'then = "dies"', "past_age.then", "ends, stays"),
        ('senior_plan = "xhb-senior"', 'senior_plan = "xhb"', "past_age.senior_plan", "another plan"),
        ('senior_plan = "xhb-senior"', "senior_plan = 7", "past_age.senior_plan", "text in quotes"),
        ('closed_from = "none"', "closed_from = 2021-01-01", "joining.closed_from", "a day and time"),
        ('closed_from = "none"', 'closed_from = "soon"', "joining.closed_from", "a day and time"),
        ('free_until = "none"', "free_until = 2020-02-01", "money.free_joined_before", "both"),
        ('free_until = "none"', "free_until = 2020-02-01T00:00:00", "money.free_until", "a day without quotes"),
        (
            'free_joined_before = "none"\nfree_until = "none"',
            "free_joined_before = 2020-01-08\nfree_until = 2020-02-01",
            "money.free_joined_before",
            "a notice day of the plan",
        ),
        (
            'code = "fabry_disease"',
            'code = "gaucher_disease"',
            "covered[64].asks.answers[2].code",
            "each code once",
        ),
    ],
)
def test_each_key_is_refused_with_what_is_allowed(old: str, new: str, key: str, allowed: str) -> None:
    source = plan_file("xhb-2020-01-01")
    assert old in source, old
    with pytest.raises(PlanFileInvalid) as caught:
        parse_plan(source.replace(old, new, 1), "x.toml")
    problems = {str(problem.key): str(problem.allowed) for problem in caught.value.problems}
    key = next((one for one in problems if one.startswith("covered[")), key) if key.startswith("covered") else key
    assert allowed in problems[key], problems


def test_a_question_needs_an_answer_that_is_covered_and_one_that_is_not() -> None:
    source = plan_file("xhb-2020-01-01")
    begin = source.index('code = "gaucher_or_fabry_disease"')
    end = source.index("[[covered]]", begin)
    all_covered = source[:begin] + source[begin:end].replace("covered = false", "covered = true") + source[end:]
    with pytest.raises(PlanFileInvalid, match="at least one disease that is covered and one that is not"):
        parse_plan(all_covered, "x.toml")


def test_a_free_time_needs_a_sponsor_who_gives_shares() -> None:
    source = plan_file("xhb-2019-01-01").replace('"gifts", ', "")
    with pytest.raises(PlanFileInvalid, match="or no free time"):
        parse_plan(source, "x.toml")
