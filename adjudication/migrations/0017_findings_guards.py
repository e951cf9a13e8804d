from django.db import migrations

from audit.guards import append_only

# FOR SHARE of the claim waits for a signature that is under way, and holds off one that comes: no finding slips in
# between the freeze and its mark.
IN_TIME = """
CREATE FUNCTION assize_finding_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    claim_status text;
    of_claim bigint;
    report_status text;
    report_round int;
BEGIN
    SELECT status INTO claim_status FROM adjudication_claim WHERE id = NEW.claim_id FOR SHARE;
    SELECT claim_id, status, round INTO of_claim, report_status, report_round
      FROM adjudication_investigation WHERE id = NEW.investigation_id;
    IF claim_status NOT IN ('under_investigation', 'investigated', 'jury_review', 'second_opinion')
       AND NOT (claim_status = 'submitted' AND NEW.source = 'record') THEN
        RAISE EXCEPTION 'nothing can be found of a claim that is %', claim_status USING ERRCODE = 'restrict_violation';
    END IF;
    IF of_claim <> NEW.claim_id
       OR report_round <> (SELECT max(round) FROM adjudication_investigation WHERE claim_id = NEW.claim_id) THEN
        RAISE EXCEPTION 'a finding belongs to the last round of its claim' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.source IN ('report', 'paper') AND NEW.is_late <> (report_status <> 'open') THEN
        RAISE EXCEPTION 'a finding after the freeze is late, and one before it is not' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.standing = 'found') <> (NEW.value <> '') THEN
        RAISE EXCEPTION 'a value stands where a fact is found' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.replaces_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM adjudication_finding
         WHERE id = NEW.replaces_id AND claim_id = NEW.claim_id AND fact = NEW.fact AND source = NEW.source
    ) THEN
        RAISE EXCEPTION 'a finding replaces one of the same fact and source' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.evidence_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM adjudication_evidence WHERE id = NEW.evidence_id AND claim_id = NEW.claim_id
    ) THEN
        RAISE EXCEPTION 'a finding rests on a paper of its claim' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER finding_in_time BEFORE INSERT ON adjudication_finding
    FOR EACH ROW EXECUTE FUNCTION assize_finding_in_time();
"""
UNDO = "DROP TRIGGER finding_in_time ON adjudication_finding; DROP FUNCTION assize_finding_in_time();"


class Migration(migrations.Migration):
    """Findings, remarks and dismissals are written once, and a finding belongs to its moment."""

    dependencies = [("adjudication", "0016_findings"), ("audit", "0002_guards")]
    operations = [
        append_only("adjudication_finding"),
        append_only("adjudication_remark"),
        append_only("adjudication_dismissal"),
        migrations.RunSQL(IN_TIME, UNDO),
    ]
