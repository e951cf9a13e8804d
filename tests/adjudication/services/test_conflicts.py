"""Every act on a claim × every kind of closeness: those who are close to the member are kept off, and told why."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules

import pytest

import adjudication.services
import allocation.services
from adjudication.errors.conflicts import ConflictOfInterest
from adjudication.models import Claim, DeclaredRelation, Evidence
from adjudication.selectors.board import ready_for_decision
from adjudication.selectors.conflicts import (
    claims_in_conflict,
    conflicts_of,
    roles_without_anybody,
    shown_conflict,
)
from adjudication.selectors.investigations import waiting_investigations
from adjudication.services import (
    addenda,
    decisions,
    duties,
    evidence,
    findings,
    holds,
    investigations,
    opinions,
    relations,
    seats,
    withdrawals,
)
from adjudication.services.claims import withdraw_claim
from adjudication.services.relations import declare_relation
from audit import clock
from audit.models import Entry
from jury.errors.seats import JurorConflicted
from jury.models import Opinion
from jury.services.ballots import open_case_file
from jury.services.opinions import open_request
from members.models import User
from members.models.users import Role
from members.rules.dates import local_day
from tests.adjudication.closeness import DATA, KINDS
from tests.adjudication.making import make_claim, make_withdrawal, pdf, record_all, taken
from tests.adjudication.trials import at_vote, juror_of, make_trial, small_cast
from tests.bent import bend
from tests.cast import Cast
from tests.factories import make_user

Act = Callable[[], object]
Ready = tuple[Claim, User, Act]
"""A claim, who is about to act on it, and the act."""


def _take(cast: Cast) -> Ready:
    claim = make_claim(cast.membership, cast.member)
    pk, by = claim.investigations.get().pk, cast.investigator
    return claim, by, lambda: investigations.take_investigation(investigation_id=pk, by=by)


def _record(cast: Cast) -> Ready:
    claim, by = make_claim(cast.membership, cast.member), cast.investigator
    investigation = taken(claim, by)
    return claim, by, lambda: record_all(investigation, by)


def _sign(cast: Cast) -> Ready:
    claim, by = make_claim(cast.membership, cast.member), cast.investigator
    investigation = taken(claim, by)
    record_all(investigation, by)
    return (
        claim,
        by,
        lambda: investigations.sign_report(
            investigation_id=investigation.pk,
            recommendation="support",
            reason_codes=["evidence_convincing"],
            report="Seen.",
            jury_summary="All agree.",
            by=by,
        ),
    )


def _add_file(cast: Cast) -> Ready:
    claim, by = make_claim(cast.membership, cast.member), cast.investigator
    duty = taken(claim, by).duties.get(kind="interview")
    return (
        claim,
        by,
        lambda: evidence.add_evidence(
            content=pdf().content, filename="a.pdf", kind=Evidence.Kind.FINDING, title="", by=by, duty=duty
        ),
    )


def _add_files(cast: Cast) -> Ready:
    claim, by = make_claim(cast.membership, cast.member), cast.investigator
    duty = taken(claim, by).duties.get(kind="interview")
    return (
        claim,
        by,
        lambda: evidence.add_files(uploads=[pdf()], kind=Evidence.Kind.FINDING, title="", by=by, duty=duty),
    )


def _remove_file(cast: Cast) -> Ready:
    claim, by, add = _add_files(cast)
    add()
    pk = claim.evidence.get(duty__isnull=False).pk
    return claim, by, lambda: evidence.remove_evidence(evidence_id=pk, by=by)


def _return(cast: Cast) -> Ready:
    claim, by = make_trial(cast).claim, cast.reviewer
    return claim, by, lambda: investigations.return_report(claim_ref=claim.ref, reason="More.", by=by)


def _issue(cast: Cast) -> Ready:
    claim, by = make_trial(cast).claim, cast.reviewer
    return claim, by, lambda: decisions.issue_decision(claim_ref=claim.ref, reason_codes=[], by=by)


def _hold(cast: Cast) -> Ready:
    claim, by = make_claim(cast.membership, cast.member), cast.reviewer
    return claim, by, lambda: holds.place_hold(claim_ref=claim.ref, reason="A paper is missing.", by=by)


def _lift(cast: Cast) -> Ready:
    claim, by = make_claim(cast.membership, cast.member), cast.reviewer
    holds.place_hold(claim_ref=claim.ref, reason="A paper is missing.", by=cast.other_reviewer)
    return claim, by, lambda: holds.lift_hold(claim_ref=claim.ref, by=by)


def _renew(cast: Cast) -> Ready:
    claim, by = make_claim(cast.membership, cast.member), cast.reviewer
    holds.place_hold(claim_ref=claim.ref, reason="A paper is missing.", by=cast.other_reviewer)
    return claim, by, lambda: holds.renew_hold(claim_ref=claim.ref, reason="It is still missing.", by=by)


def _find(cast: Cast) -> Ready:
    claim, by = make_claim(cast.membership, cast.member), cast.investigator
    pk = taken(claim, by).pk
    found = {"fact": "severity", "standing": "found", "value": "mild", "confidence": "certain", "note": "Seen."}
    return claim, by, lambda: findings.record_finding(investigation_id=pk, **found, by=by)


def _found_late(cast: Cast) -> Claim:
    """A claim on whose report something was found after the signature."""
    trial = make_trial(cast)
    pk = trial.claim.investigations.latest("round").pk
    found = {"fact": "severity", "standing": "found", "value": "mild", "confidence": "certain", "note": "Seen."}
    findings.record_finding(investigation_id=pk, **found, by=cast.investigator)
    return trial.claim


def _dismiss(cast: Cast) -> Ready:
    claim, by = _found_late(cast), cast.reviewer
    return claim, by, lambda: findings.dismiss_late_findings(claim_ref=claim.ref, reason="It changes nothing.", by=by)


def _look_again(cast: Cast) -> Ready:
    claim, by = _found_late(cast), cast.reviewer
    return claim, by, lambda: findings.order_another_look(claim_ref=claim.ref, reason="Look again.", by=by)


def _release(cast: Cast) -> Ready:
    trial = at_vote(cast)
    pk = trial.claim.investigations.latest("round").pk
    found = {"fact": "severity", "standing": "found", "value": "mild", "confidence": "certain", "note": "Seen."}
    findings.record_finding(investigation_id=pk, **found, by=cast.investigator)
    claim, by = trial.claim, cast.reviewer
    return claim, by, lambda: addenda.release_addendum(claim_ref=claim.ref, text="An early stage.", by=by)


def _record_with_facts(cast: Cast) -> Ready:
    claim, by = make_claim(cast.membership, cast.member), cast.investigator
    duty = taken(claim, by).duties.get(kind="interview")
    today = local_day(clock.now(), claim.plan.timezone)
    said = {"result": "confirms", "findings": "Met.", "jury_summary": "The member was met.", "done_on": today}
    return claim, by, lambda: duties.record_duty_with_facts(duty_id=duty.pk, facts=[], by=by, **said)


def _note(cast: Cast) -> Ready:
    claim, by = make_claim(cast.membership, cast.member), cast.reviewer
    pk = make_withdrawal(claim).pk
    return claim, by, lambda: withdrawals.note_withdrawal(withdrawal_id=pk, note="The ward says so.", by=by)


def _settle(cast: Cast) -> Ready:
    claim, by = make_claim(cast.membership, cast.member), cast.reviewer
    relation = declare_relation(claim_ref=claim.ref, kind="work", by=cast.investigator)
    relations.ask_withdrawal(relation_id=relation.pk, reason="A namesake.", by=cast.investigator)
    return claim, by, lambda: relations.settle_withdrawal(relation_id=relation.pk, is_withdrawn=True, by=by)


def _asked(cast: Cast) -> tuple[Claim, Opinion]:
    claim = make_claim(cast.membership, cast.member)
    request = open_request(
        plan=claim.plan,
        rules=claim.plan_version.rules,
        case_ref=claim.ref,
        round=1,
        case_file={"illness": {"icd10": "C50.9"}},
        file_digest="0" * 64,
        triggers_met=[],
        exclude_user_ids=[],
        by=cast.reviewer,
    )
    return claim, request.opinions.get()


def _read_file(cast: Cast) -> Ready:
    claim, opinion = _asked(cast)
    return claim, cast.professional, lambda: opinions.open_file(opinion_id=opinion.pk, by=cast.professional)


def _opine(cast: Cast) -> Ready:
    claim, opinion = _asked(cast)
    answers = {question["code"]: "yes" for question in opinion.request.questions}
    return (
        claim,
        cast.professional,
        lambda: opinions.give_opinion(opinion_id=opinion.pk, answers=answers, reasons="Seen.", by=cast.professional),
    )


def _cast_ballot(seat_id: int, by: User) -> object:
    return seats.cast_ballot(
        seat_id=seat_id,
        choice="support",
        reason_codes=[],
        words="",
        is_medical_question=False,
        replaces=0,
        by=by,
    )


JURY_ACTS: dict[str, Callable[[int, User], object]] = {
    "open": lambda seat_id, by: open_case_file(seat_id=seat_id, by=by),
    "cast": _cast_ballot,
}
ACTS: dict[str, Callable[[Cast], Ready]] = {
    "investigations.take_investigation": _take,
    "investigations.record_duty": _record,
    "investigations.sign_report": _sign,
    "investigations.return_report": _return,
    "evidence.add_evidence": _add_file,
    "evidence.add_files": _add_files,
    "evidence.remove_evidence": _remove_file,
    "decisions.issue_decision": _issue,
    "holds.place_hold": _hold,
    "holds.renew_hold": _renew,
    "holds.lift_hold": _lift,
    "relations.settle_withdrawal": _settle,
    "duties.record_duty_with_facts": _record_with_facts,
    "addenda.release_addendum": _release,
    "findings.record_finding": _find,
    "findings.dismiss_late_findings": _dismiss,
    "findings.order_another_look": _look_again,
    "withdrawals.note_withdrawal": _note,
    "opinions.open_file": _read_file,
    "opinions.give_opinion": _opine,
}
ELSEWHERE = {
    "payments.ask_again": "tests/allocation/services/test_conflicts_of_payments.py",
    "refunds.ask_again": "tests/allocation/services/test_conflicts_of_payments.py",
    "serving.record_contact": "tests/adjudication/services/test_serving.py",
    "notices.record_contact": "tests/allocation/services/test_notices.py, for the share of one's own household",
    "seats.cast_quickly": "tests/jury/services/test_quick_ballots.py: leaves it to cast_ballot",
    "seats.cast_ballot": "below, by the jury's own check, which frees the seat",
}
NO_DECISION = {
    "seats.recuse_seat": "steps down",
    "seats.dispute_seat": "the juror's own",
    "opinions.recuse_opinion": "steps down",
    "relations.declare_relation": "says that one is close",
    "relations.ask_withdrawal": "asks a second person",
    "answers.answer_report": "the applicant's own",
    "claims.submit_claim": "the applicant's own",
    "claims.withdraw_claim": "the applicant's own",
    "claims.give_nonce": "the applicant's own",
    "drafts.start_draft": "the applicant's own",
    "drafts.save_step": "the applicant's own",
    "drafts.send_draft": "the applicant's own",
    "drafts.discard_draft": "the applicant's own",
    "evidence.read_evidence": "reads, and is recorded",
    "viewings.view_claim": "reads, and is recorded",
    "conflicts.check_no_conflict": "the check itself",
    "arrears.pay_arrears": "the member's own",
    "asking.ask_all_again": "all payments of a service at once",
    "dissolutions.propose_dissolution": "a whole plan",
    "dissolutions.confirm_dissolution": "a whole plan",
    "dissolutions.withdraw_dissolution": "a whole plan",
    "memberships.enrol": "the member's own",
    "memberships.rejoin_or_join": "the member's own",
    "memberships.move": "the member's own",
    "periods.publish_notice": "a whole plan",
    "periods.charge_period": "a whole plan",
    # The applicant's own word, and what the operator imports.
    "findings.add_remark": "the applicant's own act",
    "accounts.write_account": "the applicant's own act",
    "accounts.add_to_account": "the applicant's own act",
    "accounts.store_account": "the applicant's own act",
    "imported_findings.record_stated": "part of an import",
    "imported_findings.withdraw_stated": "part of an import",
    "imported_bills.attach_bill": "part of an import",
    "imported_patients.learn_identities": "part of an import",
    "imported_patients.register_patient": "part of an import",
    "imported_withdrawals.bill_withdrawn": "part of an import",
    "imported_withdrawals.condition_withdrawn": "part of an import",
    "imported_withdrawals.deletion_learned": "part of an import",
    "withdrawals.learn_withdrawal": "part of an import",
    # Parts of the service's own steps and of other acts, which have locked and asked already.
    "facts.write_finding": "part of an act",
    "evidence.file_for_addendum": "part of an act",
    "opinions.record_majority": "a step of the service",
    "serving.follow_service": "a step of the service",
    "holds.lapse_hold": "a step of the service",
    "waits.assign_investigation": "a step of the service",
    "waits.take_off": "a step of the service",
    "notices.serve_share": "a step of the service",
    "notices.follow_notice": "a step of the service",
    "serving.serve_answer": "a step of the service",
    "advancing.advance_claim": "a step of the service",
    "answers.ask_applicant": "a step of the service",
    "answers.lapse_answer": "a step of the service",
    "answers.void_answer": "part of an act",
    "answers.renew_time": "part of an act",
    "arrears.retry_arrear": "a step of the service",
    "arrears.write_off": "part of an act",
    "arrears.write_off_owed": "part of an act",
    "arrears.net_arrears": "part of an act",
    "claims.settle_claim": "a step of the service",
    "decisions.reject_by_clause": "part of an act",
    "decisions.write_decision": "part of an act",
    "dissolutions.record_threshold": "part of an act",
    "eligibility.run_check": "part of an act",
    "eligibility.check_again": "part of an act",
    "hearings.open_hearing": "a step of the service",
    "hearings.empanel": "part of an act",
    "hearings.refer_to_professionals": "part of an act",
    "claim_checks.check_claimant": "part of an act",
    "locks.own_open_duty": "part of an act, and asks",
    "locks.own_open_investigation": "part of an act, and asks",
    "investigations.open_round": "part of an act",
    "investigations.abandon_open_round": "part of an act",
    "investigations.reinvestigate": "part of an act",
    "ledger.post": "part of an act",
}


def _acts() -> Iterator[str]:
    """Every public function that a person could be the actor of, in the services that know claims."""
    for package in (adjudication.services, allocation.services):
        for found in iter_modules(package.__path__):
            module = import_module(f"{package.__name__}.{found.name}")
            for name, value in vars(module).items():
                is_own = inspect.isfunction(value) and value.__module__ == module.__name__
                if is_own and not name.startswith("_") and "by" in inspect.signature(value).parameters:
                    yield f"{found.name}.{name}"


def test_every_act_is_in_the_table() -> None:
    assert set(_acts()) == {*ACTS, *ELSEWHERE, *NO_DECISION}


@pytest.mark.django_db
@pytest.mark.parametrize("act", ACTS)
def test_who_is_close_to_nobody_may_act(act: str) -> None:
    _claim, _by, do = ACTS[act](small_cast())
    do_and_ignore_the_state(do)


def do_and_ignore_the_state(do: Act) -> None:
    """Do it; that there is nothing to decide yet is another test's business."""
    try:
        do()
    except decisions.NothingToDecide:
        return


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("act", ACTS)
def test_who_is_close_is_kept_off(act: str, kind: str) -> None:
    claim, by, do = ACTS[act](small_cast())
    reason, make_close = KINDS[kind]
    make_close(claim, by)
    before = Entry.objects.count()
    with pytest.raises(ConflictOfInterest) as refused:
        do()
    assert reason.value in refused.value.kinds
    assert not any(datum in str(refused.value) for datum in DATA.values())
    assert Entry.objects.count() == before


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["is paid for", "same payer", "address", "phone", "employer"])
@pytest.mark.parametrize("act", JURY_ACTS)
def test_a_juror_who_has_become_close_loses_the_seat(act: str, kind: str) -> None:
    cast = small_cast()
    member = cast.membership.person
    for datum, value in DATA.items():
        setattr(member, datum, value)
    bend(member)
    if kind == "same payer":
        KINDS[kind][1](Claim(membership=cast.membership), make_user())
    trial = at_vote(cast)
    seat = trial.seats[0]
    juror = juror_of(seat)
    if kind == "same payer":
        seat.juror.person.payer = Claim.objects.get(pk=trial.claim.pk).membership.person.payer
        bend(seat.juror.person)
    else:
        KINDS[kind][1](trial.claim, juror)
    with pytest.raises(JurorConflicted):
        JURY_ACTS[act](seat.pk, juror)
    seat.refresh_from_db()
    assert seat.status == "recused"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_lists_leave_out_what_would_be_refused(kind: str) -> None:
    """One rule in two forms: what is asked of one claim, and the condition by which lists are narrowed."""
    cast = small_cast()
    claim = make_claim(cast.membership, cast.member)
    for user in (cast.investigator, cast.reviewer):
        assert not conflicts_of(user, claim)
        assert not Claim.objects.filter(claims_in_conflict(user)).exists()
    assert waiting_investigations(cast.investigator).count() == 1
    KINDS[kind][1](claim, cast.investigator)
    claim = Claim.objects.get(pk=claim.pk)
    investigator = User.objects.get(pk=cast.investigator.pk)
    assert conflicts_of(investigator, claim)
    assert list(Claim.objects.filter(claims_in_conflict(investigator))) == [claim]
    assert not waiting_investigations(investigator).exists()
    assert not conflicts_of(User.objects.get(pk=cast.other_investigator.pk), claim)


