from django.db import migrations

from audit.guards import append_only, frozen_columns

# The index of a partial condition finds the few rows that nobody has noted; the claim's row is locked by its own update.
APPROVED = """
CREATE FUNCTION assize_no_approval_unnoted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM adjudication_withdrawal WHERE claim_id = NEW.id AND noted_at IS NULL) THEN
        RAISE EXCEPTION 'claim % rests on a record that the hospital withdrew, and nobody has noted it', NEW.ref
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER no_approval_unnoted BEFORE UPDATE ON adjudication_claim FOR EACH ROW
    WHEN (OLD.status <> 'approved' AND NEW.status = 'approved') EXECUTE FUNCTION assize_no_approval_unnoted();

CREATE TRIGGER withdrawal_stays BEFORE DELETE ON adjudication_withdrawal
    FOR EACH ROW EXECUTE FUNCTION assize_refuse_change();
CREATE TRIGGER withdrawals_stay BEFORE TRUNCATE ON adjudication_withdrawal
    FOR EACH STATEMENT EXECUTE FUNCTION assize_refuse_change();
"""
UNDO = """
DROP TRIGGER withdrawals_stay ON adjudication_withdrawal; DROP TRIGGER withdrawal_stays ON adjudication_withdrawal;
DROP TRIGGER no_approval_unnoted ON adjudication_claim; DROP FUNCTION assize_no_approval_unnoted();
"""
_STATED = ["claim_id", "kind", "resource_digest", "fingerprint", "server", "resource", "version", "stated_at", "learned_at"]


class Migration(migrations.Migration):
    """What a hospital withdrew stays as it was learned, is noted once, and stops every approval until it is noted."""

    dependencies = [("adjudication", "0012_medical_records"), ("audit", "0002_guards")]
    operations = [
        append_only("adjudication_patientidentity"),
        append_only("adjudication_importedpatient"),
        frozen_columns("adjudication_withdrawal", _STATED),
        frozen_columns("adjudication_withdrawal", ["noted_at", "noted_by_id", "note"], "OLD.noted_at IS NOT NULL"),
        migrations.RunSQL(APPROVED, UNDO),
    ]
