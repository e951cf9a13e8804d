"""What the rules make of a claim: the proposed decision, which a reviewer checks and issues but can't choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adjudication.models import Claim, EligibilityCheck, Hearing, Investigation
from adjudication.selectors.answers import CONSENT, latest_answer
from adjudication.selectors.facts import trace_of
from jury.models import Opinion as GivenOpinion
from jury.models import Seat
from jury.rules.verdicts import (
    BallotFacts,
    Choice,
    Opinion,
    RoundFacts,
    RoundOutcome,
    Verdict,
    needs_opinion,
    outcome,
)
from members.rules.changes import ClauseChange, changes_between
from members.rules.dates import completed_years
from members.rules.eligibility import Trace
from members.rules.plans import aid_for, condition_for

OPINION_INCONCLUSIVE = "opinion_inconclusive"
"""Why a claim was investigated again, once, by the table; a report that a reviewer returned has their words."""
_OUTCOMES = {RoundOutcome.APPROVED: "approved", RoundOutcome.REJECTED: "rejected"}


@dataclass(frozen=True)
class Proposal:
    """The decision that follows from the table; `basis` says from which cell, in data that is stored with it."""

    outcome: str
    amount_minor: int | None
    reason_codes: tuple[str, ...]
    basis: dict[str, Any]
    check: EligibilityCheck
    changes: tuple[ClauseChange, ...]
    """What the clauses say otherwise now than in that check; it is stored anew when the decision is issued."""
    hearing: Hearing | None


def latest_check(claim: Claim) -> EligibilityCheck:
    """The last run of the clauses over this claim."""
    return claim.eligibility_checks.select_related("plan_version").order_by("-pk")[0]


def latest_hearing(claim: Claim) -> Hearing | None:
    """The hearing of the last round, with its panel and its request for an opinion."""
    return claim.hearings.select_related("panel", "opinion_request", "investigation").order_by("-round").first()


def latest_investigation(claim: Claim) -> Investigation | None:
    """The investigation of the last round."""
    return claim.investigations.order_by("-round").first()


def people_of_claim(claim: Claim) -> set[int]:
    """The log-ins of the applicant, the payer, the investigators and the jurors: none of them is asked as a doctor."""
    person = claim.membership.person
    found = {claim.filed_by_id, person.user_id, person.payer.user_id if person.payer else None}
    found |= set(claim.investigations.values_list("investigator_id", flat=True))
    found |= set(Seat.objects.filter(panel__case_ref=claim.ref).values_list("juror__person__user_id", flat=True))
    return {user_id for user_id in found if user_id is not None}


def people_who_took_part(claim: Claim) -> set[int]:
    """The same, and the professionals asked: none of them issues the decision."""
    asked = GivenOpinion.objects.filter(request__case_ref=claim.ref)
    return people_of_claim(claim) | set(asked.values_list("professional_id", flat=True))


def aid_at_stake(claim: Claim) -> int | None:
    """The aid that the rules in force at first diagnosis give, in minor units; None where they give none."""
    rules = claim.plan_version.rules
    if condition_for(rules, claim.icd10) is None:
        return None
    band = aid_for(rules, completed_years(claim.membership.person.born_on, claim.first_diagnosed_on), claim.severity)
    return band.amount_minor if band else None


def round_outcome(claim: Claim, hearing: Hearing) -> RoundOutcome | None:
    """What the decision table says of a closed hearing; None while its panel or its opinion is open."""
    request = hearing.opinion_request
    if hearing.panel.status != "closed" or (request is not None and request.status == "open"):
        return None
    opinion = _opinion_at_hand(claim, hearing)
    return outcome(
        Verdict(hearing.panel.verdict),
        opinion,
        RoundFacts(
            recommendation=Choice(hearing.investigation.recommendation),
            is_final=hearing.is_final,
            was_investigated_again=claim.investigations.filter(reason=OPINION_INCONCLUSIVE).exists(),
        ),
        claim.plan_version.rules.decision_table,
    )


def would_be_rejected(claim: Claim, investigation: Investigation) -> bool:
    """Whether report and rules would reject a claim: against it, or for it where the rules give no aid."""
    return investigation.recommendation == Investigation.Recommendation.AGAINST or aid_at_stake(claim) is None


def opinion_triggers(claim: Claim, hearing: Hearing) -> list[str]:
    """Why the plan version asks professionals after this panel's verdict; empty when it does not."""
    panel = hearing.panel
    met = needs_opinion(
        claim.plan_version.rules.opinions,
        BallotFacts(
            support=panel.support_count or 0,
            against=panel.against_count or 0,
            verdict=Verdict(panel.verdict),
            recommendation=Choice(hearing.investigation.recommendation),
            medical_flags=panel.medical_flag_count or 0,
            aid_minor=aid_at_stake(claim) or 0,
            is_final=hearing.is_final,
        ),
    )
    return [trigger.value for trigger in met]


