"""What other rules would have made of the periods that were charged."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from adjudication.models import Claim
from adjudication.selectors.what_if import DecidedFilter
from allocation.models import Period
from allocation.selectors.what_if import Against, WhatIf, rules_to_try, what_if
from members.models import PlanVersion
from members.rules.dates import start_of_day
from members.rules.plans import parse_plan
from members.services.plan_drafts import propose_draft, start_draft, withdraw_draft
from tests.adjudication.deciding import make_decided_claim
from tests.allocation.making import charge, make_members, publish, uncapped_version
from tests.bent import bend
from tests.factories import SHANGHAI, alone, make_user

pytestmark = pytest.mark.django_db
FIRST, SECOND = dt.date(2026, 3, 7), dt.date(2026, 3, 21)


@pytest.fixture
def version() -> PlanVersion:
    """A plan without a case cap, of twenty members."""
    version = uncapped_version()
    make_members(version.plan, 20)
    return version


def decided_on(version: PlanVersion, day: dt.date, **facts: object) -> object:
    return make_decided_claim(version, decided_at=start_of_day(day, version.plan.timezone), **facts)  # type: ignore[arg-type]


def asked(version: PlanVersion, *changes: tuple[str, str], **wanted: object) -> WhatIf:
    source = version.source
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    notice_on = wanted.pop("notice_on", None)
    auditor = make_user(None, "auditor")
    return what_if(
        auditor,
        DecidedFilter(version.plan, **wanted),  # type: ignore[arg-type]
        Against("draft-1", parse_plan(source, "draft.toml")),
        notice_on,  # type: ignore[arg-type]
    )


def two_periods(version: PlanVersion) -> None:
    """One claim in each, both charged; each claim brings its member along, so 22 share."""
    decided_on(version, dt.date(2026, 3, 1))
    decided_on(version, dt.date(2026, 3, 10))
    # The second decision comes after the first notice, though both claims are there from the start.
    second = Claim.objects.filter(plan=version.plan).latest("pk")
    second.hold_reason = "later"
    bend(second)
    charge(publish(version.plan, FIRST))
    second.hold_reason = ""
    bend(second)
    charge(publish(version.plan, SECOND))


def per_heads(answer: WhatIf) -> list[tuple[int, int]]:
    return [(one.period.per_head_minor, one.allocation.per_head_minor) for one in answer.periods]


def test_the_same_rules_charge_every_period_as_it_was(version: PlanVersion) -> None:
    two_periods(version)
    answer = asked(version)
    assert answer.readjudication.otherwise == ()
    assert [one.period.notice_on for one in answer.periods] == [FIRST, SECOND]
    for one in answer.periods:
        assert one.change_minor == 0
        assert one.allocation.charged_minor == one.period.collected_minor
        assert one.allocation.surplus_out_minor == one.period.surplus_out_minor


def test_less_aid_and_another_fee_cost_each_member_less(version: PlanVersion) -> None:
    two_periods(version)
    answer = asked(version, ('amount = "300,000"', 'amount = "220,000"'), ('fee = "8 %"', 'fee = "10 %"'))
    assert len(answer.readjudication.otherwise) == 2
    # 300,000 × 1.08 / 22 against 220,000 × 1.10 / 22, in fen; what is left over of the first goes into the second.
    assert per_heads(answer) == [(1_472_728, 1_100_000), (1_472_727, 1_100_000)]
    assert [one.change_minor for one in answer.periods] == [-372_728, -372_727]


def test_a_claim_that_would_be_rejected_leaves_its_period(version: PlanVersion) -> None:
    two_periods(version)
    first = Claim.objects.filter(plan=version.plan).earliest("pk")
    answer = asked(version, ("within_days = 180", "within_days = 20"), until=dt.date(2026, 3, 5))
    assert [one.claim for one in answer.readjudication.otherwise] == [first]
    assert per_heads(answer) == [(1_472_728, 0)]
    assert answer.matching == 1


def test_caps_are_those_of_the_other_rules(version: PlanVersion) -> None:
    two_periods(version)
    answer = asked(
        version,
        ('case_cap_per_head = "none"', 'case_cap_per_head = "10,000.00"'),
        ('annual_cap_per_member = "none"', 'annual_cap_per_member = "15,000.00"'),
        ('"gifts", ', '"annual_cap_excess", "gifts", '),
    )
    assert per_heads(answer) == [(1_472_728, 1_000_000), (1_472_727, 1_000_000)]
    assert [one.allocation.charged_minor for one in answer.periods] == [22 * 1_000_000, 22 * 500_000]
    assert [one.allocation.case_cap_excess_minor for one in answer.periods] == [104_000_00, 104_000_00]


def test_a_claim_that_would_be_approved_joins_the_next_notice_after_its_decision(version: PlanVersion) -> None:
    two_periods(version)
    decided_on(version, dt.date(2026, 3, 10), submitted_at=dt.datetime(2020, 12, 1, tzinfo=SHANGHAI))
    answer = asked(version, ("within_days = 180", "within_days = 365"))
    assert len(answer.readjudication.otherwise) == 1
    assert per_heads(answer) == [(1_472_728, 1_472_728), (1_472_727, 2_945_454)]
    assert answer.waiting == ()


def test_without_a_later_notice_it_would_still_wait(version: PlanVersion) -> None:
    two_periods(version)
    late = decided_on(version, dt.date(2026, 4, 1), submitted_at=dt.datetime(2020, 12, 1, tzinfo=SHANGHAI))
    answer = asked(version, ("within_days = 180", "within_days = 365"))
    assert [one.claim for one in answer.waiting] == [late]
    assert [one.change_minor for one in answer.periods] == [0, 0]


def test_narrowed_to_one_period_the_others_stay_as_they_were(version: PlanVersion) -> None:
    two_periods(version)
    answer = asked(version, ('amount = "300,000"', 'amount = "220,000"'), notice_on=SECOND)
    assert [one.period.notice_on for one in answer.periods] == [SECOND]
    assert answer.matching == 1


def test_no_more_claims_are_looked_at_than_asked_for(version: PlanVersion) -> None:
    two_periods(version)
    answer = asked(version, last=1)
    assert (answer.matching, answer.readjudication.looked_at, answer.is_cut) == (2, 1, True)
    assert [one.period.notice_on for one in answer.periods] == [SECOND]


def test_claims_that_no_period_paid_move_no_share(version: PlanVersion) -> None:
    decided_on(version, dt.date(2026, 3, 1))
    answer = asked(version, ('amount = "300,000"', 'amount = "220,000"'))
    assert answer.periods == ()
    assert answer.readjudication.aid_after_minor == 220_000_00


@pytest.mark.parametrize("number", [1, 3])
def test_the_queries_do_not_grow_with_claims_and_periods(version: PlanVersion, number: int) -> None:
    auditor = make_user(None, "auditor")
    for month in range(1, number + 1):
        decided_on(version, dt.date(2026, month, 1))
        charge(publish(version.plan, dt.date(2026, month, 7)))
    assert Period.objects.count() == number
    against = Against("version-x", version.rules)
    auditor.roles  # noqa: B018
    with CaptureQueriesContext(connection) as seen:
        what_if(auditor, DecidedFilter(version.plan), against)
    assert len(seen) == 15


def test_what_can_be_tried_are_versions_and_open_drafts_that_can_be_read(version: PlanVersion) -> None:
    reviewer = make_user(None, "reviewer")
    changed = alone(version.source).replace('"2020-01-01"', '"2990-01-01"').replace("= 2020-01-01T", "= 2990-01-01T")
    good = start_draft(source=changed, by=reviewer)
    propose_draft(draft_id=good.pk, revision=1, by=reviewer)
    start_draft(source=changed.replace('"8 %"', '"much"'), by=reviewer)
    start_draft(source=changed.replace('"CNY"', '"EUR"'), by=reviewer)
    withdraw_draft(draft_id=start_draft(source=changed, by=reviewer).pk, by=reviewer)
    assert [one.key for one in rules_to_try(reviewer, version.plan)] == [f"draft-{good.pk}", "version-2020-01-01"]
    assert [one.key for one in rules_to_try(make_user(), version.plan)] == ["version-2020-01-01"]
