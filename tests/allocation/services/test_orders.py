"""The payment protocol alone: what is asked, ordered, confirmed, noted and escalated, whatever is paid."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction
from pytest_django.fixtures import Settings

from allocation.gateways import Answer, GatewayUnreachable
from allocation.models import Asked, PaymentAttempt, PaymentService
from allocation.models.asking import EXCHANGED
from allocation.services.orders import ASKED, NO_ANSWER, ORDERED, Order, Payments, fulfil
from audit import clock
from tests.moving import set_clock

pytestmark = pytest.mark.django_db(transaction=True)

HERE = "tests.allocation.services.test_orders."


class Script:
    """A payment service that answers what the test has written down, and keeps what it was told."""

    answers: list[Answer | None]
    told: list[tuple[str, str]]

    def query(self, *, key: str, amount_minor: int) -> Answer:
        return self._next("query", key)

    def order(self, *, key: str, amount_minor: int) -> Answer:
        return self._next("order", key)

    def debit(self, *, key: str, member: str, amount_minor: int) -> Answer:
        return self._next(f"debit {member}", key)

    def _next(self, act: str, key: str) -> Answer:
        type(self).told.append((act, key))
        answer = type(self).answers.pop(0)
        if answer is None:
            raise GatewayUnreachable
        return answer


class Row:
    """A payment with its next moment and its silence, which is in no table, and what the protocol did to it."""

    take_up, note_silence, note_answer = Asked.take_up, Asked.note_silence, Asked.note_answer

    def __init__(self, *, is_awaited: bool = True, unanswered_for: dt.timedelta | None = None) -> None:
        self.key, self.is_awaited, self.done = "k", is_awaited, list[str]()
        self.unanswered = 0 if unanswered_for is None else 3
        self.unanswered_since = None if unanswered_for is None else clock.now() - unanswered_for
        self.next_attempt_at: dt.datetime | None = None
        self.escalated_at: dt.datetime | None = None

    def save(self, *, update_fields: list[str]) -> None:
        assert set(update_fields) == {*EXCHANGED, "status"}
        self.done.append("saved")


def play(
    settings: Settings, found: Row, answers: list[Answer | None], order: Order | None, **options: bool
) -> tuple[list[tuple[str, str]], list[str]]:
    settings.PAYMENT_GATEWAY = HERE + "Script"
    Script.answers, Script.told = list(answers), []
    kind: Payments[Row] = Payments(  # type: ignore[type-var]
        name="things",
        lock=lambda _pk: found,
        is_open=lambda one: one.is_awaited,
        confirm=lambda one: one.done.append("confirmed"),
        refuse=lambda one: one.done.append("refused"),
        escalate=lambda one: one.done.append("escalated"),
    )
    fulfil(kind=kind, begin=lambda: order, **options)
    return Script.told, found.done


NEW = Order(pk=1, key="k", amount_minor=5)
SENT = Order(pk=1, key="k", amount_minor=5, is_asked_first=True)


@pytest.mark.parametrize(
    ("order", "answers", "told", "done", "noted"),
    [
        (None, [], [], [], []),
        (NEW, [Answer.SETTLED], ["order"], ["confirmed"], [(ORDERED, "settled")]),
        (NEW, [Answer.REFUSED], ["order"], ["refused"], [(ORDERED, "refused")]),
        (NEW, [Answer.UNKNOWN_KEY], ["order"], ["saved"], [(ORDERED, NO_ANSWER)]),
        (NEW, [None], ["order"], ["saved"], [(ORDERED, NO_ANSWER)]),
        (SENT, [Answer.SETTLED], ["query"], ["confirmed"], [(ASKED, "settled")]),
        (SENT, [Answer.REFUSED], ["query"], ["refused"], [(ASKED, "refused")]),
        (SENT, [None], ["query"], ["saved"], [(ASKED, NO_ANSWER)]),
        (
            SENT,
            [Answer.UNKNOWN_KEY, Answer.SETTLED],
            ["query", "order"],
            ["confirmed"],
            [(ASKED, "unknown_key"), (ORDERED, "settled")],
        ),
        (
            SENT,
            [Answer.UNKNOWN_KEY, None],
            ["query", "order"],
            ["saved"],
            [(ASKED, "unknown_key"), (ORDERED, NO_ANSWER)],
        ),
    ],
    ids=[
        "nothing to do",
        "paid",
        "refused",
        "an answer to another question",
        "no answer",
        "asked: paid",
        "asked: refused",
        "asked: no answer",
        "asked: never arrived",
        "asked: never arrived, and no answer",
    ],
)
def test_what_follows_from_each_answer(
    settings: Settings,
    order: Order | None,
    answers: list[Answer | None],
    told: list[str],
    done: list[str],
    noted: list[tuple[str, str]],
) -> None:
    """After no answer nothing is sent again before it has been asked, and never under another key."""
    found_told, found_done = play(settings, Row(), answers, order)

    assert found_told == [(act, "k") for act in told]
    assert found_done == done
    assert list(PaymentAttempt.objects.values_list("act", "answer")) == noted


@pytest.mark.parametrize(
    ("unanswered_for", "is_told"),
    [(dt.timedelta(hours=6, seconds=-1), False), (dt.timedelta(hours=6), True), (dt.timedelta(days=9), True)],
)
def test_a_person_is_told_after_six_hours(settings: Settings, unanswered_for: dt.timedelta, is_told: bool) -> None:
    set_clock(clock.now())
    found = Row(unanswered_for=unanswered_for)
    _told, done = play(settings, found, [None], SENT)

    assert ("escalated" in done) == is_told
    assert (found.escalated_at == clock.now()) == is_told
    assert found.next_attempt_at is not None


def test_a_person_is_told_once(settings: Settings) -> None:
    found = Row(unanswered_for=dt.timedelta(days=9))
    found.escalated_at = clock.now()

    assert "escalated" not in play(settings, found, [None], SENT)[1]


def test_an_answer_that_comes_second_changes_nothing(settings: Settings) -> None:
    _told, done = play(settings, Row(is_awaited=False), [Answer.SETTLED], NEW)

    assert done == []
    assert not PaymentAttempt.objects.exists()


def silent(settings: Settings) -> None:
    PaymentService.objects.create(name=HERE + "Script", silent_since=clock.now(), next_probe_at=clock.now())


def test_nothing_is_begun_while_the_service_is_silent(settings: Settings) -> None:
    silent(settings)
    begun: list[str] = []
    settings.PAYMENT_GATEWAY = HERE + "Script"
    Script.answers, Script.told = [], []
    kind: Payments[Row] = Payments("things", *[lambda _row: None] * 5)  # type: ignore[arg-type,list-item]
    fulfil(kind=kind, begin=lambda: begun.append("begun"))  # type: ignore[func-returns-value]

    assert (begun, Script.told) == ([], [])
    fulfil(kind=kind, begin=lambda: begun.append("begun"), is_begun_in_silence=True)  # type: ignore[func-returns-value]
    assert (begun, Script.told) == (["begun"], [])


def test_a_person_may_ask_in_the_silence_and_an_answer_ends_it(settings: Settings) -> None:
    silent(settings)
    told, done = play(settings, Row(), [Answer.SETTLED], SENT, is_asked_in_silence=True)

    assert (told, done) == ([("query", "k")], ["confirmed"])
    assert PaymentService.objects.get().silent_since is None


def test_a_debtor_is_debited(settings: Settings) -> None:
    told, _done = play(settings, Row(), [Answer.SETTLED], Order(pk=1, key="k", amount_minor=5, debtor="member:7"))

    assert told == [("debit member:7", "k")]


def test_it_refuses_to_run_inside_another_transaction(settings: Settings) -> None:
    """The order could go out, and its key be forgotten in a rollback."""
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        play(settings, Row(), [Answer.SETTLED], NEW)
    assert Script.told == []
