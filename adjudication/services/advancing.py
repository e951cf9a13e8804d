"""The one function that advances a claim as far as its facts allow, called by a nudge or by the sweep."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from adjudication.models import Answer, Claim, Hearing, Investigation
from adjudication.models.claims import Lacking
from adjudication.models.hearings import HearingKind
from adjudication.rules.rounds import CLAUSE_NOT_MET, OPINION_INCONCLUSIVE
from adjudication.selectors.answers import latest_answer
from adjudication.selectors.binding import is_by_clause, rejecting_clauses, unmet_binding
from adjudication.selectors.decisions import (
    is_to_be_repeated,
    opinion_triggers,
    proposed_decision,
    round_outcome,
    table_outcome,
    would_be_rejected,
)
from adjudication.selectors.latest import latest_hearing, latest_investigation
from adjudication.services.answers import ask_applicant, lapse_answer
from adjudication.services.eligibility import ON_OPINION, run_check
from adjudication.services.hearings import empanel, open_hearing, refer_to_professionals
from adjudication.services.investigations import reinvestigate
from adjudication.services.lacking import LACKING, has_waited_enough, wait_for_people
from adjudication.services.locks import locked_claim
from adjudication.services.opinions import record_majority
from adjudication.services.reminders import tell_decision_awaited
from adjudication.services.serving import follow_service
from adjudication.services.states import wait_until
from audit import clock
from audit.actors import SYSTEM, Actor
from jury.errors.draws import CommitmentNotSealed
from jury.models import OpinionRequest, Panel
from jury.selectors.panels import panel_is_due
from jury.services.opinions import close_request
from jury.services.panels import close_panel, draw_panel
from members.rules.verdicts import RoundOutcome

UNSERVED_PAUSE = dt.timedelta(hours=1)
"""How long a claim rests whose applicant's time has passed without a served notice."""
MOST_STEPS = 20
"""More than any claim can take at once; a loop that reached this would be an error in the tables."""


def advance_claim(*, claim_id: int, by: Actor = SYSTEM) -> int:
    """Take every step that is due on a claim, each in its own transaction; returns how many were taken.

    Safe to run twice, concurrently, or after a crash anywhere: each step reads the rows under the lock.
    """
    for taken in range(MOST_STEPS):
        try:
            is_moved = _advance_once(claim_id, by)
        except tuple(LACKING) as lack:
            # In a transaction of its own: the step itself is undone, and tried again until there is somebody.
            wait_for_people(claim_id=claim_id, lack=lack)
            return taken
        if not is_moved:
            return taken
    raise RuntimeError(f"claim {claim_id} took {MOST_STEPS} steps without coming to rest")


def _advance_once(claim_id: int, by: Actor) -> bool:
    with transaction.atomic():
        # Nudge and sweep at once: the second waits here and then reads the state that the first one left.
        claim = locked_claim(pk=claim_id)
        if claim.hold_reason:
            return False
        if claim.status == Claim.Status.INVESTIGATED:
            return _after_report(claim, by)
        hearing = latest_hearing(claim)
        if claim.status == Claim.Status.JURY_REVIEW and hearing is not None:
            return _during_panel(claim, hearing, by)
        if claim.status == Claim.Status.SECOND_OPINION and hearing is not None:
            return _during_opinion(claim, hearing, by)
    return False


def _after_report(claim: Claim, by: Actor) -> bool:
    investigation = latest_investigation(claim)
    clauses = rejecting_clauses(claim)
    answer = latest_answer(claim)
    # An applicant who was asked about the jury before the clause was left unmet gets what they were promised.
    if clauses and investigation is not None and (answer is None or is_by_clause(answer)):
        return _before_rejection(claim, investigation, [finding.clause for finding in clauses], by)
    if claim.plan_version.rules.jury.policy == "all" or investigation is None:
        open_hearing(claim_id=claim.pk, by=by, may_be_empty=has_waited_enough(claim, Lacking.JURORS))
        return True
    if not would_be_rejected(claim, investigation):
        return _rest(claim)
    if claim.hearings.exists() or (answer is not None and answer.status == Answer.Status.JURY):
        # An applicant who asked for the jury once still disputes when the professionals sent the claim back: not asked
        # again.
        open_hearing(claim_id=claim.pk, by=by, may_be_empty=has_waited_enough(claim, Lacking.JURORS))
        return True
    if answer is None:
        ask_applicant(claim=claim, investigation=investigation, by=by)
        return True
    if answer.status == Answer.Status.ASKED:
        return _await_answer(claim, answer, by)
    return _rest(claim)


def _await_answer(claim: Claim, answer: Answer, by: Actor) -> bool:
    """Silence counts as consent after the time that runs from the service of the question, and never without it."""
    follow_service(claim=claim, answer=answer, by=by)
    answer.refresh_from_db()
    if answer.due_at > clock.now():
        return False
    if answer.served_at is not None:
        lapse_answer(claim=claim, answer=answer, by=by)
        return True
    # Staff see it on the page "Not reached", and were told. Whatever becomes known is noticed at once.
    wait_until(claim, clock.now() + UNSERVED_PAUSE)
    return False


