"""A clock that is corrected backwards is no error page: order that is certain holds, whatever the clock says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from django.apps import apps
from django.db import models
from django.db.models import CheckConstraint, F, Q
from django.test import Client
from django.urls import reverse

from adjudication.services.advancing import advance_claim
from adjudication.services.eligibility import ON_OPINION
from adjudication.services.holds import lift_hold, place_hold
from audit import clock
from audit.actors import SYSTEM
from jury.models import Ballot, Juror
from jury.services.jurors import lapse_juror
from members.models import Membership
from members.services.memberships import end_line, leave_plan
from tests.adjudication.services.test_answers import answer_of, asked_trial
from tests.adjudication.trials import at_vote, juror_of, vote
from tests.cast import Cast
from tests.moving import move_clock, set_clock
from tests.test_access import TABLE, World, _client_of, _is_let_in, world  # noqa: F401

pytestmark = pytest.mark.django_db

ONE_ACT = "both moments come from one act, or from one reading of the clock"
KEPT_IN_ORDER = {
    "an_answer_has_time": "renew_time takes the later of now and asked_at (below)",
    "grace_follows_the_failure": ONE_ACT,
    "silence_counts_after_a_served_notice": "an answer ends after its service (services/serving.py)",
    "juror_lapses_after_qualifying": "lapse_juror takes the later (below)",
    "an_addendum_extends_the_close": "an addendum that comes after the close is PanelClosed, an error with words",
    "a_look_ends_after_it_begins": ONE_ACT,
    "membership_ends_after_it_begins": "EndsBeforeItBegins is an error with words; leaving takes the later (below)",
    "waits_from_joining_or_before": ONE_ACT,
    "memberships_never_overlap_begin": "joining again before the last end is AlreadyMember, an error with words",
    "past_age_after_the_warning": "reach_age takes the later of now and warned_at",
    "no_cover_ends_before_it_is_confirmed": "confirm_end moves an end that has come by its own moment",
}
"""Constraints that compare two moments, and why a clock that is set back does not break them."""


def comparisons(condition: Q) -> Iterator[tuple[str, str]]:
    """The pairs of columns that a condition compares with each other."""
    for child in condition.children:
        if isinstance(child, Q):
            yield from comparisons(child)
        elif isinstance(child, tuple) and isinstance(child[1], F):
            yield child[0].partition("__")[0], child[1].name


def moments_compared() -> set[str]:
    """The constraints of our models that compare two moments."""
    found = set()
    for model in apps.get_models():
        moments = {field.name for field in model._meta.local_fields if isinstance(field, models.DateTimeField)}
        for one in model._meta.constraints:
            if not isinstance(one, CheckConstraint) or not isinstance(one.condition, Q):
                continue
            if any({left, right} <= moments for left, right in comparisons(one.condition)):
                found.add(one.name)
    return found


def test_every_constraint_on_two_moments_says_how_they_stay_in_order() -> None:
    """A new one fails here until somebody has thought of a clock that goes back."""
    assert moments_compared() == KEPT_IN_ORDER.keys()


def test_a_comparison_is_found_however_deep_it_stands() -> None:
    condition = Q(status="x") | (Q(a=1) & ~Q(left_at__gt=F("joined_at")))
    assert list(comparisons(condition)) == [("left_at", "joined_at")]


@pytest.mark.parametrize("hours", [1, 24 * 14])
def test_a_ballot_is_taken_though_the_clock_is_behind_the_summons(client: Client, hours: int) -> None:
    trial = at_vote()
    seat = trial.seats[0]
    client.force_login(juror_of(seat))
    set_clock(seat.summoned_at - dt.timedelta(hours=hours))
    assert client.get(reverse("seat_detail", args=[seat.pk])).status_code == 200
    given = {"choice": "support", "reason_codes": ["evidence_convincing"], "words": "", "replaces": "0"}
    assert client.post(reverse("ballot_cast", args=[seat.pk]), given).status_code == 200
    assert Ballot.objects.get().cast_at >= seat.summoned_at


def test_a_later_ballot_is_never_older_than_the_one_it_replaces() -> None:
    seat = at_vote().seats[0]
    first = vote(seat)
    set_clock(first.cast_at - dt.timedelta(minutes=7))
    second = vote(seat, "against", replaces=1)
    assert (second.sequence, second.cast_at) == (2, first.cast_at)


def test_a_juror_can_leave_the_pool_before_the_clock_has_come_back() -> None:
    juror = Juror.objects.get(pk=at_vote().seats[0].juror_id)
    set_clock(juror.qualified_at - dt.timedelta(days=1))
    assert lapse_juror(juror_id=juror.pk, by=SYSTEM).lapsed_at == juror.qualified_at


def test_the_time_to_answer_starts_again_at_the_asking_at_the_earliest() -> None:
    trial = asked_trial()
    asked = answer_of(trial)
    place_hold(claim_ref=trial.claim.ref, reason="A letter came back.", by=trial.cast.reviewer)
    set_clock(asked.asked_at - dt.timedelta(days=40))
    lift_hold(claim_ref=trial.claim.ref, by=trial.cast.reviewer)
    assert answer_of(trial).due_at == asked.due_at


@pytest.mark.parametrize(
    "leave",
    [
        lambda cast: leave_plan(membership_id=cast.membership.pk, by=cast.member),
        lambda cast: end_line(membership_id=cast.membership.pk, at=clock.now(), reason="aided", by=SYSTEM),
    ],
    ids=["leaves", "is aided"],
)
def test_a_membership_ends_after_it_began_though_the_clock_says_otherwise(
    cast: Cast, leave: Callable[[Cast], object]
) -> None:
    joined_at = cast.membership.joined_at
    set_clock(joined_at - dt.timedelta(days=2))
    leave(cast)
    assert Membership.objects.get(pk=cast.membership.pk).left_at == joined_at + dt.timedelta(microseconds=1)


def test_the_clauses_are_checked_once_after_an_opinion_and_not_by_every_sweep() -> None:
    trial = at_vote()
    assert trial.vote("aaa") == "second_opinion"
    assert trial.request.closed_at is None
    set_clock(trial.request.due_at)
    # Between the close and the check the clock falls behind, as it would when it is corrected in between.
    before = clock.now()
    advance_claim(claim_id=trial.claim.pk)
    set_clock(before - dt.timedelta(days=1))
    for _sweep in range(3):
        advance_claim(claim_id=trial.claim.pk)
    assert trial.claim.eligibility_checks.filter(occasion=ON_OPINION).count() == 1


def test_no_page_fails_with_a_clock_that_was_set_back(world: World) -> None:  # noqa: F811
    """`_is_let_in` asserts that the status is below 500; who is let in may change with the moment."""
    move_clock(days=-45)
    for role, user in world.users.items():
        client = _client_of(user)
        for name, (allowed, arguments) in TABLE.items():
            if role in allowed:
                _is_let_in(client, reverse(name, kwargs=arguments(world)), is_act=False)
