from django.db import migrations

from audit.guards import append_only, frozen_columns

LEDGER = """
CREATE FUNCTION assize_stamp_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.written_in := txid_current();
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_stamp BEFORE INSERT ON allocation_transaction
    FOR EACH ROW EXECUTE FUNCTION assize_stamp_transaction();

CREATE FUNCTION assize_posting_with_header() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM allocation_transaction WHERE id = NEW.transaction_id AND written_in = txid_current();
    IF NOT FOUND THEN
        RAISE EXCEPTION 'postings are written with their transaction, not added later'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_posting BEFORE INSERT ON allocation_posting
    FOR EACH ROW EXECUTE FUNCTION assize_posting_with_header();

CREATE FUNCTION assize_transaction_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    postings bigint;
    total numeric;
BEGIN
    SELECT count(*), coalesce(sum(amount_minor), 0) INTO postings, total
      FROM allocation_posting WHERE transaction_id = NEW.id;
    IF postings < 2 OR total <> 0 THEN
        RAISE EXCEPTION 'transaction % has % postings that sum to %; it needs two or more that sum to 0',
            NEW.key, postings, total USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_balances AFTER INSERT ON allocation_transaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION assize_transaction_balances();
"""
UNDO = """
DROP TRIGGER ledger_balances ON allocation_transaction;
DROP TRIGGER ledger_posting ON allocation_posting;
DROP TRIGGER ledger_stamp ON allocation_transaction;
DROP FUNCTION assize_transaction_balances();
DROP FUNCTION assize_posting_with_header();
DROP FUNCTION assize_stamp_transaction();
"""

# A line of a notice stays as published; only that its claim left before the charge may be added.
LINES = """
CREATE TRIGGER lines_stay BEFORE DELETE ON allocation_aidline
    FOR EACH ROW EXECUTE FUNCTION assize_refuse_change();
CREATE TRIGGER lines_stay_table BEFORE TRUNCATE ON allocation_aidline
    FOR EACH STATEMENT EXECUTE FUNCTION assize_refuse_change();
"""
UNDO_LINES = """
DROP TRIGGER lines_stay ON allocation_aidline;
DROP TRIGGER lines_stay_table ON allocation_aidline;
"""
LINE_COLUMNS = [
    "period_id",
    "claim_id",
    "masked_name",
    "illness_en",
    "illness_zh",
    "age_years",
    "severity",
    "aid_minor",
    "fee_bp",
    "fee_minor",
    "billed_minor",
]
PERIOD_COLUMNS = [
    "plan_id",
    "plan_version_id",
    "notice_on",
    "charge_on",
    "counted_at",
    "noticed_at",
    "noticed_by_id",
    "members",
    "surplus_in_minor",
    "notice_figures",
]
CHARGE_COLUMNS = [
    "aid_minor",
    "fee_minor",
    "case_cap_excess_minor",
    "billed_minor",
    "per_head_minor",
    "surplus_out_minor",
    "collected_minor",
    "gifts_minor",
    "year_cap_excess_minor",
    "charged_at",
    "charged_by_id",
]


class Migration(migrations.Migration):
    """The ledger balances and is append-only; shares, orders and payouts never change their amounts."""

    dependencies = [("allocation", "0002_initial"), ("audit", "0002_guards")]
    operations = [
        migrations.RunSQL(LEDGER, UNDO),
        append_only("allocation_transaction"),
        append_only("allocation_posting"),
        append_only("allocation_cohortshare"),
        append_only("allocation_payoutattempt"),
        append_only("allocation_bankorder"),
        frozen_columns("allocation_payout", ["claim_id", "membership_id", "period_id", "key", "amount_minor"]),
        frozen_columns("allocation_collection", ["share_id", "key", "amount_minor"]),
        frozen_columns("allocation_period", PERIOD_COLUMNS),
        frozen_columns("allocation_period", CHARGE_COLUMNS, "OLD.status <> 'noticed'"),
        frozen_columns("allocation_aidline", LINE_COLUMNS),
        frozen_columns("allocation_aidline", ["left_because"], "OLD.left_because <> ''"),
        migrations.RunSQL(LINES, UNDO_LINES),
    ]
