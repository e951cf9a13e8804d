"""The decision that the rules propose for a claim; a reviewer checks and issues it but can't choose it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adjudication.models import Claim, EligibilityCheck, Hearing, Investigation
from adjudication.models.investigations import Recommendation
from adjudication.rules.outcomes import DecisionOutcome
from adjudication.rules.rounds import OPINION_INCONCLUSIVE
from adjudication.selectors.answers import CONSENT, HEARD, latest_answer
from adjudication.selectors.binding import is_by_clause, rejecting_clauses, sent_back_for, unmet_binding
from adjudication.selectors.facts import aid_band, counting_facts, trace_of
from adjudication.selectors.latest import latest_check, latest_hearing, latest_investigation
from jury.models import Opinion as GivenOpinion
from jury.models import Seat
from jury.rules.verdicts import (
    BallotFacts,
    Choice,
    RoundFacts,
    needs_opinion,
    outcome,
)
from jury.selectors.votes import disputes_could_turn
from members.rules.changes import ClauseChange, changes_between
from members.rules.eligibility import Trace
from members.rules.verdicts import Opinion, RoundOutcome, Verdict

BINDING_CLAUSE = "binding_clause"
"""The rule of a decision that a clause made which binds."""
_OUTCOMES = {
    RoundOutcome.APPROVED: DecisionOutcome.APPROVED,
    RoundOutcome.REJECTED: DecisionOutcome.REJECTED,
}


@dataclass(frozen=True)
class Proposal:
    """The decision that follows from the table; `basis` says from which cell, in data that is stored with it."""

    outcome: DecisionOutcome
    amount_minor: int | None
    reason_codes: tuple[str, ...]
    basis: dict[str, Any]
    check: EligibilityCheck
    changes: tuple[ClauseChange, ...]
    """The clauses whose result differs from that check; a new check is stored when the decision is issued."""
    hearing: Hearing | None


def people_of_claim(claim: Claim) -> set[int]:
    """The users who are applicant, payer, investigator or juror: none of them is asked as a professional."""
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
    """The aid that the rules give for the facts that count, in minor units; None where they give none."""
    band = aid_band(claim, counting_facts(claim))
    return band.amount_minor if band else None


def round_outcome(claim: Claim, hearing: Hearing) -> RoundOutcome | None:
    """What follows from a closed hearing: the table's outcome, asked against the clauses that bind; None while its
    panel or its opinion is open.

    An approval with one that is not met goes back to investigation, once for that clause; after that it is a rejection.
    """
    found = table_outcome(claim, hearing)
    if found is not RoundOutcome.APPROVED:
        return found
    unmet = {finding.clause for finding in unmet_binding(claim)}
    if not unmet:
        return found
    return RoundOutcome.REINVESTIGATE if unmet - sent_back_for(claim) else RoundOutcome.REJECTED


def table_outcome(claim: Claim, hearing: Hearing) -> RoundOutcome | None:
    """The decision table's own outcome for a closed hearing; None while its panel or its opinion is open."""
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
    """Whether report and rules would reject a claim: against it, or for it where the rules give no aid or a clause that
    binds is not met.
    """
    is_against = investigation.recommendation == Investigation.Recommendation.AGAINST
    return is_against or aid_at_stake(claim) is None or bool(unmet_binding(claim))


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


MOST_REPEATS = 2
"""How often disputed seats draw another panel on one claim; then the reviewers decide by the last verdict, and know."""


def is_to_be_repeated(claim: Claim, hearing: Hearing) -> bool:
    """Whether the seats that jurors dispute could turn the verdict of this hearing, so that another panel judges."""
    repeats = claim.hearings.filter(kind=Hearing.Kind.REPEAT).count()
    return repeats < MOST_REPEATS and disputes_could_turn(hearing.panel)


