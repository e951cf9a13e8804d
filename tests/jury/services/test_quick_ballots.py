"""The quick way of a ballot: what is in order it casts as the usual way would, and all else it leaves alone.

Every test of the usual way is played again with the quick way first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Entry, Pending
from jury.models import Ballot, Panel, Seat
from jury.rules.verdicts import Choice
from jury.services.ballots import cast_ballot
from jury.services.panels import abandon_panel
from jury.services.quick_ballots import cast_if_in_order, is_complete
from tests.bent import bend
from tests.factories import make_grant, make_user
from tests.jury.conftest import Court, close, sitting, user_of
from tests.jury.services import quick_way
from tests.jury.services.test_ballots import *  # noqa: F403 - played again
from tests.moving import move_clock


@pytest.fixture(autouse=True)
def _quick_way_first(monkeypatch: pytest.MonkeyPatch) -> None:
    quick_way.taken.clear()
    for module in ("tests.jury.conftest", "tests.jury.services.test_ballots"):
        monkeypatch.setattr(f"{module}.cast_ballot", quick_way.cast)


def said(seat: Seat, **changes: Any) -> dict[str, Any]:
    given = {"choice": "against", "reason_codes": ["not_proved"], "words": "  Why? ", "is_medical_question": True}
    return {"seat_id": seat.pk, "by": user_of(seat), "replaces": 0} | given | changes


def test_both_ways_write_the_same(court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    one, other = sitting(panel)[:2]
    quick, usual = cast_if_in_order(**said(one)), cast_ballot(**said(other))
    assert quick is not None
    assert (quick.panel_id, quick.case_ref, quick.closes_at) == (panel.pk, panel.case_ref, panel.closes_at)
    assert len({len(quick.ballot.receipt), len(usual.receipt)}) == 1
    first, second = Entry.objects.filter(kind="ballot.cast").order_by("pk")
    assert first.body.keys() == second.body.keys()
    assert (first.stream, first.body["panel"], first.body["round"]) == (second.stream, panel.pk, 1)
    assert [entry.actor for entry in (first, second)] == [f"seat:{quick.ballot.token}", f"seat:{usual.token}"]
    assert Pending.objects.filter(entry_id__in=[first.pk, second.pk]).count() == 2
    third = sitting(panel)[2]
    assert cast_if_in_order(**said(third, choice="support", reason_codes=[], words="", is_medical_question=False))
    closed = close(panel)
    assert (closed.against_count, closed.support_count, closed.medical_flag_count) == (2, 1, 2)
    words = [opening.words for opening in closed.openings.filter(choice=Choice.AGAINST)]
    assert words == ["Why?", "Why?"]


def test_a_ballot_in_order_is_two_statements(court: Court) -> None:
    court.add_jurors(3)
    seat = sitting(court.drawn())[0]
    with CaptureQueriesContext(connection) as captured:
        assert cast_if_in_order(**said(seat))
    assert len([query for query in captured if "SAVEPOINT" not in query["sql"]]) == 2


def test_a_panel_is_complete_with_its_last_seat_s_first_ballot(court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    seats = sitting(panel)
    for seat in seats:
        assert not is_complete(panel.pk)
        assert cast_if_in_order(**said(seat))
    assert is_complete(panel.pk)


def lapse(court: Court, seat: Seat) -> None:
    seat.juror.lapsed_at = seat.summoned_at
    bend(seat.juror)


def share_a_phone(court: Court, seat: Seat) -> None:
    seat.juror.person.phone = "13800000001"
    bend(seat.juror.person)


NOT_IN_ORDER: list[tuple[Callable[[Court, Seat], Any], dict[str, Any]]] = [
    (lambda _court, seat: abandon_panel(panel_id=seat.panel_id, by=user_of(seat)), {}),
    (lambda court, _seat: move_clock(hours=court.rules.jury.voting_hours), {}),
    (lapse, {}),
    (share_a_phone, {}),
    (lambda _court, seat: make_grant(user_of(seat), "auditor"), {}),
    (lambda _court, seat: seat.recuse() or setattr(seat, "recused_at", seat.summoned_at) or bend(seat), {}),
    (lambda _court, _seat: None, {"replaces": 1}),
    (lambda _court, _seat: None, {"choice": "abstain"}),
    (lambda _court, _seat: None, {"reason_codes": ["invented"]}),
    (lambda _court, _seat: None, {"choice": "support"}),
    (lambda _court, seat: cast_ballot(**said(seat)), {}),
]


@pytest.mark.parametrize(("meanwhile", "changes"), NOT_IN_ORDER)
def test_what_is_not_in_order_is_left_alone(
    court: Court, meanwhile: Callable[[Court, Seat], Any], changes: dict[str, Any]
) -> None:
    court.add_jurors(4)
    seat = sitting(court.drawn())[0]
    meanwhile(court, seat)
    before = (Ballot.objects.count(), Entry.objects.count(), Seat.objects.filter(status="summoned").count())
    assert cast_if_in_order(**said(seat, **changes)) is None
    assert (Ballot.objects.count(), Entry.objects.count(), Seat.objects.filter(status="summoned").count()) == before


def test_nobody_casts_for_another_seat_nor_for_none(court: Court) -> None:
    court.add_jurors(3)
    one, other = sitting(court.drawn())[:2]
    closed = user_of(one)
    closed.is_active = False
    for by in (user_of(other), make_user(None, "reviewer"), closed):
        assert cast_if_in_order(**said(one, by=by)) is None
    assert cast_if_in_order(**said(one, seat_id=10**9)) is None
    assert not Ballot.objects.exists()


def test_words_too_long_for_the_seal_are_for_the_usual_way_to_explain(court: Court) -> None:
    court.add_jurors(3)
    seat = sitting(court.drawn())[0]
    for words in ("x" * 801, "\x00", "\ud800"):
        assert cast_if_in_order(**said(seat, words=words)) is None
    assert not Ballot.objects.exists()
    assert Panel.objects.get().status == "open"
