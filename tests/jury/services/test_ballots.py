"""Opening the file, casting, the seal, and the close."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
from collections.abc import Collection
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import override_settings

from audit import clock
from audit.actors import SYSTEM
from audit.models import Entry
from jury.errors.ballots import BallotAlreadyCast, ChoiceUnknown, NoBallotToReplace, WordsTooLong
from jury.errors.jurors import JurorLapsed
from jury.errors.panels import PanelClosed, PanelKeyLocked, PanelNotDue, PanelNotOpen
from jury.errors.seats import JurorConflicted, NotYourSeat, SeatGivenUp
from jury.models import Ballot, BallotOpening, CountedToken, Panel, Seat
from jury.rules.published import root_over
from jury.rules.verdicts import Choice
from jury.sealing import SEALED_BYTES, BallotContent, commitment_of, receipt_of, sealed_digest
from jury.selectors.panels import opened_ballots, panel_is_due, panels_due
from jury.selectors.tokens import panel_name, token_of_seat
from jury.services.ballots import cast_ballot, open_case_file
from jury.services.panels import abandon_panel, recuse_seat
from members.errors.plans import ReasonNotInPlan
from tests.bent import bend
from tests.factories import make_grant, make_user
from tests.jury.conftest import CASE, Court, close, sitting, user_of, vote
from tests.moving import move_clock

WORDS = "the-unmistakable-words-of-a-juror"


def everything_stored(*, but: Collection[str] = ()) -> str:
    """Every column of every row of this database, as text; binary ones also as the text they might hold."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
        texts = []
        for (table,) in cursor.fetchall():
            if table in but:
                continue
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                texts += [bytes(v).decode("latin-1") if isinstance(v, bytes | memoryview) else str(v) for v in row]
    return "\n".join(texts)


def test_a_ballot_is_sealed_counted_in_the_log_and_kept_nowhere_else(court: Court) -> None:
    court.add_jurors(4)
    panel = court.drawn()
    seat = sitting(panel)[0]
    ballot = vote(seat, "against", reason_codes=["not_proved"], words=WORDS, is_medical_question=True)
    stored = everything_stored()
    assert WORDS not in stored
    assert ballot.receipt not in stored
    assert json.dumps(["not_proved"]) not in stored
    entry = Entry.objects.get(kind="ballot.cast")
    digest = sealed_digest(bytes(Ballot.objects.get().sealed))
    token = token_of_seat(seat)
    assert entry.body == {"panel": panel.pk, "round": 1, "token": token, "sequence": 1, "sealed": digest}
    assert (entry.actor, ballot.token) == (f"seat:{token}", token)
    fresh = Panel.objects.get()
    assert (fresh.support_count, fresh.against_count, fresh.medical_flag_count, fresh.verdict) == (None, None, None, "")
    assert not BallotOpening.objects.exists()
    assert not opened_ballots(fresh).exists()


def test_sealed_ballots_have_one_length_whatever_they_say(court: Court) -> None:
    court.add_jurors(4)
    seats = sitting(court.drawn())
    vote(seats[0], "support")
    vote(seats[1], "against", words="字" * 800, reason_codes=["not_proved", "age"], is_medical_question=True)
    assert len({len(bytes(ballot.sealed)) for ballot in Ballot.objects.all()}) == 1


def test_only_the_close_reads_the_closing_key() -> None:
    found = subprocess.run(
        [
            "grep",
            "-rl",
            "BALLOT_CLOSING_KEY",
            "--include=*.py",
            "audit",
            "members",
            "jury",
            "adjudication",
            "allocation",
        ],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout.split() == [str(Path("jury/services/closing.py"))]


def test_opening_the_file_marks_the_seat_once(court: Court) -> None:
    court.add_jurors(4)
    seat = sitting(court.drawn())[0]
    first = open_case_file(seat_id=seat.pk, by=user_of(seat)).first_seen_at
    move_clock(hours=1)
    assert open_case_file(seat_id=seat.pk, by=user_of(seat)).first_seen_at == first
    assert Entry.objects.filter(kind="casefile.opened").count() == 1


def test_a_ballot_may_be_replaced_until_the_close_and_the_last_one_counts(court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    seats = sitting(panel)
    first = vote(seats[0], "against")
    for seat in seats[1:]:
        vote(seat, "support")
    with pytest.raises(BallotAlreadyCast):
        vote(seats[0], "support", replaces=0)
    second = vote(seats[0], "support", replaces=1)
    assert (first.sequence, second.sequence) == (1, 2)
    closed = close(panel)
    assert (closed.support_count, closed.against_count, closed.verdict) == (3, 0, "support")
    assert first.receipt not in BallotOpening.objects.values_list("receipt", flat=True)
    assert second.receipt in BallotOpening.objects.values_list("receipt", flat=True)
    assert Ballot.objects.count() == 4


def test_a_page_that_knows_of_more_ballots_than_there_are_is_out_of_date(court: Court) -> None:
    court.add_jurors(3)
    seat = sitting(court.drawn())[0]
    with pytest.raises(NoBallotToReplace):
        vote(seat, replaces=1)
    assert not Ballot.objects.exists()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"choice": "abstain"}, ChoiceUnknown),
        ({"choice": "support", "reason_codes": ["not_proved"]}, ReasonNotInPlan),
        ({"choice": "against", "reason_codes": ["i_dislike_them"]}, ReasonNotInPlan),
        ({"choice": "against", "words": "x" * 801}, WordsTooLong),
    ],
)
def test_an_impossible_ballot_changes_nothing(court: Court, changes: dict[str, object], error: type[Exception]) -> None:
    court.add_jurors(3)
    seat = sitting(court.drawn())[0]
    with pytest.raises(error):
        vote(seat, **changes)
    assert not Ballot.objects.exists()
    assert Seat.objects.get(pk=seat.pk).last_sequence == 0