def proposed_decision(claim: Claim) -> Proposal | None:
    """The decision that can be issued now; None while the claim waits for something else."""
    if claim.status == Claim.Status.INVESTIGATED:
        return _by_clause(claim) or _uncontested(claim)
    if claim.status not in {Claim.Status.JURY_REVIEW, Claim.Status.SECOND_OPINION}:
        return None
    hearing = latest_hearing(claim)
    found = round_outcome(claim, hearing) if hearing else None
    table_says = table_outcome(claim, hearing) if hearing else None
    if hearing is None or table_says is None or found not in _OUTCOMES:
        return None
    if is_to_be_repeated(claim, hearing):
        return None
    if hearing.opinion_request is None and opinion_triggers(claim, hearing):
        # The panel has closed and the professionals are about to be asked: nobody may decide before they answer.
        return None
    opinion = _opinion_at_hand(claim, hearing)
    basis: dict[str, Any] = {
        "rule": "decision_table",
        "round": hearing.round,
        "is_final": hearing.is_final,
        "verdict": str(hearing.panel.verdict),
        "support": hearing.panel.support_count,
        "against": hearing.panel.against_count,
        "opinion": opinion.value if opinion else None,
        "recommendation": str(hearing.investigation.recommendation),
        "table_says": table_says.value,
    }
    if table_says is not found:
        basis["clauses"] = [finding.clause for finding in unmet_binding(claim)]
    return _proposal(claim, _OUTCOMES[found], basis, hearing)


def readable_basis(basis: Mapping[str, Any]) -> dict[str, Any]:
    """The stored basis of a decision, with states in place of their values."""
    states = {"verdict": Verdict, "opinion": Opinion, "recommendation": Recommendation, "table_says": RoundOutcome}
    return {name: states[name](value) if name in states and value else value for name, value in basis.items()}


def _by_clause(claim: Claim) -> Proposal | None:
    """A clause that binds is still not met after the claim was investigated again for it, and the applicant was heard:
    rejected, in every plan.
    """
    clauses, answer = rejecting_clauses(claim), latest_answer(claim)
    if not clauses or answer is None or not is_by_clause(answer) or answer.status not in HEARD:
        return None
    basis = {
        "rule": BINDING_CLAUSE,
        "clauses": [finding.clause for finding in clauses],
        "answer": str(answer.status),
    }
    return _proposal(claim, DecisionOutcome.REJECTED, basis, None)


def _uncontested(claim: Claim) -> Proposal | None:
    """Plans whose jury sits on disputed claims only: what report and rules support is approved, consent rejects."""
    investigation = latest_investigation(claim)
    if claim.plan_version.rules.jury.policy != "disputed" or investigation is None:
        return None
    basis = {"rule": "uncontested", "recommendation": str(investigation.recommendation)}
    if not would_be_rejected(claim, investigation):
        return _proposal(claim, DecisionOutcome.APPROVED, basis, None)
    answer = latest_answer(claim)
    if answer is None or is_by_clause(answer) or answer.status not in CONSENT:
        return None
    return _proposal(claim, DecisionOutcome.REJECTED, basis | {"answer": str(answer.status)}, None)


def _proposal(claim: Claim, outcome_: DecisionOutcome, basis: dict[str, Any], hearing: Hearing | None) -> Proposal:
    check, trace = latest_check(claim), trace_of(claim)
    amount_minor = aid_at_stake(claim)
    if outcome_ == DecisionOutcome.APPROVED and amount_minor is None:
        # A verdict can't approve a claim for which the published rules give no amount.
        outcome_, basis = DecisionOutcome.REJECTED, {**basis, "rules_give_no_aid": True}
    return Proposal(
        outcome=outcome_,
        amount_minor=amount_minor if outcome_ == DecisionOutcome.APPROVED else None,
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
        openings = hearing.panel.openings.values_list("reason_codes", flat=True)
        found += sorted({code for codes in openings for code in codes})
    allowed = {reason.code for reason in claim.plan_version.rules.reasons_for(outcome_)}
    return tuple(dict.fromkeys(code for code in found if code in allowed))


def _opinion_at_hand(claim: Claim, hearing: Hearing) -> Opinion | None:
    """This round's opinion; for a final panel, which opens none, the one that led to it."""
    asked: Hearing | None = hearing
    if hearing.opinion_request is None and hearing.is_final:
        earlier = claim.hearings.filter(opinion_request__isnull=False, round__lt=hearing.round)
        asked = earlier.select_related("opinion_request").order_by("-round").first()
    if asked is None or asked.opinion_request is None or not asked.opinion_request.conclusion:
        return None
    # What it means on the facts that the professionals found, where they found any.
    return Opinion(asked.conclusion or asked.opinion_request.conclusion)
