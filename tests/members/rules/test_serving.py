"""The rule of silence, case by case."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.rules.serving import Attempt, Notice, Sent, Served, Way, earliest, is_fruitless, served

T0 = dt.datetime(2026, 3, 11, 10, 0, tzinfo=dt.UTC)
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


def at(days: float) -> dt.datetime:
    return T0 + days * DAY


def sent(status: str, days: float = 0.1, **more: Any) -> Sent:
    moments: dict[str, Any] = {"changed_at": at(days)}
    if status in {"taken", "delivered", "bounced"}:
        moments["taken_at"] = at(days)
    if status == "delivered":
        moments["arrived_at"] = at(days)
    return Sent(status, **(moments | more))


def found(*sents: Sent, now: float = 5, **more: Any) -> Served | None:
    return served(Notice(T0, sent=sents, **more), at(now))


TRIED = (Attempt(at(2), was_reached=False),)
LATE = (Attempt(at(20), was_reached=False),)
TOLD = (Attempt(at(2), was_reached=True),)
CASES: list[tuple[str, Served | None, Served | None]] = [
    ("taken", found(sent("taken")), Served(at(0.1), Way.TAKEN)),
    ("arrived", found(sent("delivered")), Served(at(0.1), Way.ARRIVED)),
    ("opened", found(opened_at=at(1)), Served(at(1), Way.OPENED)),
    ("opened after a bounce", found(sent("bounced"), opened_at=at(1)), Served(at(1), Way.OPENED)),
    ("the first evidence counts", found(sent("taken", 2), opened_at=at(1)), Served(at(1), Way.OPENED)),
    ("nothing sent yet", found(sent("waiting")), None),
    ("under way", found(sent("trying")), None),
    ("bounced", found(sent("bounced")), None),
    ("failed", found(sent("failed")), None),
    ("of unknown fate", found(sent("unknown")), None),
    ("taken, but something came back", found(sent("taken", has_come_back=True)), None),
    ("bounced, but the text was taken", found(sent("bounced"), sent("taken", 1)), Served(at(1), Way.TAKEN)),
    ("bounced, the text is under way", found(sent("bounced"), sent("waiting", 1)), None),
    ("both bounced", found(sent("bounced"), sent("bounced", 1)), None),
    ("both bounced, tried", found(sent("bounced"), sent("bounced", 1), attempts=TRIED), Served(at(2), Way.INBOX, 2)),
    ("failed after it", found(sent("bounced"), sent("failed", 3), attempts=TRIED), Served(at(3), Way.INBOX, 2)),
    ("bounced, told by a person", found(sent("bounced"), attempts=TOLD), Served(at(2), Way.TOLD)),
    ("unknown, tried", found(sent("unknown"), attempts=TRIED), Served(at(2), Way.INBOX, 2)),
    ("tried, but the mail still waits", found(sent("waiting"), attempts=TRIED, now=13.9), None),
    ("tried, and 14 days have passed", found(sent("waiting"), attempts=TRIED, now=14), Served(at(14), Way.INBOX, 2)),
    ("tried after 14 days", found(sent("waiting"), attempts=LATE, now=21), Served(at(20), Way.INBOX, 2)),
    ("14 days, and nobody tried", found(sent("waiting"), now=30), None),
    ("both bounced long ago, and nobody tried", found(sent("bounced"), sent("bounced"), now=30), None),
    ("no channel at all, tried", found(attempts=TRIED), Served(at(2), Way.INBOX, 2)),
    ("no inbox, tried", found(sent("bounced"), attempts=TRIED, has_inbox=False, now=30), None),
    ("no inbox, told by a person", found(sent("bounced"), attempts=TOLD, has_inbox=False), Served(at(2), Way.TOLD)),
]  # fmt: skip


@pytest.mark.parametrize(("got", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_case_of_the_rule(got: Served | None, expected: Served | None) -> None:
    assert got == expected


STATES = st.sampled_from(["waiting", "trying", "bounced", "failed", "unknown", "dropped"])


@given(st.lists(STATES.map(sent), max_size=3), st.integers(0, 60))
def test_without_evidence_and_without_an_attempt_nothing_is_ever_served(sents: list[Sent], days: int) -> None:
    assert found(*sents, now=days) is None


@given(st.lists(STATES.map(sent), max_size=3), st.integers(2, 60))
def test_an_attempt_ends_every_search_within_14_days(sents: list[Sent], days: int) -> None:
    got = found(*sents, now=days, attempts=TRIED)
    if days >= 14:
        assert got is not None
    if got is not None:
        assert (got.way, got.times) == (Way.INBOX, 2)
        assert at(2) <= got.at <= at(14)


@pytest.mark.parametrize(
    ("sents", "vain"),
    [((), True), (("bounced",), True), (("bounced", "waiting"), False), (("taken",), False), (("unknown",), True)],
)
def test_a_search_is_fruitless_when_nothing_is_on_its_way(sents: tuple[str, ...], vain: bool) -> None:
    assert is_fruitless(Notice(T0, sent=tuple(sent(one) for one in sents))) is vain


def test_of_several_readers_one_who_was_reached_is_enough() -> None:
    inbox, taken = Served(at(1), Way.INBOX, 2), Served(at(3), Way.TAKEN)
    assert earliest([None, inbox, taken]) == taken
    assert earliest([None, inbox]) == inbox
    assert earliest([None, None]) is None
