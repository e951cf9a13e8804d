"""Hearings, and the one function that moves a claim as far as its facts allow."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from adjudication.errors import NotInvestigated
from adjudication.models import Answer, Claim, Hearing, Investigation
from adjudication.models.hearings import HearingKind
from adjudication.selectors.answers import latest_answer
from adjudication.selectors.case_files import case_facts, file_digest, masked_case_file
from adjudication.selectors.decisions import (
    OPINION_INCONCLUSIVE,
    latest_hearing,
    latest_investigation,
    opinion_triggers,
    people_of_claim,
    proposed_decision,
    round_outcome,
    would_be_rejected,
)
from adjudication.services.answers import ask_applicant, lapse_answer
from adjudication.services.eligibility import ON_OPINION, run_check
from adjudication.services.investigations import open_round
from audit.actors import SYSTEM, Actor
from audit.services import append
from jury.errors import CommitmentNotSealed
from jury.models import OpinionRequest, Panel
from jury.rules.verdicts import RoundOutcome
from jury.selectors.panels import panel_is_due
from jury.services.opinions import close_request, open_request
from jury.services.panels import close_panel, commit_panel, draw_panel

MOST_STEPS = 20
"""More than any claim can take in one go; a loop that got there would be a fault in the tables."""


def open_hearing(*, claim_id: int, by: Actor) -> Hearing:
    """Open the hearing of an investigated claim: freeze the masked file and commit the draw.

    Raises NotInvestigated.
    """
    with transaction.atomic():
        claim = Claim.objects.select_for_update().get(pk=claim_id)
        investigation = latest_investigation(claim)
        if claim.status != Claim.Status.INVESTIGATED or investigation is None:
            raise NotInvestigated(claim)
        kind = HearingKind.REHEARING if claim.hearings.exists() else HearingKind.FIRST
        claim.open_hearing()
        return _empanel(claim, investigation, kind, by=by)


def advance_claim(*, claim_id: int, by: Actor = SYSTEM) -> int:
    """Take every step that is due on a claim, each in its own transaction; returns how many were taken.

    Safe to run twice, at once, or after a crash anywhere: each step looks at the rows as they are under the lock.
    """
    for taken in range(MOST_STEPS):
        if not _advance_once(claim_id, by):
            return taken
    raise RuntimeError(f"claim {claim_id} took {MOST_STEPS} steps without coming to rest")


def _advance_once(claim_id: int, by: Actor) -> bool:
    with transaction.atomic():
        claim = Claim.objects.select_for_update().get(pk=claim_id)
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
    if claim.plan_version.rules.jury.policy == "all" or investigation is None:
        open_hearing(claim_id=claim.pk, by=by)
        return True
    if not would_be_rejected(claim, investigation):
        return _rest(claim)
    answer = latest_answer(claim)
    if claim.hearings.exists() or (answer is not None and answer.status == Answer.Status.JURY):
        # Whoever asked for the jury once goes on disputing when the doctors sent the claim back: not asked again.
        open_hearing(claim_id=claim.pk, by=by)
        return True
    if answer is None:
        ask_applicant(claim=claim, investigation=investigation, by=by)
        return True
    if answer.status == Answer.Status.ASKED and answer.due_at <= timezone.now():
        lapse_answer(claim=claim, answer=answer, by=by)
        return True
    return _rest(claim)


def _during_panel(claim: Claim, hearing: Hearing, by: Actor) -> bool:
    panel = hearing.panel
    if panel.status in {Panel.Status.COMMITTED, Panel.Status.OPEN}:
        if not panel_is_due(panel, timezone.now()):
            return False
        if panel.status == Panel.Status.COMMITTED:
            try:
                panel = draw_panel(panel_id=panel.pk, by=by)
            except CommitmentNotSealed:
                return False  # the claim stays due: the sweep comes back when the log has signed
        else:
            panel = close_panel(panel_id=panel.pk, by=by)
        # Closed before its time, the claim must still be found by the sweep if this process dies before the next step.
        _wait_until(claim, panel.closes_at if panel.status == Panel.Status.OPEN else timezone.now())
        return True
    if panel.status != Panel.Status.CLOSED or hearing.opinion_request is not None:
        return False
    triggers = opinion_triggers(claim, hearing)
    if triggers:
        _refer(claim, hearing, triggers, by)
        return True
    return _after_round(claim, hearing, by)


def _during_opinion(claim: Claim, hearing: Hearing, by: Actor) -> bool:
    request = hearing.opinion_request
    if request is None:
        return False
    if request.status == OpinionRequest.Status.OPEN:
        answered = not request.opinions.filter(given_at=None).exists()
        if not answered and timezone.now() < request.due_at:
            return False
        request = close_request(request_id=request.pk, by=by)
        _ask_clauses(claim, request, by)
        _wait_until(claim, timezone.now())
        return True
    _ask_clauses(claim, request, by)
    return _after_round(claim, hearing, by)


def _ask_clauses(claim: Claim, request: OpinionRequest, by: Actor) -> None:
    """Ask the clauses again of what the opinion says: once, whoever closed it."""
    asked = claim.eligibility_checks.filter(occasion=ON_OPINION, checked_at__gte=request.closed_at)
    if not asked.exists():
        run_check(claim=claim, occasion=ON_OPINION, by=by)


def _after_round(claim: Claim, hearing: Hearing, by: Actor) -> bool:
    """What the table orders but a decision; a fresh panel only ever follows an opinion."""
    found = round_outcome(claim, hearing)
    if found is RoundOutcome.FRESH_PANEL and hearing.opinion_request is not None:
        claim.empanel_afresh()
        _empanel(claim, hearing.investigation, HearingKind.FRESH, by=by, earlier=hearing.opinion_request)
        return True
    if found is RoundOutcome.REINVESTIGATE:
        _reinvestigate(claim, by)
        return True
    return _rest(claim)


def _empanel(
    claim: Claim, investigation: Investigation, kind: HearingKind, *, by: Actor, earlier: OpinionRequest | None = None
) -> Hearing:
    rules = claim.plan_version.rules
    is_fresh = kind in {HearingKind.FRESH, HearingKind.APPEAL}
    round_ = claim.hearings.count() + 1
    case_file = masked_case_file(claim, investigation, earlier)
    panel = commit_panel(
        plan=claim.plan,
        rules=rules,
        case_ref=claim.ref,
        round=round_,
        seats=rules.jury.fresh_seats if is_fresh else rules.jury.seats,
        quorum=rules.jury.fresh_quorum if is_fresh else rules.jury.quorum,
        case_file=case_file,
        case_facts=case_facts(claim),
        by=by,
    )
    hearing = Hearing.objects.create(
        claim=claim,
        round=round_,
        kind=kind,
        is_final=is_fresh,
        investigation=investigation,
        panel=panel,
        opened_at=timezone.now(),
    )
    _enter_state(claim, panel.nonce_due_at)
    append(
        kind="hearing.opened",
        stream=claim.stream,
        by=by,
        body={
            "round": round_,
            "kind": kind.value,
            "panel": panel.pk,
            "file_digest": file_digest(case_file),
            "rules_digest": rules.digest,
        },
    )
    return hearing


def _refer(claim: Claim, hearing: Hearing, triggers: list[str], by: Actor) -> None:
    request = open_request(
        plan=claim.plan,
        rules=claim.plan_version.rules,
        case_ref=claim.ref,
        round=hearing.round,
        case_file=hearing.panel.case_file,
        file_digest=hearing.panel.file_digest,
        triggers_met=triggers,
        exclude_user_ids=people_of_claim(claim),
        by=by,
    )
    hearing.opinion_request = request
    hearing.save(update_fields=["opinion_request"])
    claim.refer_to_professionals()
    _enter_state(claim, request.due_at)
    append(
        kind="claim.referred_to_professionals",
        stream=claim.stream,
        by=by,
        body={"round": hearing.round, "triggers": triggers, "due_at": request.due_at.isoformat()},
    )


def _reinvestigate(claim: Claim, by: Actor) -> None:
    investigation = open_round(claim=claim, reason=OPINION_INCONCLUSIVE, by=by)
    claim.reinvestigate()
    _enter_state(claim, investigation.due_at)
    append(kind="claim.reinvestigated", stream=claim.stream, by=by, body={"round": investigation.round})


def _enter_state(claim: Claim, due_at: dt.datetime | None) -> None:
    claim.status_since = timezone.now()
    claim.due_at = due_at
    claim.save()


def _wait_until(claim: Claim, due_at: dt.datetime | None) -> None:
    claim.due_at = due_at
    claim.save(update_fields=["due_at"])


def _rest(claim: Claim) -> bool:
    """Nothing is due: the claim waits for a reviewer to issue the decision, or for a person."""
    if claim.due_at is not None and proposed_decision(claim) is not None:
        _wait_until(claim, None)
    return False
