"""Which entry of this room tells whom, and which tells nobody, and why."""

from __future__ import annotations

from audit.message_kinds import Silent, Tells

_OWN_ACT = "Their own act, which the page confirms at once"
_IMPORT = Silent("It is the operator's work, who reads its report; each claim that it files tells its applicant.")

TOLD: dict[str, tuple[Tells, ...] | Silent] = {
    "account.written": (Tells("adjudication.account_investigation", when="an investigator has the claim"),),
    "answer.asked": (Tells("adjudication.answer_asked"),),
    "answer.extended": (Tells("adjudication.answer_extended"),),
    "answer.given": (
        Tells("adjudication.answer_jury", when="they ask for the jury", where={"answer": "jury"}),
        Tells("adjudication.answer_accepted", when="they accept the rejection", where={"answer": "accepted"}),
    ),
    "answer.heard": (
        Tells("adjudication.answer_heard", when="they say what they think", where={"answer": "heard"}),
        Tells("adjudication.answer_accepted", when="they accept the rejection", where={"answer": "accepted"}),
    ),
    "answer.lapsed": (Tells("adjudication.answer_lapsed"),),
    "answer.renewed": (Tells("adjudication.answer_renewed"),),
    "answer.served": Silent("It is the record that the notice reached them; a longer time is told by itself."),
    "answer.unserved": Silent("No channel reaches them at this moment; a longer time is told by itself."),
    "answer.voided": Silent("What ended the question tells the applicant: the report's return, or the withdrawal."),
    "clause.announced": (Tells("adjudication.clause_announced"),),
    "claim.held": (
        Tells("adjudication.held"),
        Tells("adjudication.held_investigation", when="an investigator has the claim"),
    ),
    "claim.reinvestigated": (Tells("adjudication.reinvestigated"),),
    "claim.hold_renewed": (Tells("adjudication.held_longer"),),
    "claim.referred_to_professionals": (
        Tells("adjudication.referred", when="somebody is free to be asked", where={"asks_somebody": True}),
        Tells("adjudication.no_doctor_found", when="nobody is, and the time is over", where={"asks_somebody": False}),
    ),
    "claim.released": (
        Tells("adjudication.released", when="no answer is awaited, whose renewed time says the same"),
        Tells("adjudication.released_investigation", when="an investigator has the claim"),
    ),
    "claim.settled": (Tells("adjudication.paid"),),
    "claim.submitted": (Tells("adjudication.filed"),),
    "claim.viewed": Silent("The member reads each of these looks on a page of their own."),
    "claim.withdrawn": (
        Tells("adjudication.withdrawn"),
        Tells("adjudication.withdrawn_investigation", when="an investigator had the claim"),
    ),
    "decision.issued": (
        Tells("adjudication.approved", when="the claim is approved", where={"outcome": "approved"}),
        Tells("adjudication.rejected", when="the claim is rejected", where={"outcome": "rejected"}),
    ),
    "draft.discarded": Silent(f"{_OWN_ACT}."),
    "draft.saved": Silent(f"{_OWN_ACT}."),
    "draft.sent": Silent("The claim that it becomes tells the applicant."),
    "draft.started": Silent(f"{_OWN_ACT}."),
    "duty.recorded": Silent(f"{_OWN_ACT}."),
    "eligibility.checked": (
        Tells(
            "adjudication.clause_not_met",
            when="a clause is not met at the filing, and the plan does not reject by a clause alone",
        ),
    ),
    "evidence.added": Silent(f"{_OWN_ACT}."),
    "evidence.removed": Silent(
        "Only who added a file can remove it, before anyone relies on it; the page confirms it."
    ),
    "evidence.viewed": Silent("Part of the work on a claim; auditors find each reading in the log."),
    "finding.dismissed": Silent(f"{_OWN_ACT}."),
    "finding.recorded": (
        Tells("adjudication.found_otherwise", when="what counts now is other than the applicant stated"),
        Tells("adjudication.found_late", when="it comes after the report was signed; to the reviewers who may decide"),
    ),
    "finding.released": (Tells("adjudication.addendum"),),
    "hearing.opened": (
        Tells("adjudication.hearing_opened", when="it is the claim's first", where={"kind": "first"}),
        Tells("adjudication.hearing_again", when="it follows a further investigation", where={"kind": "rehearing"}),
        Tells("adjudication.hearing_again", when="verdict and opinion disagree", where={"kind": "fresh"}),
        Tells("adjudication.hearing_again", when="jurors dispute the last panel", where={"kind": "repeat"}),
    ),
    "investigation.abandoned": Silent("What ended the investigation tells the applicant and the investigator."),
    "investigation.assigned": (Tells("adjudication.assigned"), Tells("adjudication.taken")),
    "investigation.opened": Silent("The worklist and the daily digest show investigators what waits for anyone."),
    "investigation.taken": (Tells("adjudication.taken"),),
    "investigation.taken_off": (Tells("adjudication.taken_off"), Tells("adjudication.offered_again")),
    "opinion.weighed": Silent("Each fact that the professionals found otherwise tells the applicant by itself."),
    "patient.identified": _IMPORT,
    "patient.registered": _IMPORT,
    "record.withdrawal_noted": Silent(f"{_OWN_ACT}."),
    "record.withdrawn": (
        Tells("adjudication.record_withdrawn_investigation", when="an investigator has the claim"),
        Tells(
            "adjudication.record_withdrawn",
            when="a claim rests on it that no investigator has; to the reviewers who took no part in it",
        ),
    ),
    "records.imported": _IMPORT,
    "relation.declared": Silent(f"{_OWN_ACT}."),
    "relation.kept": (Tells("adjudication.relation_kept"),),
    "relation.withdrawal_asked": (
        Tells("adjudication.relation_to_settle", when="to every other reviewer who may settle it"),
    ),
    "relation.withdrawn": (Tells("adjudication.relation_withdrawn"),),
    "remark.added": (Tells("adjudication.remark_investigation", when="an investigator has the claim"),),
    "report.returned": (Tells("adjudication.returned"), Tells("adjudication.report_returned")),
    "report.signed": (
        Tells(
            "adjudication.report_against", when="the report is against the claim", where={"recommendation": "against"}
        ),
    ),
}
"""Every kind of entry of the room."""
