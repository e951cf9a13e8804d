"""Amounts, moments and statuses as words, in both languages."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from adjudication.models.claims import ClaimStatus
from adjudication.templatetags.journey import JOURNEY, journey_steps
from audit import clock
from members.rules.money import format_minor
from members.templatetags.money import money
from pages.templatetags import assize

pytestmark = pytest.mark.django_db

AT = dt.datetime(2019, 5, 14, 1, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("amount", "source", "language", "written"),
    [
        (30_000_000, "CNY", "en", "¥300,000.00"),
        (30_000_000, "CNY", "zh-hans", "300,000.00 元"),
        (1, SimpleNamespace(currency="CNY", currency_exponent=2), "en", "¥0.01"),
        (1250, SimpleNamespace(currency="JPY", currency_exponent=0), "en", format_minor(1250, "JPY", 0)),
        (1250, "JPY", "en", format_minor(1250, "JPY", 0)),
        (1250, "EUR", "en", "€12.50"),
        (0, "CNY", "en", "¥0.00"),
        (None, "CNY", "en", ""),
    ],
)
def test_money_is_written_in_the_plans_currency(
    amount: int | None, source: object, language: str, written: str
) -> None:
    with translation.override(language):
        assert money(amount, source) == written


@pytest.mark.parametrize(
    ("language", "written"), [("en", "14 May 2019, 09:30 Beijing\xa0time"), ("zh-hans", "2019年5月14日 09:30 ")]
)
def test_a_moment_has_its_zone(language: str, written: str) -> None:
    with translation.override(language), timezone.override(ZoneInfo("Asia/Shanghai")):
        assert assize.moment(AT).startswith(written)


def test_a_moment_in_another_zone_says_how_far_from_utc() -> None:
    with translation.override("en"), timezone.override(ZoneInfo("America/St_Johns")):
        assert assize.moment(AT) == "13 May 2019, 23:00 UTC-02:30"
    with translation.override("en"), timezone.override(dt.UTC):
        assert assize.moment(AT) == "14 May 2019, 01:30 UTC"


def test_a_day_has_no_hour() -> None:
    with translation.override("en"):
        assert assize.day(dt.date(2019, 5, 14)) == "14 May 2019"
    with translation.override("zh-hans"):
        assert assize.day(dt.date(2019, 5, 14)) == "2019年5月14日"
    assert assize.day(None) == assize.moment(None) == assize.machine_time(None) == ""


@pytest.mark.parametrize(
    ("ahead", "written"),
    [
        (dt.timedelta(hours=3, seconds=30), "in 3\xa0hours"),
        (dt.timedelta(days=-3, seconds=-30), "3\xa0days ago"),
        (dt.timedelta(seconds=5), "now"),
    ],
)
def test_an_age_says_one_unit(ahead: dt.timedelta, written: str) -> None:
    with translation.override("en"):
        assert assize.age_of(clock.now() + ahead) == written


def test_the_age_of_a_day_and_of_a_length() -> None:
    today = timezone.localdate(clock.now())
    with translation.override("en"):
        assert assize.age_of(today) == "today"
        assert assize.age_of(today - dt.timedelta(days=1)) == "1 day ago"
        assert assize.age_of(today + dt.timedelta(days=2)) == "in 2 days"
        assert assize.age_of(dt.timedelta(minutes=15)) == "15\xa0minutes"
        assert assize.age_of(None) == ""


def test_a_deadline_is_over_when_its_moment_has_come() -> None:
    assert assize.is_over(clock.now() - dt.timedelta(seconds=1))
    assert not assize.is_over(clock.now() + dt.timedelta(minutes=1))
    assert not assize.is_over(None)


@pytest.mark.parametrize("status", ClaimStatus)
def test_every_status_of_a_claim_has_a_place_in_the_journey(status: ClaimStatus) -> None:
    states = [step["state"] for step in journey_steps(status)]
    assert states.count("now") == (0 if status == ClaimStatus.WITHDRAWN else 1)


def test_the_journey_says_what_is_done_and_what_is_next() -> None:
    states = [step["state"] for step in journey_steps("jury_review")]
    assert states == ["done", "done", "now", "next", "next", "next"]
    assert len(JOURNEY) == 6
    assert {step["state"] for step in journey_steps()} == {""}


def test_a_text_comes_in_the_language_of_the_page() -> None:
    both = SimpleNamespace(en="cancer", zh="癌症", title_en="Plan", title_zh="计划")
    with translation.override("zh-hans"):
        assert assize.text_in(both) == "癌症"
        assert assize.text_in(both, "title") == "计划"
        assert assize.text_in({"en": "only English"}) == "only English"
    with translation.override("en"):
        assert assize.text_in(both) == "cancer"
        assert assize.text_in("as it is") == "as it is"
        assert assize.text_in(None) == ""


def test_bars_fill_the_width_with_the_longest() -> None:
    rows = [{"label": "a", "value": 29, "shown": "0.29"}, {"label": "b", "value": 0}, {"label": "c", "value": 305}]
    assert [(row["length"], row["shown"]) for row in assize.bar_rows(rows)] == [(95, "0.29"), (0, 0), (1000, 305)]
    assert assize.bar_rows([]) == []
    assert assize.bar_rows([{"label": "a", "value": 0}])[0]["length"] == 0


def test_only_steps_already_done_are_links() -> None:
    items = [SimpleNamespace(label="Who", url="/1"), {"label": "What", "url": "/2"}, "Check"]
    steps = assize.step_list(items, "2")
    assert [(step["state"], step["url"]) for step in steps] == [("done", "/1"), ("now", ""), ("next", "")]
    assert steps[2]["label"] == "Check"


@pytest.mark.parametrize(("code", "written"), [("zh-hans", "zh-Hans"), ("en", "en"), ("en-gb", "en-GB")])
def test_a_language_code_is_written_as_html_writes_it(code: str, written: str) -> None:
    assert assize.html_lang(code) == written
