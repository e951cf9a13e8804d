"""The close never stalls and never suppresses: what is forged or broken is set aside in public, the rest counts."""

from __future__ import annotations

import datetime as dt
import secrets
import threading
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from audit import clock
from audit.actors import SYSTEM
from audit.models import Entry, Pending
from audit.selectors import tree_size
from audit.services import append, publish
from jury.errors.panels import PanelClosed, PanelNotOpen
from jury.models import Ballot, BallotFault, BallotOpening, CountedToken, Panel, Seat
from jury.rules.published import fault_line, root_over
from jury.rules.verdicts import Choice
from jury.sealing import SEALED_BYTES, BallotContent, SealedBallot, seal, sealed_digest
from jury.selectors.draws import stream_of
from jury.selectors.panels import panels_due
from jury.selectors.tokens import SeatActor, panel_name, seat_name, token_of_seat
from jury.services.closing import LONGEST_WAIT, TELLS_STAFF_AFTER
from jury.services.panels import close_panel
from members.models import Message
from tests.bent import unguarded
from tests.factories import make_user
from tests.jury.conftest import Court, close, make_court, sitting, vote
from tests.moving import move_clock, set_clock


def sealed_for(held: Seat, choice: Choice = Choice.AGAINST, **place: Any) -> SealedBallot:
    """What anybody can seal who reads the panel's public key."""
    panel = held.panel
    given = {"panel": panel_name(panel), "seat": seat_name(held.pk), "sequence": held.last_sequence + 1} | place
    return seal(BallotContent(choice), public=bytes(panel.public_key), **given)


def forge(seat: Seat, sealed: bytes, *, is_entered: bool = True, **body: Any) -> None:
    """A ballot written past the service: with the role's own rights and an entry, or by the owner and without one."""
    sequence = seat.last_sequence + 1
    with transaction.atomic() if is_entered else unguarded():
        Ballot.objects.create(seat=seat, sequence=sequence, sealed=sealed)
        if is_entered:
            enter(seat, {"sequence": sequence, "sealed": sealed_digest(sealed)} | body)


def enter(seat: Seat, body: dict[str, Any]) -> None:
    token = token_of_seat(seat)
    facts = {"panel": seat.panel_id, "round": seat.panel.round, "token": token} | body
    append(kind="ballot.cast", stream=stream_of(seat.panel), by=SeatActor(token), body=facts)


def drawn(court: Court, jurors: int = 3, **terms: Any) -> tuple[Panel, list[Seat]]:
    court.add_jurors(jurors)
    panel = court.drawn(**terms)
    return panel, sitting(panel)


def faults() -> list[tuple[str, str, int | None]]:
    return list(BallotFault.objects.order_by("pk").values_list("kind", "token", "sequence"))


def test_a_garbage_ballot_is_set_aside_and_the_hearing_goes_on(court: Court) -> None:
    panel, seats = drawn(court)
    forge(seats[0], secrets.token_bytes(SEALED_BYTES))
    for seat in seats[1:]:
        vote(seat)
    closed = close(panel)
    assert (closed.verdict, closed.support_count, closed.against_count) == ("support", 2, 0)
    assert faults() == [("unreadable", token_of_seat(seats[0]), 1)]
    body = Entry.objects.get(kind="panel.closed").body
    digest = sealed_digest(bytes(Ballot.objects.get(seat=seats[0]).sealed))
    line = fault_line(kind="unreadable", token=token_of_seat(seats[0]), sequence=1, ballot_digest=digest, receipt="")
    assert body["faults"] == root_over([line]).as_json()


def test_a_forged_ballot_without_an_entry_is_set_aside_and_displaces_none(court: Court) -> None:
    panel, seats = drawn(court)
    for seat in seats:
        vote(seat, "support")
    forge(seats[0], sealed_for(seats[0]).sealed, is_entered=False)
    closed = close(panel)
    assert (closed.support_count, closed.against_count) == (3, 0)
    assert faults() == [("no_entry", "", 2)]


def test_a_forged_ballot_with_an_entry_counts_and_its_juror_hears_of_it(court: Court) -> None:
    """Nobody can tell it from the juror's own: so the juror is told how many came from the seat."""
    panel, seats = drawn(court)
    for seat in seats:
        vote(seat, "support")
    forge(seats[0], sealed_for(seats[0]).sealed)
    assert close(panel).against_count == 1
    told = Message.objects.filter(kind="jury.result").values_list("params", flat=True)
    assert {params["seat"]: params["ballots"] for params in told} == {seats[0].pk: 2, seats[1].pk: 1, seats[2].pk: 1}


