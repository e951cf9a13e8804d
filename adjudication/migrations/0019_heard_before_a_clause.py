from django.db import migrations

from audit.guards import frozen_columns

HEARD = """
CREATE OR REPLACE FUNCTION assize_nobody_unheard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM adjudication_answer a JOIN adjudication_investigation i ON i.id = a.investigation_id
         WHERE i.claim_id = NEW.id AND a.status IN ('accepted', 'silent', 'heard')
           AND i.round = (SELECT max(round) FROM adjudication_investigation WHERE claim_id = NEW.id)
    ) THEN
        RAISE EXCEPTION 'claim % can be rejected on its report only once the applicant was heard', NEW.ref
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""
BEFORE = HEARD.replace(", 'heard'", "").replace("once the applicant was heard", "with the applicant''s consent")


class Migration(migrations.Migration):
    """Nobody is rejected on a report unheard, also not by a clause that binds; what was said never changes."""

    dependencies = [("adjudication", "0018_binding_clauses")]
    operations = [
        migrations.RunSQL(HEARD, BEFORE),
        frozen_columns("adjudication_answer", ["clauses"]),
        frozen_columns("adjudication_answer", ["words"], "OLD.status <> 'asked'"),
        frozen_columns("adjudication_investigation", ["for_clauses"]),
    ]
