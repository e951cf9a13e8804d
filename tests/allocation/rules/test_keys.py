"""The names under which money moves."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.rules import keys
from allocation.rules.cohorts import CohortKey

NOTICE = dt.date(2026, 3, 7)
PERSON = "6a7c1f0e-93b1-4c1b-8f0e-2f4f6a1f7d11"
COHORT = CohortKey(dt.date(2026, 1, 7), True, 12_345_678_90).code


def test_what_each_key_is_called() -> None:
    share = keys.share_name(plan="xhb", notice_on=NOTICE, person=PERSON)
    # Stored rows keep their keys, and the payment service knows them: a key never changes its form.
    assert share == "xhb:2026-03-07:3f3db42ee9583af1"
    assert keys.collection_key(plan="xhb", notice_on=NOTICE, cohort="2026-01-07.paying.0") == (
        "collection:xhb:2026-03-07:2026-01-07.paying.0"
    )
    assert keys.payout_key(claim="C26-7K3M9Q") == "payout:C26-7K3M9Q"
    assert keys.refund_key(claim="C26-7K3M9Q") == "refund:C26-7K3M9Q"
    assert keys.retry_key(share=share, number=2) == f"arrear:{share}:2"
    assert keys.write_off_key(share=share) == f"write_off:{share}"
    assert keys.member_name(PERSON) == f"member:{PERSON}"


def test_a_key_contains_nothing_by_which_a_person_is_known() -> None:
    assert PERSON[:8] not in keys.share_name(plan="xhb", notice_on=NOTICE, person=PERSON)


@pytest.mark.parametrize("plan", ["x", "x" * 40])
def test_the_longest_key_fits_its_column(plan: str) -> None:
    share = keys.share_name(plan=plan, notice_on=NOTICE, person=PERSON)
    made = [
        keys.collection_key(plan=plan, notice_on=NOTICE, cohort=COHORT),
        keys.payout_key(claim="C" * 20),
        keys.refund_key(claim="C" * 20),
        keys.retry_key(share=share, number=32_767),
        keys.write_off_key(share=share),
    ]
    assert max(map(len, made)) <= keys.LONGEST


THINGS = st.tuples(
    st.text("abc-", min_size=1, max_size=40), st.dates(), st.sampled_from(["a", "b", COHORT]), st.integers(1, 99)
)


@given(st.lists(THINGS, min_size=2, max_size=6, unique=True))
def test_different_things_have_different_keys(things: list[tuple[str, dt.date, str, int]]) -> None:
    """Also where the name is too long and a digest stands for it."""
    made = [
        (
            keys.collection_key(plan=plan, notice_on=day, cohort=f"{cohort}{number}"),
            keys.retry_key(share=keys.share_name(plan=plan, notice_on=day, person=cohort), number=number),
        )
        for plan, day, cohort, number in things
    ]
    for one, other in itertools.combinations(range(len(things)), 2):
        assert not set(made[one]) & set(made[other])