def test_who_did_not_vote_is_told_too(court: Court) -> None:
    panel, seats = drawn(court)
    for seat in seats[1:]:
        vote(seat)
    move_clock(hours=court.rules.jury.voting_hours)
    close(panel)
    message = Message.objects.get(kind="jury.result", params__seat=seats[0].pk)
    assert message.params["ballots"] == 0


@pytest.mark.parametrize("place", [{"seat": "seat:0"}, {"panel": "C26-OTHER/1"}, {"sequence": 9}])
def test_a_ballot_sealed_for_another_place_is_set_aside(court: Court, place: dict[str, Any]) -> None:
    panel, seats = drawn(court)
    forge(seats[0], sealed_for(seats[0], **place).sealed)
    for seat in seats[1:]:
        vote(seat)
    assert close(panel).support_count == 2
    assert [kind for kind, _token, _sequence in faults()] == ["unreadable"]


def test_a_reason_that_the_plan_does_not_have_is_no_ballot(court: Court) -> None:
    panel, seats = drawn(court)
    content = BallotContent(Choice.SUPPORT, ("invented",))
    place = {"panel": panel_name(panel), "seat": seat_name(seats[0].pk), "sequence": 1}
    forge(seats[0], seal(content, public=bytes(panel.public_key), **place).sealed)
    for seat in seats[1:]:
        vote(seat)
    close(panel)
    assert [kind for kind, _token, _sequence in faults()] == ["unreadable"]


@pytest.mark.parametrize(
    "body",
    [{"token": 7}, {"token": "x" * 500}, {"sequence": "1"}, {"sequence": 10**12}, {"sealed": None}, {"sealed": ["x"]}],
)
def test_no_entry_that_somebody_makes_up_stops_a_close(court: Court, body: dict[str, Any]) -> None:
    panel, seats = drawn(court)
    for seat in seats:
        vote(seat)
    with transaction.atomic():
        enter(seats[0], {"sequence": 2, "sealed": "ab" * 32} | body)
    assert close(panel).support_count == 3
    assert [kind for kind, _token, _sequence in faults()] == ["no_ballot"]


def test_an_entry_whose_ballot_is_gone_is_published(court: Court) -> None:
    panel, seats = drawn(court)
    for seat in seats:
        vote(seat)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM jury_ballot WHERE seat_id = %s", [seats[0].pk])
        cursor.execute("SET session_replication_role = origin")
    move_clock(hours=court.rules.jury.voting_hours)
    assert close(panel).support_count == 2
    assert faults() == [("no_ballot", token_of_seat(seats[0]), 1)]


def test_a_ballot_whose_place_is_missing_is_counted_and_the_fault_published(court: Court) -> None:
    """Anybody who takes an entry from the queue of the sequencer loses nobody's vote."""
    panel, seats = drawn(court)
    for seat in seats:
        vote(seat)
    entry = Entry.objects.filter(kind="ballot.cast").earliest("pk")
    Pending.objects.filter(entry_id=entry.pk).delete()
    assert close(panel).support_count == 3
    assert faults() == [("no_place", token_of_seat(seats[0]), 1)]


def test_two_ballots_of_one_receipt_both_count_and_are_published(court: Court, monkeypatch: pytest.MonkeyPatch) -> None:
    panel, seats = drawn(court)
    with monkeypatch.context() as patched:
        patched.setattr("jury.sealing.secrets.token_bytes", lambda size: bytes(size))
        sealed = [sealed_for(seat, Choice.SUPPORT).sealed for seat in seats[:2]]
    for seat, one in zip(seats[:2], sealed, strict=True):
        forge(seat, one)
    vote(seats[2])
    assert close(panel).support_count == 3
    fault = BallotFault.objects.get()
    assert (fault.kind, fault.token, fault.ballot_digest) == ("receipt_twice", "", "")
    assert BallotOpening.objects.filter(receipt=fault.receipt).count() == 2


def test_a_token_that_stands_for_two_seats_is_published(court: Court) -> None:
    panel, seats = drawn(court)
    forge(seats[0], sealed_for(seats[0]).sealed, token=token_of_seat(seats[1]))
    for seat in seats[1:]:
        vote(seat)
    close(panel)
    assert faults() == [("token_twice", token_of_seat(seats[1]), None)]
    assert CountedToken.objects.count() == BallotOpening.objects.count() == 3


