"""The rows of an import, each by itself: every column, and the joining rules with their boundary days."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.imports.checking import Checker, Draft
from members.imports.columns import COLUMNS, Wrong, allowed_in, moment_of
from members.imports.reading import Row
from members.rules.plans import first_notice_after, parse_plan
from tests.factories import SHANGHAI, plan_file
from tests.members.imports.making import GOOD, problems, row, terms


def draft(**texts: str) -> Draft:
    made, refusals = Checker(terms()).check(row(**texts))
    assert not refusals
    assert made is not None
    return made


def test_a_good_row_becomes_what_it_says() -> None:
    made = draft(name="  Wang   Xiaoming ", gifted="Yes", carried_minor="188", payer_external_id="M0")

    assert made.name == "Wang Xiaoming"
    assert made.born_on == dt.date(1985, 5, 17)
    assert made.joined_at == dt.datetime(2024, 3, 1, tzinfo=SHANGHAI)
    assert (made.is_gifted, made.carried_minor, made.payer_external_id) == (True, 188, "M0")
    assert made.first_notice_on == dt.date(2024, 3, 7)


def test_a_gift_that_the_sponsor_does_not_give_is_refused() -> None:
    source = plan_file("xhb-2020-01-01").replace('"gifts", ', "")
    given = replace(terms(), versions=(("2020-01-01", source),))
    made, [refusal] = Checker(given).check(row(gifted="yes"))

    assert made is None
    assert (refusal.column, refusal.wrong) == (
        "gifted",
        "is not given by the sponsor of the plan in version 2020-01-01",
    )
    assert Checker(given).check(row(gifted="no"))[1] == []


def test_what_may_be_left_out() -> None:
    nothing = dict.fromkeys(set(GOOD) - {"external_id", "name", "born_on", "joined_at"}, "")
    made = draft(**nothing)

    assert (made.sex, made.is_gifted, made.carried_minor, made.left_at) == ("unknown", False, 0, None)


@pytest.mark.parametrize("column", ["external_id", "name", "born_on", "joined_at"])
def test_what_may_not(column: str) -> None:
    assert problems(**{column: " "}).keys() == {column}


@pytest.mark.parametrize(
    ("column", "text", "wrong"),
    [
        ("external_id", "x" * 121, "too long"),
        ("external_id", "a\tb", "can't be printed"),
        ("name", "a\0b", "zero character"),
        ("born_on", "17.5.1985", "begin with the year"),
        ("born_on", "1985-02-30", "not a day"),
        ("born_on", "31184", "counts days"),
        ("born_on", "1896-10-31", "nobody alive"),
        ("born_on", "2026-11-23", "nobody alive"),
        ("sex", "m", "none of these"),
        ("payer_external_id", "M1", "itself"),
        ("joined_at", "yesterday", "neither"),
        ("joined_at", "2018-12-31", "before the first version"),
        ("joined_at", "2026-11-23", "future"),
        ("joined_at", "0001-01-01T00:00:00+08:00", "calendar"),
        ("gifted", "maybe", "none of these"),
        ("carried_minor", "1.5", "not such a number"),
        ("carried_minor", "-1", "not such a number"),
        ("carried_minor", "٣", "not such a number"),
        ("carried_minor", "9" * 16, "not such a number"),
        ("end_reason", "left", "without left_at"),
        ("end_reason", "bored", "none of these"),
    ],
)
def test_a_bad_value_is_told_with_its_column(column: str, text: str, wrong: str) -> None:
    found = problems(**{column: text})

    assert found.keys() == {column}
    assert wrong in found[column]


def test_everything_wrong_with_a_row_is_told_at_once() -> None:
    assert problems(born_on="?", sex="?", joined_at="?", gifted="?").keys() == {"born_on", "sex", "joined_at", "gifted"}


@pytest.mark.parametrize(
    ("left_at", "reason", "wrong"),
    [
        ("2024-03-01", "left", "left_at"),
        ("2024-02-29", "left", "left_at"),
        ("2026-11-23", "left", "left_at"),
        ("2024-03-02", "", "end_reason"),
        ("2024-03-02", "left", None),
    ],
)
def test_a_membership_ends_after_it_begins_and_says_why(left_at: str, reason: str, wrong: str | None) -> None:
    assert set(problems(left_at=left_at, end_reason=reason)) == ({wrong} if wrong else set())


@pytest.mark.parametrize(
    ("born_on", "joined_at", "wrong"),
    [
        ("2024-01-31", "2024-03-01", None),  # the 30th day
        ("2024-02-01", "2024-03-01", "younger than the 30 days"),
        ("1964-03-02", "2024-03-01", None),  # 59 on the day before the 60th birthday
        ("1964-03-01", "2024-03-01", "older than the 59 completed years"),
        ("1964-02-29", "2024-02-29", "older than the 59 completed years"),
        ("1964-03-01", "2024-02-29T23:59:59+08:00", None),
        ("1964-03-01", "2024-02-29T16:00:00Z", "older than the 59 completed years"),  # already 1 March in the plan
        ("2024-03-02", "2024-03-01", "after the day of joining"),
    ],
)
def test_the_age_is_judged_on_the_day_of_joining_in_the_plan_s_time(
    born_on: str, joined_at: str, wrong: str | None
) -> None:
    found = problems(born_on=born_on, joined_at=joined_at)

    assert (wrong is None) == (not found)
    assert wrong is None or wrong in found["born_on"]


def test_the_version_in_force_at_joining_judges() -> None:
    """The plan for the old takes people from 60 completed years on."""
    senior = Checker(terms("xhb-senior-2019-05-01"))
    _none, refusals = senior.check(row(born_on="1964-03-02"))

    assert senior.check(row(born_on="1964-03-01"))[0] is not None
    assert "younger than the 60 completed years that version 2019-05-01 allows" in refusals[0].wrong


@pytest.mark.parametrize(
    ("joined_at", "first"),
    [
        ("2024-03-06", dt.date(2024, 3, 7)),
        ("2024-03-06T23:59:59", dt.date(2024, 3, 7)),
        ("2024-03-07", dt.date(2024, 3, 21)),
        ("2024-03-21T00:00:00", dt.date(2024, 4, 7)),
        ("2024-03-06T16:00:00+00:00", dt.date(2024, 3, 21)),
    ],
)
def test_the_first_notice_that_counts_them(joined_at: str, first: dt.date) -> None:
    assert draft(joined_at=joined_at).first_notice_on == first


@given(st.integers(0, 6 * 365 * 86_400))
def test_the_first_notice_is_that_of_the_joining_rules(seconds: int) -> None:
    joined_at = dt.datetime(2020, 1, 1, tzinfo=SHANGHAI) + dt.timedelta(seconds=seconds)
    rules = parse_plan(plan_file("xhb-2020-01-01"), "xhb")

    assert draft(joined_at=joined_at.isoformat()).first_notice_on == first_notice_after(rules, joined_at)


def test_a_local_time_that_the_clocks_show_twice_or_never_is_refused() -> None:
    berlin = ZoneInfo("Europe/Berlin")

    assert moment_of("2024-07-01T12:00:00", berlin) == dt.datetime(2024, 7, 1, 10, tzinfo=dt.UTC)
    for text in ("2024-10-27T02:30:00", "2024-03-31T02:30:00"):
        with pytest.raises(Wrong, match="no one moment"):
            moment_of(text, berlin)
    assert moment_of("2024-10-27T02:30:00+01:00", berlin) == dt.datetime(2024, 10, 27, 1, 30, tzinfo=dt.UTC)


def test_a_row_that_could_not_be_read_keeps_its_reason() -> None:
    checker = Checker(terms())
    _none, refusals = checker.check(Row(9, wrong="is no CSV"))

    assert [(one.row, one.column, one.wrong) for one in refusals] == [(9, "-", "is no CSV")]
    assert checker.key_of(Row(9, wrong="is no CSV")) == ""
    assert checker.key_of(row(external_id="x" * 121)) == ""
    assert checker.key_of(row(born_on="?")) == "M1"


def test_every_column_says_what_it_allows() -> None:
    assert set(allowed_in(["male"], ["left"])) == {*COLUMNS, "-"}


def test_no_refusal_tells_a_value() -> None:
    """The report may be passed on; what stood in the file stays there."""
    secret = "Zz9-secret"
    for column in COLUMNS:
        _draft, refusals = Checker(terms()).check(row(**{column: f"{secret}\0"}))
        assert refusals, column
        assert not any(secret in one.wrong + one.allowed for one in refusals)
