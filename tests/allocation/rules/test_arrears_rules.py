"""Arrears are netted in order, and refunds are what was really paid."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.rules.arrears import SharePaid, aid_after_arrears, refund_inside_wait


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
