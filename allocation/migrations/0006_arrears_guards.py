from django.db import migrations

from audit.guards import append_only, frozen_columns

# An arrear is one member's share: of their plan, in that period, and as much as the share came to.
SHARE = """
CREATE FUNCTION assize_arrear_is_a_share() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM allocation_cohortshare s
        JOIN allocation_period p ON p.id = s.period_id
        JOIN members_membership m ON m.plan_id = p.plan_id
        JOIN allocation_collection c ON c.share_id = s.id
     WHERE s.id = NEW.share_id AND s.period_id = NEW.period_id AND s.per_member_minor = NEW.amount_minor
       AND m.id = NEW.membership_id AND c.status = 'settled';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'an arrear is the share of a member in a period whose collection is settled'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER arrear_is_a_share BEFORE INSERT ON allocation_arrear
    FOR EACH ROW EXECUTE FUNCTION assize_arrear_is_a_share();
"""
UNDO_SHARE = """
DROP TRIGGER arrear_is_a_share ON allocation_arrear;
DROP FUNCTION assize_arrear_is_a_share();
"""

# What an attempt may have brought in is neither borne by the sponsor nor taken off the aid, and only an attempt settles.
RETRIES = """
CREATE FUNCTION assize_arrear_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    answers text[];
BEGIN
    SELECT coalesce(array_agg(status), '{}') INTO answers FROM allocation_retry WHERE arrear_id = NEW.id;
    IF NEW.status = 'settled' AND NOT ('settled' = ANY (answers)) THEN
        RAISE EXCEPTION '% is settled by an attempt that was paid', NEW.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.status IN ('written_off', 'netted') AND ('sent' = ANY (answers) OR 'settled' = ANY (answers)) THEN
        RAISE EXCEPTION 'an attempt to collect arrear % is unanswered or was paid', NEW.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.status = 'netted' THEN
        PERFORM 1 FROM allocation_payout WHERE id = NEW.payout_id AND membership_id = NEW.membership_id;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'arrear % is taken off the aid of somebody else', NEW.id
                USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER arrear_moves BEFORE UPDATE OF status ON allocation_arrear
    FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION assize_arrear_moves();

CREATE FUNCTION assize_retry_of_what_is_owed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM allocation_arrear WHERE id = NEW.arrear_id AND status = 'owed';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'arrear % is no longer owed', NEW.arrear_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER retry_of_what_is_owed BEFORE INSERT ON allocation_retry
    FOR EACH ROW EXECUTE FUNCTION assize_retry_of_what_is_owed();
"""
UNDO_RETRIES = """
DROP TRIGGER retry_of_what_is_owed ON allocation_retry;
DROP FUNCTION assize_retry_of_what_is_owed();
DROP TRIGGER arrear_moves ON allocation_arrear;
DROP FUNCTION assize_arrear_moves();
"""

# What a payout says that it is less by is what its arrears come to; checked when the transaction ends.
NETTING = """
CREATE FUNCTION assize_netting_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    netted bigint;
    total numeric;
BEGIN
    SELECT netted_minor INTO netted FROM allocation_payout WHERE id = (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
    SELECT coalesce(sum(amount_minor), 0) INTO total
      FROM allocation_arrear WHERE payout_id = (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
    IF netted <> total THEN
        RAISE EXCEPTION 'a payout is less by %, and its arrears come to %', netted, total
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER netting_adds_up AFTER UPDATE ON allocation_payout
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.netted_minor <> NEW.netted_minor)
    EXECUTE FUNCTION assize_netting_adds_up('id');
CREATE CONSTRAINT TRIGGER netting_adds_up AFTER UPDATE ON allocation_arrear
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.payout_id IS NOT NULL)
    EXECUTE FUNCTION assize_netting_adds_up('payout_id');
CREATE FUNCTION assize_payout_begins_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what is taken off a payout is fixed when it is sent' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER payout_begins_whole BEFORE INSERT ON allocation_payout
    FOR EACH ROW WHEN (NEW.netted_minor <> 0) EXECUTE FUNCTION assize_payout_begins_whole();
"""
UNDO_NETTING = """
DROP TRIGGER payout_begins_whole ON allocation_payout;
DROP FUNCTION assize_payout_begins_whole();
DROP TRIGGER netting_adds_up ON allocation_arrear;
DROP TRIGGER netting_adds_up ON allocation_payout;
DROP FUNCTION assize_netting_adds_up();
"""


class Migration(migrations.Migration):
    """Arrears are shares, are paid, borne or netted once, and never change; so it is with retries and refunds."""

    dependencies = [("allocation", "0005_arrears_and_refunds")]
    operations = [
        migrations.RunSQL(SHARE, UNDO_SHARE),
        migrations.RunSQL(RETRIES, UNDO_RETRIES),
        migrations.RunSQL(NETTING, UNDO_NETTING),
        append_only("allocation_bankreturn"),
        frozen_columns(
            "allocation_arrear",
            ["membership_id", "period_id", "share_id", "amount_minor", "failed_at", "grace_ends_at"],
        ),
        frozen_columns("allocation_arrear", ["settled_at", "payout_id"], "OLD.status IN ('settled', 'netted')"),
        frozen_columns("allocation_arrear", ["written_off_at"], "OLD.status <> 'owed'"),
        frozen_columns("allocation_retry", ["arrear_id", "number", "key", "asked_by_id", "sent_at"]),
        frozen_columns("allocation_refund", ["claim_id", "membership_id", "key", "opened_at"]),
        frozen_columns("allocation_refund", ["amount_minor"], "OLD.status <> 'opened'"),
        frozen_columns("allocation_payout", ["netted_minor"], "OLD.status <> 'pending'"),
    ]
