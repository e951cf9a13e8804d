"""The names of enums in the description of the API, where fields of the same name have different values."""

ENUM_NAMES = {
    # Not what a duty found, and not what a decision comes to.
    "ClauseResult": "members.rules.eligibility_types.Result",
    "TraceOutcome": "members.rules.eligibility_types.Eligibility",
    "CoveredSeverity": "members.rules.plan_types.SEVERITIES",
    "ClaimStatus": "adjudication.models.claims.ClaimStatus",
    "InvestigationStatus": "adjudication.models.investigations.InvestigationStatus",
    "EvidenceKind": "adjudication.models.evidence.EvidenceKind",
    "DutyKind": "adjudication.models.investigations.DutyKind",
    "DutyResult": "adjudication.models.investigations.DutyResult",
    "DecisionOutcome": "adjudication.rules.outcomes.DecisionOutcome",
    "SeatStatus": "jury.models.panels.SeatStatus",
    "PeriodStatus": "allocation.models.periods.PeriodStatus",
    "ArrearStatus": "allocation.models.arrears.ArrearStatus",
    "RefundStatus": "allocation.models.refunds.RefundStatus",
    "PayoutStatus": "allocation.models.payments.PayoutStatus",
    "DissolutionStatus": "members.models.dissolutions.DissolutionStatus",
    "PlanDraftStatus": "members.models.plan_drafts.PlanDraftStatus",
    "DeliveryStatus": "members.models.messages.DeliveryStatus",
    "IdentityStatus": "members.models.identity.IdentityStatus",
    "RelationKind": "adjudication.models.relations.RelationKind",
    "RelationStatus": "adjudication.models.relations.RelationStatus",
    "AnswerServedBy": "adjudication.models.answers.SERVED_BY",
    "ShareServedBy": "allocation.models.arrears.SHARE_SERVED_BY",
    "WithdrawalKind": "adjudication.models.records.WithdrawalKind",
}
