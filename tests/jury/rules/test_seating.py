"""Seating along the walk: skips, limits, strata, households, replacements."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jury.rules.draw import walk
from jury.rules.seating import PanelDraw, Step, StepOutcome, Strata, reason_commitment, seat_panel

SEATED, VACANT, CONFLICT = StepOutcome.SEATED, StepOutcome.VACANT, StepOutcome.CONFLICT
FULL, HOUSEHOLD = StepOutcome.STRATUM_FULL, StepOutcome.HOUSEHOLD


def free(number: int) -> StepOutcome | None:
    return None


def seat(numbers, status_of=free, *, seats=3, quorum=2, lookup_limit=100, **more):
    return seat_panel(iter(numbers), status_of, seats=seats, quorum=quorum, lookup_limit=lookup_limit, **more)


def outcomes(panel: PanelDraw) -> list[tuple[int, StepOutcome]]:
    return [(step.number, step.outcome) for step in panel.steps]


def test_the_first_numbers_sit_when_nothing_speaks_against_them():
    panel = seat([9, 4, 7, 1])
    assert panel.seated == (9, 4, 7)
    assert [step.position for step in panel.steps] == [1, 2, 3]
    assert panel.is_full
    assert not panel.is_exhausted


@pytest.mark.parametrize("reason", [reason for reason in StepOutcome if reason is not SEATED])
def test_a_number_with_a_reason_is_skipped_and_the_reason_kept(reason):
    panel = seat([9, 4, 7, 1], {9: None, 4: reason, 7: None, 1: None})
    assert outcomes(panel) == [(9, SEATED), (4, reason), (7, SEATED), (1, SEATED)]
    assert panel.totals() == {SEATED: 3, reason: 1}


def test_a_number_that_a_mapping_does_not_name_is_vacant():
    assert outcomes(seat([5, 6, 7, 8], {6: None, 7: None, 8: None}))[0] == (5, VACANT)


def test_a_status_cannot_seat_anybody():
    with pytest.raises(ValueError, match="before the walk"):
        seat([5], {5: SEATED})


@pytest.mark.parametrize(("pool", "can_sit"), [([1], False), ([1, 2], True)])
def test_an_exhausted_pool_sits_if_the_quorum_can_be_reached(pool, can_sit):
    panel = seat(pool, seats=3, quorum=2)
    assert panel.is_exhausted
    assert not panel.is_full
    assert panel.can_sit is can_sit


@pytest.mark.parametrize(("limit", "seated"), [(3, (1, 3)), (4, (1, 3, 4))])
def test_no_number_is_looked_up_beyond_the_committed_limit(limit, seated):
    numbers = iter([1, 2, 3, 4, 5])
    panel = seat_panel(numbers, {1: None, 3: None, 4: None, 5: None}, seats=3, quorum=1, lookup_limit=limit)
    assert panel.seated == seated
    assert panel.looked_up == limit
    assert list(numbers) == [1, 2, 3, 4, 5][limit:]
    assert panel.is_exhausted is (limit == 3)


def test_a_second_member_of_a_seated_household_is_skipped():
    homes = {1: "a", 2: "a", 3: None, 4: None, 5: "b"}
    panel = seat([1, 2, 3, 4, 5], seats=4, household_of=homes.get)
    assert outcomes(panel) == [(1, SEATED), (2, HOUSEHOLD), (3, SEATED), (4, SEATED), (5, SEATED)]


def test_a_skipped_member_does_not_block_the_household():
    panel = seat([1, 2], {1: CONFLICT, 2: None}, seats=1, quorum=1, household_of=lambda number: "a")
    assert panel.seated == (2,)


def parity(number: int) -> str:
    return "even" if number % 2 == 0 else "odd"


def test_a_full_stratum_is_skipped_until_the_limit_and_free_after_it():
    strata = Strata((("even", 1), ("odd", 2)), limit=4)
    panel = seat([2, 4, 1, 6, 8, 3], seats=4, strata=strata, stratum_of=parity)
    assert outcomes(panel) == [(2, SEATED), (4, FULL), (1, SEATED), (6, FULL), (8, SEATED), (3, SEATED)]


def test_a_stratum_without_a_maximum_is_never_full():
    panel = seat([1, 3, 5, 2], seats=4, strata=Strata((("even", 1),), limit=9), stratum_of=parity)
    assert panel.seated == (1, 3, 5, 2)


def test_a_stratum_of_zero_seats_nobody_within_the_limit():
    panel = seat([2, 1], seats=1, quorum=1, strata=Strata((("even", 0),), limit=9), stratum_of=parity)
    assert outcomes(panel) == [(2, FULL), (1, SEATED)]


def test_no_seat_stays_empty_for_a_full_stratum_when_the_pool_ends():
    strata = Strata((("even", 1),), limit=50)
    panel = seat([2, 4, 6, 1], seats=3, strata=strata, stratum_of=parity)
    assert outcomes(panel) == [(2, SEATED), (4, FULL), (6, FULL), (1, SEATED), (4, SEATED)]
    assert [step.position for step in panel.steps] == [1, 2, 3, 4, 5]
    assert panel.is_full
    assert panel.is_exhausted


def test_filling_freely_still_keeps_one_seat_for_a_household():
    panel = seat(
        [2, 4, 6],
        seats=3,
        strata=Strata((("even", 1),), limit=50),
        stratum_of=parity,
        household_of={2: "a", 4: "b", 6: "b"}.get,
    )
    assert panel.seated == (2, 4)


def test_a_replacement_is_the_next_number_of_the_walk():
    first = seat([5, 3, 8, 1, 9], {5: None, 3: None, 8: None, 1: CONFLICT, 9: None})
    then = seat([5, 3, 8, 1, 9], {5: None, 3: None, 8: None, 1: CONFLICT, 9: None}, earlier=first, vacated=[3])
    assert then.seated == (5, 8, 9)
    assert then.steps[:3] == first.steps
    assert outcomes(then)[3:] == [(1, CONFLICT), (9, SEATED)]
    assert then.vacated == (3,)


def test_who_left_never_comes_back_and_leavers_add_up():
    numbers = [1, 2, 3, 4, 5]
    first = seat(numbers)
    second = seat(numbers, earlier=first, vacated=[1])
    third = seat(numbers, earlier=second, vacated=[4, 2])
    assert third.vacated == (1, 2, 4)
    assert third.seated == (3, 5)
    assert third.is_exhausted


def test_a_vacated_seat_frees_its_household_and_its_stratum():
    numbers, homes = [2, 1, 3, 4], {2: "a", 4: "a"}
    strata = Strata((("even", 1),), limit=9)
    first = seat(numbers, strata=strata, stratum_of=parity, household_of=homes.get)
    then = seat(numbers, strata=strata, stratum_of=parity, household_of=homes.get, earlier=first, vacated=[2])
    assert then.seated == (1, 3, 4)


def test_replacements_after_a_free_filling_take_those_still_waiting():
    numbers, strata = [2, 4, 6], Strata((("even", 1),), limit=9)
    first = seat(numbers, seats=2, strata=strata, stratum_of=parity)
    assert first.seated == (2, 4)
    then = seat(numbers, seats=2, strata=strata, stratum_of=parity, earlier=first, vacated=[2])
    assert then.seated == (4, 6)
    assert outcomes(then) == [(2, SEATED), (4, FULL), (6, FULL), (4, SEATED), (6, SEATED)]


@given(st.integers(1, 60), st.integers(1, 9), st.sets(st.integers(1, 60)), st.data())
def test_continuing_equals_having_skipped_the_leavers_from_the_start(pool, seats, vacant, data):
    def status(number):
        return VACANT if number in vacant else None

    numbers = list(walk(b"panel", pool, "sha256"))
    first = seat(numbers, status, seats=seats, quorum=1)
    leavers = set(data.draw(st.lists(st.sampled_from(first.seated), unique=True))) if first.seated else set()
    then = seat(numbers, status, seats=seats, quorum=1, earlier=first, vacated=leavers)
    restarted = seat([number for number in numbers if number not in leavers], status, seats=seats, quorum=1)
    assert then.seated == restarted.seated
    assert len(set(then.seated)) == len(then.seated) <= seats
    assert then.is_full or then.is_exhausted


def test_k_look_ups_and_not_the_whole_pool():
    asked: list[int] = []

    def status(number: int) -> StepOutcome | None:
        asked.append(number)
        return None

    panel = seat_panel(walk(b"k", 10**7, "sha256"), status, seats=31, quorum=21, lookup_limit=1000)
    assert asked == list(panel.seated) == list(islice(walk(b"k", 10**7, "sha256"), 31))


@pytest.mark.parametrize(
    "terms",
    [
        {"seats": 3, "quorum": 4},
        {"seats": 3, "quorum": 0},
        {"seats": 0, "quorum": 0},
        {"lookup_limit": 0},
        {"strata": Strata((), 0)},
        {"stratum_of": parity},
        {"vacated": [1]},
    ],
)
def test_impossible_terms_are_refused(terms):
    with pytest.raises(ValueError, match=r"panel"):
        seat([1, 2, 3], **terms)


def test_one_number_cannot_take_two_seats():
    with pytest.raises(ValueError, match="number 4 twice"):
        seat([4, 4, 5])


@pytest.mark.parametrize(
    ("numbers", "changed", "said"),
    [
        ([1, 2, 9, 4], {}, "not the walk"),
        ([1, 2], {}, "not the walk"),
        ([1, 2, 3, 4], {"seats": 4}, "terms"),
        ([1, 2, 3, 4], {"quorum": 3}, "terms"),
        ([1, 2, 3, 4], {"lookup_limit": 99}, "terms"),
        ([1, 2, 3, 4], {"vacated": [4]}, "terms"),
    ],
)
def test_replacements_come_from_the_same_draw_on_the_same_terms(numbers, changed, said):
    first = seat([1, 2, 3, 4])
    with pytest.raises(ValueError, match=said):
        seat(numbers, earlier=first, **{"vacated": [1], **changed})


@pytest.mark.parametrize(("maxima", "limit"), [((("a", -1),), 3), ((("a", 1), ("a", 2)), 3), ((), -1)])
def test_impossible_strata_are_refused(maxima, limit):
    with pytest.raises(ValueError, match=r"[Ss]trat"):
        Strata(maxima, limit)


def test_a_reason_is_committed_without_being_told():
    salt, digest = b"s" * 16, "d" * 64
    known = reason_commitment(salt, digest, Step(4, 17, CONFLICT))
    assert known == reason_commitment(salt, digest, Step(4, 17, CONFLICT))
    others = [
        reason_commitment(b"t" * 16, digest, Step(4, 17, CONFLICT)),
        reason_commitment(salt, "e" * 64, Step(4, 17, CONFLICT)),
        reason_commitment(salt, digest, Step(5, 17, CONFLICT)),
        reason_commitment(salt, digest, Step(4, 18, CONFLICT)),
        reason_commitment(salt, digest, Step(4, 17, HOUSEHOLD)),
    ]
    assert len({known, *others}) == 6


def test_a_salt_that_could_be_guessed_is_refused():
    with pytest.raises(ValueError, match="16 bytes"):
        reason_commitment(b"short", "d" * 64, Step(1, 1, CONFLICT))


def test_a_limit_of_no_look_ups_lets_strata_restrict_nobody():
    strata = Strata((("even", 0),), limit=0)

    assert seat([2, 4, 6], strata=strata, stratum_of=parity).seated == (2, 4, 6)


def test_one_look_up_is_enough_for_one_seat():
    panel = seat([7, 8], seats=1, quorum=1, lookup_limit=1)

    assert (panel.seated, outcomes(panel)) == ((7,), [(7, SEATED)])
