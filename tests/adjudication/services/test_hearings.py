"""From a signed report to what the decision table says: every step, every row, and every interruption."""

from __future__ import annotations

import json

import pytest

from adjudication.errors.hearings import NotInvestigated
from adjudication.models import Claim
from adjudication.selectors.case_files import file_digest
from adjudication.selectors.decisions import proposed_decision
from adjudication.selectors.due import claims_due
from adjudication.services.advancing import advance_claim
from adjudication.services.claims import withdraw_claim
from adjudication.services.hearings import open_hearing
from adjudication.services.investigations import return_report
from adjudication.tasks import sweep_deadlines
from audit.actors import SYSTEM
from audit.models import Entry
from audit.services import publish
from jury.models import Panel
from jury.services.opinions import close_request, give_opinion
from jury.services.panels import close_panel, draw_panel, give_nonce
from tests.adjudication.making import kinds, make_claim, record_all, taken
from tests.adjudication.trials import DISPUTED, Trial, add_jurors, make_trial, small_cast, vote
from tests.bent import bend
from tests.moving import move_clock

pytestmark = pytest.mark.django_db


def test_a_signed_report_opens_a_hearing_with_the_draw_committed() -> None:
    trial = make_trial()
    assert trial.advance() == "jury_review"
    hearing = trial.hearing
    assert (hearing.round, hearing.kind, hearing.is_final) == (1, "first", False)
    assert hearing.panel.status == "committed"
    assert (hearing.panel.seats_wanted, hearing.panel.quorum) == (3, 2)
    assert trial.claim.due_at == hearing.panel.nonce_due_at
    assert hearing.panel.file_digest == file_digest(hearing.panel.case_file)
    opened = Entry.objects.get(kind="hearing.opened", stream=trial.claim.stream)
    assert opened.body["file_digest"] == hearing.panel.file_digest
    assert opened.body["rules_digest"] == trial.version.digest


def test_a_hearing_needs_a_signed_report() -> None:
    cast = small_cast()
    add_jurors(cast.version, 3)
    claim = make_claim(cast.membership, cast.member)
    with pytest.raises(NotInvestigated):
        open_hearing(claim_id=claim.pk, by=SYSTEM)
    assert not claim.hearings.exists()


def test_the_draw_waits_for_the_word_or_its_deadline() -> None:
    trial = make_trial()
    trial.advance()
    assert trial.advance() == "jury_review"
    assert trial.panel.status == "committed"
    move_clock(hours=2)
    trial.advance()
    assert trial.panel.status == "open"
    assert trial.claim.due_at == trial.panel.closes_at


def test_all_ballots_in_close_the_panel_at_once_and_the_claim_rests_for_a_reviewer() -> None:
    trial = make_trial()
    trial.draw()
    assert trial.vote("sss") == "jury_review"
    panel = trial.panel
    assert (panel.status, panel.verdict, panel.support_count) == ("closed", "support", 3)
    proposal = proposed_decision(trial.claim)
    assert proposal is not None
    assert (proposal.outcome, proposal.amount_minor) == ("approved", 30_000_000)
    assert trial.claim.due_at is None


def test_a_panel_that_is_not_complete_waits_for_its_close() -> None:
    trial = make_trial(jurors=3)
    trial.draw()
    trial.vote("ss")
    assert trial.panel.status == "open"
    assert proposed_decision(trial.claim) is None
    move_clock(hours=24)
    trial.advance()
    assert trial.panel.verdict == "support"


def test_advancing_twice_is_the_same_as_once() -> None:
    trial = make_trial()
    trial.draw()
    for letter in ("", "sss"):
        trial.vote(letter)
        before = (kinds(trial.claim), trial.claim.status, trial.claim.due_at, Panel.objects.count())
        assert advance_claim(claim_id=trial.claim.pk) == 0
        trial.reload()
        assert (kinds(trial.claim), trial.claim.status, trial.claim.due_at, Panel.objects.count()) == before


# -------- Every row of the decision table -----------------------------------------------------------------------------
def opined(trial: Trial, ballots: str, answer: str) -> str:
    """Vote so that doctors are asked (a narrow, an opposing or a hung verdict), and let them answer."""
    trial.draw()
    trial.vote(ballots)
    for _extended in range(2):
        if trial.panel.status == "open":
            move_clock(hours=25)
            trial.advance()
    assert trial.claim.status == "second_opinion"
    return trial.opine(answer)


