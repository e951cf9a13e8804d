from django.db import migrations

from audit.guards import append_only, frozen_columns

DUTY_OPEN = """
CREATE FUNCTION assize_duty_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM adjudication_investigation WHERE id = NEW.investigation_id AND status = 'open' FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the report of this duty is signed or not begun' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER duty_open BEFORE UPDATE ON adjudication_dutyrecord FOR EACH ROW EXECUTE FUNCTION assize_duty_open();
"""
UNDO = "DROP TRIGGER duty_open ON adjudication_dutyrecord; DROP FUNCTION assize_duty_open();"


class Migration(migrations.Migration):
    """Decisions, traces, evidence and signed reports never change."""

    dependencies = [("adjudication", "0002_initial"), ("audit", "0002_guards")]
    operations = [
        append_only("adjudication_decision"),
        append_only("adjudication_eligibilitycheck"),
        frozen_columns("adjudication_evidence", ["file", "sha256", "salt", "size_bytes", "content_type", "uploaded_at"]),
        frozen_columns(
            "adjudication_investigation",
            ["recommendation", "reason_codes", "report", "jury_summary", "signed_at", "manifest", "manifest_digest",
             "investigator_id"],
            "OLD.status = 'signed'",
        ),
        frozen_columns(
            "adjudication_claim",
            ["ref", "plan_id", "membership_id", "submitted_at", "import_key"],
        ),
        migrations.RunSQL(DUTY_OPEN, UNDO),
    ]