def test_only_the_juror_casts(court: Court) -> None:
    court.add_jurors(3)
    seat, other = sitting(court.drawn())[:2]
    for user in (user_of(other), make_user(None, "reviewer"), SYSTEM):
        with pytest.raises(NotYourSeat):
            cast_ballot(
                seat_id=seat.pk,
                choice="support",
                reason_codes=[],
                words="",
                is_medical_question=False,
                replaces=0,
                by=user,
            )
    assert not Ballot.objects.exists()


def test_no_ballot_after_the_close_nor_at_its_moment(court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    move_clock(hours=court.rules.jury.voting_hours)
    with pytest.raises(PanelClosed):
        vote(sitting(panel)[0])
    with pytest.raises(PanelClosed):
        open_case_file(seat_id=sitting(panel)[0].pk, by=user_of(sitting(panel)[0]))


def test_the_database_itself_refuses_a_late_ballot(court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    seat = sitting(panel)[0]
    move_clock(hours=court.rules.jury.voting_hours)
    long_before = clock.now() - dt.timedelta(days=9)
    with pytest.raises(IntegrityError, match="open panel"), transaction.atomic():
        Ballot.objects.create(seat=seat, sequence=1, sealed=bytes(SEALED_BYTES), cast_at=long_before)


def test_no_ballot_on_an_abandoned_panel(court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    abandon_panel(panel_id=panel.pk, by=SYSTEM)
    with pytest.raises(PanelNotOpen):
        vote(sitting(panel)[0])


def test_who_stepped_down_casts_no_more_and_their_ballot_does_not_count(court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    seats = sitting(panel)
    for seat in seats:
        vote(seat, "support" if seat is seats[0] else "against")
    recuse_seat(seat_id=seats[0].pk, reason="not_impartial", by=user_of(seats[0]))
    with pytest.raises(SeatGivenUp):
        vote(seats[0], replaces=1)
    closed = close(panel)
    assert (closed.support_count, closed.against_count) == (0, 2)


def test_a_conflict_found_at_the_ballot_frees_the_seat(court: Court) -> None:
    court.add_jurors(4)
    panel = court.drawn()
    seat = sitting(panel)[0]
    person = seat.juror.person
    person.phone = "13800000001"
    bend(person)
    with pytest.raises(JurorConflicted):
        vote(seat)
    freed = Seat.objects.get(pk=seat.pk)
    assert (freed.status, freed.recusal_reason) == ("recused", "conflict")
    assert len(sitting(panel)) == 3
    assert Entry.objects.get(kind="juror.recused").body["is_own_act"] is False
    assert not Ballot.objects.exists()


def test_a_conflict_found_when_the_file_is_opened_frees_the_seat(court: Court) -> None:
    court.add_jurors(4)
    panel = court.drawn()
    seat = sitting(panel)[0]
    person = seat.juror.person
    person.payer = court.claimant.person
    bend(person)
    with pytest.raises(JurorConflicted):
        open_case_file(seat_id=seat.pk, by=user_of(seat))
    assert Seat.objects.get(pk=seat.pk).status == "recused"


def test_who_has_left_the_plan_or_joined_its_staff_casts_no_more(court: Court) -> None:
    court.add_jurors(3)
    first, second = sitting(court.drawn())[:2]
    membership = first.juror.membership
    membership.left_at, membership.end_reason = clock.now(), "left"
    bend(membership)
    make_grant(user_of(second), "reviewer")
    for seat in (first, second):
        with pytest.raises(JurorLapsed):
            vote(seat)


def test_the_close_waits_for_everybody_or_the_deadline(court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    seats = sitting(panel)
    for seat in seats[:2]:
        vote(seat)
    with pytest.raises(PanelNotDue):
        close(panel)
    assert panel.pk not in panels_due(clock.now())
    vote(seats[2])
    assert panel.pk in panels_due(clock.now())
    assert close(panel).status == "closed"


def test_the_close_opens_counts_and_proves_every_commitment(court: Court) -> None:
    court.add_jurors(5)
    panel = court.drawn(seats=5, quorum=3)
    seats = sitting(panel)
    cast = [
        vote(seats[0], "against", reason_codes=["not_proved"], words=WORDS, is_medical_question=True),
        vote(seats[1], "against"),
        vote(seats[2], "support", reason_codes=["evidence_convincing"]),
    ]
    move_clock(hours=court.rules.jury.voting_hours)
    closed = close(panel)
    assert (closed.support_count, closed.against_count, closed.medical_flag_count) == (1, 2, 1)
    assert (closed.verdict, closed.status) == ("against", "closed")
    opening = BallotOpening.objects.get(words=WORDS)
    assert (opening.choice, opening.reason_codes, opening.is_medical_question) == ("against", ["not_proved"], True)
    body = Entry.objects.get(kind="panel.closed").body
    assert (body["support"], body["against"], body["verdict"]) == (1, 2, "against")
    assert WORDS not in json.dumps(body)
    found = list(opened_ballots(closed))
    for one in found:
        content = BallotContent(Choice(one.choice), tuple(one.reason_codes), "", one.is_medical_question)
        assert one.commitment == commitment_of(panel_name(panel), content, bytes.fromhex(one.salt), one.words_digest)
        assert one.receipt == receipt_of(one.commitment)
    receipts = [one.receipt for one in found]
    assert receipts == sorted(ballot.receipt for ballot in cast)
    tokens = list(CountedToken.objects.order_by("pk").values_list("token", flat=True))
    assert tokens == sorted(ballot.token for ballot in cast)
    assert (body["openings"]["count"], body["tokens"]["count"], body["faults"]["count"]) == (3, 3, 0)
    assert body["tokens"] == root_over(tokens).as_json()


def test_closing_again_changes_nothing(court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    for seat in sitting(panel):
        vote(seat)
    first = close(panel)
    entries = Entry.objects.count()
    assert close(panel).closed_at == first.closed_at
    assert (Entry.objects.count(), BallotOpening.objects.count()) == (entries, 3)


def test_below_the_quorum_the_vote_is_extended_once_and_then_hung(court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    vote(sitting(panel)[0], "support")
    move_clock(hours=court.rules.jury.voting_hours)
    extended = close(panel)
    assert (extended.status, extended.is_extended) == ("open", True)
    assert not panel_is_due(extended, clock.now())
    assert Entry.objects.filter(kind="panel.extended").count() == 1
    move_clock(hours=court.rules.jury.extension_hours)
    closed = close(panel)
    assert (closed.verdict, closed.support_count, closed.against_count) == ("hung", 1, 0)


def test_an_extension_brings_ballots_and_fills_the_seats_that_fell_free(court: Court) -> None:
    court.add_jurors(5)
    panel = court.drawn()
    move_clock(hours=court.rules.jury.voting_hours - 1)
    leaving = sitting(panel)[0]
    recuse_seat(seat_id=leaving.pk, reason="no_time", by=user_of(leaving))
    assert len(sitting(panel)) == 2
    move_clock(hours=1)
    close(panel)
    seats = sitting(panel)
    assert len(seats) == 3
    for seat in seats:
        vote(seat, "against")
    assert close(panel).verdict == "against"


def test_a_tie_is_hung(court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    seats = sitting(panel)
    vote(seats[0], "support")
    vote(seats[1], "against")
    move_clock(hours=court.rules.jury.voting_hours)
    assert close(panel).verdict == "hung"


def test_with_another_closing_key_nothing_is_counted(court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    for seat in sitting(panel):
        vote(seat)
    with override_settings(BALLOT_CLOSING_KEY=b"y" * 32), pytest.raises(PanelKeyLocked):
        close(panel)
    assert Panel.objects.get().status == "open"
    assert not BallotOpening.objects.exists()


def test_the_log_of_the_whole_vote_names_no_choice_before_the_close(court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    for seat in sitting(panel):
        vote(seat, "against", words=WORDS, reason_codes=["not_proved"])
    logged = json.dumps(list(Entry.objects.values_list("kind", "stream", "actor", "body")))
    for secret in (WORDS, "not_proved", '"against"', '"support"'):
        assert secret not in logged
    assert CASE in logged