@pytest.mark.parametrize(
    ("ballots", "answer", "outcome"),
    [("ssa", "yes", "approved"), ("aas", "no", "rejected"), ("sa", "yes", "approved"), ("sa", "no", "rejected")],
)
def test_the_table_decides(ballots: str, answer: str, outcome: str) -> None:
    trial = make_trial(jurors=3)
    assert opined(trial, ballots, answer) == "second_opinion"
    decision = trial.issue()
    assert decision.outcome == outcome
    assert trial.claim.status == outcome
    assert decision.basis["opinion"] == ("confirmed" if answer == "yes" else "not_confirmed")
    assert decision.basis["verdict"] == {"ssa": "support", "aas": "against", "sa": "hung"}[ballots]


@pytest.mark.parametrize(
    ("ballots", "answer", "fresh_ballots", "outcome"),
    [
        ("ssa", "no", "sssssaa", "approved"),
        ("ssa", "no", "aaaaaaa", "rejected"),
        ("ssa", "no", "sssaaa", "rejected"),
        ("aas", "yes", "sssssss", "approved"),
        ("aas", "yes", "aaaaass", "rejected"),
        ("aas", "yes", "sssaaa", "approved"),
    ],
)
def test_where_verdict_and_opinion_disagree_a_fresh_panel_is_final(
    ballots: str, answer: str, fresh_ballots: str, outcome: str
) -> None:
    trial = make_trial(jurors=11)
    sat = {seat.juror_id for seat in trial.draw()}
    trial.vote(ballots)
    assert trial.opine(answer) == "jury_review"
    hearing = trial.hearing
    assert (hearing.round, hearing.kind, hearing.is_final) == (2, "fresh", True)
    assert (hearing.panel.seats_wanted, hearing.panel.quorum) == (7, 5)
    assert hearing.panel.case_file["earlier_opinion"]["conclusion"] == (
        "confirmed" if answer == "yes" else "not_confirmed"
    )
    move_clock(hours=2)
    trial.advance()
    assert not sat & {seat.juror_id for seat in trial.seats}
    trial.vote(fresh_ballots)
    if trial.panel.status == "open":
        move_clock(hours=25)
        trial.advance()
    assert trial.claim.status == "jury_review"
    assert trial.hearing.opinion_request is None
    decision = trial.issue()
    assert decision.outcome == outcome
    assert decision.basis["opinion"] == hearing.panel.case_file["earlier_opinion"]["conclusion"]


@pytest.mark.parametrize(("ballots", "outcome"), [("ssa", "approved"), ("aas", "rejected"), ("sa", "approved")])
def test_an_inconclusive_opinion_sends_the_claim_back_once_then_the_verdict_or_the_recommendation_stands(
    ballots: str, outcome: str
) -> None:
    trial = make_trial(jurors=8)
    assert opined(trial, ballots, "unsure") == "under_investigation"
    again = trial.claim.investigations.latest("round")
    assert (again.round, again.status, again.reason) == (2, "waiting", "opinion_inconclusive")
    assert again.duties.count() == 5
    assert trial.claim.due_at == again.due_at
    assert trial.investigate_again() == "jury_review"
    assert (trial.hearing.kind, trial.hearing.is_final) == ("rehearing", False)
    assert opined(trial, ballots, "unsure") == "second_opinion"
    assert trial.claim.investigations.count() == 2
    assert trial.issue().outcome == outcome


def test_a_report_that_a_reviewer_returned_does_not_use_up_the_one_return() -> None:
    trial = make_trial(jurors=3)
    return_report(claim_ref=trial.claim.ref, reason="Ask the second hospital.", by=trial.cast.reviewer)
    trial.reload()
    trial.investigate_again()
    assert trial.claim.investigations.filter(status="signed").count() == 2
    trial.draw()
    trial.vote("ssa")
    assert trial.opine("unsure") == "under_investigation"


def test_hung_below_the_quorum_is_extended_once_and_then_counted() -> None:
    trial = make_trial(jurors=3)
    trial.draw()
    trial.vote("s")
    move_clock(hours=24)
    trial.advance()
    assert (trial.panel.status, trial.panel.is_extended) == ("open", True)
    assert trial.claim.due_at == trial.panel.closes_at
    move_clock(hours=24)
    assert trial.advance() == "second_opinion"
    assert trial.panel.verdict == "hung"


def test_hung_without_opinions_takes_the_recommendation() -> None:
    none = {'triggers = ["opposes_investigator", "thin_margin", "hung", "medical_flags"]': "triggers = []"}
    trial = make_trial(small_cast(none), jurors=3)
    trial.draw()
    trial.vote("sa")
    move_clock(hours=25)
    trial.advance()
    move_clock(hours=25)
    trial.advance()
    assert trial.panel.verdict == "hung"
    decision = trial.issue()
    assert (decision.outcome, decision.basis["opinion"]) == ("approved", None)


