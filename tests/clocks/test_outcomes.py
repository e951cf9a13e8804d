"""What happens at the end of each wait, once, and who is told before and after it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from adjudication.errors.holds import ClaimNotOnHold, HoldReasonUnfit
from adjudication.errors.investigations import ReturnedTooOften
from adjudication.models import Claim
from adjudication.selectors.clocks import clocks_of
from adjudication.services.advancing import advance_claim
from adjudication.services.holds import lapse_hold, lift_hold, place_hold, renew_hold
from adjudication.services.investigations import return_report
from adjudication.services.waits import assign_investigation, take_off
from adjudication.services.withdrawals import note_withdrawal
from audit import clock
from audit.actors import SYSTEM
from audit.models import Entry
from jury.services.jurors import qualify_juror
from members.models import Message
from tests.adjudication.deciding import make_decided_claim
from tests.adjudication.making import make_claim, make_withdrawal, record_all, signed, taken
from tests.adjudication.trials import Trial, at_vote, make_trial, small_cast
from tests.bent import bend
from tests.cast import Cast
from tests.clocks.waiting_claims import run_sweeps
from tests.factories import make_membership, make_person, make_user, take_roles_back
from tests.moving import About, move_clock, set_clock

NO_WAITS = {
    "take_days = 5": 'take_days = "none"',
    "overdue_days = 10": 'overdue_days = "none"',
    "hold_days = 30": 'hold_days = "none"',
    "no_jurors_days = 14": 'no_jurors_days = "none"',
    "returns_to_same = 2": 'returns_to_same = "none"',
}


def names(claim: Claim) -> list[str]:
    return [one.wait.name for one in clocks_of(Claim.objects.get(pk=claim.pk), is_for_staff=True)]


def told(user: object, kind: str) -> int:
    return Message.objects.filter(to_user=user, kind=kind).count()


def entries(claim: Claim, kind: str) -> list[Entry]:
    return list(Entry.objects.filter(stream=claim.stream, kind=kind).order_by("pk"))


def filed(cast: Cast) -> Claim:
    return make_claim(cast.membership, cast.member)


def test_a_claim_that_nobody_takes_is_given_to_who_has_the_fewest(db: None) -> None:
    cast = small_cast()
    other = make_membership(cast.plan, make_person(user=make_user(), id_number="310101199905170022"))
    taken(make_claim(other, other.person.user), cast.investigator)
    claim = filed(cast)
    waiting = claim.investigations.get()
    assert names(claim) == ["investigation.untaken"]
    assert not assign_investigation(investigation_id=waiting.pk), "not before its time"

    move_clock(days=4)
    run_sweeps()
    run_sweeps()
    assert (
        told(cast.investigator, "adjudication.untaken_near")
        == told(cast.other_investigator, "adjudication.untaken_near")
        == 1
    )
    move_clock(days=1, minutes=1)
    run_sweeps()
    waiting.refresh_from_db()
    assert waiting.investigator == cast.other_investigator
    assert waiting.due_at >= clock.now() + dt.timedelta(days=29)
    assert [entry.body["to"] for entry in entries(claim, "investigation.assigned")] == [
        cast.other_investigator.audit_ref
    ]
    assert told(cast.other_investigator, "adjudication.assigned") == 1
    assert told(cast.member, "adjudication.taken") == 1
    assert names(claim) == ["investigation.at_work"]
    assert not assign_investigation(investigation_id=waiting.pk)


def test_an_overdue_investigation_is_taken_off_and_goes_to_somebody_else(db: None) -> None:
    cast = small_cast()
    claim = filed(cast)
    investigation = taken(claim, cast.investigator)
    record_all(investigation, cast.investigator)
    move_clock(days=31)
    run_sweeps()
    assert names(claim) == ["investigation.overdue"]
    assert not take_off(investigation_id=investigation.pk)
    move_clock(days=8)
    run_sweeps()
    assert told(cast.investigator, "adjudication.take_off_near") == 1
    move_clock(days=2)
    run_sweeps()
    run_sweeps()
    assert len(entries(claim, "investigation.taken_off")) == 1
    assert told(cast.investigator, "adjudication.taken_off") == told(cast.member, "adjudication.offered_again") == 1
    first, second = claim.investigations.order_by("round")
    assert (first.status, first.investigator, second.status) == ("abandoned", cast.investigator, "waiting")
    assert second.reason == "taken_off"
    move_clock(days=5, minutes=1)
    run_sweeps()
    second.refresh_from_db()
    assert second.investigator == cast.other_investigator, "who lost it comes last"


def test_a_version_without_the_keys_lets_nothing_end_and_tells_staff_every_day(db: None) -> None:
    cast = small_cast(NO_WAITS)
    claim = filed(cast)
    for day in range(1, 4):
        move_clock(days=1, hours=1)
        run_sweeps()
        assert claim.investigations.get().status == "waiting"
        assert told(cast.reviewer, "adjudication.waits_late") == day
    [one] = clocks_of(Claim.objects.get(pk=claim.pk), is_for_staff=True)
    assert (one.until, one.is_late) == (None, True)
    assert clock.now() < one.next_at <= clock.now() + dt.timedelta(days=1)


def test_after_two_returns_somebody_else_investigates(db: None) -> None:
    cast = small_cast()
    claim = filed(cast)
    for _round in range(2):
        investigation = taken(claim, cast.investigator)
        record_all(investigation, cast.investigator)
        signed(investigation, cast.investigator)
        return_report(claim_ref=claim.ref, reason="The second hospital is missing.", by=cast.reviewer)
    assert names(claim) == ["investigation.needs_another"]
    with pytest.raises(ReturnedTooOften):
        taken(claim, cast.investigator)
    move_clock(days=5, minutes=1)
    run_sweeps()
    assert claim.investigations.get(status="open").investigator == cast.other_investigator


def test_a_hold_lifts_by_itself_unless_it_is_renewed(db: None) -> None:
    cast = small_cast()
    claim = filed(cast)
    with pytest.raises(ClaimNotOnHold):
        renew_hold(claim_ref=claim.ref, reason="Why?", by=cast.reviewer)
    place_hold(claim_ref=claim.ref, reason="The hospital is asked.", by=cast.reviewer)
    assert names(claim) == ["claim.held"], "no other clock runs"
    move_clock(days=25)
    run_sweeps()
    assert told(cast.reviewer, "adjudication.hold_near") == told(cast.other_reviewer, "adjudication.hold_near") == 1
    with pytest.raises(HoldReasonUnfit):
        renew_hold(claim_ref=claim.ref, reason=" ", by=cast.reviewer)
    renew_hold(claim_ref=claim.ref, reason="It has not answered.", by=cast.other_reviewer)
    assert told(cast.member, "adjudication.held_longer") == 1
    move_clock(days=20)
    run_sweeps()
    assert Claim.objects.get(pk=claim.pk).hold_reason == "It has not answered."
    move_clock(days=10, minutes=1)
    run_sweeps()
    assert not lapse_hold(claim_id=claim.pk)
    released = Claim.objects.get(pk=claim.pk)
    assert (released.hold_reason, released.hold_until) == ("", None)
    assert [entry.body["is_over"] for entry in entries(claim, "claim.released")] == [True]
    [after] = clocks_of(released, is_for_staff=True)
    assert after.until == released.released_at + dt.timedelta(days=5), "the whole time again"


def test_a_hold_ends_also_where_the_version_sets_no_days(db: None) -> None:
    cast = small_cast(NO_WAITS)
    claim = filed(cast)
    assert cast.version.rules.waits.hold_days is None
    place_hold(claim_ref=claim.ref, reason="The hospital is asked.", by=cast.reviewer)
    [runs] = clocks_of(Claim.objects.get(pk=claim.pk), is_for_staff=True)
    assert runs.until == runs.since + dt.timedelta(days=30)
    move_clock(days=30, minutes=-1)
    run_sweeps()
    assert Claim.objects.get(pk=claim.pk).hold_reason
    assert told(cast.reviewer, "adjudication.hold_near") == 1
    move_clock(minutes=2)
    run_sweeps()
    assert Claim.objects.get(pk=claim.pk).hold_reason == ""
    assert [entry.body["is_over"] for entry in entries(claim, "claim.released")] == [True]


def test_a_hold_that_was_begun_without_an_end_gets_one_and_the_applicant_is_told(db: None) -> None:
    cast = small_cast(NO_WAITS)
    claim = filed(cast)
    place_hold(claim_ref=claim.ref, reason="The hospital is asked.", by=cast.reviewer)
    bend(Claim.objects.get(pk=claim.pk), hold_until=None)
    move_clock(days=200)
    run_sweeps()
    run_sweeps()
    held = Claim.objects.get(pk=claim.pk)
    assert held.hold_reason == "The hospital is asked.", "it does not move on the day of the upgrade"
    assert held.hold_until is not None
    assert held.hold_until == About(clock.now() + dt.timedelta(days=30))
    assert [one.body["until"] for one in entries(claim, "claim.hold_renewed")] == [held.hold_until.isoformat()]
    assert told(cast.member, "adjudication.held_longer") == 1
    set_clock(held.hold_until)
    run_sweeps()
    assert Claim.objects.get(pk=claim.pk).hold_reason == ""


def test_a_hold_that_was_begun_without_an_end_can_be_renewed_and_lifted(db: None, client: Client) -> None:
    cast = small_cast(NO_WAITS)
    claim = filed(cast)
    place_hold(claim_ref=claim.ref, reason="The hospital is asked.", by=cast.reviewer)
    bend(Claim.objects.get(pk=claim.pk), hold_until=None)
    client.force_login(cast.reviewer)
    address = reverse("hold_renew", args=[claim.ref])
    assert address in client.get(reverse("board_claim", args=[claim.ref])).content.decode()
    assert client.post(address, {"reason": "It has not answered."}).status_code == 302
    assert Claim.objects.get(pk=claim.pk).hold_until == About(clock.now() + dt.timedelta(days=30))
    lift_hold(claim_ref=claim.ref, by=cast.reviewer)


def test_an_approved_claim_stays_on_hold_until_its_withdrawn_record_is_noted(db: None) -> None:
    set_clock(clock.now())
    cast = small_cast()
    claim = make_decided_claim(cast.version, outcome="approved")
    withdrawal = make_withdrawal(claim)
    assert Claim.objects.get(pk=claim.pk).hold_until == clock.now() + dt.timedelta(days=30), "put on hold at once"
    move_clock(days=31)
    run_sweeps()
    held = Claim.objects.get(pk=claim.pk)
    assert held.hold_reason
    assert held.hold_until > clock.now()
    assert entries(claim, "claim.hold_renewed")[-1].body["until"] == held.hold_until.isoformat()
    note_withdrawal(withdrawal_id=withdrawal.pk, note="It concerned another person.", by=cast.reviewer)
    lift_hold(claim_ref=claim.ref, by=cast.reviewer)
    assert Claim.objects.get(pk=claim.pk).hold_reason == ""


def test_without_jurors_the_hearing_is_hung_in_the_end_and_nothing_is_raised(db: None) -> None:
    trial = make_trial(jurors=0)
    assert advance_claim(claim_id=trial.claim.pk) == 0
    assert names(trial.claim) == ["hearing.no_jurors"]
    move_clock(days=14, minutes=16)
    run_sweeps()
    assert trial.reload().status == "jury_review"
    move_clock(hours=3)
    run_sweeps()
    assert (trial.panel.verdict, trial.panel.pool_high) == ("hung", 0)
    assert trial.reload().status == "second_opinion"


def test_a_juror_who_comes_in_time_is_found_by_the_next_look(db: None) -> None:
    trial = make_trial(jurors=0)
    trial.advance()
    membership = make_membership(trial.version.plan, make_person("Late Juror", user=make_user()))
    qualify_juror(membership=membership, exam_passed_at=membership.joined_at, by=SYSTEM)
    move_clock(minutes=16)
    run_sweeps()
    assert trial.reload().status == "jury_review"
    assert (trial.claim.lacking, trial.claim.lacking_since) == ("", None)


def without_doctors() -> Trial:
    trial = at_vote()
    for doctor in {trial.cast.professional, *trial.doctors}:
        take_roles_back(doctor, trial.claim.submitted_at)
    trial.vote("aaa")
    return trial


def test_without_a_doctor_the_opinion_is_inconclusive_in_the_end(db: None) -> None:
    trial = without_doctors()
    assert names(trial.claim) == ["opinion.no_doctor"]
    move_clock(days=7, minutes=16)
    run_sweeps()
    request = trial.hearing.opinion_request
    assert request is not None
    assert (request.status, request.conclusion, request.opinions.count()) == ("closed", "inconclusive", 0)
    assert told(trial.cast.member, "adjudication.no_doctor_found") == 1
    assert told(trial.cast.member, "adjudication.referred") == 0
    assert trial.reload().status == "under_investigation", "back to investigation, once"


def test_who_waits_for_a_decision_is_told_once_that_it_is_late(db: None) -> None:
    trial = at_vote()
    trial.vote("sss")
    assert names(trial.claim) == ["decision.awaited"]
    move_clock(days=5, minutes=1)
    for _run in range(2):
        run_sweeps()
    assert told(trial.cast.member, "adjudication.decision_late") == 1
    assert told(trial.cast.reviewer, "adjudication.waits_late") == 1
    assert trial.reload().status == "jury_review", "no clock decides"
