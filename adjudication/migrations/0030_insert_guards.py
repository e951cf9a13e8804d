from django.db import migrations

DECISIONS = """
CREATE FUNCTION assize_decision_is_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM adjudication_claim
         WHERE id = NEW.claim_id AND plan_version_id = NEW.plan_version_id
           AND status IN ('submitted', 'investigated', 'jury_review', 'second_opinion')
    ) THEN
        RAISE EXCEPTION 'a decision needs a claim that awaits one, and the rules of that claim'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.decided_at NOT BETWEEN assize_now() - interval '10 minutes' AND assize_now() + interval '10 minutes' THEN
        RAISE EXCEPTION 'a decision is dated when it is issued' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decision_is_due BEFORE INSERT ON adjudication_decision FOR EACH ROW
    EXECUTE FUNCTION assize_decision_is_due();

CREATE FUNCTION assize_claim_is_as_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM adjudication_decision d
         WHERE d.claim_id = NEW.id AND d.outcome = NEW.status AND d.amount_minor IS NOT DISTINCT FROM NEW.amount_minor
           AND d.sequence = (SELECT max(sequence) FROM adjudication_decision WHERE claim_id = NEW.id)
    ) THEN
        RAISE EXCEPTION 'claim: it is approved or rejected by a decision, with the amount of that decision'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER claim_is_as_decided AFTER UPDATE ON adjudication_claim DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status AND NEW.status IN ('approved', 'rejected'))
    EXECUTE FUNCTION assize_claim_is_as_decided();
"""
UNDO_DECISIONS = """
DROP TRIGGER claim_is_as_decided ON adjudication_claim;
DROP FUNCTION assize_claim_is_as_decided();
DROP TRIGGER decision_is_due ON adjudication_decision;
DROP FUNCTION assize_decision_is_due();
"""
EVIDENCE = """
CREATE FUNCTION assize_evidence_is_taken_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.draft_id IS NULL AND NOT EXISTS (
        SELECT FROM adjudication_dutyrecord d JOIN adjudication_investigation i ON i.id = d.investigation_id
         WHERE d.id = OLD.duty_id AND i.status = 'open'
    ) THEN
        RAISE EXCEPTION 'a file is taken back before it is filed, or before the report that it supports is signed'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER evidence_is_taken_back BEFORE DELETE ON adjudication_evidence FOR EACH ROW
    EXECUTE FUNCTION assize_evidence_is_taken_back();
CREATE TRIGGER evidence_stays_table BEFORE TRUNCATE ON adjudication_evidence
    FOR EACH STATEMENT EXECUTE FUNCTION assize_refuse_change();
"""
UNDO_EVIDENCE = """
DROP TRIGGER evidence_stays_table ON adjudication_evidence;
DROP TRIGGER evidence_is_taken_back ON adjudication_evidence;
DROP FUNCTION assize_evidence_is_taken_back();
"""


class Migration(migrations.Migration):
    """Decisions come when they are due and are dated then; what was filed is not deleted."""

    dependencies = [("adjudication", "0029_paired")]
    operations = [
        migrations.RunSQL(DECISIONS, UNDO_DECISIONS),
        migrations.RunSQL(EVIDENCE, UNDO_EVIDENCE),
    ]
