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
            ("submitted", "investigated"),
            "rejected",
            "A clause is not met that decides by itself, or that binds and a second report left unmet.",
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
            "The opinions are inconclusive, or a clause that binds is not met (each once), or another look is ordered.",
        ),
        Transition(
            "empanel_afresh", ("second_opinion",), "jury_review", "Verdict and opinion disagree: a fresh panel sits."
        ),
        Transition(
            "repeat_panel",
            ("jury_review", "second_opinion"),
            "jury_review",
            "Seats of the last panel are disputed and could turn its verdict: another panel sits.",
        ),
        Transition("settle", ("approved",), "paid", "The settlement of the payout is confirmed."),
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
    states=("asked", "jury", "accepted", "heard", "silent", "void"),
    transitions=(
        Transition("ask_for_jury", ("asked",), "jury", "The applicant asks for the jury."),
        Transition("accept", ("asked",), "accepted", "The applicant accepts that the claim is rejected."),
        Transition("speak", ("asked",), "heard", "The applicant says what they think of a rejection by clause."),
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

RELATION = Machine(
    name="declared relation",
    initial="declared",
    states=("declared", "withdrawal_asked", "withdrawn"),
    transitions=(
        Transition("ask_withdrawal", ("declared",), "withdrawal_asked", "Who declared it says why it does not hold."),
        Transition("keep", ("withdrawal_asked",), "declared", "A reviewer keeps it: it counts as before."),
        Transition("withdraw", ("withdrawal_asked",), "withdrawn", "A second person agrees: it counts no longer."),
    ),
)

MACHINES = (CLAIM, INVESTIGATION, ANSWER, RELATION)
