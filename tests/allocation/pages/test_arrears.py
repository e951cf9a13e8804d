"""The board of shares that were not paid, and the page on which a member pays."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.fixtures import Settings

from allocation.errors.arrears import OwesBeforeMoving
from allocation.models import Arrear, Payout, Refund, Retry
from allocation.services.memberships import move
from allocation.services.payments import pay
from allocation.services.refunds import open_refund
from audit import clock
from audit.models import Entry
from members.errors.moves import TooYoungToMove
from members.errors.people import NotTheirs
from members.models import Membership
from tests.allocation.making import (
    as_if_joined,
    charge,
    make_approved_claim,
    make_members,
    publish,
    refuse,
    reject_in_wait,
    work,
)
from tests.allocation.stage import Stage
from tests.bent import bend, bend_all
from tests.factories import SHANGHAI, make_membership, make_person, make_version_from, plan_file
from tests.moving import move_clock, set_clock

BOARD, LIST, STATEMENTS = "/board/arrears/", "/board/arrears/xhb/", "/statements/"
CHARGED_AT = dt.datetime(2026, 3, 14, 9, tzinfo=SHANGHAI)


def pay_page(membership: Membership) -> str:
    return f"/statements/{membership.pk}/pay/"


@pytest.fixture
def debtor(stage: Stage) -> Membership:
    """The cast's member, who has not paid the ten fen of a period."""
    set_clock(CHARGED_AT)
    as_if_joined(stage.cast.membership, dt.datetime(2025, 1, 1, tzinfo=SHANGHAI))
    refuse(stage.cast.membership)
    charge(publish(stage.cast.plan, dt.date(2026, 3, 7)))
    work()
    return stage.cast.membership


@pytest.mark.parametrize("role", ["outsider", "member", "investigator", "professional"])
def test_others_are_kept_out_of_the_board(stage: Stage, debtor: Membership, role: str) -> None:
    client = stage.as_(stage.cast.by_role()[role])
    assert [client.get(path).status_code for path in (BOARD, LIST)] == [403, 403]


@pytest.mark.parametrize("role", ["outsider", "investigator", "reviewer", "auditor"])
def test_nobody_else_sees_or_pays_what_a_member_owes(stage: Stage, debtor: Membership, role: str) -> None:
    client = stage.as_(stage.cast.by_role()[role])
    assert client.get(pay_page(debtor)).status_code == 404
    assert client.post(pay_page(debtor)).status_code == 404
    assert not Retry.objects.exists()


@pytest.mark.parametrize("role", ["reviewer", "auditor"])
def test_the_board_adds_up(stage: Stage, debtor: Membership, role: str) -> None:
    client = stage.as_(stage.cast.by_role()[role])
    text = client.get(BOARD).content.decode()
    assert LIST in text
    assert "¥0.10" in text
    assert "29 March 2026" in text
    text = client.get(LIST).content.decode()
    assert f'<th scope="row">Membership {debtor.pk}</th>' in text
    assert "Wang Xiaoming" not in text
    assert f'<th scope="row">Membership {debtor.pk}</th>' in client.get(LIST, {"status": "owed"}).content.decode()
    assert "No share of this kind" in client.get(LIST, {"status": "netted"}).content.decode()
    assert client.get(LIST, {"status": "lost"}).status_code == 404


def test_the_member_reads_what_is_owed_and_pays_it(stage: Stage, debtor: Membership) -> None:
    client = stage.as_(stage.cast.member)
    text = client.get(STATEMENTS).content.decode()
    assert "¥0.10 is owed" in text
    assert "29 March 2026" in text
    assert "this membership ends" in text
    page = client.get(pay_page(debtor)).content.decode()
    assert "Pay ¥0.10 now" in page
    assert "What happens otherwise" in page
    refused = client.post(pay_page(debtor), follow=True).content.decode()
    assert "could not collect everything" in refused
    assert "Pay ¥0.10 now" in refused
    refuse(debtor, is_refusing=False)
    paid = client.post(pay_page(debtor), follow=True).content.decode()
    assert "Nothing is owed any more" in paid
    assert "Paid later" in paid
    assert "is owed" not in paid.replace("Nothing is owed", "")
    assert "Nothing is owed" in client.get(pay_page(debtor)).content.decode()
    again = client.post(pay_page(debtor))
    assert again.status_code == 409
    assert "owes no share" in again.content.decode()
    assert Retry.objects.count() == 2
    assert Entry.objects.filter(kind="arrear.asked_for", actor=stage.cast.member.audit_ref).count() == 2


