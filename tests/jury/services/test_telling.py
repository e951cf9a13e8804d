"""What jurors and professionals are told, and that nobody is told what others do."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.actors import SYSTEM
from jury.models import Panel
from jury.services.jurors import lapse_juror
from jury.services.opinions import abandon_request, close_request
from jury.services.panels import abandon_panel, draw_panel, give_nonce, recuse_seat
from members.models import Message
from members.selectors.messages import told
from tests.factories import make_user
from tests.inboxes import inbox, last_told, subjects
from tests.jury.conftest import CASE, Court, close, sitting, user_of, vote
from tests.jury.services.test_opinions import answers, ask, give
from tests.moving import move_clock

pytestmark = pytest.mark.django_db


def drawn(court: Court, *, jurors: int = 3, **terms: int) -> Panel:
    court.add_jurors(jurors)
    return court.drawn(**terms)


def test_each_juror_is_summoned_to_their_own_seat_until_the_close(court: Court) -> None:
    panel = drawn(court)
    for seat in sitting(panel):
        assert inbox(user_of(seat)) == ["jury.summoned"]
        summons = last_told(user_of(seat))
        assert told(summons).path == reverse("seat_detail", args=[seat.pk])
        assert summons.due_at == panel.closes_at
        assert summons.entry is not None
        assert summons.entry.body["seat"] == seat.pk
    assert inbox(court.claimant.person) == []


def test_a_juror_never_reads_who_claims(court: Court) -> None:
    panel = drawn(court)
    close_after_all_voted(panel)
    for message in Message.objects.filter(kind__startswith="jury."):
        words = told(message)
        assert "Chen Ill" not in " ".join((words.subject, *words.body, words.why, words.act))


def close_after_all_voted(panel: Panel) -> None:
    for seat in sitting(panel):
        vote(seat)
    close(panel)


def test_the_result_goes_to_everyone_who_sits_voter_or_not_after_the_close(court: Court) -> None:
    panel = drawn(court)
    first, second, third = sitting(panel)
    vote(first)
    vote(second)
    assert inbox(user_of(first)) == ["jury.summoned"]
    move_clock(hours=24)
    close(panel)
    for seat in (first, second, third):
        assert inbox(user_of(seat)) == ["jury.summoned", "jury.result"]


def test_who_steps_down_is_told_and_hears_no_more_of_it(court: Court) -> None:
    panel = drawn(court, jurors=4)
    leaving = sitting(panel)[0]
    recuse_seat(seat_id=leaving.pk, reason="knows_somebody", by=user_of(leaving))
    replacement = sitting(panel)[-1]
    close_after_all_voted(panel)
    assert inbox(user_of(leaving)) == ["jury.summoned", "jury.recused"]
    assert inbox(user_of(replacement)) == ["jury.summoned", "jury.result"]


def test_who_loses_the_seat_by_the_service_is_told_so(court: Court) -> None:
    leaving = sitting(drawn(court))[0]
    lapse_juror(juror_id=leaving.juror_id, by=SYSTEM)
    assert inbox(user_of(leaving)) == ["jury.summoned", "jury.replaced"]


def test_more_time_is_told_to_those_who_sit_and_not_to_those_who_are_summoned_by_it(court: Court) -> None:
    panel = drawn(court, jurors=4)
    voter, silent, leaving = sitting(panel)
    vote(voter)
    move_clock(hours=23)
    recuse_seat(seat_id=leaving.pk, reason="knows_somebody", by=user_of(leaving))
    move_clock(hours=1)
    panel = close(panel)
    (new,) = [seat for seat in sitting(panel) if seat not in (voter, silent)]
    for seat in (voter, silent):
        assert inbox(user_of(seat)) == ["jury.summoned", "jury.extended"]
        assert last_told(user_of(seat)).due_at == panel.closes_at
    assert inbox(user_of(new)) == ["jury.summoned"]
    assert last_told(user_of(new)).due_at == panel.closes_at


def test_a_dissolved_panel_needs_nobody_any_more(court: Court) -> None:
    panel = drawn(court)
    abandon_panel(panel_id=panel.pk, by=SYSTEM)
    assert [inbox(user_of(seat)) for seat in sitting(panel)] == [["jury.summoned", "jury.not_needed"]] * 3


def test_reviewers_learn_that_no_jury_could_be_seated(court: Court) -> None:
    reviewer = make_user(None, "reviewer")
    court.add_juror()
    panel = court.drawn(seats=3, quorum=2)
    assert panel.verdict == "hung"
    assert inbox(reviewer) == ["jury.pool_too_small"]
    assert told(last_told(reviewer)).path == reverse("draw_record", args=[CASE, 1])


def statements_to_draw(court: Court, seats: int, case_ref: str) -> tuple[int, int]:
    """How many statements a draw takes, and how many of them write messages and deliveries."""
    panel = court.commit(case_ref=case_ref, seats=seats, quorum=1)
    give_nonce(panel_id=panel.pk, nonce="lucky 7", by=court.claimant.person.user)
    with CaptureQueriesContext(connection) as queries:
        draw_panel(panel_id=panel.pk, by=SYSTEM)
    assert len(sitting(panel)) == seats
    outbox = [query for query in queries if "members_message" in query["sql"] or "members_delivery" in query["sql"]]
    return len(queries), len(outbox)


def test_the_summonses_of_a_whole_jury_are_three_statements(court: Court) -> None:
    court.add_jurors(8)
    few, outbox_of_few = statements_to_draw(court, 1, "C26-TEST11")
    many, outbox_of_many = statements_to_draw(court, 3, "C26-TEST12")
    assert outbox_of_few == outbox_of_many == 3
    # The entry of each summons, which has a leaf of its own in the log, and the looking-up of two more numbers.
    assert many - few <= 2 * 8


def test_professionals_are_asked_until_the_end_and_told_when_it_is_closed(court: Court) -> None:
    doctors = [make_user(None, "professional") for _number in range(3)]
    request = ask(court)
    for opinion in request.opinions.all():
        message = last_told(opinion.professional)
        assert (message.kind, message.due_at) == ("jury.opinion_asked", request.due_at)
        assert told(message).path == reverse("opinion_detail", args=[opinion.pk])
    first = request.opinions.first()
    assert first is not None
    give(first, answers(request))
    assert {len(inbox(doctor)) for doctor in doctors} == {1}
    move_clock(days=30)
    close_request(request_id=request.pk, by=SYSTEM)
    assert [inbox(doctor) for doctor in doctors] == [["jury.opinion_asked", "jury.opinions_closed"]] * 3


def test_professionals_are_told_when_they_are_no_longer_needed(court: Court) -> None:
    doctor = make_user(None, "professional")
    request = ask(court)
    abandon_request(request_id=request.pk, by=SYSTEM)
    assert inbox(doctor) == ["jury.opinion_asked", "jury.opinion_not_needed"]


def test_subjects_are_in_both_languages(court: Court) -> None:
    juror = user_of(sitting(drawn(court))[0])
    assert subjects(juror) == [f"You were drawn for a jury: case {CASE}"]
    assert subjects(juror, "zh-hans") == [f"您已被抽为赔审员：案件{CASE}"]
