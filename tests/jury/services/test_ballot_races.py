"""Two at once: real transactions in threads, decided by locks and never by timing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from audit import clock
from audit.actors import SYSTEM
from audit.models import Entry
from audit.services import publish
from jury.errors.ballots import BallotAlreadyCast
from jury.errors.panels import PanelNotDue, PanelNotOpen
from jury.models import Ballot, BallotOpening, Panel, Seat
from jury.services.ballots import CastBallot
from jury.services.jurors import qualify_juror
from jury.services.panels import close_panel, draw_panel, give_nonce
from tests.factories import make_membership, make_person, make_user
from tests.jury.conftest import Court, close, sitting, vote

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def court(transactional_db: None) -> Court:
    from tests.factories import make_plan_version

    version = make_plan_version()
    return Court(version, make_membership(version.plan, make_person("Chen Ill", user=make_user())))


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Start all acts at one barrier; what each returned, or the exception that it raised."""
    barrier = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            results[place] = act()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not any(thread.is_alive() for thread in threads)
    return results


def test_two_ballots_at_once_from_one_seat_count_as_one(court: Court) -> None:
    court.add_jurors(3)
    seat = sitting(court.drawn())[0]
    results = at_once(*[lambda: vote(seat, replaces=0)] * 3)
    assert sum(isinstance(result, CastBallot) for result in results) == 1
    assert sum(isinstance(result, BallotAlreadyCast) for result in results) == 2
    assert Ballot.objects.count() == 1
    assert Entry.objects.filter(kind="ballot.cast").count() == 1


def test_ballots_of_different_seats_at_once_all_count(court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    results = at_once(*[lambda seat=seat: vote(seat) for seat in sitting(panel)])
    assert all(isinstance(result, CastBallot) for result in results), results
    assert close(panel).support_count == 3


def test_a_ballot_against_the_close_is_either_counted_or_refused(court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    seats = sitting(panel)
    for seat in seats[1:]:
        vote(seat)
    cast, _closed = at_once(lambda: vote(seats[0], "against"), lambda: close_panel(panel_id=panel.pk, by=SYSTEM))
    if Panel.objects.get().status == "open":
        close(panel)
    closed = Panel.objects.get()
    assert isinstance(cast, CastBallot)
    assert (closed.support_count, closed.against_count) == (2, 1)


def test_a_replacement_against_the_close_counts_or_is_refused(court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    seats = sitting(panel)
    for seat in seats:
        vote(seat)
    publish()
    cast, closed = at_once(
        lambda: vote(seats[0], "against", replaces=1), lambda: close_panel(panel_id=panel.pk, by=SYSTEM)
    )
    assert isinstance(closed, Panel)
    assert isinstance(cast, CastBallot | PanelNotOpen)
    # A ballot that came first has no checkpoint yet, and the close waits for it.
    stored = close(panel)
    assert stored.against_count == (1 if isinstance(cast, CastBallot) else 0)
    assert Ballot.objects.count() == (4 if isinstance(cast, CastBallot) else 3)


def test_a_close_that_holds_the_panel_refuses_the_ballot_that_waited_for_it(court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    seats = sitting(panel)
    for seat in seats:
        vote(seat)
    publish()
    started = threading.Event()
    result: list[Any] = []

    def cast() -> None:
        started.set()
        try:
            result.append(vote(seats[0], "against", replaces=1))
        except PanelNotOpen as error:
            result.append(error)
        finally:
            connection.close()

    with transaction.atomic():
        close_panel(panel_id=panel.pk, by=SYSTEM)
        thread = threading.Thread(target=cast)
        thread.start()
        started.wait(10)
    thread.join(30)
    assert isinstance(result[0], PanelNotOpen)
    assert (Panel.objects.get().support_count, Ballot.objects.count()) == (3, 3)


def test_two_closes_at_once_count_once(court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    for seat in sitting(panel):
        vote(seat)
    publish()
    results = at_once(*[lambda: close_panel(panel_id=panel.pk, by=SYSTEM)] * 3)
    assert {result.support_count for result in results} == {3}
    assert BallotOpening.objects.count() == 3
    assert Entry.objects.filter(kind="panel.closed").count() == 1


def test_two_draws_at_once_seat_one_panel(court: Court) -> None:
    court.add_jurors(5)
    panel = court.commit()
    give_nonce(panel_id=panel.pk, nonce="7", by=SYSTEM)
    results = at_once(*[lambda: draw_panel(panel_id=panel.pk, by=SYSTEM)] * 3)
    assert all(isinstance(result, Panel) for result in results), results
    assert Seat.objects.count() == 3
    assert Entry.objects.filter(kind="draw.made").count() == 1


def test_commitments_at_once_take_different_links(court: Court) -> None:
    court.add_juror()
    at_once(*[lambda round_=round_: court.commit(round_=round_) for round_ in (1, 2, 3)])
    assert sorted(Panel.objects.values_list("chain_index", flat=True)) == [0, 1, 2]
    assert Entry.objects.filter(kind="draw.chain_anchored").count() == 2


def test_members_qualifying_at_once_get_different_numbers(court: Court) -> None:

    people = [make_person(user=make_user()) for _ in range(3)]
    memberships = [make_membership(court.plan, person) for person in people]
    now = clock.now()
    results = at_once(
        *[lambda one=one: qualify_juror(membership=one, exam_passed_at=now, by=one.person.user) for one in memberships]
    )
    assert sorted(juror.number for juror in results) == [1, 2, 3]


def test_a_close_that_comes_too_early_says_so_whatever_else_happens(court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    seats = sitting(panel)
    cast, closed = at_once(lambda: vote(seats[0]), lambda: close_panel(panel_id=panel.pk, by=SYSTEM))
    assert isinstance(cast, CastBallot)
    assert isinstance(closed, PanelNotDue)
