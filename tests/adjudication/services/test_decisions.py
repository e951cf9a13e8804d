"""Issuing what the table says: by whom, with which reasons, how much, and only once."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from adjudication.errors.conflicts import ConflictOfInterest
from adjudication.errors.decisions import AlreadyDecided, IdentityUnsettled, NothingToDecide, TookPart
from adjudication.errors.holds import ClaimOnHold
from adjudication.models import Claim, Decision
from adjudication.selectors.decisions import proposed_decision
from adjudication.services.decisions import issue_decision
from audit import clock
from audit.actors import SYSTEM
from audit.models import Entry
from audit.services import publish
from jury.services.panels import close_panel
from members.errors.plans import ReasonNotInPlan
from members.models import IdentityQuestion, User
from members.services.identity import settle_identity
from members.services.roles import grant_role
from tests.adjudication.making import ENTRY_OF_A_DECISION
from tests.adjudication.trials import AGAINST, NONE_BINDS, Trial, juror_of, make_trial, small_cast, vote
from tests.bent import bend


@pytest.fixture
def judged(db: None) -> Trial:
    """A claim that three jurors support."""
    trial = make_trial(jurors=3)
    trial.draw()
    trial.vote("sss")
    return trial


def test_a_decision_holds_its_basis_its_rules_and_its_amount(judged: Trial) -> None:
    decision = judged.issue("all_clauses_met")
    assert (decision.sequence, decision.outcome, decision.amount_minor) == (1, "approved", 30_000_000)
    assert decision.reason_codes == ["evidence_convincing", "all_clauses_met"]
    assert decision.basis["verdict"] == "support"
    assert (decision.basis["support"], decision.basis["against"], decision.basis["opinion"]) == (3, 0, None)
    assert decision.plan_version == judged.version
    assert decision.hearing == judged.hearing
    assert decision.eligibility_check == judged.claim.eligibility_checks.latest("pk")
    assert decision.decided_by == judged.cast.reviewer
    assert (judged.claim.status, judged.claim.amount_minor, judged.claim.due_at) == ("approved", 30_000_000, None)
    entry = Entry.objects.get(kind="decision.issued", stream=judged.claim.stream)
    assert entry.actor == judged.cast.reviewer.audit_ref
    assert entry.body["amount_minor"] == 30_000_000
    assert entry.body["rules_digest"] == judged.version.digest
    assert set(entry.body) == ENTRY_OF_A_DECISION


@pytest.mark.parametrize(
    ("severity", "icd10", "amount_minor"), [("severe", "C50.9", 30_000_000), ("mild", "C50.9", 5_000_000)]
)
def test_the_rules_give_the_amount(db: None, severity: str, icd10: str, amount_minor: int) -> None:
    trial = make_trial(jurors=3, severity=severity, icd10=icd10)
    trial.draw()
    trial.vote("sss")
    assert trial.issue().amount_minor == amount_minor


def test_no_verdict_can_pay_what_the_rules_do_not_cover(db: None) -> None:
    trial = make_trial(small_cast(NONE_BINDS), jurors=3, icd10="J00")
    trial.draw()
    trial.vote("sss")
    decision = trial.issue()
    assert (decision.outcome, decision.amount_minor) == ("rejected", None)
    assert decision.basis["rules_give_no_aid"] is True
    assert "condition_covered" in decision.reason_codes
    assert trial.claim.status == "rejected"


def test_a_rejection_gathers_the_jurors_reasons(db: None) -> None:
    trial = make_trial(jurors=3, report={"recommendation": "against", "reason_codes": ["not_proved"]})
    seats = trial.draw()
    for seat, codes in zip(seats, (["health_statement"], ["waiting_period"], []), strict=True):
        vote(seat, "against", reason_codes=codes)
    trial.advance()
    decision = trial.issue("not_cooperating")
    assert decision.outcome == "rejected"
    assert decision.reason_codes == ["not_proved", "health_statement", "waiting_period", "not_cooperating"]


def test_a_reason_for_the_other_outcome_is_refused(judged: Trial) -> None:
    with pytest.raises(ReasonNotInPlan):
        judged.issue("not_proved")
    assert judged.reload().status == "jury_review"
    assert not Decision.objects.exists()


def test_nothing_can_be_decided_while_the_vote_is_open(db: None) -> None:
    trial = make_trial(jurors=3)
    with pytest.raises(NothingToDecide):
        trial.issue()
    trial.draw()
    with pytest.raises(NothingToDecide):
        trial.issue()
    trial.vote("ssa")
    with pytest.raises(NothingToDecide):
        trial.issue()
    assert not Decision.objects.exists()


def test_nobody_decides_between_the_close_and_the_question_to_the_doctors(db: None) -> None:
    trial = make_trial(jurors=3)
    trial.draw()
    for seat, choice in zip(trial.seats, ("support", "support", "against"), strict=True):
        vote(seat, choice)
    publish()
    close_panel(panel_id=trial.panel.pk, by=SYSTEM)
    assert trial.reload().status == "jury_review"
    with pytest.raises(NothingToDecide):
        trial.issue()
    assert trial.advance() == "second_opinion"


def test_a_claim_on_hold_is_not_decided(judged: Trial) -> None:
    Claim.objects.filter(pk=judged.claim.pk).update(hold_reason="An heir must be found.")
    with pytest.raises(ClaimOnHold):
        judged.issue()


def _payer(trial: Trial) -> User:
    from tests.factories import make_person, make_user

    payer = make_person("Payer", user=make_user())
    person = trial.cast.membership.person
    person.payer = payer
    bend(person)
    assert payer.user is not None
    return payer.user


@pytest.mark.parametrize("who", ["applicant", "payer", "investigator", "juror", "professional"])
def test_participants_can_not_issue_the_decision(db: None, who: str) -> None:
    trial = make_trial(jurors=3)
    seats = trial.draw()
    trial.vote("ssa")
    trial.opine("yes")
    people: dict[str, Any] = {
        "applicant": lambda: trial.cast.member,
        "payer": lambda: _payer(trial),
        "investigator": lambda: trial.cast.investigator,
        "juror": lambda: juror_of(seats[0]),
        "professional": lambda: trial.request.opinions.first().professional,  # type: ignore[union-attr]
    }
    user = people[who]()
    grant_role(user=user, role="reviewer", by=SYSTEM)
    with pytest.raises(ConflictOfInterest if who in {"applicant", "payer"} else TookPart):
        trial.issue(by=User.objects.get(pk=user.pk))
    assert not Decision.objects.exists()


def test_a_decision_is_never_changed_or_deleted(judged: Trial) -> None:
    decision = judged.issue()
    for act in (
        lambda: Decision.objects.filter(pk=decision.pk).update(outcome="rejected", amount_minor=None),
        lambda: Decision.objects.filter(pk=decision.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    assert Decision.objects.get().outcome == "approved"


def test_a_second_decision_says_that_the_first_stands(judged: Trial) -> None:
    judged.issue()
    with pytest.raises(AlreadyDecided) as told:
        judged.issue(by=judged.cast.other_reviewer)
    assert judged.claim.ref in str(told.value)
    assert proposed_decision(judged.claim) is None


@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_at_once_one_decides_and_the_other_is_refused() -> None:
    trial = make_trial(small_cast(), jurors=3)
    trial.draw()
    trial.vote("sss")
    barrier = threading.Barrier(2)
    results: list[Any] = [None, None]

    def issue(place: int, by: User) -> None:
        barrier.wait()
        try:
            results[place] = issue_decision(claim_ref=trial.claim.ref, reason_codes=[], by=by)
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    reviewers = (trial.cast.reviewer, trial.cast.other_reviewer)
    threads = [threading.Thread(target=issue, args=pair) for pair in enumerate(reviewers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(type(result).__name__ for result in results) == ["AlreadyDecided", "Decision"]
    assert Decision.objects.count() == 1
    assert Entry.objects.filter(kind="decision.issued").count() == 1


def test_nothing_is_approved_while_the_identity_is_open(db: None) -> None:
    trial = make_trial(jurors=3)
    trial.draw()
    trial.vote("sss")
    question = IdentityQuestion.objects.create(
        person=trial.claim.membership.person, doubts=["check_digit"], asked_at=clock.now()
    )
    with pytest.raises(IdentityUnsettled):
        trial.issue()
    settle_identity(question_id=question.pk, answer="refuted", reason="No card was shown.", by=trial.cast.reviewer)
    with pytest.raises(IdentityUnsettled):
        trial.issue()
    assert not Decision.objects.exists()
    settle_identity(question_id=question.pk, answer="confirmed", reason="Card seen.", by=trial.cast.reviewer)
    assert trial.issue().outcome == "approved"


def test_an_open_identity_keeps_no_claim_from_being_rejected(db: None) -> None:
    trial = make_trial(jurors=3, report=AGAINST)
    trial.draw()
    trial.vote("aaa")
    if trial.claim.status == "second_opinion":
        trial.opine("no")
    IdentityQuestion.objects.create(person=trial.claim.membership.person, doubts=["sex"], asked_at=clock.now())
    assert trial.issue().outcome == "rejected"
