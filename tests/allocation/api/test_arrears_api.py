"""Shares that were not paid, and refunds, over the API: the same rules as on the pages."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from allocation.models import Arrear, Retry
from members.models import Membership
from tests.allocation.api.test_periods_api import signed_in
from tests.allocation.making import as_if_joined, charge, make_members, publish, refuse, reject_in_wait, work
from tests.allocation.stage import Stage
from tests.bent import bend
from tests.factories import SHANGHAI
from tests.moving import move_clock, set_clock

ARREARS, TOTALS, PAY, REFUNDS = (f"/api/v1/{path}/" for path in ("arrears", "arrears/totals", "arrears/pay", "refunds"))


@pytest.fixture
def debtor(stage: Stage) -> Membership:
    set_clock(dt.datetime(2026, 3, 14, 9, tzinfo=SHANGHAI))
    as_if_joined(stage.cast.membership, dt.datetime(2025, 1, 1, tzinfo=SHANGHAI))
    others = make_members(stage.cast.plan, 2, dt.datetime(2025, 1, 1, tzinfo=SHANGHAI))
    refuse(stage.cast.membership, *others)
    charge(publish(stage.cast.plan, dt.date(2026, 3, 7)))
    work()
    return stage.cast.membership


def test_a_member_reads_their_own_and_staff_all(stage: Stage, debtor: Membership) -> None:
    [own] = signed_in(stage.cast.member).get(ARREARS).json()["results"]
    assert (own["membership"], own["plan"], own["notice_on"]) == (debtor.pk, "xhb", "2026-03-07")
    assert (own["status"], own["amount_minor"], own["claim"]) == ("owed", 10, None)
    assert own["grace_ends_at"].startswith("2026-03-2")
    for user in (stage.cast.reviewer, stage.cast.auditor):
        assert len(signed_in(user).get(ARREARS).json()["results"]) == 3
    assert signed_in(stage.cast.outsider).get(ARREARS).json()["results"] == []
    assert signed_in(None).get(ARREARS).status_code in {401, 403}
    reviewer = signed_in(stage.cast.reviewer)
    assert len(reviewer.get(ARREARS, {"membership": debtor.pk}).json()["results"]) == 1
    assert reviewer.get(ARREARS, {"status": "netted"}).json()["results"] == []
    assert reviewer.get(ARREARS, {"status": "lost"}).status_code == 400
    assert reviewer.get(ARREARS, {"plan": "other"}).json()["results"] == []


def test_totals_are_for_staff(stage: Stage, debtor: Membership) -> None:
    [plan] = signed_in(stage.cast.auditor).get(TOTALS).json()
    assert plan["totals"][0] == {"status": "owed", "number": 3, "amount_minor": 30}
    assert [total["number"] for total in plan["totals"]] == [3, 0, 0, 0]
    assert signed_in(stage.cast.member).get(TOTALS).status_code == 403


def test_a_member_pays(stage: Stage, debtor: Membership) -> None:
    api = signed_in(stage.cast.member)
    [still_owed] = api.post(PAY, {"membership": debtor.pk}).json()
    assert still_owed["status"] == "owed"
    refuse(debtor, is_refusing=False)
    [paid] = api.post(PAY, {"membership": debtor.pk}).json()
    assert (paid["status"], paid["settled_at"] is not None) == ("settled", True)
    again = api.post(PAY, {"membership": debtor.pk})
    assert (again.status_code, again.json()["code"]) == (409, "NothingOwed")
    assert api.post(PAY, {}).status_code == 400
    assert api.post(PAY, {"membership": "x"}).status_code == 400


def test_nobody_pays_for_strangers(stage: Stage, debtor: Membership) -> None:
    other = Arrear.objects.exclude(membership=debtor).earliest("pk").membership_id
    assert signed_in(stage.cast.member).post(PAY, {"membership": other}).status_code == 404
    assert signed_in(stage.cast.reviewer).post(PAY, {"membership": debtor.pk}).status_code == 403
    assert not Retry.objects.exists()


def test_statements_and_periods_tell_what_became_of_shares(stage: Stage, debtor: Membership) -> None:
    [statement] = signed_in(stage.cast.member).get("/api/v1/statements/").json()
    assert (statement["owed_minor"], statement["lines"][0]["payment"]) == (10, "owed")
    assert statement["grace_ends_at"] is not None
    [period] = signed_in(None).get("/api/v1/periods/").json()["results"]
    found = signed_in(None).get(f"/api/v1/periods/{period['id']}/").json()["shares_paid"]
    assert found["owed_minor"] == 30
    assert found.pop("charged_minor") == sum(found.values()) == period["collected_minor"]


def test_refunds_are_the_member_s_and_the_staff_s(stage: Stage, debtor: Membership) -> None:
    [ill] = make_members(
        stage.cast.plan, 1, dt.datetime(2026, 2, 1, tzinfo=SHANGHAI), first_notice_on=dt.date(2026, 2, 7)
    )
    ill.person.user = stage.cast.outsider
    bend(ill.person)
    claim = reject_in_wait(stage.cast.version, ill, dt.date(2026, 3, 1))
    move_clock(days=31)
    work()
    for user in (stage.cast.outsider, stage.cast.reviewer, stage.cast.auditor):
        [refund] = signed_in(user).get(REFUNDS).json()["results"]
        assert (refund["claim"], refund["membership"], refund["status"]) == (claim.ref, ill.pk, "opened")
        assert refund["amount_minor"] is None
    assert signed_in(stage.cast.member).get(REFUNDS).json()["results"] == []
    assert signed_in(stage.cast.reviewer).get(REFUNDS, {"status": "settled"}).json()["results"] == []


def test_queries_do_not_grow_with_rows(stage: Stage, debtor: Membership) -> None:
    api = signed_in(stage.cast.reviewer)
    counts = []
    for rows, wanted in ((1, {"membership": debtor.pk}), (1, {"membership": debtor.pk}), (3, {})):
        with CaptureQueriesContext(connection) as queries:
            assert len(api.get(ARREARS, wanted).json()["results"]) == rows
        counts.append(len(queries))
    # The first request also asks for the reviewer's roles.
    assert counts[1] == counts[2] <= counts[0]