def test_a_seat_whose_ballots_have_two_tokens_is_published(court: Court) -> None:
    panel, seats = drawn(court)
    for seat in seats:
        vote(seat)
    forge(seats[0], sealed_for(seats[0]).sealed, token="S-0000-0000-0000-0000")
    close(panel)
    assert faults() == [("other_token", "S-0000-0000-0000-0000", 2)]


# -------- Waiting for a checkpoint ------------------------------------------------------------------------------------
def test_the_close_places_what_waits_and_waits_for_a_checkpoint(court: Court) -> None:
    panel, seats = drawn(court)
    for seat in seats:
        vote(seat)
    waiting = close_panel(panel_id=panel.pk, by=SYSTEM)
    assert (waiting.status, waiting.verdict) == ("open", "")
    assert not Pending.objects.exists()
    assert waiting.close_waits_since is not None
    assert not BallotOpening.objects.exists()
    publish()
    closed = close_panel(panel_id=panel.pk, by=SYSTEM)
    assert (closed.status, closed.support_count) == ("closed", 3)
    assert Entry.objects.get(kind="panel.closed").body["checkpoint_size"] <= tree_size()
    assert not BallotFault.objects.exists()


def test_after_an_hour_it_counts_without_a_checkpoint_and_says_so(court: Court) -> None:
    panel, seats = drawn(court)
    for seat in seats:
        vote(seat)
    reviewer = make_user("reviewer@test.example", "reviewer")
    since = close_panel(panel_id=panel.pk, by=SYSTEM).close_waits_since
    assert since is not None
    assert not Message.objects.filter(kind="jury.close_waits").exists()
    for minutes in (0, 1):
        set_clock(since + TELLS_STAFF_AFTER + dt.timedelta(minutes=minutes))
        assert close_panel(panel_id=panel.pk, by=SYSTEM).status == "open"
    assert Message.objects.get(kind="jury.close_waits").to_user == reviewer
    set_clock(since + LONGEST_WAIT - dt.timedelta(seconds=1))
    assert close_panel(panel_id=panel.pk, by=SYSTEM).status == "open"
    set_clock(since + LONGEST_WAIT + dt.timedelta(minutes=1))
    closed = close_panel(panel_id=panel.pk, by=SYSTEM)
    assert (closed.status, closed.support_count) == ("closed", 3)
    assert [kind for kind, _token, _sequence in faults()] == ["no_checkpoint"] * 3


def test_a_vote_without_ballots_waits_for_nothing(court: Court) -> None:
    panel, _seats = drawn(court)
    move_clock(hours=court.rules.jury.voting_hours)
    assert close_panel(panel_id=panel.pk, by=SYSTEM).is_extended
    move_clock(hours=court.rules.jury.extension_hours)
    assert close_panel(panel_id=panel.pk, by=SYSTEM).verdict == "hung"


def test_a_panel_that_waits_stays_due(court: Court) -> None:
    panel, seats = drawn(court)
    for seat in seats:
        vote(seat)
    close_panel(panel_id=panel.pk, by=SYSTEM)
    assert panel.pk in panels_due(clock.now())


# -------- What the database refuses -----------------------------------------------------------------------------------
def refused(match: str) -> Any:
    return pytest.raises(IntegrityError, match=match)


def test_a_ballot_is_the_next_of_its_seat_or_none(court: Court) -> None:
    _panel, seats = drawn(court)
    vote(seats[0])
    for sequence in (1, 3, 4):
        with refused("number 2|one_ballot_a_seat"), transaction.atomic():
            Ballot.objects.create(seat=seats[0], sequence=sequence, sealed=bytes(SEALED_BYTES))
    for length in (SEALED_BYTES - 1, SEALED_BYTES + 1):
        with refused("sealed_in_one_length"), transaction.atomic():
            Ballot.objects.create(seat=seats[0], sequence=2, sealed=bytes(length))


def test_the_moment_of_a_ballot_is_the_databases_own(court: Court) -> None:
    _panel, seats = drawn(court)
    told = clock.now() - dt.timedelta(days=3)
    sealed = bytes(SEALED_BYTES)
    ballot = Ballot.objects.create(seat=seats[0], sequence=1, sealed=sealed, cast_at=told)
    enter(seats[0], {"sequence": 1, "sealed": sealed_digest(sealed)})
    assert Ballot.objects.get(pk=ballot.pk).cast_at > told + dt.timedelta(days=2)


