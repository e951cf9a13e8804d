"""A notice with too few members, and the end of a plan: proposed, confirmed, carried out, settled."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from allocation.errors.dissolutions import EnoughMembers
from allocation.errors.periods import LastNoticeMissed
from allocation.models import Period, Transaction
from allocation.selectors.dissolutions import end_of_plan
from allocation.selectors.ledger import trial_balance
from allocation.selectors.periods import next_notice_day
from allocation.services.dissolutions import (
    confirm_dissolution,
    end_memberships,
    propose_dissolution,
    settle_dissolution,
    withdraw_dissolution,
)
from allocation.tasks import sweep_dissolutions
from audit.actors import SYSTEM
from audit.models import Entry
from members.errors.dissolutions import AlreadyDissolving, DissolutionNotProposed, PlanDissolving
from members.errors.roles import OwnProposal, ReviewersOnly
from members.models import Dissolution, Membership, Plan, User
from members.services import dissolutions as members_services
from members.services.memberships import join_plan
from tests.allocation.making import charge, make_approved_claim, make_members, publish, uncapped_version
from tests.factories import SHANGHAI, make_person, make_plan_version, make_user
from tests.moving import set_clock

pytestmark = pytest.mark.django_db
NOTICE, NEXT, THIRD = dt.date(2024, 3, 7), dt.date(2024, 3, 21), dt.date(2024, 4, 7)
ANSWERS = {
    "medicine_30_days": False,
    "hospital_15_days": False,
    "covered_condition": False,
    "open_examination": False,
}


def at(on: dt.date, hour: int = 0) -> dt.datetime:
    return dt.datetime.combine(on, dt.time(hour), SHANGHAI)


def plan_that_needs(number: int, members: int, **changes: str) -> Plan:
    """A plan without caps that dissolves at once below a number of members, with so many of them."""
    at_once = {
        "below_members = 3_300_000": f"below_members = {number}",
        'then = "continues"\ncover_months = 12': 'then = "dissolves"\ncover_months = "none"',
        'case_cap_per_head = "0.10"': 'case_cap_per_head = "none"',
    }
    version = make_plan_version(**(at_once | changes))
    make_members(version.plan, members)
    return version.plan


@pytest.fixture
def plan() -> Plan:
    """It needs ten members and has nine."""
    return plan_that_needs(10, 9)


@pytest.fixture
def first() -> User:
    return make_user("first@test.example", "reviewer")


@pytest.fixture
def second() -> User:
    return make_user("second@test.example", "reviewer")


def confirmed(plan: Plan, first: User, second: User, **fields: dt.date) -> Dissolution:
    """The end of a plan that was proposed and confirmed on the day after its notice."""
    on = fields.get("on", NOTICE + dt.timedelta(days=1))
    set_clock(at(on))
    found = propose_dissolution(plan=plan, by=first)
    set_clock(at(on, 1))
    return confirm_dissolution(dissolution_id=found.pk, by=second)


class TestTheNotice:
    def test_says_what_follows_and_enters_it_once(self, plan: Plan) -> None:
        period = charge(publish(plan, NOTICE))
        assert (period.members_needed, period.below_since, period.plan_ends_on) == (10, NOTICE, NEXT)
        entry = Entry.objects.get(kind="plan.fell_below")
        assert entry.stream == "plan:xhb"
        assert entry.body == {
            "notice_on": "2024-03-07",
            "members": 9,
            "members_needed": 10,
            "then": "dissolves",
            "cover_months": None,
            "ends_on": "2024-03-21",
        }
        again = charge(publish(plan, NEXT))
        assert (again.members_needed, again.below_since, again.plan_ends_on) == (10, NOTICE, NEXT)
        assert Entry.objects.filter(kind="plan.fell_below").count() == 1

    def test_a_year_more_is_counted_from_the_first_such_notice(self) -> None:
        version = uncapped_version()
        make_members(version.plan, 3)
        charge(publish(version.plan, NOTICE))
        period = publish(version.plan, NEXT)
        assert (period.members_needed, period.below_since) == (3_300_000, NOTICE)
        assert period.plan_ends_on == dt.date(2025, 3, 7)
        assert Entry.objects.get(kind="plan.fell_below").body["cover_months"] == 12

    def test_enough_members_again_end_the_row(self, plan: Plan) -> None:
        charge(publish(plan, NOTICE))
        make_members(plan, 1)
        period = charge(publish(plan, NEXT))
        assert (period.members, period.members_needed, period.below_since, period.plan_ends_on) == (
            10,
            None,
            None,
            None,
        )
        assert Entry.objects.get(kind="plan.recovered").body == {"notice_on": "2024-03-21", "members": 10}
        Membership.objects.filter(plan=plan).first().delete()  # type: ignore[union-attr]
        third = publish(plan, THIRD)
        assert third.below_since == THIRD
        assert Entry.objects.filter(kind="plan.fell_below").count() == 2

    def test_a_plan_without_a_threshold_never_says_so(self) -> None:
        version = make_plan_version("xhb-senior-2019-05-01")
        make_members(version.plan, 1)
        assert publish(version.plan, NOTICE).members_needed is None
        assert not Entry.objects.filter(kind="plan.fell_below").exists()

    @pytest.mark.parametrize(
        "change",
        [
            {"members_needed": None, "below_since": None, "plan_ends_on": None},
            {"members_needed": 11},
            {"plan_ends_on": THIRD},
            {"share_unit_minor": 2},
        ],
    )
    def test_what_it_says_never_changes(self, plan: Plan, change: dict[str, object]) -> None:
        period = publish(plan, NOTICE)
        with pytest.raises(IntegrityError), transaction.atomic():
            Period.objects.filter(pk=period.pk).update(**change)

    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ({"members_needed": 9}, "too_few_members_have_a_consequence"),
            ({"members_needed": 10, "below_since": None}, "too_few_members_have_a_consequence"),
            ({"plan_ends_on": NOTICE}, "too_few_members_have_a_consequence"),
            ({"share_unit_minor": 0}, "shares_are_whole_units|division by zero"),
            # Every sum of the period holds with these: a share that is no whole unit, and one that is not the least.
            ({"per_head_minor": 5, "surplus_out_minor": 45, "collected_minor": 45}, "shares_are_whole_units"),
            ({"per_head_minor": 10, "surplus_out_minor": 90, "collected_minor": 90}, "surplus_stays_below_a_unit"),
        ],
    )
    def test_the_database_keeps_the_rules_of_a_period(
        self, plan: Plan, change: dict[str, object], constraint: str
    ) -> None:
        period = charge(publish(plan, NOTICE))
        values = {field.attname: getattr(period, field.attname) for field in Period._meta.concrete_fields}
        del values["id"]
        values |= {"status": "noticed", "notice_on": NEXT, "charge_on": dt.date(2024, 3, 28), "share_unit_minor": 10}
        with pytest.raises((IntegrityError, DataError), match=constraint), transaction.atomic():
            Period.objects.create(**(values | change))


class TestTwoReviewers:
    def test_one_proposes_and_another_confirms(self, plan: Plan, first: User, second: User) -> None:
        publish(plan, NOTICE)
        set_clock(at(NOTICE, 9))
        found = propose_dissolution(plan=plan, by=first)
        assert (found.status, found.ends_on, found.ends_at) == ("proposed", NEXT, at(NEXT))
        assert (found.notice_on, found.members, found.members_needed, found.surplus_to) == (NOTICE, 9, 10, "members")
        set_clock(at(NOTICE, 10))
        found = confirm_dissolution(dissolution_id=found.pk, by=second)
        assert (found.status, found.confirmed_by, found.ends_on) == ("confirmed", second, NEXT)
        kinds = Entry.objects.filter(stream="plan:xhb", kind__startswith="dissolution.").order_by("pk")
        assert [entry.kind for entry in kinds] == ["dissolution.proposed", "dissolution.confirmed"]
        assert kinds[1].body["proposed_by"] == f"user:{first.pk}"
        assert kinds[1].body["ends_on"] == "2024-03-21"

    def test_a_plan_with_enough_members_cannot_be_ended(self, first: User) -> None:
        plan = plan_that_needs(3, 3)
        with pytest.raises(EnoughMembers):
            propose_dissolution(plan=plan, by=first)
        publish(plan, NOTICE)
        with pytest.raises(EnoughMembers, match="does not show too few"):
            propose_dissolution(plan=plan, by=first)
        assert not Dissolution.objects.exists()

    def test_the_proposer_cannot_confirm(self, plan: Plan, first: User) -> None:
        publish(plan, NOTICE)
        set_clock(at(NOTICE))
        found = propose_dissolution(plan=plan, by=first)
        set_clock(at(NOTICE))
        with pytest.raises(OwnProposal):
            confirm_dissolution(dissolution_id=found.pk, by=first)
        with pytest.raises(IntegrityError, match="two_reviewers_end_a_plan"), transaction.atomic():
            Dissolution.objects.filter(pk=found.pk).update(
                status="confirmed", confirmed_by=first, confirmed_at=at(NOTICE)
            )

    @pytest.mark.parametrize("role", ["auditor", "investigator"])
    def test_only_reviewers_do(self, plan: Plan, first: User, role: str) -> None:
        publish(plan, NOTICE)
        other = make_user(None, role)
        set_clock(at(NOTICE))
        with pytest.raises(ReviewersOnly):
            propose_dissolution(plan=plan, by=other)
        set_clock(at(NOTICE))
        found = propose_dissolution(plan=plan, by=first)
        for act in (confirm_dissolution, withdraw_dissolution):
            set_clock(at(NOTICE))
            with pytest.raises(ReviewersOnly):
                act(dissolution_id=found.pk, by=other)

    def test_a_plan_ends_once(self, plan: Plan, first: User, second: User) -> None:
        publish(plan, NOTICE)
        set_clock(at(NOTICE))
        found = propose_dissolution(plan=plan, by=first)
        set_clock(at(NOTICE))
        with pytest.raises(AlreadyDissolving, match="is already proposed"):
            propose_dissolution(plan=plan, by=second)
        set_clock(at(NOTICE))
        withdraw_dissolution(dissolution_id=found.pk, by=first)
        assert Dissolution.objects.get().withdrawn_by == first
        set_clock(at(NOTICE))
        with pytest.raises(DissolutionNotProposed):
            confirm_dissolution(dissolution_id=found.pk, by=second)
        again = confirmed(plan, first, second)
        set_clock(at(NOTICE))
        with pytest.raises(DissolutionNotProposed, match="is confirmed, and only a proposed end"):
            withdraw_dissolution(dissolution_id=again.pk, by=second)

    def test_confirmed_too_late_it_ends_on_the_next_notice_day(self, plan: Plan, first: User, second: User) -> None:
        publish(plan, NOTICE)
        set_clock(at(NOTICE))
        found = propose_dissolution(plan=plan, by=first)
        set_clock(at(NEXT))
        found = confirm_dissolution(dissolution_id=found.pk, by=second)
        assert (found.ends_on, found.ends_at) == (THIRD, at(THIRD))

    @pytest.mark.parametrize(
        "change", [{"ends_on": THIRD}, {"ends_at": at(THIRD)}, {"members": 8}, {"surplus_to": "sponsor"}]
    )
    def test_what_was_confirmed_never_changes(
        self, plan: Plan, first: User, second: User, change: dict[str, object]
    ) -> None:
        publish(plan, NOTICE)
        found = confirmed(plan, first, second)
        with pytest.raises(IntegrityError), transaction.atomic():
            Dissolution.objects.filter(pk=found.pk).update(**change)


class TestJoining:
    def join(self, plan: Plan) -> Membership:
        set_clock(at(NOTICE, 12))
        return join_plan(person=make_person(), plan=plan, joined_at=at(NOTICE, 12), health_answers=ANSWERS, by=SYSTEM)

    def test_a_proposal_changes_nothing(self, plan: Plan, first: User) -> None:
        publish(plan, NOTICE)
        set_clock(at(NOTICE))
        propose_dissolution(plan=plan, by=first)
        assert self.join(plan).pk

    def test_nobody_joins_a_plan_that_ends(self, plan: Plan, first: User, second: User) -> None:
        publish(plan, NOTICE)
        confirmed(plan, first, second)
        with pytest.raises(PlanDissolving, match=r"accepts no new members: .* 00:00 of 21 March 2024"):
            self.join(plan)
        assert Membership.objects.filter(plan=plan).count() == 9


class TestTheEnd:
    @pytest.fixture
    def ending(self, plan: Plan, first: User, second: User) -> Dissolution:
        charge(publish(plan, NOTICE))
        return confirmed(plan, first, second)

    def test_nothing_ends_before_the_day(self, ending: Dissolution) -> None:
        set_clock(at(NEXT) - dt.timedelta(seconds=1))
        assert end_memberships(dissolution_id=ending.pk) == 0
        assert Membership.objects.filter(left_at=None).count() == 9

    def test_all_memberships_of_the_plan_end_then_and_no_other(self, ending: Dissolution) -> None:
        other = make_plan_version("xhb-senior-2019-05-01")
        make_members(other.plan, 2)
        left = Membership.objects.filter(plan=ending.plan).first()
        assert left is not None
        Membership.objects.filter(pk=left.pk).update(left_at=at(NOTICE, 5), end_reason="left")
        set_clock(at(NEXT))
        assert end_memberships(dissolution_id=ending.pk) == 8
        ended = Membership.objects.filter(plan=ending.plan).exclude(pk=left.pk)
        assert {(one.left_at, one.end_reason) for one in ended} == {(at(NEXT), "dissolved")}
        assert Membership.objects.get(pk=left.pk).end_reason == "left"
        assert Membership.objects.filter(plan=other.plan, left_at=None).count() == 2
        found = Dissolution.objects.get()
        assert (found.status, found.members_ended, found.ended_at) == ("ended", 8, at(NEXT))
        assert Entry.objects.get(kind="dissolution.ended").body == {"members": 8}

    def test_the_notice_of_the_last_day_still_counts_them(self, ending: Dissolution) -> None:
        set_clock(at(NEXT))
        end_memberships(dissolution_id=ending.pk)
        assert publish(ending.plan, NEXT).members == 9

    def test_many_end_in_batches_and_again_changes_nothing(self, ending: Dissolution) -> None:
        make_members(ending.plan, 16)
        with CaptureQueriesContext(
            connection,
        ) as small:
            ended = members_services.end_memberships_of(dissolution_id=ending.pk, now=at(NEXT), batch=10)
        assert ended == 25
        batches = Entry.objects.filter(kind="dissolution.memberships_ended").order_by("pk")
        assert [entry.body["number"] for entry in batches] == [10, 10, 5]
        assert all(one.body["last"] < other.body["first"] for one, other in itertools.pairwise(batches))
        updates = [query for query in small if "UPDATE members_membership" in query["sql"]]
        assert len(updates) == 4
        assert members_services.end_memberships_of(dissolution_id=ending.pk, now=at(NEXT), batch=10) == 0
        assert Entry.objects.filter(kind="dissolution.ended").count() == 1

    def test_a_sweep_that_was_cut_off_goes_on_where_it_stopped(self, ending: Dissolution) -> None:
        assert members_services._end_batch(ending.pk, at(NEXT), 4) == 4
        half = Dissolution.objects.get()
        assert (half.status, half.members_ended) == ("confirmed", 4)
        assert half.ended_through == Membership.objects.filter(end_reason="dissolved").latest("pk").pk
        set_clock(at(NEXT))
        assert end_memberships(dissolution_id=ending.pk) == 5
        assert Dissolution.objects.get().members_ended == 9

    def test_somebody_below_the_place_that_was_reached_is_found(self, ending: Dissolution) -> None:
        Dissolution.objects.filter(pk=ending.pk).update(ended_through=10**9)
        set_clock(at(NEXT))
        assert end_memberships(dissolution_id=ending.pk) == 9
        assert Dissolution.objects.get().status == "ended"

    def test_the_last_shared_notice_is_not_skipped(self, ending: Dissolution) -> None:
        with pytest.raises(LastNoticeMissed, match="ends on 21 March 2024"):
            publish(ending.plan, THIRD)
        assert next_notice_day(ending.plan) == NEXT
        charge(publish(ending.plan, NEXT))
        assert publish(ending.plan, THIRD).notice_on == THIRD


class TestTheSurplus:
    def ended(self, plan: Plan, first: User, second: User, aid_minor: int) -> Dissolution:
        """Nine members and a claimant share an aid, and then the plan ends."""
        claim = make_approved_claim(plan.versions.get(), aid_minor)
        assert claim.status == "approved"
        charge(publish(plan, NOTICE))
        found = confirmed(plan, first, second)
        set_clock(at(NEXT))
        end_memberships(dissolution_id=found.pk)
        return found

    def test_it_waits_for_the_last_shared_charge(self, first: User, second: User) -> None:
        plan = plan_that_needs(11, 9)
        found = self.ended(plan, first, second, 1_000_01)
        set_clock(at(NEXT))
        assert settle_dissolution(dissolution_id=found.pk).status == "ended"
        assert end_of_plan(plan).awaits_notice_on == NEXT
        period = publish(plan, NEXT)
        set_clock(at(NEXT))
        assert settle_dissolution(dissolution_id=found.pk).status == "ended"
        charge(period)
        set_clock(at(NEXT))
        assert settle_dissolution(dissolution_id=found.pk).status == "settled"
        assert end_of_plan(plan).awaits_notice_on is None
        set_clock(at(NEXT))
        assert settle_dissolution(dissolution_id=found.pk).status == "settled"
        assert Transaction.objects.filter(kind="end").count() == 1

    @pytest.mark.parametrize(
        ("surplus_to", "charity", "account", "each"),
        [
            ("sponsor", '"none"', "sponsor_receivable", 0),
            ("charity", '{ en = "Red Cross", zh = "红十字会" }', "charity_payable", 0),
            ("members", '"none"', "members_payable", 99),
        ],
    )
    def test_it_goes_to_whom_the_rules_name(
        self, first: User, second: User, surplus_to: str, charity: str, account: str, each: int
    ) -> None:
        changes = {
            'surplus_to = "members"\ncharity = "none"': f'surplus_to = "{surplus_to}"\ncharity = {charity}',
            'share_unit = "0.01"': 'share_unit = "10.00"',
        }
        plan = plan_that_needs(11, 9, **changes)
        # 108,001 and ten members in units of ten yuan: 110 yuan each, so that 1,999 fen are left.
        found = self.ended(plan, first, second, 1_000_01)
        last = charge(publish(plan, NEXT))
        assert last.surplus_out_minor == 1_998
        before = balances(plan)
        set_clock(at(NEXT))
        found = settle_dissolution(dissolution_id=found.pk)
        after = balances(plan)
        assert (found.surplus_minor, found.per_member_minor) == (1_998, 199 if surplus_to == "members" else 0)
        assert after["surplus"] == 0
        assert sum(after.values()) == 0
        moved = {code: after[code] - before.get(code, 0) for code in after if after[code] != before.get(code, 0)}
        expected = {"surplus": 1_998, account: -1_998}
        if surplus_to == "members":
            # Ten times 199 fen; eight fen cannot be divided and go to the sponsor.
            expected = {"surplus": 1_998, "members_payable": -1_990, "sponsor_receivable": -8}
        assert moved == expected
        entry = Entry.objects.get(kind="dissolution.settled")
        assert entry.body["surplus_to"] == surplus_to

    def test_what_is_approved_later_falls_on_the_sponsor(self, first: User, second: User) -> None:
        plan = plan_that_needs(11, 9)
        found = self.ended(plan, first, second, 1_000_00)
        charge(publish(plan, NEXT))
        set_clock(at(NEXT))
        settle_dissolution(dissolution_id=found.pk)
        make_approved_claim(plan.versions.get(), 500_00, membership=Membership.objects.filter(plan=plan).first())
        period = charge(publish(plan, THIRD))
        assert (period.members, period.billed_minor, period.per_head_minor) == (0, 0, 0)
        assert (period.case_cap_excess_minor, period.surplus_in_minor) == (540_00, 0)
        assert period.members_needed is None
        assert sum(balances(plan).values()) == 0

    def test_the_sweep_does_it_all(self, first: User, second: User, monkeypatch: pytest.MonkeyPatch) -> None:
        plan = plan_that_needs(11, 9)
        charge(publish(plan, NOTICE))
        confirmed(plan, first, second)
        charge(publish(plan, NEXT))
        assert sweep_dissolutions() == 2, "the end, and then its surplus"
        found = Dissolution.objects.get()
        assert (found.status, found.members_ended) == ("settled", 9)
        assert sweep_dissolutions() == 0


def balances(plan: Plan) -> dict[str, int]:
    return {account.code: account.balance_minor for account in trial_balance(plan).accounts}