def _before_rejection(claim: Claim, investigation: Investigation, clauses: list[str], by: Actor) -> bool:
    """A clause that binds is still not met: the applicant is heard, then a reviewer issues the rejection."""
    answer = latest_answer(claim)
    if answer is None:
        ask_applicant(claim=claim, investigation=investigation, by=by, clauses=clauses)
        return True
    if answer.status == Answer.Status.ASKED:
        return _await_answer(claim, answer, by)
    return _rest(claim)


def _during_panel(claim: Claim, hearing: Hearing, by: Actor) -> bool:
    panel = hearing.panel
    if panel.status in {Panel.Status.COMMITTED, Panel.Status.OPEN}:
        if not panel_is_due(panel, clock.now()):
            return False
        if panel.status == Panel.Status.COMMITTED:
            try:
                panel = draw_panel(panel_id=panel.pk, by=by)
            except CommitmentNotSealed:
                return False  # the claim stays due: the sweep tries again once the log has signed
        else:
            closes_at = panel.closes_at
            panel = close_panel(panel_id=panel.pk, by=by)
            if panel.status == Panel.Status.OPEN and panel.closes_at == closes_at:
                # It waits for a signed checkpoint over the ballots: the claim stays due, and the sweep asks again.
                wait_until(claim, clock.now())
                return False
        # If the panel closed early and this process dies before the next step, the sweep must still find the claim.
        wait_until(claim, panel.closes_at if panel.status == Panel.Status.OPEN else clock.now())
        return True
    if panel.status != Panel.Status.CLOSED or hearing.opinion_request is not None:
        return False
    if is_to_be_repeated(claim, hearing):
        empanel(claim=claim, kind=HearingKind.REPEAT, by=by)
        return True
    triggers = opinion_triggers(claim, hearing)
    if triggers:
        is_over = has_waited_enough(claim, Lacking.PROFESSIONALS)
        refer_to_professionals(claim=claim, hearing=hearing, triggers=triggers, by=by, may_be_empty=is_over)
        return True
    return _after_round(claim, hearing, by)


def _during_opinion(claim: Claim, hearing: Hearing, by: Actor) -> bool:
    request = hearing.opinion_request
    if request is None:
        return False
    if request.status == OpinionRequest.Status.OPEN:
        # Where everybody has stepped down and nobody else is free, the deadline decides: someone may get the role.
        sitting = request.opinions.filter(recused_at=None)
        answered = sitting.exists() and not sitting.filter(given_at=None).exists()
        if not answered and clock.now() < request.due_at:
            return False
        request = close_request(request_id=request.pk, by=by)
        record_majority(claim=claim, hearing=hearing, request=request, by=by)
        _run_clauses(claim, request, by)
        wait_until(claim, clock.now())
        return True
    record_majority(claim=claim, hearing=hearing, request=request, by=by)
    _run_clauses(claim, request, by)
    return _after_round(claim, hearing, by)


def _run_clauses(claim: Claim, request: OpinionRequest, by: Actor) -> None:
    """Run the clauses again with what the opinion says: once, regardless of who closed it."""
    asked = claim.eligibility_checks.filter(occasion=ON_OPINION, checked_at__gte=request.closed_at)
    if not asked.exists():
        # Not before the close: with a clock that was set back the check would never be found, and run again every time.
        run_check(claim=claim, occasion=ON_OPINION, by=by, at=clock.now_after(request.closed_at))


def _after_round(claim: Claim, hearing: Hearing, by: Actor) -> bool:
    """Do what the table orders, except a decision; a fresh panel only ever follows an opinion."""
    if is_to_be_repeated(claim, hearing):
        empanel(claim=claim, kind=HearingKind.REPEAT, by=by)
        return True
    found = round_outcome(claim, hearing)
    if found is RoundOutcome.FRESH_PANEL and hearing.opinion_request is not None:
        empanel(claim=claim, kind=HearingKind.FRESH, by=by)
        return True
    if found is RoundOutcome.REINVESTIGATE:
        if table_outcome(claim, hearing) is RoundOutcome.REINVESTIGATE:
            reinvestigate(claim=claim, reason=OPINION_INCONCLUSIVE, by=by)
        else:
            unmet = [finding.clause for finding in unmet_binding(claim)]
            reinvestigate(claim=claim, reason=CLAUSE_NOT_MET, by=by, for_clauses=unmet)
        return True
    return _rest(claim)


def _rest(claim: Claim) -> bool:
    """Nothing is due: the claim waits for a reviewer to issue the decision, or for a person."""
    if claim.due_at is not None and proposed_decision(claim) is not None:
        wait_until(claim, None)
        tell_decision_awaited(claim)
    return False