def test_the_payer_pays_for_the_family(stage: Stage, debtor: Membership) -> None:
    child = make_membership(
        stage.cast.plan,
        make_person("Child Wang", payer=debtor.person),
        dt.datetime(2025, 1, 1, tzinfo=SHANGHAI),
        first_notice_on=dt.date(2025, 1, 7),
    )
    refuse(child)
    stage.more_claims(1)
    set_clock(dt.datetime(2026, 3, 28, 9, tzinfo=SHANGHAI))
    charge(publish(stage.cast.plan, dt.date(2026, 3, 21)))
    work()
    refuse(child, is_refusing=False)
    done = stage.as_(stage.cast.member).post(pay_page(child))
    assert done["Location"] == STATEMENTS
    assert Arrear.objects.get(membership=child).status == "settled"


def test_a_payment_without_an_answer_is_told(stage: Stage, debtor: Membership, settings: Settings) -> None:
    settings.PAYMENT_GATEWAY = "tests.allocation.making.DeadBank"
    text = stage.as_(stage.cast.member).post(pay_page(debtor), follow=True).content.decode()
    assert "on its way and not confirmed yet" in text
    assert "no answer yet" in stage.as_(stage.cast.reviewer).get(LIST).content.decode()


def test_what_was_written_off_stands_on_the_statement(stage: Stage, debtor: Membership) -> None:
    set_clock(dt.datetime(2026, 3, 29, tzinfo=SHANGHAI))
    work()
    text = stage.as_(stage.cast.member).get(STATEMENTS).content.decode()
    assert "This membership ended on" in text
    assert "Borne by the sponsor" in text
    assert "is owed" not in text
    notice = stage.as_(None).get("/periods/xhb/2026-03-07/").content.decode()
    assert "Never paid, borne by the sponsor" in notice
    ledger = stage.as_(stage.cast.reviewer).get("/board/ledger/xhb/").content.decode()
    assert "The balances sum to zero" in ledger
    assert "A share written off: the sponsor bears it" in ledger
    assert "shares written off" in ledger


def test_netting_shows_both_figures(stage: Stage, debtor: Membership) -> None:
    claim = make_approved_claim(stage.cast.version, 10_00, debtor, filed_by=stage.cast.member)
    charge(publish(stage.cast.plan, dt.date(2026, 3, 21)))
    pay(payout_id=Payout.objects.get(claim=claim).pk)
    text = stage.as_(stage.cast.member).get(STATEMENTS).content.decode()
    assert "Taken off the aid" in text
    assert claim.ref in text
    text = stage.as_(stage.cast.reviewer).get(f"/board/claims/{claim.ref}/").content.decode()
    for figure in ("¥10.00", "¥0.10", "¥9.90"):
        assert figure in text, figure
    assert claim.ref in stage.client.get(LIST).content.decode()


def test_a_refund_is_shown_until_a_person_has_settled_it(stage: Stage, debtor: Membership, settings: Settings) -> None:
    [ill] = make_members(
        stage.cast.plan, 1, dt.datetime(2026, 2, 1, tzinfo=SHANGHAI), first_notice_on=dt.date(2026, 2, 7)
    )
    ill.person.user = stage.cast.outsider
    bend(ill.person)
    stage.more_claims(1)
    set_clock(dt.datetime(2026, 3, 28, 9, tzinfo=SHANGHAI))
    charge(publish(stage.cast.plan, dt.date(2026, 3, 21)))
    work()
    claim = reject_in_wait(stage.cast.version, ill, dt.date(2026, 3, 22))
    move_clock(days=31)
    open_refund(claim_id=claim.pk)
    member = stage.as_(stage.cast.outsider)
    assert "The amount is fixed once" in member.get(STATEMENTS).content.decode()
    assert "The amount is fixed once" in member.get(f"/claims/{claim.ref}/").content.decode()
    set_clock(dt.datetime(2026, 5, 7, 1, tzinfo=SHANGHAI))
    settings.PAYMENT_GATEWAY = "tests.allocation.making.DeadBank"
    work()
    move_clock(hours=6)
    work()
    refund = Refund.objects.get()
    ask = f"/board/refunds/{refund.pk}/ask/"
    assert stage.as_(stage.cast.auditor).post(ask).status_code == 403
    assert ask not in stage.client.get(LIST).content.decode()
    client = stage.as_(stage.cast.reviewer)
    assert ask in client.get(LIST).content.decode()
    assert "is not settled" in client.post(ask, follow=True).content.decode()
    settings.PAYMENT_GATEWAY = "allocation.gateways.DemonstrationBank"
    assert "confirms the refund" in client.post(ask, follow=True).content.decode()
    refund = Refund.objects.get()
    assert (refund.status, refund.amount_minor) == ("settled", 20)
    assert client.get(ask).status_code == 405
    assert "Refund:" in stage.as_(stage.cast.outsider).get(STATEMENTS).content.decode()
    assert "¥0.20" in stage.client.get(f"/claims/{claim.ref}/").content.decode()
    ledger = stage.as_(stage.cast.reviewer).get("/board/ledger/xhb/").content.decode()
    assert f"Membership {ill.pk}" in ledger


