"""Arrears are netted in order, and refunds are what was really paid."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.rules.arrears import (
    ShareOwed,
    SharePaid,
    aid_after_arrears,
    grace_ends_at,
    is_ill_in_wait,
    net_aid,
    next_try_at,
    refund_inside_wait,
    refund_is_due_from,
    shares_to_net,
)
from members.rules.findings import found
from members.rules.plan_types import Text

ZONE = "Asia/Shanghai"
TEXT = Text("in words", "文字")


def at(day: int, hour: int = 0, month: int = 3) -> dt.datetime:
    return dt.datetime(2024, month, day, hour, tzinfo=ZoneInfo(ZONE))


@pytest.mark.parametrize(
    ("failed_at", "days", "ends_at"),
    [
        (at(14, 9), 14, at(29)),
        (at(14), 14, at(29)),
        (at(15), 14, at(30)),
        (at(20, 23), 14, at(4, month=4)),
        (at(13, 23), 14, at(29)),
        (at(14, 9), 0, at(15)),
    ],
    ids=["on the day", "as it begins", "a day late", "six days late", "played before", "no grace"],
)
def test_the_last_day_of_the_grace_is_still_in_time(failed_at: dt.datetime, days: int, ends_at: dt.datetime) -> None:
    assert grace_ends_at(dt.date(2024, 3, 14), failed_at, days, ZONE) == ends_at


@pytest.mark.parametrize(
    ("tried_at", "next_at"),
    [
        (at(14, 9), at(17, 9)),
        (at(25, 9), at(28, 9)),
        (at(26, 9), at(28, 12)),
        (at(28, 11), at(28, 12)),
        (at(28, 12), None),
        (at(30), None),
    ],
)
def test_a_share_is_asked_for_every_third_day_and_on_the_last(tried_at: dt.datetime, next_at: dt.datetime) -> None:
    assert next_try_at(tried_at, at(29)) == next_at


OWED, OLDER, BORNE = ShareOwed(2, 300), ShareOwed(1, 125), ShareOwed(3, 200, is_written_off=True)


@pytest.mark.parametrize(
    ("aid", "shares", "netted"),
    [
        (1000, [], ()),
        (1000, [OLDER, OWED], (OLDER, OWED)),
        (1000, [BORNE, OLDER, OWED], (OLDER, OWED, BORNE)),
        (625, [BORNE, OLDER, OWED], (OLDER, OWED)),
        (626, [BORNE, OLDER, OWED], (OLDER, OWED, BORNE)),
        (425, [OLDER, OWED], (OLDER,)),
        (125, [OLDER, OWED], ()),
    ],
)
def test_shares_are_netted_whole_and_something_is_paid(
    aid: int, shares: list[ShareOwed], netted: tuple[ShareOwed, ...]
) -> None:
    assert shares_to_net(aid, shares) == netted


@given(st.integers(1, 5000), st.lists(st.tuples(st.integers(1, 900), st.booleans()), max_size=9))
def test_netting_never_takes_the_whole_aid(aid: int, shares: list[tuple[int, bool]]) -> None:
    netted = shares_to_net(aid, [ShareOwed(number, *share) for number, share in enumerate(shares)])
    net = net_aid(aid, netted)
    assert net.paid_minor > 0
    assert net.owed_netted_minor == sum(share.amount_minor for share in netted if not share.is_written_off)
    assert net.written_off_netted_minor == sum(share.amount_minor for share in netted if share.is_written_off)


@pytest.mark.parametrize(
    ("codes", "result", "number", "is_ground"),
    [
        (["waiting_period"], "not_met", 1, True),
        (["not_proved", "waiting_period"], "not_met", 90, True),
        (["not_proved"], "not_met", 1, False),
        (["waiting_period"], "met", 1, False),
        (["waiting_period"], "unknown", 1, False),
        (["waiting_period"], "not_met", 0, False),
    ],
    ids=["first day", "last day", "not given", "an accident", "not known", "before joining"],
)
def test_what_is_an_illness_inside_the_wait(codes: list[str], result: str, number: int, *, is_ground: bool) -> None:
    findings = [found("age", "not_met", TEXT), found("waiting_period", result, TEXT, number=number)]
    assert is_ill_in_wait(codes, findings) is is_ground


def test_without_the_number_of_the_day_nothing_shows_an_illness_inside_the_wait() -> None:
    assert not is_ill_in_wait(["waiting_period"], [found("waiting_period", "not_met", TEXT)])


def test_without_arrears_the_whole_aid_is_paid() -> None:
    assert aid_after_arrears(100).paid_minor == 100


def test_a_rejection_stands_for_thirty_days() -> None:
    assert refund_is_due_from(at(14, 9)) == at(13, 9, month=4)


@pytest.mark.parametrize(
    ("aid", "owed", "written_off", "paid", "owed_netted", "written_off_netted"),
    [
        (1000, 0, 0, 1000, 0, 0),
        (1000, 300, 200, 500, 300, 200),
        (1000, 1000, 200, 0, 1000, 0),
        (1000, 900, 200, 0, 900, 100),
        (1000, 2000, 0, 0, 1000, 0),
        (0, 5, 5, 0, 0, 0),
    ],
)
def test_what_is_still_owed_goes_first_and_nobody_pays_in(
    aid: int, owed: int, written_off: int, paid: int, owed_netted: int, written_off_netted: int
) -> None:
    net = aid_after_arrears(aid, owed, written_off)
    assert (net.paid_minor, net.owed_netted_minor, net.written_off_netted_minor) == (
        paid,
        owed_netted,
        written_off_netted,
    )


@given(*[st.integers(0, 10**9)] * 3)
def test_the_parts_are_the_aid(aid: int, owed: int, written_off: int) -> None:
    net = aid_after_arrears(aid, owed, written_off)
    assert net.paid_minor + net.owed_netted_minor + net.written_off_netted_minor == aid
    assert min(net.paid_minor, net.owed_netted_minor, net.written_off_netted_minor) >= 0


@pytest.mark.parametrize("amounts", [(-1, 0, 0), (0, -1, 0), (0, 0, -1)])
def test_negative_amounts_are_refused(amounts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="negative"):
        aid_after_arrears(*amounts)


def test_a_refund_is_settled_payments_and_never_gifts() -> None:
    shares = [
        SharePaid(125, is_settled=True),
        SharePaid(200, is_settled=False),
        SharePaid(400, is_settled=True, is_gifted=True),
        SharePaid(305, is_settled=True),
    ]
    assert refund_inside_wait(shares) == 430
    assert refund_inside_wait([]) == 0
