"""Committing, the applicant's word, drawing, and walking on."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from itertools import islice
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from audit import clock
from audit.actors import SYSTEM
from audit.models import Entry
from jury.errors.draws import AlreadyDrawn, ChainSecretChanged, DrawNotDue, NoJurors, NonceTooLate, NonceUnusable
from jury.errors.panels import PanelClosed
from jury.errors.seats import NotYourSeat, RecusalReasonUnknown, SeatGivenUp
from jury.models import Juror, Panel, Seat
from jury.rules.draw import walk
from jury.rules.entropy import hash_link
from jury.selectors.draws import key_of
from jury.services import chain
from jury.services.panels import abandon_panel, draw_panel, give_nonce, recuse_seat
from tests.bent import bend, unguarded
from tests.factories import make_grant, make_person, make_user
from tests.jury.conftest import CASE, Court, sitting, user_of
from tests.moving import move_clock


def outcomes(panel: Panel) -> list[tuple[int, str]]:
    return list(panel.steps.order_by("position").values_list("number", "outcome"))


def test_the_commitment_is_logged_whole_before_any_entropy_exists(court: Court) -> None:
    court.add_jurors(4)
    panel = court.commit()
    entry = Entry.objects.get(kind="draw.committed")
    assert entry.stream == f"claim:{CASE}"
    text = json.dumps(entry.body["commitment"], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    assert hashlib.sha256(text.encode()).hexdigest() == entry.body["commitment_digest"] == panel.commitment_digest
    assert entry.body["commitment"]["pool_high"] == 4
    assert entry.body["commitment"]["rule_digest"] == court.rules.digest
    assert (panel.status, panel.entropy, panel.drawn_at) == ("committed", "", None)


def test_the_chain_is_anchored_once_before_the_first_commitment(court: Court) -> None:
    court.add_juror()
    first, second = court.commit(), court.commit(round_=2)
    anchors = list(Entry.objects.filter(kind="draw.chain_anchored").order_by("pk"))
    assert [entry.body["chain"] for entry in anchors] == [0, 1]
    assert anchors[-1].pk < Entry.objects.filter(kind="draw.committed").order_by("pk")[0].pk
    assert (first.chain_index, second.chain_index) == (0, 1)
    assert first.commitment["sources"][0]["publisher"] == anchors[0].body["anchor"]


def test_the_next_chain_begins_where_one_ends_and_is_anchored_a_chain_ahead(
    court: Court, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "LINKS", 1)
    court.add_jurors(3)
    court.commit()
    following = court.drawn(round_=2)
    assert (following.chain_index, following.commitment["sources"][0]["issue"]) == (1, "1")
    anchors = {entry.body["chain"]: entry.body["anchor"] for entry in Entry.objects.filter(kind="draw.chain_anchored")}
    assert sorted(anchors) == [0, 1, 2]
    assert following.commitment["sources"][0]["publisher"] == anchors[1]
    assert hash_link(bytes.fromhex(following.entropy.split(".")[0])).hex() == anchors[1]


def test_a_changed_chain_secret_stops_commitment_and_draw(court: Court) -> None:
    court.add_jurors(4)
    panel = court.commit()
    move_clock(hours=3)
    with override_settings(DRAW_CHAIN_SECRET=b"x" * 32):
        with pytest.raises(ChainSecretChanged):
            court.commit(round_=2)
        with pytest.raises(ChainSecretChanged):
            draw_panel(panel_id=panel.pk, by=SYSTEM)
    assert Panel.objects.get().status == "committed"


def test_one_commitment_for_each_case_and_round(court: Court) -> None:
    court.add_juror()
    court.commit()
    with pytest.raises(AlreadyDrawn):
        court.commit()
    assert Panel.objects.count() == 1


def test_without_jurors_there_is_nothing_to_draw_from(court: Court) -> None:
    with pytest.raises(NoJurors):
        court.commit()
    assert not Entry.objects.filter(kind__startswith="draw.").exists()


def test_a_case_without_a_claimant_is_refused(court: Court, monkeypatch: pytest.MonkeyPatch) -> None:
    court.add_juror()
    monkeypatch.setattr(court, "facts", lambda: {"claimants": []}, raising=False)
    with pytest.raises(ValueError, match="claimant"):
        court.commit()


def test_the_draw_waits_for_the_word_or_its_deadline(court: Court) -> None:
    court.add_jurors(4)
    panel = court.commit()
    with pytest.raises(DrawNotDue):
        draw_panel(panel_id=panel.pk, by=SYSTEM)
    move_clock(hours=court.rules.jury.nonce_hours)
    drawn = draw_panel(panel_id=panel.pk, by=SYSTEM)
    assert drawn.status == "open"
    assert f"{CASE}/1".encode().hex() in drawn.entropy
    assert Entry.objects.get(kind="draw.made").body["strength"] == "not_bias_proof_against_operator"


def test_a_given_word_makes_the_draw_due_and_bias_proof(court: Court) -> None:
    court.add_jurors(4)
    panel = court.drawn()
    link, word = panel.entropy.split(".")[0], panel.entropy.split("/")[1]
    assert word == b"lucky 7".hex() + "."
    assert hash_link(bytes.fromhex(link)).hex() == panel.commitment["sources"][0]["publisher"]
    assert Entry.objects.get(kind="draw.made").body["strength"] == "bias_proof"
    assert "lucky" not in json.dumps([entry.body for entry in Entry.objects.exclude(kind="draw.made")])


@pytest.mark.parametrize("word", ["", "   ", "x" * 41, "a\nb"])
def test_an_unusable_word_changes_nothing(court: Court, word: str) -> None:
    court.add_juror()
    panel = court.commit()
    with pytest.raises(NonceUnusable):
        give_nonce(panel_id=panel.pk, nonce=word, by=SYSTEM)
    assert Panel.objects.get().nonce == ""


def test_the_longest_word_of_four_byte_characters_can_be_drawn_with(court: Court) -> None:
    court.add_jurors(4)
    panel = court.commit()
    give_nonce(panel_id=panel.pk, nonce="𠮷" * 40, by=SYSTEM)
    assert draw_panel(panel_id=panel.pk, by=SYSTEM).status == "open"


def test_a_word_counts_once_and_only_in_time(court: Court) -> None:
    court.add_jurors(4)
    first = court.commit()
    give_nonce(panel_id=first.pk, nonce="7", by=SYSTEM)
    with pytest.raises(NonceTooLate):
        give_nonce(panel_id=first.pk, nonce="8", by=SYSTEM)
    second = court.commit(round_=2)
    move_clock(hours=court.rules.jury.nonce_hours)
    with pytest.raises(NonceTooLate):
        give_nonce(panel_id=second.pk, nonce="8", by=SYSTEM)


def test_the_panel_sits_as_the_walk_says(court: Court) -> None:
    court.add_jurors(6)
    panel = court.drawn()
    numbers = list(islice(walk(key_of(panel), 6, "sha256"), 3))
    assert outcomes(panel) == [(number, "seated") for number in numbers]
    assert {seat.juror.number for seat in sitting(panel)} == set(numbers)
    assert {seat.place for seat in sitting(panel)} == {1, 2, 3}
    assert panel.closes_at is not None
    assert panel.drawn_at is not None
    assert panel.closes_at - panel.drawn_at == dt.timedelta(hours=court.rules.jury.voting_hours)
    assert Entry.objects.filter(kind="juror.summoned").count() == 3


def test_drawing_again_changes_nothing(court: Court) -> None:
    court.add_jurors(6)
    panel = court.drawn()
    before = outcomes(panel), [seat.pk for seat in sitting(panel)], Entry.objects.count()
    again = draw_panel(panel_id=panel.pk, by=SYSTEM)
    assert again.entropy == panel.entropy
    assert (outcomes(panel), [seat.pk for seat in sitting(panel)], Entry.objects.count()) == before


def test_who_may_not_sit_is_skipped_for_the_reason_that_applies(court: Court) -> None:
    claimant = court.claimant.person
    itself = court.add_juror(claimant)
    paid_for = court.add_juror(payer=claimant)
    same_phone = court.add_juror(phone="138 0000 0001")
    staff = court.add_juror()
    make_grant(staff.person.user, "investigator")
    left = court.add_juror()
    left.membership.left_at, left.membership.end_reason = clock.now(), "left"
    bend(left.membership)
    busy = court.add_juror()
    for number in range(court.rules.jury.max_open_seats):
        other = court.commit(case_ref=f"C26-OTHER{number}", seats=1, quorum=1)
        force_seat(other, busy)
    good = court.add_jurors(3)
    panel = court.drawn()
    found = dict(outcomes(panel))
    expected = {
        itself.number: "conflict",
        paid_for.number: "household",
        same_phone.number: "conflict",
        staff.number: "vacant",
        left.number: "vacant",
        busy.number: "workload",
        **{juror.number: "seated" for juror in good},
    }
    assert found.items() <= expected.items()
    assert {seat.juror_id for seat in sitting(panel)} == {juror.pk for juror in good}


def force_seat(panel: Panel, juror: object) -> Seat:
    with unguarded():
        return Seat.objects.create(panel=panel, juror=juror, place=1, summoned_at=clock.now())


def test_facts_count_as_they_stood_at_the_commitment(court: Court) -> None:
    jurors = court.add_jurors(3)
    panel = court.commit()
    for number in range(court.rules.jury.max_open_seats):
        force_seat(court.commit(case_ref=f"C26-LATER{number}", seats=1, quorum=1), jurors[0])
    late = court.add_juror()
    give_nonce(panel_id=panel.pk, nonce="7", by=SYSTEM)
    draw_panel(panel_id=panel.pk, by=SYSTEM)
    assert {seat.juror_id for seat in sitting(panel)} == {juror.pk for juror in jurors}
    assert late.number not in dict(outcomes(panel))


def test_who_left_the_pool_after_the_commitment_is_replaced_at_once(court: Court) -> None:
    jurors = court.add_jurors(4)
    panel = court.commit()
    gone = jurors[0].membership
    gone.left_at, gone.end_reason = clock.now(), "left"
    bend(gone)
    give_nonce(panel_id=panel.pk, nonce="7", by=SYSTEM)
    draw_panel(panel_id=panel.pk, by=SYSTEM)
    assert {seat.juror_id for seat in sitting(panel)} == {juror.pk for juror in jurors[1:]}


def test_one_household_one_seat(court: Court) -> None:
    payer = make_person(user=make_user())
    first = court.add_juror(payer)
    second = court.add_juror(payer=payer)
    court.add_jurors(2)
    panel = court.drawn()
    seated = {seat.juror_id for seat in sitting(panel)}
    assert len(seated) == 3
    assert len(seated & {first.pk, second.pk}) == 1


def test_an_exhausted_pool_sits_while_the_quorum_can_be_reached(court: Court) -> None:
    court.add_jurors(2)
    panel = court.drawn(seats=3, quorum=2)
    assert (panel.status, len(sitting(panel))) == ("open", 2)


def test_a_pool_that_cannot_reach_the_quorum_is_hung_without_summoning_anybody(court: Court) -> None:
    court.add_jurors(1)
    panel = court.drawn(seats=3, quorum=2)
    assert (panel.status, panel.verdict, panel.support_count, panel.against_count) == ("closed", "hung", 0, 0)
    assert not panel.seats.exists()
    assert Entry.objects.get(kind="panel.closed").body["pool_exhausted"] is True


def test_stepping_down_summons_the_next_number_of_the_same_walk(court: Court) -> None:
    court.add_jurors(5)
    panel = court.drawn()
    leaving = sitting(panel)[0]
    recuse_seat(seat_id=leaving.pk, reason="knows_somebody", by=user_of(leaving))
    numbers = list(islice(walk(key_of(panel), 5, "sha256"), 4))
    assert [number for number, _ in outcomes(panel)] == numbers
    assert {seat.juror.number for seat in sitting(panel)} == set(numbers) - {leaving.juror.number}
    left = Seat.objects.get(pk=leaving.pk)
    assert (left.status, left.recusal_reason) == ("recused", "knows_somebody")
    assert Entry.objects.get(kind="juror.recused").body["is_own_act"] is True
    assert Entry.objects.filter(kind="draw.continued").count() == 1
    with pytest.raises(SeatGivenUp):
        recuse_seat(seat_id=leaving.pk, reason="other", by=user_of(leaving))


def test_in_the_last_quarter_nobody_is_summoned_any_more(court: Court) -> None:
    court.add_jurors(5)
    panel = court.drawn()
    move_clock(hours=court.rules.jury.voting_hours * 0.76)
    leaving = sitting(panel)[0]
    recuse_seat(seat_id=leaving.pk, reason="health", by=user_of(leaving))
    assert len(sitting(panel)) == 2


def test_only_the_juror_steps_down_for_a_known_reason_before_the_close(court: Court) -> None:
    court.add_jurors(4)
    panel = court.drawn()
    seat = sitting(panel)[0]
    with pytest.raises(NotYourSeat):
        recuse_seat(seat_id=seat.pk, reason="other", by=make_user(None, "reviewer"))
    with pytest.raises(RecusalReasonUnknown):
        recuse_seat(seat_id=seat.pk, reason="my cousin Li", by=user_of(seat))
    move_clock(hours=court.rules.jury.voting_hours)
    with pytest.raises(PanelClosed):
        recuse_seat(seat_id=seat.pk, reason="other", by=user_of(seat))
    assert len(sitting(panel)) == 3


def test_nobody_sits_twice_on_one_case(court: Court) -> None:
    court.add_jurors(6)
    first = court.drawn()
    second = court.drawn(round_=2)
    assert not {seat.juror_id for seat in sitting(first)} & {seat.juror_id for seat in sitting(second)}


def test_an_abandoned_panel_is_over_and_frees_its_jurors(court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    abandoned = abandon_panel(panel_id=panel.pk, by=SYSTEM)
    assert abandoned.status == "abandoned"
    assert abandoned.closed_at is not None
    assert abandon_panel(panel_id=panel.pk, by=SYSTEM).closed_at == abandoned.closed_at
    assert draw_panel(panel_id=panel.pk, by=SYSTEM).status == "abandoned"
    assert Entry.objects.filter(kind="panel.abandoned").count() == 1


def test_a_draw_asks_the_database_as_often_for_a_large_pool_as_for_a_small_one(
    court: Court, django_assert_num_queries: Any
) -> None:
    court.add_jurors(4)
    small = court.commit()
    court.add_jurors(36)
    large = court.commit(round_=2)
    for panel in (small, large):
        give_nonce(panel_id=panel.pk, nonce="7", by=SYSTEM)
    with CaptureQueriesContext(connection) as asked:
        draw_panel(panel_id=small.pk, by=SYSTEM)
    with django_assert_num_queries(len(asked)):
        draw_panel(panel_id=large.pk, by=SYSTEM)


def test_the_walk_gives_up_at_the_committed_number_of_look_ups(court: Court) -> None:
    # Neither of the two who hold a number may sit, so that it doesn't matter whether the walk meets them.
    last = court.add_juror(court.claimant.person)
    now = clock.now()
    Juror.objects.create(
        plan=court.plan,
        number=10_000_000,
        person=make_person(),
        membership=last.membership,
        exam_passed_at=now,
        qualified_at=now,
        lapsed_at=now,
    )
    panel = court.drawn(seats=1, quorum=1)
    assert panel.steps.count() == court.rules.jury.lookup_limit
    assert (panel.status, panel.verdict) == ("closed", "hung")