@pytest.mark.parametrize(
    ("ballots", "flagged", "trigger"),
    [("ssa", False, "thin_margin"), ("aaa", False, "opposes_investigator"), ("sss", True, "medical_flags")],
)
def test_the_plans_triggers_call_for_the_doctors(ballots: str, flagged: bool, trigger: str) -> None:
    trial = make_trial(jurors=3)
    trial.draw()
    assert trial.vote(ballots, is_medical_question=flagged) == "second_opinion"
    assert trigger in trial.request.triggers_met
    assert trial.request.case_file == trial.panel.case_file
    assert trial.claim.due_at == trial.request.due_at


def test_participants_are_not_asked_as_doctors() -> None:
    from members.services.roles import grant_role

    cast = small_cast()
    grant_role(user=cast.member, role="professional", by=SYSTEM)
    grant_role(user=cast.investigator, role="professional", by=SYSTEM)
    trial = make_trial(cast, jurors=3, doctors=1)
    trial.draw()
    assert trial.vote("ssa") == "second_opinion"
    assert [opinion.professional for opinion in trial.request.opinions.all()] == [cast.professional]


def test_doctors_who_miss_their_deadline_leave_it_inconclusive() -> None:
    trial = make_trial(jurors=3)
    trial.draw()
    trial.vote("ssa")
    move_clock(hours=72)
    assert trial.advance() == "under_investigation"
    assert trial.claim.investigations.count() == 2


# -------- Plans whose jury sits on disputed claims only ---------------------------------------------------------------


def test_under_disputed_a_supported_claim_needs_no_jury() -> None:
    trial = make_trial(small_cast(DISPUTED))
    assert trial.advance() == "investigated"
    decision = trial.issue()
    assert (decision.outcome, decision.basis["rule"], decision.hearing) == ("approved", "uncontested", None)
    assert trial.claim.status == "approved"


# -------- Interruptions -----------------------------------------------------------------------------------------------
def test_a_claim_withdrawn_during_the_vote_does_not_advance() -> None:
    trial = make_trial(jurors=3)
    trial.draw()
    vote(trial.seats[0])
    withdraw_claim(claim_ref=trial.claim.ref, by=trial.cast.member)
    assert trial.advance() == "withdrawn"
    assert trial.panel.status == "abandoned"
    assert trial.panel.support_count is None
    assert trial.claim.pk not in claims_due()


def test_a_claim_withdrawn_before_the_doctors_does_not_advance() -> None:
    trial = make_trial(jurors=3)
    trial.draw()
    trial.vote("ssa")
    withdraw_claim(claim_ref=trial.claim.ref, by=trial.cast.member)
    assert trial.advance() == "withdrawn"
    assert trial.request.status == "abandoned"


def test_a_claim_on_hold_does_not_move() -> None:
    trial = make_trial(jurors=3)
    Claim.objects.filter(pk=trial.claim.pk).update(hold_reason="An heir must be found.")
    assert trial.advance() == "investigated"
    assert claims_due() == []


def test_the_sweep_opens_a_hearing_whose_nudge_was_lost() -> None:
    trial = make_trial(jurors=3)
    assert claims_due() == [trial.claim.pk]
    assert sweep_deadlines() == 1
    assert trial.reload().status == "jury_review"


def test_the_sweep_comes_back_for_a_draw_whose_commitment_the_log_has_not_sealed() -> None:
    trial = make_trial(jurors=3)
    advance_claim(claim_id=trial.claim.pk)
    move_clock(hours=2)
    for _sweep in range(2):
        assert claims_due() == [trial.claim.pk]
        sweep_deadlines()
    assert trial.panel.status == "committed"
    publish()
    assert sweep_deadlines() == 1
    assert trial.panel.status == "open"


def test_the_sweep_recovers_from_a_crash_between_the_draw_and_the_claims_deadline() -> None:
    trial = make_trial(jurors=3)
    trial.advance()
    give_nonce(panel_id=trial.panel.pk, nonce="word", by=trial.cast.member)
    draw_panel(panel_id=trial.panel.pk, by=SYSTEM)
    move_clock(hours=24)
    assert claims_due() == [trial.claim.pk]
    sweep_deadlines()
    assert trial.panel.is_extended


