"""The API of payments without an answer."""

from __future__ import annotations

from pytest_django.fixtures import Settings

from allocation import tasks
from allocation.models import AskingRound, Payout
from tests.allocation.making import work
from tests.allocation.outage import BankInOutage, outage
from tests.allocation.stage import Stage
from tests.moving import move_clock, set_clock

LIST, SERVICE, ASK = "/api/v1/payments/", "/api/v1/payments/service/", "/api/v1/payments/ask/"


def test_a_service_that_answers(stage: Stage) -> None:
    client = stage.as_(stage.cast.auditor)
    assert client.get(SERVICE).json() == {
        "silent_since": None,
        "next_probe_at": None,
        "waiting": 0,
        "to_ask": 0,
        "latest_request": None,
    }
    assert client.get(LIST).json() == []


def test_asking_about_all_returns_at_once_and_says_how_far_it_is(stage: Stage, settings: Settings) -> None:
    stage.charged()
    with outage(settings, BankInOutage, hours=8, takes_orders=True):
        work()
        move_clock(hours=7)
        tasks.sweep_payments()
        client = stage.as_(stage.cast.reviewer)
        [batch, payout] = client.get(LIST).json()
        assert (batch["kind"], batch["claim"], batch["last_reason"]) == ("collection", None, "GatewayUnreachable")
        assert (payout["kind"], payout["claim"], payout["status"]) == ("payout", stage.claim.ref, "unknown")
        assert payout["key"] == f"payout:{stage.claim.ref}"
        assert payout["next_attempt_at"] is not None
        before = client.get(SERVICE).json()
        assert before["silent_since"] is None  # two exchanges are not a silence
        assert (before["waiting"], before["to_ask"]) == (2, 2)
        set_clock(BankInOutage.back_at)
        answer = client.post(ASK)
        assert answer.status_code == 202
        latest = answer.json()["latest_request"]
        assert (latest["payments"], latest["asked"], latest["settled"]) == (2, 0, 0)
        work()
        latest = client.get(SERVICE).json()["latest_request"]
    assert (latest["payments"], latest["asked"], latest["settled"]) == (2, 2, 2)
    assert Payout.objects.get().status == "settled"


def test_nothing_to_ask_about_is_refused(stage: Stage) -> None:
    answer = stage.as_(stage.cast.reviewer).post(ASK)
    assert (answer.status_code, answer.json()["code"]) == (409, "NothingToAsk")


def test_an_auditor_reads_and_does_not_ask(stage: Stage) -> None:
    assert stage.as_(stage.cast.auditor).post(ASK).status_code == 403
    assert not AskingRound.objects.exists()


def test_members_see_nothing_of_it(stage: Stage) -> None:
    client = stage.as_(stage.cast.member)
    assert {client.get(path).status_code for path in (LIST, SERVICE)} == {403}
