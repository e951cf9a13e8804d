"""The page of payments without an answer, and the one button for all of them."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from allocation import tasks
from allocation.models import Arrear, AskingRound, BankOrder, PaymentService, Payout, Retry
from allocation.services.arrears import retry_arrear
from audit.actors import SYSTEM
from audit.models import Entry
from members.models import Membership
from tests.allocation.making import refuse, work
from tests.allocation.outage import BankInOutage, outage
from tests.allocation.stage import Stage
from tests.moving import move_clock, set_clock

BOARD, ASK, PROGRESS = "/board/payments/", "/board/payments/ask/", "/board/payments/progress/"


def page(stage: Stage, path: str = BOARD) -> str:
    return stage.as_(stage.cast.reviewer).get(path).content.decode()


def charged(stage: Stage) -> None:
    stage.more_claims(2)
    stage.charged()


def let_hours_pass() -> None:
    work()
    PaymentService.objects.update(unanswered=5)  # the next exchange without an answer is one too many
    move_clock(hours=7)
    tasks.sweep_payments()


@pytest.mark.parametrize("role", ["outsider", "member", "investigator", "professional"])
def test_others_are_kept_out(stage: Stage, role: str) -> None:
    client = stage.as_(stage.cast.by_role()[role])
    assert {client.get(path).status_code for path in (BOARD, ASK, PROGRESS)} == {403}
    assert client.post(ASK).status_code == 403


def test_nothing_to_show_says_what_will_appear(stage: Stage) -> None:
    text = page(stage)
    assert "No payment needs a person" in text
    assert "has not answered about it for six hours" in text
    assert "Ask about all" not in text
    assert "The payment service does not answer" not in text


def test_the_page_says_since_when_and_what_is_next(stage: Stage, settings: Settings) -> None:
    charged(stage)
    with outage(settings, BankInOutage, hours=8):
        let_hours_pass()
        text = page(stage)
        payout = Payout.objects.get(claim=stage.claim)
        for shown in (
            "It has not answered since",
            "4 payments wait for it",
            stage.claim.ref,
            payout.key,
            "no answer",
            "GatewayUnreachable",
            "asked 2 times",
            "Ask about all of them again…",
        ):
            assert shown in text, shown
        assert f"/board/payouts/{payout.pk}/ask/" in text
        for path in ("/board/periods/", "/board/periods/xhb/", "/board/arrears/", "/board/arrears/xhb/"):
            assert "The payment service does not answer" in page(stage, path), path


def test_an_auditor_looks_and_does_not_act(stage: Stage, settings: Settings) -> None:
    charged(stage)
    with outage(settings, BankInOutage, hours=8):
        let_hours_pass()
        client = stage.as_(stage.cast.auditor)
        text = client.get(BOARD).content.decode()
        assert stage.claim.ref in text
        assert "Ask " not in text
        assert client.get(ASK).status_code == client.post(ASK).status_code == 403
    assert not AskingRound.objects.exists()


def test_one_button_asks_about_all_of_them(stage: Stage, settings: Settings) -> None:
    charged(stage)
    with outage(settings, BankInOutage, hours=8, takes_orders=True):
        let_hours_pass()
        client = stage.as_(stage.cast.reviewer)
        asked = client.get(ASK).content.decode()
        assert "Ask about 4 payments again?" in asked
        assert not AskingRound.objects.exists()
        set_clock(BankInOutage.back_at)
        reached = len(BankInOutage.reached)
        done = client.post(ASK, follow=True).content.decode()
        assert len(BankInOutage.reached) == reached
        assert "4 payments will be asked about again." in done
        assert "0 of 4 asked, 0 settled." in done
        # The page asks for the progress by itself; without scripts, loading it again shows the same.
        assert 'hx-trigger="every 5s"' in done
        work()
        assert client.get(PROGRESS).headers["Location"] == BOARD
        part = client.get(PROGRESS, headers={"hx-request": "true"}).content.decode()
        assert "4 of 4 asked, 4 settled." in part
        assert "hx-trigger" not in part
        assert "<html" not in part
        assert "4 of 4 asked, 4 settled." in client.get(BOARD).content.decode()
    assert Entry.objects.filter(kind="payments.asked_again", actor=stage.cast.reviewer.audit_ref).count() == 1
    assert not Payout.objects.exclude(status="settled").exists()


def test_with_nothing_to_ask_about_the_request_is_refused(stage: Stage) -> None:
    client = stage.as_(stage.cast.reviewer)
    assert "Nothing to ask about" in client.get(ASK).content.decode()
    refused = client.post(ASK)
    assert refused.status_code == 409
    assert "No payment waits for an answer" in refused.content.decode()


def test_a_refused_payment_is_shown_as_refused(stage: Stage) -> None:
    stage.charged()
    payout = Payout.objects.get()
    BankOrder.objects.create(key=payout.key, amount_minor=payout.paid_minor, is_refused=True)
    work()
    text = page(stage)
    assert "none: refused" in text
    assert "ordered: refused" in text
    assert "Ask about all" not in text


def test_unpaid_shares_are_shown_with_their_membership(stage: Stage, settings: Settings) -> None:
    debtor = Membership.objects.filter(plan=stage.cast.plan).earliest("pk")
    refuse(debtor)
    stage.charged()
    work()
    work()
    with outage(settings, BankInOutage, hours=20):
        retry_arrear(arrear_id=Arrear.objects.get().pk, by=SYSTEM)
        move_clock(hours=7)
        tasks.sweep_arrears()
        text = page(stage)
    assert "Retry of an unpaid share" in text
    assert f"Membership {debtor.pk}" in text
    assert Retry.objects.get().key in text


def test_the_queries_do_not_grow_with_the_payments(
    stage: Stage, settings: Settings, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    charged(stage)
    with outage(settings, BankInOutage, hours=8):
        let_hours_pass()
        client = stage.as_(stage.cast.reviewer)
        with django_assert_max_num_queries(45):  # type: ignore[operator]
            client.get(BOARD)