def test_no_ballot_comes_from_a_seat_that_was_given_up(court: Court) -> None:
    _panel, seats = drawn(court, jurors=4)
    Seat.objects.filter(pk=seats[0].pk).update(status="recused", recused_at=clock.now(), recusal_reason="no_time")
    with refused("a seat that is held"), transaction.atomic():
        Ballot.objects.create(seat=seats[0], sequence=1, sealed=bytes(SEALED_BYTES))


@pytest.mark.parametrize(
    "changes",
    [
        {"closes_at": "later"},
        {"closes_at": "later", "is_extended": True, "status": "closed"},
        {"verdict": "support", "support_count": 3, "against_count": 0},
        {"entropy": "0123"},
        {"closed_at": "later"},
        {"nonce": "another word"},
        {"is_extended": False, "drawn_at": None},
        {"plan_id": 0},
    ],
)
def test_what_decides_a_vote_changes_with_its_transition_alone(court: Court, changes: dict[str, Any]) -> None:
    panel, _seats = drawn(court)
    later = clock.now() + dt.timedelta(days=9)
    given = {name: later if value == "later" else value for name, value in changes.items()}
    with refused("alone|written once|violates"), transaction.atomic():
        Panel.objects.filter(pk=panel.pk).update(**given)


def test_a_seat_keeps_its_juror_and_its_first_look(court: Court) -> None:
    _panel, seats = drawn(court, jurors=4)
    other = court.add_juror()
    for changes in ({"juror": other}, {"place": 99}, {"summoned_at": clock.now()}, {"recused_at": clock.now()}):
        with refused("written once|with a transition|a_recusal_has_its_moment"), transaction.atomic():
            Seat.objects.filter(pk=seats[0].pk).update(**changes)


def test_a_verdict_without_its_openings_is_refused_when_it_is_committed(court: Court) -> None:
    panel, _seats = drawn(court)
    counts = {"support_count": 3, "against_count": 0, "medical_flag_count": 0, "closed_at": clock.now()}
    with refused("those of its openings"), transaction.atomic():
        Panel.objects.filter(pk=panel.pk).update(status="closed", verdict="support", **counts)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db(transaction=True)
def test_nothing_is_added_to_a_vote_after_its_close(transactional_db: None) -> None:
    court = make_court()
    panel, seats = drawn(court)
    for seat in seats:
        vote(seat)
    close(panel)
    line = {
        "receipt": "0" * 19,
        "commitment": "0" * 64,
        "choice": "against",
        "words_digest": "0" * 64,
        "salt": "0" * 64,
    }
    for row in (
        BallotOpening(panel=panel, **line),
        CountedToken(panel=panel, token="S-0000-0000-0000-0000"),
        BallotFault(panel=panel, kind="no_entry"),
    ):
        with refused("never after it"), transaction.atomic():
            row.save()
    for model in (Ballot, BallotOpening, CountedToken):
        with refused("written once"), transaction.atomic():
            model.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_a_ballot_that_waited_for_a_lock_past_the_close_is_refused(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trigger reads the clock again, after the service did, and what it refuses reads as PanelNotOpen."""
    court = make_court()
    panel, seats = drawn(court)
    fresh = Panel.objects.get(pk=panel.pk)
    assert fresh.closes_at is not None
    # The service believes that there is time; meanwhile the close has come.
    early = clock.now()
    monkeypatch.setattr("jury.services.ballots.clock.now_after", lambda *_earlier: early)
    set_clock(fresh.closes_at)
    with pytest.raises(PanelNotOpen):
        vote(seats[0])
    assert not Ballot.objects.exists()
    assert not Entry.objects.filter(kind="ballot.cast").exists()


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_holds_while_the_close_passes_lets_no_ballot_in(transactional_db: None) -> None:
    court = make_court()
    panel, seats = drawn(court)
    fresh = Panel.objects.get(pk=panel.pk)
    assert fresh.closes_at is not None
    results: list[object] = []
    waits = threading.Event()

    def cast() -> None:
        waits.set()
        try:
            results.append(vote(seats[0], replaces=0))
        except (PanelClosed, PanelNotOpen) as error:
            results.append(error)
        finally:
            connection.close()

    with transaction.atomic():
        Panel.objects.select_for_update().get(pk=panel.pk)
        thread = threading.Thread(target=cast)
        thread.start()
        waits.wait(10)
        # In a transaction of its own the clock moves for everybody; here it stands for the time that passes.
        elsewhere = threading.Thread(target=lambda: (set_clock(fresh.closes_at), connection.close()))
        elsewhere.start()
        elsewhere.join(30)
    thread.join(30)
    assert isinstance(results[0], PanelClosed | PanelNotOpen), results
    assert not Ballot.objects.exists()
