from django.db import migrations

PERIODS = """
CREATE FUNCTION assize_period_is_stamped() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.noticed_in := pg_current_xact_id()::text::bigint;
        NEW.charged_in := NULL;
    ELSE
        NEW.noticed_in := OLD.noticed_in;
        NEW.charged_in := CASE WHEN OLD.status = 'noticed' AND NEW.status = 'charged'
            THEN pg_current_xact_id()::text::bigint ELSE OLD.charged_in END;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER period_is_stamped BEFORE INSERT OR UPDATE ON allocation_period FOR EACH ROW
    EXECUTE FUNCTION assize_period_is_stamped();

CREATE FUNCTION assize_period_is_dated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(NEW.charged_at, NEW.noticed_at)
        NOT BETWEEN assize_now() - interval '10 minutes' AND assize_now() + interval '10 minutes'
    THEN
        RAISE EXCEPTION 'a period is noticed and charged when it happens' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER period_is_dated BEFORE INSERT ON allocation_period FOR EACH ROW
    EXECUTE FUNCTION assize_period_is_dated();
CREATE TRIGGER charge_is_dated BEFORE UPDATE ON allocation_period FOR EACH ROW
    WHEN (OLD.status = 'noticed' AND NEW.status = 'charged') EXECUTE FUNCTION assize_period_is_dated();
"""
UNDO_PERIODS = """
DROP TRIGGER charge_is_dated ON allocation_period;
DROP TRIGGER period_is_dated ON allocation_period;
DROP FUNCTION assize_period_is_dated();
DROP TRIGGER period_is_stamped ON allocation_period;
DROP FUNCTION assize_period_is_stamped();
"""
LINES = """
CREATE FUNCTION assize_line_is_noticed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM allocation_period
         WHERE id = NEW.period_id AND status = 'noticed' AND noticed_in = pg_current_xact_id()::text::bigint
    ) THEN
        RAISE EXCEPTION 'aid is taken into a period by its notice and never after it'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (
        SELECT FROM adjudication_claim
         WHERE id = NEW.claim_id AND status = 'approved' AND amount_minor = NEW.aid_minor
    ) THEN
        RAISE EXCEPTION 'a period takes in approved claims with their own amounts' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER line_is_noticed BEFORE INSERT ON allocation_aidline FOR EACH ROW
    EXECUTE FUNCTION assize_line_is_noticed();
"""
UNDO_LINES = "DROP TRIGGER line_is_noticed ON allocation_aidline; DROP FUNCTION assize_line_is_noticed();"
CHARGES = """
CREATE FUNCTION assize_share_is_charged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM allocation_period
         WHERE id = NEW.period_id AND status = 'charged' AND charged_in = pg_current_xact_id()::text::bigint
    ) THEN
        RAISE EXCEPTION 'shares and payouts are written by the charge of their period and never after it'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER share_is_charged BEFORE INSERT ON allocation_cohortshare FOR EACH ROW
    EXECUTE FUNCTION assize_share_is_charged();
CREATE TRIGGER payout_is_charged BEFORE INSERT ON allocation_payout FOR EACH ROW
    EXECUTE FUNCTION assize_share_is_charged();

CREATE FUNCTION assize_payout_is_of_a_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM allocation_aidline l JOIN adjudication_claim c ON c.id = l.claim_id
         WHERE l.period_id = NEW.period_id AND l.claim_id = NEW.claim_id AND l.left_because = ''
           AND l.aid_minor = NEW.amount_minor AND c.membership_id = NEW.membership_id
    ) THEN
        RAISE EXCEPTION 'a payout pays a claim of its charge, with the amount that was charged'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payout_of_a_line BEFORE INSERT ON allocation_payout FOR EACH ROW
    EXECUTE FUNCTION assize_payout_is_of_a_line();

CREATE FUNCTION assize_collection_is_of_a_share() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM allocation_cohortshare s JOIN allocation_period p ON p.id = s.period_id
         WHERE s.id = NEW.share_id AND p.charged_in = pg_current_xact_id()::text::bigint
           AND NEW.amount_minor = s.members * s.per_member_minor
    ) THEN
        RAISE EXCEPTION 'a collection asks for the shares of one cohort, and its charge orders it'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER collection_of_a_share BEFORE INSERT ON allocation_collection FOR EACH ROW
    EXECUTE FUNCTION assize_collection_is_of_a_share();
"""
UNDO_CHARGES = """
DROP TRIGGER collection_of_a_share ON allocation_collection;
DROP FUNCTION assize_collection_is_of_a_share();
DROP TRIGGER payout_of_a_line ON allocation_payout;
DROP FUNCTION assize_payout_is_of_a_line();
DROP TRIGGER payout_is_charged ON allocation_payout;
DROP TRIGGER share_is_charged ON allocation_cohortshare;
DROP FUNCTION assize_share_is_charged();
"""


class Migration(migrations.Migration):
    """What is paid was charged, what is charged was noticed, and each is written by its own step alone."""

    dependencies = [("allocation", "0016_paired"), ("adjudication", "0030_insert_guards")]
    operations = [
        migrations.RunSQL(PERIODS, UNDO_PERIODS),
        migrations.RunSQL(LINES, UNDO_LINES),
        migrations.RunSQL(CHARGES, UNDO_CHARGES),
    ]
