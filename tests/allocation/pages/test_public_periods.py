"""What anybody reads of periods: the list, and the notice of one."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from allocation.models import Period
from tests.allocation.making import charge, its_charge_day, make_approved_claim, pay_everything, publish, reject
from tests.allocation.stage import Stage


def notice_of(period: Period) -> str:
    return f"/periods/{period.plan.code}/{period.notice_on}/"


def test_before_the_first_notice_the_list_says_what_will_come(stage: Stage) -> None:
    text = stage.client.get("/periods/").content.decode()
    assert "No period has been published yet" in text


@pytest.mark.parametrize(
    "role", ["anonymous", "outsider", "member", "investigator", "professional", "reviewer", "auditor"]
)
def test_everybody_reads_the_list_and_the_notice(stage: Stage, role: str) -> None:
    period = stage.noticed()
    client = stage.as_(stage.cast.by_role()[role])
    listed = client.get("/periods/").content.decode()
    assert notice_of(period) in listed
    assert '<div class="bars">' in listed
    text = client.get(notice_of(period)).content.decode()
    assert "W*** X***" in text
    assert "Xiaoming" not in text
    # Only those who run periods are shown the way to the desk.
    assert ("/board/periods/" in listed) == ("/board/periods/" in text) == (role in {"reviewer", "auditor"})


def test_a_notice_shows_its_sum_and_its_proof(stage: Stage) -> None:
    period = stage.noticed()
    text = stage.client.get(notice_of(period)).content.decode()
    # 10.00 and a fee of 0.80, of which 22 members bear at most 0.10 each.
    assert (period.members, period.billed_minor, period.case_cap_excess_minor) == (22, 2_20, 8_60)
    for shown in ("¥10.00", "¥0.80", "¥2.20", "¥8.60", "¥0.10", "Objections until", "It adds up", "¥10.80"):
        assert shown in text, shown
    assert "C + G + Y + K = A + F + S_out − S" in text
    assert f"/plans/xhb/?version={period.plan_version.label}" in text
    assert stage.claim.ref in text


def test_the_notice_speaks_the_reader_s_language(stage: Stage) -> None:
    period = stage.noticed()
    with translation.override("zh-hans"):
        stage.client.cookies["django_language"] = "zh-hans"
        text = stage.client.get(notice_of(period)).content.decode()
    assert "恶性肿瘤" in text
    assert "10.00 元" in text


def test_a_claim_that_left_is_shown_with_the_figures_before_and_after(stage: Stage) -> None:
    other = make_approved_claim(stage.cast.version, 20_00)
    period = stage.noticed()
    before = stage.client.get(notice_of(period)).content.decode()
    assert "What changed between notice and charge" not in before
    reject(other)
    charge(period)
    text = stage.client.get(notice_of(period)).content.decode()
    assert "What changed between notice and charge" in text
    assert "Not charged" in text
    assert "it is no longer approved" in text
    assert "¥30.00" in text


def test_each_state_says_what_follows(stage: Stage) -> None:
    period = stage.noticed()
    charge(period)
    assert "being collected" in stage.client.get(notice_of(period)).content.decode()
    pay_everything(period)
    assert "everything was collected and paid" in stage.client.get(notice_of(period)).content.decode()


def test_after_the_objection_days_nobody_is_invited_to_object(stage: Stage) -> None:
    period = publish(stage.cast.plan, dt.date(2024, 12, 7))
    its_charge_day(period)
    text = stage.client.get(notice_of(period)).content.decode()
    assert "The time for objections is over" in text
    assert "Objections until" not in text


@pytest.mark.parametrize("path", ["/periods/xhb/2024-02-30/", "/periods/none/2024-12-07/", "/periods/?plan=none"])
def test_what_does_not_exist_is_not_found(stage: Stage, path: str) -> None:
    stage.noticed()
    assert stage.client.get(path).status_code == 404


def test_one_plan_s_periods_page_by_page(stage: Stage) -> None:
    for month in range(1, 13):
        for day in (7, 21):
            charge(publish(stage.cast.plan, dt.date(2024, month, day)))
    last = charge(publish(stage.cast.plan, dt.date(2025, 1, 7)))
    text = stage.client.get("/periods/?plan=xhb").content.decode()
    assert notice_of(last) in text
    assert "/periods/xhb/2024-01-07/" not in text
    assert "/periods/xhb/2024-01-07/" in stage.client.get("/periods/?plan=xhb&page=2").content.decode()
    # The list of all plans stays short.
    assert stage.client.get("/periods/").content.decode().count('href="/periods/xhb/') == 12


def test_queries_do_not_grow_with_rows(stage: Stage) -> None:
    counts = []
    for day in (dt.date(2024, 1, 7), dt.date(2024, 1, 21), dt.date(2024, 2, 7)):
        period = charge(publish(stage.cast.plan, day))
        stage.more_claims(3)
        with CaptureQueriesContext(connection) as queries:
            stage.client.get("/periods/")
            stage.client.get(notice_of(period))
        counts.append(len(queries))
    assert counts[1] == counts[2] <= 14
