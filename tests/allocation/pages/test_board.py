"""The reviewer's pages: preview, publish, charge; auditors look."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from allocation.models import PaymentService, Payout, Period
from allocation.selectors.periods import next_notice_day
from allocation.services.payments import pay
from audit.models import Entry
from tests.allocation.making import charge, its_charge_day, its_notice_day, make_approved_claim, publish, reject
from tests.allocation.stage import Stage
from tests.bent import bend
from tests.moving import move_clock

DESK = "/board/periods/xhb/"
PUBLISH = "/board/periods/xhb/publish/"


def charge_page(period: Period) -> str:
    return f"/board/periods/xhb/{period.notice_on}/charge/"


@pytest.mark.parametrize("role", ["outsider", "member", "investigator", "professional"])
def test_others_are_kept_out(stage: Stage, role: str) -> None:
    period = stage.noticed()
    client = stage.as_(stage.cast.by_role()[role])
    for path in ("/board/periods/", DESK, PUBLISH, charge_page(period), "/board/ledger/xhb/"):
        assert client.get(path).status_code == 403
    assert client.post(charge_page(period)).status_code == 403
    assert Period.objects.get().status == "noticed"


def test_a_stranger_is_sent_to_the_log_in(stage: Stage) -> None:
    for path in ("/board/periods/", DESK, PUBLISH, "/board/ledger/xhb/"):
        assert stage.client.get(path)["Location"].startswith("/accounts/login/")


def test_an_auditor_looks_and_does_not_act(stage: Stage) -> None:
    client = stage.as_(stage.cast.auditor)
    text = client.get(DESK).content.decode()
    assert stage.claim.ref in text
    assert "Publish this notice" not in text
    assert client.get("/board/periods/").status_code == 200
    notice_on = next_notice_day(stage.cast.plan)
    assert client.post(PUBLISH, {"notice_on": notice_on}).status_code == 403
    period = stage.noticed()
    assert "Charge this period" not in client.get(DESK).content.decode()
    assert client.post(charge_page(period)).status_code == 403


def test_the_preview_says_what_the_notice_would_say(stage: Stage) -> None:
    text = stage.as_(stage.cast.reviewer).get(DESK).content.decode()
    for shown in (stage.claim.ref, "¥10.00", "¥0.80", "¥0.10", "It adds up", "No period of this plan has been"):
        assert shown in text, shown
    assert not Period.objects.exists()


def test_a_reviewer_publishes_and_charges(stage: Stage) -> None:
    client = stage.as_(stage.cast.reviewer)
    day = its_notice_day(stage.cast.plan)
    asked = client.get(PUBLISH).content.decode()
    assert f'value="{day}"' in asked
    done = client.post(PUBLISH, {"notice_on": str(day)})
    period = Period.objects.get()
    assert done["Location"] == f"/periods/xhb/{day}/"
    assert (period.notice_on, period.noticed_by) == (day, stage.cast.reviewer)
    assert "Charge this period" in client.get(DESK).content.decode()
    its_charge_day(period)
    assert "It adds up" in client.get(charge_page(period)).content.decode()
    assert client.post(charge_page(period))["Location"] == DESK
    period = Period.objects.get()
    assert (period.status, period.charged_by) == ("charged", stage.cast.reviewer)
    text = client.get(DESK).content.decode()
    assert "is charged" in text
    assert "0 of 1" in text


@pytest.mark.parametrize("is_demo", [True, False])
def test_a_notice_waits_for_its_day(stage: Stage, settings: Settings, is_demo: bool) -> None:
    settings.IS_DEMO = is_demo
    stage.charged()
    client = stage.as_(stage.cast.reviewer)
    day = next_notice_day(stage.cast.plan)
    asked = client.get(PUBLISH).content.decode()
    assert "The notice day has not come" in asked
    assert (f"make clock TO=&quot;{day} 00:00&quot;" in asked) == is_demo
    assert "<button" not in asked[asked.index("<main") : asked.index("</main>")]
    refused = client.post(PUBLISH, {"notice_on": str(day)})
    assert refused.status_code == 409
    assert "be published yet" in refused.content.decode()
    assert Period.objects.count() == 1
    assert its_notice_day(stage.cast.plan) == day
    assert "The notice day has not come" not in client.get(PUBLISH).content.decode()
    assert client.post(PUBLISH, {"notice_on": str(day)}).status_code == 302


def test_the_charge_waits_for_its_day(stage: Stage) -> None:
    period = stage.noticed()
    client = stage.as_(stage.cast.reviewer)
    assert "The charge day has not come" in client.get(charge_page(period)).content.decode()
    refused = client.post(charge_page(period))
    assert refused.status_code == 409
    assert "be charged before" in refused.content.decode()
    assert Period.objects.get().status == "noticed"


def test_the_second_reviewer_is_told_and_nothing_changes(stage: Stage) -> None:
    day = its_notice_day(stage.cast.plan)
    stage.as_(stage.cast.reviewer).post(PUBLISH, {"notice_on": str(day)})
    client = stage.as_(stage.cast.other_reviewer)
    second = client.post(PUBLISH, {"notice_on": str(day)})
    assert second.status_code == 409
    assert "already published" in second.content.decode()
    period = Period.objects.get()
    assert period.noticed_by == stage.cast.reviewer
    its_charge_day(period)
    client.post(charge_page(period))
    again = stage.as_(stage.cast.reviewer).post(charge_page(period))
    assert again.status_code == 409
    assert "already been charged" in again.content.decode()
    assert Period.objects.get().charged_by == stage.cast.other_reviewer
    assert Payout.objects.count() == 1
    assert Entry.objects.filter(kind="period.charged").count() == 1


@pytest.mark.parametrize(("sent", "status"), [("", 422), ("2024-02-30", 422), ("2024-12-08", 409)])
def test_a_day_that_is_no_notice_day_is_refused(stage: Stage, sent: str, status: int) -> None:
    answer = stage.as_(stage.cast.reviewer).post(PUBLISH, {"notice_on": sent})
    assert answer.status_code == status
    assert "There is a problem" in answer.content.decode()
    assert not Period.objects.exists()


def test_the_charge_page_names_the_claims_that_leave(stage: Stage) -> None:
    other = make_approved_claim(stage.cast.version, 20_00)
    period = stage.noticed()
    reject(other)
    text = stage.as_(stage.cast.reviewer).get(charge_page(period)).content.decode()
    assert "Claims left out" in text
    assert other.ref in text
    assert "¥0.20" in text
    assert "in the notice" in text


def test_a_charged_period_offers_nothing_to_charge(stage: Stage) -> None:
    text = stage.as_(stage.cast.reviewer).get(charge_page(stage.charged())).content.decode()
    assert "has been charged" in text
    assert 'class="form"' not in text


def test_a_claim_on_hold_is_shown_as_held_back(stage: Stage) -> None:
    held = make_approved_claim(stage.cast.version, 20_00, hold_reason="papers awaited")
    text = stage.as_(stage.cast.reviewer).get(DESK).content.decode()
    assert "held back" in text
    assert f"{held.ref}</a>: papers awaited" in text


def test_a_payout_of_unknown_fate_is_shown_with_its_attempts(stage: Stage, settings: Settings) -> None:
    stage.charged()
    payout = Payout.objects.get()
    settings.PAYMENT_GATEWAY = "tests.allocation.making.DeadBank"
    for _each in range(12):
        pay(payout_id=payout.pk)
        move_clock(hours=1)
        PaymentService.objects.update(unanswered=0, silent_since=None, next_probe_at=None)
    ask = f"/board/payouts/{payout.pk}/ask/"
    auditor = stage.as_(stage.cast.auditor)
    text = auditor.get(DESK).content.decode()
    assert "Payouts that need a person" in text
    # The last ten of twelve: after an outage of days there are hundreds.
    assert text.count("no answer <code") == 10
    assert "GatewayUnreachable" in text
    assert ask not in text
    assert auditor.post(ask).status_code == 403
    client = stage.as_(stage.cast.reviewer)
    assert ask in client.get(DESK).content.decode()
    assert "Nothing was settled" in client.post(ask, follow=True).content.decode()
    settings.PAYMENT_GATEWAY = "allocation.gateways.DemonstrationBank"
    assert "confirms the payout" in client.post(ask, follow=True).content.decode()
    assert Payout.objects.get().status == "settled"
    assert client.get(ask).status_code == 405


def test_a_plan_without_rules_now_says_so(stage: Stage) -> None:
    plan = stage.cast.plan
    plan.pk, plan.code = None, "empty"
    bend(plan)
    text = stage.as_(stage.cast.reviewer).get("/board/periods/empty/").content.decode()
    assert "is in force on" in text
    assert stage.client.get("/board/periods/empty/publish/").status_code == 409
    assert stage.client.get("/board/periods/none/").status_code == 404


def test_queries_do_not_grow_with_rows(stage: Stage) -> None:
    client = stage.as_(stage.cast.reviewer)
    counts = []
    for day in (dt.date(2024, 1, 7), dt.date(2024, 1, 21), dt.date(2024, 2, 7)):
        charge(publish(stage.cast.plan, day))
        stage.more_claims(3)
        with CaptureQueriesContext(connection) as queries:
            client.get(DESK)
            client.get("/board/periods/")
            client.get("/board/ledger/xhb/")
        counts.append(len(queries))
    assert counts[1] == counts[2] <= 60
