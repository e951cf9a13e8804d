"""Versions in force, ICD-10 ranges, and the plan's calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.errors.plans import NotANoticeDay
from members.rules.dates import start_of_day
from members.rules.icd10_ranges import bounds, contains, normalised, overlap
from members.rules.plans import (
    charge_on_for,
    cover_of,
    first_notice_after,
    next_notice_on,
    version_for_diagnosis,
    version_in_force,
)

from .plan_files import MUTUAL, XHB, XHB_2018, XHB_2019, XHB_2020, changed, parsed

some_day = st.dates(date(2018, 1, 1), date(2031, 12, 31))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2018-11-27T11:59:59.999999+08:00", None),
        ("2018-11-27T12:00:00+08:00", XHB_2018),
        ("2018-11-27T04:00:00+00:00", XHB_2018),
        ("2018-11-27T03:59:59+00:00", None),
        ("2018-12-31T23:59:59+08:00", XHB_2018),
        ("2019-01-01T00:00:00+08:00", XHB_2019),
        ("2018-12-31T16:00:00+00:00", XHB_2019),
        ("2019-12-31T23:59:59+08:00", XHB_2019),
        ("2020-01-01T00:00:00+08:00", XHB_2020),
        ("2031-05-05T00:00:00+08:00", XHB_2020),
    ],
)
def test_version_in_force(moment: str, expected: object) -> None:
    assert version_in_force(XHB, datetime.fromisoformat(moment)) is expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2018, 11, 26), None),
        (date(2018, 11, 27), XHB_2018),
        (date(2018, 12, 31), XHB_2018),
        (date(2019, 1, 1), XHB_2019),
        (date(2020, 1, 1), XHB_2020),
    ],
)
def test_the_version_that_starts_at_noon_governs_the_whole_day(day: date, expected: object) -> None:
    assert version_for_diagnosis(XHB, day) is expected


def test_no_versions_and_two_plans() -> None:
    assert version_in_force((), datetime(2020, 1, 1, tzinfo=UTC)) is None
    assert version_for_diagnosis((), date(2020, 1, 1)) is None
    with pytest.raises(ValueError, match="more than one plan"):
        version_in_force((MUTUAL, XHB_2018), datetime(2020, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("after", "notice_on", "charge_on"),
    [
        (date(2019, 5, 1), date(2019, 5, 7), date(2019, 5, 14)),
        (date(2019, 5, 6), date(2019, 5, 7), date(2019, 5, 14)),
        (date(2019, 5, 7), date(2019, 5, 21), date(2019, 5, 28)),
        (date(2019, 5, 21), date(2019, 6, 7), date(2019, 6, 14)),
        (date(2019, 12, 31), date(2020, 1, 7), date(2020, 1, 14)),
        (date(2020, 2, 29), date(2020, 3, 7), date(2020, 3, 14)),
    ],
)
def test_notice_and_charge_days(after: date, notice_on: date, charge_on: date) -> None:
    assert next_notice_on(XHB_2019, after) == notice_on
    assert charge_on_for(XHB_2019, notice_on) == charge_on


def test_a_charge_day_may_lie_in_the_next_month() -> None:
    rules = parsed(changed("charge_days = [14, 28]", "charge_days = [14, 3]"))
    assert charge_on_for(rules, date(2019, 12, 21)) == date(2020, 1, 3)
    assert charge_on_for(rules, date(2020, 2, 21)) == date(2020, 3, 3)


def test_a_day_without_notice_has_no_charge() -> None:
    with pytest.raises(NotANoticeDay, match=r"8 May 2019.*7, 21"):
        charge_on_for(XHB_2019, date(2019, 5, 8))


@pytest.mark.parametrize(
    ("joined_at", "expected"),
    [
        ("2019-05-06T23:59:59.999999+08:00", date(2019, 5, 7)),
        ("2019-05-07T00:00:00+08:00", date(2019, 5, 21)),
        ("2019-05-06T15:59:59+00:00", date(2019, 5, 7)),
        ("2019-05-06T16:00:00+00:00", date(2019, 5, 21)),
        ("2019-12-21T08:00:00+08:00", date(2020, 1, 7)),
    ],
)
def test_first_notice_that_counts_a_member(joined_at: str, expected: date) -> None:
    assert first_notice_after(XHB_2019, datetime.fromisoformat(joined_at)) == expected


@given(after=some_day)
def test_the_next_notice_is_the_nearest_one(after: date) -> None:
    notice_on = next_notice_on(XHB_2019, after)
    between = [after + timedelta(days=n) for n in range(1, (notice_on - after).days)]
    assert notice_on > after
    assert notice_on.day in (7, 21)
    assert not [day for day in between if day.day in (7, 21)]
    assert charge_on_for(XHB_2019, notice_on) == notice_on + timedelta(days=7)


@given(moment=st.datetimes(datetime(2018, 12, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_member_is_counted_by_the_first_midnight_of_notice_after_joining(moment: datetime) -> None:
    notice_on = first_notice_after(XHB_2019, moment)
    assert moment < start_of_day(notice_on, "Asia/Shanghai")
    assert moment >= start_of_day(notice_on - timedelta(days=18), "Asia/Shanghai")


@pytest.mark.parametrize(
    ("part", "code", "is_inside"),
    [
        ("C00-C97", "C00", True),
        ("C00-C97", "C97.9", True),
        ("C00-C97", "D00", False),
        ("C00-C97", "B99.9", False),
        ("N18.5", "N18.5", True),
        ("N18.5", "N18.50", True),
        ("N18.5", "N18", False),
        ("S06.1-S06.9", "S06.0", False),
        ("S06.1-S06.9", "S06.10", True),
        ("I21-I22", "i219", True),
        ("I21-I22", "I2", False),
    ],
)
def test_what_a_range_holds(part: str, code: str, is_inside: bool) -> None:
    assert contains(part, code) is is_inside


@pytest.mark.parametrize("text", ["C9", "C00-", "C97-C00", "C00-C97.1", "c00", "C00–C97", "C00.123", ""])
def test_what_is_no_range(text: str) -> None:
    assert bounds(text) is None
    with pytest.raises(ValueError, match="no ICD-10"):
        contains(text, "C50")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("C00-C97", "C96.0", True), ("I21-I22", "I23", False), ("K72", "K72.1", True), ("K72.0", "K72.1", False)],
)
def test_overlap(one: str, other: str, expected: bool) -> None:
    assert overlap(one, other) is overlap(other, one) is expected


@pytest.mark.parametrize(
    ("typed", "expected"), [("C509", "C50.9"), (" c50.9 ", "C50.9"), ("c50", "C50"), ("S0601", "S06.01"), ("", "")]
)
def test_normalised(typed: str, expected: str) -> None:
    assert normalised(typed) == expected


@pytest.mark.parametrize(
    ("icd10", "condition", "severities", "excluded"),
    [
        ("C50.9", "malignant_tumour", ("mild", "severe"), ()),
        ("C73", "malignant_tumour", ("severe",), ("mild",)),
        ("I63.9", "stroke", ("severe",), ()),
        ("J00", None, (), ()),
    ],
)
def test_a_cover_is_the_condition_less_what_is_excluded(
    icd10: str, condition: str | None, severities: tuple[str, ...], excluded: tuple[str, ...]
) -> None:
    cover = cover_of(XHB_2020, icd10)
    assert (cover.condition.code if cover.condition else None) == condition
    assert cover.severities == severities
    assert tuple(severity for severity, _exclusion in cover.excluded) == excluded
