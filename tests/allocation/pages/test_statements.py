"""The member's page of shares."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit import clock
from members.models import Membership
from tests.allocation.making import charge, make_approved_claim, make_members, publish, uncapped_version
from tests.allocation.stage import BACKEND, Stage
from tests.bent import bend_all
from tests.factories import make_membership, make_person, make_user

JOINED = dt.datetime(2018, 12, 1, tzinfo=dt.UTC)
FIRST = dt.date(2018, 12, 7)


def test_a_member_reads_their_shares_and_nobody_else_s(stage: Stage) -> None:
    other = make_user("other@test.example")
    make_membership(stage.cast.plan, make_person("Zhao Other", user=other))
    period = stage.charged()
    text = stage.as_(stage.cast.member).get("/statements/").content.decode()
    assert f"/periods/xhb/{period.notice_on}/" in text
    assert "¥0.10" in text
    assert '<div class="bars">' in text
    assert "Zhao Other" not in text
    assert "Wang Xiaoming" in text


def test_an_announced_share_is_shown_before_it_is_charged(stage: Stage) -> None:
    stage.noticed()
    text = stage.as_(stage.cast.member).get("/statements/").content.decode()
    assert "announced; can only fall" in text
    assert '<div class="bars">' not in text


def test_a_payer_reads_the_shares_of_the_family(stage: Stage) -> None:
    make_membership(stage.cast.plan, make_person("Child Wang", payer=stage.cast.membership.person))
    stage.charged()
    assert "Child Wang" in stage.as_(stage.cast.member).get("/statements/").content.decode()


@pytest.mark.parametrize("role", ["outsider", "investigator", "professional", "reviewer", "auditor"])
def test_a_user_without_a_membership_is_told_so(stage: Stage, role: str) -> None:
    stage.charged()
    text = stage.as_(stage.cast.by_role()[role]).get("/statements/").content.decode()
    assert "You have no membership" in text


def test_a_stranger_is_sent_to_the_log_in(stage: Stage) -> None:
    assert stage.client.get("/statements/").status_code == 302


def test_before_the_first_notice_the_page_says_when_it_comes(stage: Stage) -> None:
    bend_all(Membership.objects.filter(pk=stage.cast.membership.pk), first_notice_on=dt.date(2031, 5, 7))
    text = stage.as_(stage.cast.member).get("/statements/").content.decode()
    assert "No shares yet" in text
    assert "7 May 2031" in text


def test_the_sponsor_pays_for_gifted_members_in_words(stage: Stage) -> None:
    bend_all(Membership.objects.filter(pk=stage.cast.membership.pk), is_gifted=True)
    stage.charged()
    text = stage.as_(stage.cast.member).get("/statements/").content.decode()
    assert "The sponsor of the plan pays" in text
    assert "paid by the sponsor" in text


@pytest.mark.django_db
def test_the_sum_of_the_year_stands_beside_its_cap(client: Client) -> None:
    version = uncapped_version("xhb-2019-01-01")
    user = make_user("member@test.example")
    make_membership(version.plan, make_person(user=user), JOINED, first_notice_on=FIRST)
    make_members(version.plan, 9)
    year = timezone.localdate(clock.now()).year
    for day in (dt.date(year, 1, 7), dt.date(year, 1, 21)):
        make_approved_claim(version, 1_000_00, make_members(version.plan, 1, is_gifted=True)[0])
        charge(publish(version.plan, day))
    client.force_login(user, backend=BACKEND)
    text = client.get("/statements/").content.decode()
    assert "¥98.19" in text
    assert "¥89.81" in text
    assert "limit is reached" in text
    assert text.count("¥188.00") >= 2
    assert "Can still be charged this year" in text


def test_queries_do_not_grow_with_rows(stage: Stage) -> None:
    client = stage.as_(stage.cast.member)
    counts = []
    year = timezone.localdate(clock.now()).year
    for month in (1, 2, 3):
        make_membership(stage.cast.plan, make_person(payer=stage.cast.membership.person), JOINED, first_notice_on=FIRST)
        charge(publish(stage.cast.plan, dt.date(year, month, 7)))
        stage.more_claims(1)
        with CaptureQueriesContext(connection) as queries:
            client.get("/statements/")
        counts.append(len(queries))
    assert counts[1] == counts[2] <= 20
