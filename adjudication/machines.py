"""The state machines of claims, answers and investigations: the table of the design, as data."""

from audit.machines import Machine, Transition

CLAIM = Machine(
    name="claim",
    initial="submitted",
    states=(
        "submitted",
        "under_investigation",
        "investigated",
        "jury_review",
        "second_opinion",
        "approved",
        "paid",
        "rejected",
        "withdrawn",
    ),
    transitions=(
        Transition("begin_investigation", ("submitted",), "under_investigation", "An investigator takes the claim."),
        Transition(
            "reject_by_clause",
            ("submitted",),
            "rejected",
            "A clause is not met, and the plan version lets a failed clause decide by itself.",
        ),
        Transition(
            "sign_report", ("under_investigation",), "investigated", "The report is signed, the evidence frozen."
        ),
        Transition("return_report", ("investigated",), "under_investigation", "A reviewer returns the report."),
        Transition("open_hearing", ("investigated",), "jury_review", "A hearing is opened and its draw committed."),
        Transition(
            "approve_uncontested",
            ("investigated",),
            "approved",
            "The jury is for disputed claims only, and the investigator supports this one.",
        ),
        Transition(
            "reject_uncontested",
            ("investigated",),
            "rejected",
            "The jury is for disputed claims only, and the applicant accepted or let the deadline pass.",
        ),
        Transition(
            "refer_to_professionals", ("jury_review",), "second_opinion", "The verdict meets a trigger of the plan."
        ),
        Transition("approve", ("jury_review", "second_opinion"), "approved", "The decision table says approved."),
        Transition("reject", ("jury_review", "second_opinion"), "rejected", "The decision table says rejected."),
        Transition(
            "reinvestigate",
            ("jury_review", "second_opinion"),
            "under_investigation",
            "The opinions are inconclusive; once.",
        ),
        Transition(
            "empanel_afresh", ("second_opinion",), "jury_review", "Verdict and opinion disagree: a fresh panel sits."
        ),
        Transition("settle", ("approved",), "paid", "The settlement of the payout is confirmed."),
        Transition("uphold_objection", ("approved",), "under_investigation", "An objection to the notice is upheld."),
        Transition("correct_to_rejected", ("approved",), "rejected", "A correcting decision by two persons."),
        Transition("appeal_to_jury", ("rejected",), "jury_review", "The applicant appeals; once."),
        Transition(
            "appeal_to_investigation",
            ("rejected",),
            "under_investigation",
            "The applicant appeals with new facts; once.",
        ),
        Transition("correct_to_approved", ("rejected",), "approved", "A correcting decision by two persons."),
        Transition(
            "withdraw",
            ("submitted", "under_investigation", "investigated", "jury_review", "second_opinion"),
            "withdrawn",
            "The applicant withdraws the claim before a decision.",
        ),
    ),
)

ANSWER = Machine(
    name="answer",
    initial="asked",
    states=("asked", "jury", "accepted", "silent", "void"),
    transitions=(
        Transition("ask_for_jury", ("asked",), "jury", "The applicant asks for the jury."),
        Transition("accept", ("asked",), "accepted", "The applicant accepts that the claim is rejected."),
        Transition("lapse", ("asked",), "silent", "The deadline has passed without an answer: that is consent."),
        Transition("void", ("asked",), "void", "The report was returned, or the claim withdrawn."),
    ),
)

INVESTIGATION = Machine(
    name="investigation",
    initial="waiting",
    states=("waiting", "open", "signed", "abandoned"),
    transitions=(
        Transition("take", ("waiting",), "open", "An investigator takes it from the worklist."),
        Transition("sign", ("open",), "signed", "The investigator signs the report."),
        Transition("abandon", ("waiting", "open"), "abandoned", "The claim was withdrawn or decided by a clause."),
    ),
)