def test_empty_boards_say_what_will_appear(stage: Stage) -> None:
    client = stage.as_(stage.cast.reviewer)
    text = client.get(LIST).content.decode()
    assert "No share of this kind" in text
    assert "No refund yet" in text
    assert client.get("/board/arrears/none/").status_code == 404


def test_queries_do_not_grow_with_rows(stage: Stage, debtor: Membership) -> None:
    counts = {}
    for owing in (1, 3):
        if owing == 3:
            refuse(*make_members(stage.cast.plan, 2, dt.datetime(2026, 3, 15, tzinfo=SHANGHAI)))
            bend_all(Membership.objects.all(), first_notice_on=dt.date(2025, 1, 7))
            refuse(stage.cast.membership, is_refusing=False)
            stage.more_claims(1)
            set_clock(dt.datetime(2026, 3, 28, 9, tzinfo=SHANGHAI))
            charge(publish(stage.cast.plan, dt.date(2026, 3, 21)))
            Arrear.objects.update(next_try_at=clock.now() + dt.timedelta(days=1))
            work()
            assert Arrear.objects.filter(status="owed").count() == 3
        for user, path in ((stage.cast.reviewer, BOARD), (stage.cast.reviewer, LIST), (stage.cast.member, STATEMENTS)):
            client = stage.as_(user)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path).status_code == 200
            counts.setdefault(path, []).append(len(queries))
    assert counts[BOARD][0] == counts[BOARD][1]
    assert counts[LIST][0] == counts[LIST][1]
    assert counts[STATEMENTS][0] == counts[STATEMENTS][1]


def test_the_home_page_shows_it(stage: Stage, debtor: Membership) -> None:
    client = stage.as_(stage.cast.member)
    text = client.get(reverse("home")).content.decode()
    assert "A share could not be collected" in text
    assert "29 March 2026" in text
    assert "A share could not be collected" not in stage.as_(stage.cast.outsider).get(reverse("home")).content.decode()
    set_clock(dt.datetime(2026, 3, 29, tzinfo=SHANGHAI))
    work()
    assert "A share could not be collected" not in stage.as_(stage.cast.member).get(reverse("home")).content.decode()


def test_leaving_tells_what_is_owed_and_what_becomes_of_it(stage: Stage, debtor: Membership) -> None:
    client = stage.as_(stage.cast.member)
    text = client.get(f"/memberships/{debtor.pk}/leave/").content.decode()
    assert "notice of 7 March 2026: ¥0.10" in text
    assert "Leaving does not cancel them" in text
    assert pay_page(debtor) in text
    assert "Leave now" in text
    refuse(debtor, is_refusing=False)
    client.post(pay_page(debtor))
    assert "Leaving does not cancel" not in client.get(f"/memberships/{debtor.pk}/leave/").content.decode()


def test_nobody_moves_away_from_what_they_owe(stage: Stage, debtor: Membership) -> None:
    senior = make_version_from(plan_file("xhb-senior-2019-05-01")).plan
    owed = Arrear.objects.get()
    with pytest.raises(OwesBeforeMoving, match=r"¥0\.10 .* pay it under"):
        move(membership_id=debtor.pk, plan=senior, health_answers={}, by=stage.cast.member)
    with pytest.raises(NotTheirs):  # nobody else is told what is owed
        move(membership_id=debtor.pk, plan=senior, health_answers={}, by=stage.cast.outsider)
    assert Membership.objects.filter(plan=senior).count() == 0
    assert Membership.objects.get(pk=debtor.pk).left_at is None
    refuse(debtor, is_refusing=False)
    stage.as_(stage.cast.member).post(pay_page(debtor))
    assert Arrear.objects.get(pk=owed.pk).status == "settled"
    with pytest.raises(TooYoungToMove):  # paid: what is left against it is the age
        move(membership_id=debtor.pk, plan=senior, health_answers={}, by=stage.cast.member)
