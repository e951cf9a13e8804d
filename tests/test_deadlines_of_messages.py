"""A message whose act is done says so: no deadline runs for what nobody waits for any more."""

from __future__ import annotations

from typing import Any

import pytest

from audit import clock
from audit.message_kinds import AskedState, Question
from audit.rooms import all_asked, message_kinds
from jury.models import Seat
from members.models import Message
from members.selectors.inbox import InboxItem, item_of
from tests.adjudication.services.test_answers import asked_trial, say
from tests.adjudication.trials import at_vote, vote

pytestmark = pytest.mark.django_db
ROOMS = ("members.", "jury.", "adjudication.", "allocation.")
WITHOUT_ACT: dict[str, str] = {}
"""Kinds with a deadline that ask for no act of their reader, and why."""


def kinds_with_a_deadline() -> dict[str, Any]:
    return {name: kind for name, kind in message_kinds().items() if kind.due and name.startswith(ROOMS)}


def test_every_kind_with_a_deadline_says_what_it_asks_for() -> None:
    found = kinds_with_a_deadline()
    assert len(found) > 10
    assert {name for name, kind in found.items() if not kind.asks} == WITHOUT_ACT.keys()
    assert {kind.asks for kind in message_kinds().values() if kind.asks} == all_asked().keys()
    assert not [name for name, kind in message_kinds().items() if kind.asks and not kind.due]


@pytest.mark.parametrize("name", sorted(kinds_with_a_deadline()))
def test_what_is_gone_is_over_and_no_fault(name: str) -> None:
    """References to nothing, as after a demonstration was filled again."""
    kind, now = message_kinds()[name], clock.now()
    values = {"number": 0, "reference": "C26-NOBODY", "plan": "nowhere", "moment": now.isoformat(), "day": "2020-01-07"}
    params: dict[str, Any] = {one: values[what.value] for one, what in kind.params.items()}
    questions = [Question(params, now)] * 2
    assert [one.state for one in all_asked()[kind.asks](questions)] == [AskedState.OVER] * 2


def shown(message: Message) -> InboxItem:
    assert message.to_user is not None
    item = item_of(message.to_user, f"m/{message.public_id}")
    assert item is not None
    return item


def test_a_summons_is_done_once_the_ballot_is_cast() -> None:
    trial = at_vote()
    seats = list(Seat.objects.filter(panel=trial.panel).select_related("juror__person")[:2])
    first, second = (_summons(seat) for seat in seats)
    assert shown(first).due_at == trial.panel.closes_at
    vote(seats[0])
    assert (shown(first).is_done, shown(first).due_at) == (True, None)
    assert (shown(second).is_done, shown(second).due_at) == (False, trial.panel.closes_at)


def test_an_answer_is_done_once_it_is_given_and_on_hold_no_time_runs() -> None:
    trial = asked_trial()
    message = Message.objects.get(kind="adjudication.answer_asked")
    assert shown(message).due_at == message.due_at
    say(trial, "accepted")
    assert shown(message).is_done


def _summons(seat: Seat) -> Message:
    return Message.objects.get(kind="jury.summoned", params__seat=seat.pk)