def proposed_decision(claim: Claim) -> Proposal | None:
    """The decision that can be issued now; None while the claim waits for something else."""
    if claim.status == Claim.Status.INVESTIGATED:
        return _uncontested(claim)
    if claim.status not in {Claim.Status.JURY_REVIEW, Claim.Status.SECOND_OPINION}:
        return None
    hearing = latest_hearing(claim)
    found = round_outcome(claim, hearing) if hearing else None
    if hearing is None or found not in _OUTCOMES:
        return None
    if hearing.opinion_request is None and opinion_triggers(claim, hearing):
        # The panel has closed and the professionals are about to be asked: nobody may decide before them.
        return None
    opinion = _opinion_at_hand(claim, hearing)
    basis: dict[str, Any] = {
        "rule": "decision_table",
        "round": hearing.round,
        "is_final": hearing.is_final,
        "verdict": hearing.panel.verdict,
        "support": hearing.panel.support_count,
        "against": hearing.panel.against_count,
        "opinion": opinion.value if opinion else None,
        "recommendation": hearing.investigation.recommendation,
        "table_says": found.value,
    }
    return _proposal(claim, _OUTCOMES[found], basis, hearing)


def _uncontested(claim: Claim) -> Proposal | None:
    """Plans whose jury sits on disputed claims only: what report and rules support is approved, consent rejects."""
    investigation = latest_investigation(claim)
    if claim.plan_version.rules.jury.policy != "disputed" or investigation is None:
        return None
    basis = {"rule": "uncontested", "recommendation": investigation.recommendation}
    if not would_be_rejected(claim, investigation):
        return _proposal(claim, "approved", basis, None)
    answer = latest_answer(claim)
    if answer is None or answer.status not in CONSENT:
        return None
    return _proposal(claim, "rejected", basis | {"answer": answer.status}, None)


def _proposal(claim: Claim, outcome_: str, basis: dict[str, Any], hearing: Hearing | None) -> Proposal:
    check, trace = latest_check(claim), trace_of(claim)
    amount_minor = aid_at_stake(claim)
    if outcome_ == "approved" and amount_minor is None:
        # No verdict can pay what the published rules give no amount for.
        outcome_, basis = "rejected", {**basis, "rules_give_no_aid": True}
    return Proposal(
        outcome=outcome_,
        amount_minor=amount_minor if outcome_ == "approved" else None,
        reason_codes=_reasons(claim, trace, outcome_, hearing),
        basis=basis,
        check=check,
        changes=changes_between(Trace.from_json(check.trace), trace),
        hearing=hearing,
    )


def _reasons(claim: Claim, trace: Trace, outcome_: str, hearing: Hearing | None) -> tuple[str, ...]:
    """The plan's reason codes that can be given for this outcome: from the clauses, the report, the ballots."""
    found: list[str] = []
    if outcome_ == "rejected":
        found += trace.reason_codes
    investigation = hearing.investigation if hearing else latest_investigation(claim)
    found += investigation.reason_codes if investigation else []
    if hearing is not None:
        openings = hearing.panel.seats.filter(ballots__opening__isnull=False).values_list(
            "ballots__opening__reason_codes", flat=True
        )
        found += sorted({code for codes in openings for code in codes})
    allowed = {code.code for code in claim.plan_version.rules.reason_codes if outcome_ in code.for_outcomes}
    return tuple(dict.fromkeys(code for code in found if code in allowed))


def _opinion_at_hand(claim: Claim, hearing: Hearing) -> Opinion | None:
    """This round's opinion; for a final panel, which opens none, the one that called for it."""
    request = hearing.opinion_request
    if request is None and hearing.is_final:
        earlier = claim.hearings.filter(opinion_request__isnull=False, round__lt=hearing.round)
        previous = earlier.select_related("opinion_request").order_by("-round").first()
        request = previous.opinion_request if previous else None
    return Opinion(request.conclusion) if request is not None and request.conclusion else None