@pytest.mark.django_db
def test_the_list_of_decisions_offers_none_that_is_refused() -> None:
    cast = small_cast()
    trial = make_trial(cast, doctors=1)
    Claim.objects.filter(pk=trial.claim.pk).update(due_at=None)
    trial.draw()
    trial.vote("sss")
    Claim.objects.filter(pk=trial.claim.pk).update(due_at=None)
    assert list(ready_for_decision(cast.reviewer)) == [trial.claim]
    KINDS["address"][1](trial.claim, cast.reviewer)
    assert not ready_for_decision(cast.reviewer).exists()
    assert list(ready_for_decision(cast.other_reviewer)) == [trial.claim]


@pytest.mark.django_db
def test_a_relation_holds_for_every_claim_of_the_member() -> None:
    cast = small_cast()
    first = make_claim(cast.membership, cast.member)
    withdraw_claim(claim_ref=first.ref, by=cast.member)
    declare_relation(claim_ref=first.ref, kind="friend", by=cast.reviewer)
    second = make_claim(cast.membership, cast.member)
    with pytest.raises(ConflictOfInterest):
        holds.place_hold(claim_ref=second.ref, reason="A paper is missing.", by=cast.reviewer)
    assert DeclaredRelation.objects.count() == 1


@pytest.mark.django_db
def test_who_may_not_know_the_member_is_not_told_which_closeness() -> None:
    cast = small_cast()
    claim, _by, read = _read_file(cast)
    KINDS["address"][1](claim, cast.professional)
    with pytest.raises(ConflictOfInterest) as refused:
        read()
    assert "you may be close to someone involved" in str(refused.value)
    assert "address" not in str(refused.value)
    KINDS["address"][1](claim, cast.reviewer)
    with pytest.raises(ConflictOfInterest) as refused:
        holds.place_hold(claim_ref=claim.ref, reason="A paper.", by=cast.reviewer)
    assert "you share an address with the member" in str(refused.value)


@pytest.mark.django_db
def test_a_doctor_who_is_close_is_not_asked() -> None:
    trial = at_vote(doctors=4)
    close = trial.doctors[0]
    KINDS["employer"][1](trial.claim, close)
    KINDS["declared"][1](trial.claim, trial.doctors[1])
    trial.vote("aaa")
    assert trial.claim.status == "second_opinion"
    asked = set(trial.request.opinions.values_list("professional_id", flat=True))
    assert asked == {trial.doctors[2].pk, trial.doctors[3].pk}


@pytest.mark.django_db
def test_staff_see_that_nobody_without_a_conflict_is_left() -> None:
    cast = small_cast()
    claim = make_claim(cast.membership, cast.member)
    assert roles_without_anybody(claim) == []
    KINDS["address"][1](claim, cast.reviewer)
    assert roles_without_anybody(claim) == []
    KINDS["phone"][1](claim, cast.other_reviewer)
    claim = Claim.objects.get(pk=claim.pk)
    assert roles_without_anybody(claim) == [Role.REVIEWER]
    assert shown_conflict(cast.auditor, claim).nobody == (Role.REVIEWER.label,)
    assert shown_conflict(cast.auditor, claim).why == ()
