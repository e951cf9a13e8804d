from django.db import migrations

from audit.guards import frozen_columns

HEARD = """
CREATE FUNCTION assize_answer_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM adjudication_claim c JOIN adjudication_investigation i ON i.claim_id = c.id
        WHERE i.id = NEW.investigation_id AND i.status = 'signed' AND c.status = 'investigated' FOR SHARE OF c;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the claim of this answer does not wait for it' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER answer_in_time BEFORE INSERT OR UPDATE ON adjudication_answer
    FOR EACH ROW EXECUTE FUNCTION assize_answer_in_time();

CREATE FUNCTION assize_nobody_unheard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM adjudication_answer a JOIN adjudication_investigation i ON i.id = a.investigation_id
         WHERE i.claim_id = NEW.id AND a.status IN ('accepted', 'silent')
           AND i.round = (SELECT max(round) FROM adjudication_investigation WHERE claim_id = NEW.id)
    ) THEN
        RAISE EXCEPTION 'claim % can be rejected on its report only with the applicant''s consent', NEW.ref
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER nobody_unheard BEFORE UPDATE ON adjudication_claim FOR EACH ROW
    WHEN (OLD.status = 'investigated' AND NEW.status = 'rejected') EXECUTE FUNCTION assize_nobody_unheard();
"""
UNDO = """
DROP TRIGGER nobody_unheard ON adjudication_claim; DROP FUNCTION assize_nobody_unheard();
DROP TRIGGER answer_in_time ON adjudication_answer; DROP FUNCTION assize_answer_in_time();
"""
# The sweep finds a new report by its deadline now: those signed before get one, and whoever rests is left at rest.
DUE = "UPDATE adjudication_claim SET due_at = now() WHERE status = 'investigated' AND due_at IS NULL"


class Migration(migrations.Migration):
    """An answer is given once and in time, and nobody is rejected on a report unheard."""

    dependencies = [("adjudication", "0005_answers")]
    operations = [
        frozen_columns("adjudication_answer", ["investigation_id", "asked_at"]),
        frozen_columns("adjudication_answer", ["due_at", "ended_at", "answered_by_id"], "OLD.status <> 'asked'"),
        migrations.RunSQL(HEARD, UNDO),
        migrations.RunSQL(DUE, migrations.RunSQL.noop),
    ]