def test_the_sweep_recovers_from_a_crash_between_the_close_and_the_referral(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody has voted long before the deadline; the process dies right after the close."""
    trial = make_trial(jurors=3)
    trial.draw()
    for seat, choice in zip(trial.seats, ("support", "support", "against"), strict=True):
        vote(seat, choice)
    _die_after_the_first_step(monkeypatch, trial)
    assert trial.panel.status == "closed"
    assert trial.reload().status == "jury_review"
    assert claims_due() == [trial.claim.pk]
    sweep_deadlines()
    assert trial.reload().status == "second_opinion"
    assert kinds(trial.claim).count("panel.closed") == 1


def test_the_sweep_recovers_from_a_crash_between_the_opinions_and_what_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    trial = make_trial(jurors=11)
    trial.draw()
    trial.vote("ssa")
    monkeypatch.setattr("tests.adjudication.trials.advance_claim", lambda claim_id: 0)
    trial.opine("no")
    monkeypatch.undo()
    _die_after_the_first_step(monkeypatch, trial)
    assert trial.request.status == "closed"
    assert trial.reload().status == "second_opinion"
    assert claims_due() == [trial.claim.pk]
    sweep_deadlines()
    assert trial.reload().status == "jury_review"
    assert trial.hearing.kind == "fresh"


def _die_after_the_first_step(monkeypatch: pytest.MonkeyPatch, trial: Trial) -> None:
    with monkeypatch.context() as patch:
        publish()  # the checkpoint that a close waits for
        patch.setattr("adjudication.services.advancing.MOST_STEPS", 1)
        with pytest.raises(RuntimeError):
            advance_claim(claim_id=trial.claim.pk)


def test_closing_by_hand_changes_nothing_of_what_follows() -> None:
    trial = make_trial(jurors=3)
    trial.draw()
    for seat in trial.seats:
        vote(seat)
    publish()
    close_panel(panel_id=trial.panel.pk, by=SYSTEM)
    assert trial.advance() == "jury_review"
    assert trial.issue().outcome == "approved"


def test_opinions_closed_by_hand_change_nothing_of_what_follows() -> None:
    trial = make_trial(jurors=3)
    trial.draw()
    trial.vote("ssa")
    for opinion in trial.request.opinions.select_related("professional"):
        answers = {question["code"]: "yes" for question in trial.request.questions}
        give_opinion(opinion_id=opinion.pk, answers=answers, reasons="Seen.", by=opinion.professional)
    close_request(request_id=trial.request.pk, by=SYSTEM)
    assert trial.advance() == "second_opinion"
    assert trial.issue().outcome == "approved"


def test_one_claim_that_fails_does_not_delay_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    trial = make_trial(jurors=3)
    other = make_trial_of_somebody_else(trial)
    real = advance_claim

    def failing(*, claim_id: int) -> int:
        if claim_id == trial.claim.pk:
            raise RuntimeError("broken")
        return real(claim_id=claim_id)

    monkeypatch.setattr("adjudication.tasks.advance", failing)
    assert sweep_deadlines() == 1
    assert Claim.objects.get(pk=other.pk).status == "jury_review"
    assert trial.reload().status == "investigated"


def make_trial_of_somebody_else(trial: Trial) -> Claim:
    from tests.adjudication.making import signed
    from tests.factories import make_membership, make_person, make_user

    user = make_user()
    membership = make_membership(trial.version.plan, make_person("Qian Other", user=user))
    claim = make_claim(membership, user)
    investigation = taken(claim, trial.cast.investigator)
    record_all(investigation, trial.cast.investigator)
    signed(investigation, trial.cast.investigator)
    return claim


def test_every_juror_of_a_round_sees_one_file_and_a_new_round_has_its_own() -> None:
    trial = make_trial(jurors=11)
    trial.draw()
    first = trial.panel.case_file
    trial.vote("ssa")
    trial.opine("no")
    # The fresh panel reads the opinion, and what the clauses say after it; everything else is as it was.
    again = trial.panel.case_file
    assert again | {"earlier_opinion": None, "clauses": first["clauses"]} == first
    assert again["clauses"] != first["clauses"]
    assert Panel.objects.get(case_ref=trial.claim.ref, round=1).case_file == first


def test_the_file_says_nothing_of_who_the_claimant_is() -> None:
    """Filled with all that could leak."""
    cast = small_cast()
    person = cast.membership.person
    person.address, person.employer = "12 Fuxing Road", "Huangpu Shipyard"
    bend(person)
    trial = make_trial(
        cast,
        jurors=3,
        hospital="Ruijin Hospital",
        account="I, Zhao, phoned 13911112222 from Fuxing Road.",
        report={"report": "Zhao Claimant was seen at Ruijin Hospital, born 1999-05-17."},
    )
    trial.draw()
    text = json.dumps(trial.panel.case_file, ensure_ascii=False)
    secrets = (
        "Zhao", "Claimant", "1999-05-17", "1999", "Ruijin", "13911112222", "310101199905170011", "Fuxing", "Huangpu",
        str(person.public_id), "member@test", "investigator@test", "phoned", "Met in person",
    )  # fmt: skip
    assert [secret for secret in secrets if secret in text] == []
    logged = json.dumps(list(Entry.objects.values_list("body", flat=True)), ensure_ascii=False)
    assert [secret for secret in secrets if secret in logged and secret != "1999"] == []
