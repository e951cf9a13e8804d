"""The classes of the columns of claims, evidence, investigations, hearings and decisions."""

from adjudication import machines
from audit.columns import Columns, During, Moved

_UNDECIDED = ("submitted", "under_investigation", "investigated", "jury_review", "second_opinion")

CLAIM = Columns(
    "adjudication_claim",
    machine=machines.CLAIM,
    at_insert="id ref plan_id membership_id filed_by_id icd10 icd10_given disease severity is_accident "
    "first_diagnosed_on suspected_on hospital hospital_digest account submitted_at import_key",
    moved=(
        Moved("status_since"),
        Moved("amount_minor", ("approve", "approve_uncontested", "reject", "reject_uncontested", "reject_by_clause")),
    ),
    during=(
        During("plan_version_id", _UNDECIDED, "The rules follow a day of first diagnosis that is found."),
        During("lacking lacking_since", _UNDECIDED, "Says whom the claim waits for, as long as there is nobody."),
    ),
    free={
        "due_at": "When the sweep looks at it next.",
        "hold_reason held_since hold_until released_at": "A reviewer puts it on hold, renews or lifts that.",
    },
)
CLAIM_DRAFT = Columns(
    "adjudication_claimdraft",
    at_insert="id user_id created_at",
    once="claim_id",
    free={"membership_id answers saved_at": "The applicant fills it in step by step."},
)
EVIDENCE = Columns(
    "adjudication_evidence",
    at_insert="id duty_id kind title file content_type size_bytes sha256 salt is_for_jury uploaded_by_id uploaded_at "
    "import_key",
    once="claim_id",
    free={"draft_id": "Emptied when the draft is sent and its files become the claim's; a constraint allows one."},
)
ADDENDUM_PAPER = Columns("adjudication_addendumpaper", is_append_only=True)
ACCOUNT = Columns("adjudication_account", is_append_only=True)
INVESTIGATION = Columns(
    "adjudication_investigation",
    machine=machines.INVESTIGATION,
    at_insert="id claim_id round reason for_clauses opened_at",
    moved=(
        # Who is given what nobody took has the whole time again.
        Moved("investigator_id taken_at due_at", ("take",)),
        Moved(
            "recommendation reason_codes report jury_summary account_id jury_account signed_at manifest "
            "manifest_digest",
            ("sign",),
        ),
    ),
)
DUTY_RECORD = Columns(
    "adjudication_dutyrecord",
    at_insert="id investigation_id kind",
    free={
        "result findings details jury_summary done_on recorded_at": (
            "Recorded again until the report is signed, which a trigger of its own checks; what it said is kept."
        ),
    },
)
DUTY_REVISION = Columns("adjudication_dutyrevision", is_append_only=True)
ANSWER = Columns(
    "adjudication_answer",
    machine=machines.ANSWER,
    at_insert="id investigation_id asked_at clauses",
    moved=(
        Moved("ended_at"),
        Moved("answered_by_id", ("ask_for_jury", "accept", "speak")),
        Moved("words", ("speak",)),
    ),
    during=(
        During(
            "runs_from due_at notice_entry_id served_at served_by restarts",
            ("asked",),
            "The time runs from what shows that the question reached the applicant, and starts again after a hold.",
        ),
    ),
)
FINDING = Columns("adjudication_finding", is_append_only=True)
REMARK = Columns("adjudication_remark", is_append_only=True)
DISMISSAL = Columns("adjudication_dismissal", is_append_only=True)
ELIGIBILITY_CHECK = Columns("adjudication_eligibilitycheck", is_append_only=True)
HEARING = Columns(
    "adjudication_hearing",
    at_insert="id claim_id round kind is_final investigation_id panel_id opened_at",
    once="opinion_request_id conclusion",
)
DECISION = Columns("adjudication_decision", is_append_only=True)
DECLARED_RELATION = Columns(
    "adjudication_declaredrelation",
    machine=machines.RELATION,
    at_insert="id claim_id user_id kind declared_at",
    moved=(Moved("why_withdrawn", ("ask_withdrawal",)), Moved("ended_at ended_by_id", ("withdraw",))),
)
IMPORTED_PATIENT = Columns("adjudication_importedpatient", is_append_only=True)
PATIENT_IDENTITY = Columns("adjudication_patientidentity", is_append_only=True)
WITHDRAWAL = Columns(
    "adjudication_withdrawal",
    at_insert="id claim_id kind resource_digest fingerprint server resource version stated_at learned_at",
    once="noted_at noted_by_id note",
)

COLUMNS = (
    CLAIM,
    CLAIM_DRAFT,
    EVIDENCE,
    ADDENDUM_PAPER,
    ACCOUNT,
    INVESTIGATION,
    DUTY_RECORD,
    DUTY_REVISION,
    ANSWER,
    FINDING,
    REMARK,
    DISMISSAL,
    ELIGIBILITY_CHECK,
    HEARING,
    DECISION,
    DECLARED_RELATION,
    IMPORTED_PATIENT,
    PATIENT_IDENTITY,
    WITHDRAWAL,
)
