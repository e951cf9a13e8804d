"""Reading published periods: each field at its limits, each slip in words, plans by their names, versions by days."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from allocation.rules.published import (
    NotAList,
    Replayed,
    RowInvalid,
    RowProblem,
    find_plan,
    plain_amount,
    read_rows,
    replay_row,
    version_on,
)
from members.rules.plans import PlanRules
from tests.members.rules.plan_files import MUTUAL, SENIOR, XHB_2018, XHB_2019, XHB_2020

PLANS = {"xhb": [XHB_2018, XHB_2019, XHB_2020], "xhb-mutual": [MUTUAL], "xhb-senior": [SENIOR]}
GOOD = {"plan": "xhb", "on": "2019-06-07", "members": 1000, "aided": [{"amount": 300_000, "count": 2}], "surplus": 0}
SHANGHAI = ZoneInfo("Asia/Shanghai")


def replayed(**changes: Any) -> Replayed:
    return replay_row(3, GOOD | changes, PLANS)


def problems(row: Any) -> list[tuple[str, str]]:
    with pytest.raises(RowInvalid) as refused:
        replay_row(3, row, PLANS)
    assert {one.row for one in refused.value.problems} == {3}
    return [(one.field, one.problem) for one in refused.value.problems]


def problem(field: str, value: Any) -> RowProblem:
    with pytest.raises(RowInvalid) as refused:
        replayed(**{field: value})
    (one,) = refused.value.problems
    return one


def test_a_row_is_computed_with_the_rules_of_its_day() -> None:
    found = replayed()

    assert (found.row, found.on, found.rules) == (3, "2019-06-07", XHB_2019)
    assert found.allocation.aid_minor == 60_000_000
    assert found.allocation.aided == 2
    assert found.allocation.fee_minor == 4_800_000
    assert found.waiting_aid_minor == 0


def test_what_a_member_pays_stops_at_the_cap_of_the_year() -> None:
    assert replayed(members=10_000_000, aided=[{"amount": 300_000, "count": 1}]).per_member_minor == 4
    assert replayed(members=1, aided=[{"amount": 300_000, "count": 1953}]).per_member_minor == 18_800
    assert replayed(members=10, aided=[]).per_member_minor == 0


def test_with_nobody_to_share_the_aid_waits() -> None:
    found = replayed(members=0, aided=[{"amount": 300_000, "count": 2}, {"amount": "0.50", "count": 3}])

    assert found.waiting_aid_minor == 60_000_150
    assert found.per_member_minor == 0
    assert found.notes == ("no members: the claims wait for the next notice",)


@pytest.mark.parametrize(
    ("value", "members"),
    [
        (0, 0),
        (1, 1),
        ("0", 0),
        (" 1,000 ", 1000),
        ("3,876,000", 3_876_000),
        (Decimal("1000.0"), 1000),
        (Decimal("1e3"), 1000),
        ("999999999999999", 999_999_999_999_999),
        (999_999_999_999_999, 999_999_999_999_999),
    ],
)
def test_a_count(value: Any, members: int) -> None:
    assert replayed(members=value, aided=[]).allocation.members == members


@pytest.mark.parametrize(
    "value",
    [-1, Decimal("1.5"), "1,00", "1000,", ",100", "1.0", "-1", "", "x", True, False, None, [], {}, 10**15, "1" * 16],
)
def test_what_is_no_count(value: Any) -> None:
    one = problem("members", value)

    assert one.field == "members"
    assert one.allowed == "a whole number of 0 or more, such as 3876000"


@pytest.mark.parametrize(
    ("value", "minor"),
    [
        (0, 0),
        (None, 0),
        (1, 100),
        (Decimal("0.01"), 1),
        (Decimal("1.10"), 110),
        ("0.5", 50),
        ("300,000.50", 30_000_050),
        ("9999999999999.99", 999_999_999_999_999),
    ],
)
def test_a_surplus(value: Any, minor: int) -> None:
    assert replayed(members=1, aided=[], surplus=value).allocation.surplus_in_minor == minor


@pytest.mark.parametrize("value", [-1, Decimal("0.001"), "0.001", "-1", "x", "", True, [], "1,00.00", 10**15])
def test_what_is_no_surplus(value: Any) -> None:
    allowed = 'an amount of 0.00 or more with at most 2 decimal places, such as 300000 or "300,000.50"'

    assert problem("surplus", value).allowed == allowed


@pytest.mark.parametrize(
    ("group", "field"),
    [
        ({"amount": 0, "count": 1}, "aided[1].amount"),
        ({"amount": "0.00", "count": 1}, "aided[1].amount"),
        ({"amount": None, "count": 1}, "aided[1].amount"),
        ({"amount": 1, "count": -1}, "aided[1].count"),
        ({"amount": 1, "count": None}, "aided[1].count"),
    ],
)
def test_a_group_of_claims_has_an_amount_and_a_count(group: dict[str, Any], field: str) -> None:
    assert problem("aided", [group]).field == field


def test_the_least_aid_is_one_unit() -> None:
    assert replayed(aided=[{"amount": Decimal("0.01"), "count": 1}]).allocation.aid_minor == 1
    assert problem("aided", [{"amount": 0, "count": 1}]).allowed.startswith("an amount of 0.01 or more")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ([], [("-", "the row is not an object")]),
        ("x", [("-", "the row is not an object")]),
        (
            {},
            [("plan", "is missing"), ("on", "is missing"), ("members", "is missing"), ("aided", "is missing")],
        ),
        (GOOD | {"aided": {}}, [("aided", "an object or a list is not allowed here")]),
        (GOOD | {"aided": None}, [("aided", "“null” is not allowed")]),
        (GOOD | {"aided": "x" * 50}, [("aided", f"“{'x' * 40}” is not allowed")]),
        (GOOD | {"aided": [1, {"amount": 1}]}, [("aided[1]", "is not an object"), ("aided[2].count", "is missing")]),
        (GOOD | {"members": True}, [("members", "“true” is not allowed")]),
        (GOOD | {"plan": " "}, [("plan", "is not the code or the name of a plan")]),
        (GOOD | {"plan": 7}, [("plan", "is not the code or the name of a plan")]),
        (GOOD | {"plan": "bhx"}, [("plan", "there is no plan “bhx”")]),
        (GOOD | {"plan": "x" * 50}, [("plan", f"there is no plan “{'x' * 40}”")]),
        (GOOD | {"plan": "bhx", "on": "never"}, [("plan", "there is no plan “bhx”"), ("on", "“never” is not a day")]),
        (GOOD | {"on": 2019}, [("on", "“int” is not a day")]),
        (GOOD | {"on": "2" * 50}, [("on", f"“{'2' * 40}” is not a day")]),
    ],
)
def test_every_slip_of_a_row_is_named(row: Any, expected: list[tuple[str, str]]) -> None:
    assert problems(row) == expected


def test_a_problem_reads_as_one_line() -> None:
    with pytest.raises(RowInvalid) as refused:
        replay_row(2, GOOD | {"members": -1, "surplus": -1}, PLANS)

    first, second = str(refused.value).split("; ")
    assert first == (
        "Row 2, field “members”: “-1” is not allowed. Allowed: a whole number of 0 or more, such as 3876000."
    )
    assert second.startswith("Row 2, field “surplus”: ")


def test_names_that_mean_nothing_are_told_and_names_given_twice_refused() -> None:
    assert replayed(note="x", source="y").notes[0] == "not used: note, source"
    assert replayed(note="x", aided=[{"amount": 1, "count": 1, "who": 2}]).notes[:2] == (
        "not used: note",
        "not used: aided[1].who",
    )
    (row,) = read_rows(b'[{"plan":"xhb","plan":"xhb","on":"2019-06-07","members":1,"aided":[{"count":1,"count":1}]}]')

    assert problems(row) == [
        ("plan", "is given twice"),
        ("aided[1].count", "is given twice"),
        ("aided[1].amount", "is missing"),
    ]


@pytest.mark.parametrize(
    ("members", "count", "notes"),
    [
        (3_240_000, 1, []),
        (3_239_999, 1, ["the cap of 0.10 per case and member is reached: the sponsor bears 0.10"]),
        (3_240_000, 1880, []),
        (3_240_000, 1881, ["no member pays more than 188.00 in the calendar year: the sponsor bears 324,000.00"]),
    ],
)
def test_a_cap_is_told_where_it_takes_something_off(members: int, count: int, notes: list[str]) -> None:
    assert list(replayed(members=members, aided=[{"amount": 300_000, "count": count}]).notes) == notes


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xff[]", "not UTF-8 text (byte 0)"),
        (b"[1,]", "not valid JSON: line 1, column"),
        (b"[\n1 2]", "not valid JSON: line 2, column 3"),
        (b"[NaN]", "not valid JSON: NaN is not a number"),
        (b"[Infinity]", "not valid JSON: Infinity is not a number"),
        (b"{}", "not a list of periods: the file must start with [ and contain one object for each period"),
        (b"7", "not a list of periods"),
        (b"[" * 100_000, "not valid JSON: nested too deeply"),
        (b"[" + b"1" * 5000 + b"]", "not valid JSON: "),
    ],
)
def test_what_is_no_list_of_periods(content: bytes, problem: str) -> None:
    with pytest.raises(NotAList, match=re.escape(problem)):
        read_rows(content)


def test_a_list_is_read_exactly() -> None:
    assert read_rows('\ufeff[0.1, 1e2, 3, "相互宝"]'.encode()) == [Decimal("0.1"), Decimal("1E+2"), 3, "相互宝"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("xhb", "xhb"),
        ("XHB", "xhb"),
        ("相互宝", "xhb"),
        ("相互保", "xhb-mutual"),
        ("老年版", "xhb-senior"),
        ("Xiang Hu Bao", "xhb"),
        ("xhb senior", "xhb-senior"),
    ],
)
def test_a_plan_by_code_title_or_a_part_that_only_it_has(name: str, code: str) -> None:
    assert find_plan(name, PLANS) is PLANS[code]


@pytest.mark.parametrize(
    ("name", "told"), [("相互", "“相互” matches several plans"), ("宝", "there is no plan “宝”"), ("?", "no plan “?”")]
)
def test_a_name_that_means_no_plan_or_several(name: str, told: str) -> None:
    one = problem("plan", name)

    assert told in one.problem
    assert one.allowed.startswith(f"xhb ({XHB_2020.title.zh}), xhb-mutual (")


@pytest.mark.parametrize(
    ("on", "rules", "note"),
    [
        ("2018-12-31", XHB_2018, ""),
        ("2018-12", XHB_2018, ""),
        ("2019-01-01", XHB_2019, ""),
        ("2019-12-31", XHB_2019, ""),
        ("2019-12", XHB_2019, ""),
        ("2020-01", XHB_2020, ""),
        (" 2020-01-01 ", XHB_2020, ""),
        ("2019-12-31T23:59:59", XHB_2019, ""),
        ("2020-01-01T00:00", XHB_2020, ""),
        ("2019-12-31T16:00:00Z", XHB_2020, ""),
        ("2018-11-27", XHB_2018, "the plan's first rules start at 2018-11-27 12:00 and were used"),
        ("2018-11", XHB_2018, "the plan's first rules start at 2018-11-27 12:00 and were used"),
        ("2018-11-27T12:00", XHB_2018, ""),
    ],
)
def test_the_version_of_a_day_a_month_or_a_moment(on: str, rules: PlanRules, note: str) -> None:
    assert version_on(on, [XHB_2020, XHB_2018, XHB_2019]) == (rules, note)


def test_a_version_that_starts_within_the_month_is_told() -> None:
    midway = replace(XHB_2020, version="mid", starts_at=datetime(2020, 1, 1, 12, tzinfo=SHANGHAI))

    rules, note = version_on("2020-01", [XHB_2018, midway])

    assert rules is XHB_2018
    assert note == "the rules in force at the start were used; version mid starts at 2020-01-01 12:00"


@pytest.mark.parametrize("on", ["2018-11-26", "2018-10", "2018-11-27T11:59:59"])
def test_before_the_first_version_there_are_no_rules(on: str) -> None:
    one = problem("on", on)

    assert one.problem == f"plan xhb had no rules yet on {on}"
    assert one.allowed == "from 2018-11-27 12:00 on"


@pytest.mark.parametrize(
    "on", ["2019-02-29", "2019-13", "2019-00", "2019-1-1", "19-01-01", "2019-01-01T25:00", "", "x"]
)
def test_what_is_no_day(on: str) -> None:
    one = problem("on", on)

    assert one.problem == f"“{on}” is not a day"
    assert one.allowed == "a day YYYY-MM-DD, a month YYYY-MM, or a moment YYYY-MM-DDThh:mm"


def test_an_amount_in_digits_alone() -> None:
    assert plain_amount(30_000_050, XHB_2019) == "300,000.50"
    assert plain_amount(0, XHB_2019) == "0.00"
