"""The classes of the columns of periods, shares, the ledger and payments."""

from allocation import machines
from audit.columns import Columns, During, Moved

_EXCHANGES = {
    "next_attempt_at attempted_at unanswered unanswered_since escalated_at asking_round_id": (
        "Follows the exchanges with the payment service, also those that bring no answer."
    ),
}

PERIOD = Columns(
    "allocation_period",
    machine=machines.PERIOD,
    at_insert="id plan_id plan_version_id notice_on charge_on counted_at noticed_at noticed_by_id members "
    "surplus_in_minor share_unit_minor members_needed below_since plan_ends_on notice_figures noticed_in",
    moved=(
        Moved(
            "aid_minor fee_minor case_cap_excess_minor billed_minor per_head_minor surplus_out_minor collected_minor "
            "gifts_minor year_cap_excess_minor charged_at charged_by_id charged_in",
            ("charge",),
        ),
        Moved("settled_at", ("settle",)),
    ),
)
AID_LINE = Columns(
    "allocation_aidline",
    at_insert="id period_id claim_id masked_name illness_en illness_zh age_years severity aid_minor fee_bp fee_minor "
    "billed_minor",
    once="left_because",
)
COHORT_SHARE = Columns("allocation_cohortshare", is_append_only=True)
ACCOUNT = Columns("allocation_account", at_insert="id plan_id code")
TRANSACTION = Columns("allocation_transaction", is_append_only=True)
POSTING = Columns("allocation_posting", is_append_only=True)
COLLECTION = Columns(
    "allocation_collection",
    machine=machines.COLLECTION,
    at_insert="id share_id key amount_minor created_at",
    moved=(Moved("settled_at", ("settle",)),),
    free={**_EXCHANGES, "failures_read failures_asked_at": "How far the reports of unpaid shares have been read."},
)
PAYOUT = Columns(
    "allocation_payout",
    machine=machines.PAYOUT,
    at_insert="id claim_id membership_id period_id key amount_minor created_at",
    moved=(Moved("netted_minor", ("send",)), Moved("settled_at", ("settle",))),
    free=_EXCHANGES,
)
ARREAR = Columns(
    "allocation_arrear",
    machine=machines.ARREAR,
    at_insert="id membership_id period_id share_id amount_minor failed_at",
    moved=(
        Moved("settled_at", ("settle",)),
        Moved("written_off_at", ("write_off",)),
        Moved("payout_id", ("net",)),
    ),
    during=(
        During(
            "grace_ends_at next_try_at remind_at notice_entry_id served_at served_by restarts",
            ("owed",),
            "The time to pay runs from what shows that the notice arrived, and only gets longer.",
        ),
    ),
)
RETRY = Columns(
    "allocation_retry",
    machine=machines.RETRY,
    at_insert="id arrear_id number key asked_by_id sent_at",
    moved=(Moved("answered_at", ("settle", "refuse")),),
    free=_EXCHANGES,
)
REFUND = Columns(
    "allocation_refund",
    machine=machines.REFUND,
    at_insert="id claim_id membership_id key opened_at",
    moved=(
        Moved("amount_minor", ("calculate", "close_empty")),
        Moved("settled_at", ("settle", "close_empty")),
    ),
    free=_EXCHANGES,
)
PAYMENT_ATTEMPT = Columns("allocation_paymentattempt", is_append_only=True)
ASKING_ROUND = Columns("allocation_askinground", is_append_only=True)
PAYMENT_SERVICE = Columns(
    "allocation_paymentservice",
    at_insert="id name",
    free={
        "unanswered unanswered_since silent_since next_probe_at probes": (
            "How the service answers now; the record is the entries and the exchanges."
        ),
    },
)
BANK_ORDER = Columns("allocation_bankorder", is_append_only=True)
BANK_RETURN = Columns("allocation_bankreturn", is_append_only=True)
BANK_REFUSAL = Columns(
    "allocation_bankrefusal",
    at_insert="id member",
    free={"is_refusing": "The demonstration's bank: an account is empty on one day and not on the next."},
)

COLUMNS = (
    PERIOD,
    AID_LINE,
    COHORT_SHARE,
    ACCOUNT,
    TRANSACTION,
    POSTING,
    COLLECTION,
    PAYOUT,
    ARREAR,
    RETRY,
    REFUND,
    PAYMENT_ATTEMPT,
    ASKING_ROUND,
    PAYMENT_SERVICE,
    BANK_ORDER,
    BANK_RETURN,
    BANK_REFUSAL,
)
