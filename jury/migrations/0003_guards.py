from django.db import migrations

from audit.guards import append_only, frozen_columns

# FOR SHARE waits for a close that is under way and holds off one that comes: no ballot slips in after the tally.
BALLOT_IN_TIME = """
CREATE FUNCTION assize_ballot_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    panel_status text;
    panel_closes timestamptz;
    seat_status text;
BEGIN
    SELECT p.status, p.closes_at, s.status INTO panel_status, panel_closes, seat_status
      FROM jury_seat s JOIN jury_panel p ON p.id = s.panel_id WHERE s.id = NEW.seat_id FOR SHARE OF p;
    IF panel_status <> 'open' OR seat_status <> 'summoned' OR NEW.cast_at >= panel_closes THEN
        RAISE EXCEPTION 'a ballot needs an open panel and a seat that is held' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ballot_in_time BEFORE INSERT ON jury_ballot FOR EACH ROW EXECUTE FUNCTION assize_ballot_in_time();
"""
UNDO = "DROP TRIGGER ballot_in_time ON jury_ballot; DROP FUNCTION assize_ballot_in_time();"


class Migration(migrations.Migration):
    """What a panel committed to, its ballots and given opinions never change."""

    dependencies = [("jury", "0002_initial"), ("audit", "0002_guards")]
    operations = [
        append_only("jury_ballot"),
        append_only("jury_ballotopening"),
        append_only("jury_drawstep"),
        frozen_columns(
            "jury_panel",
            [
                "case_ref", "round", "case_file", "file_digest", "case_facts", "rules_digest", "seats_wanted", "quorum",
                "pool_high", "commitment", "commitment_digest", "committed_at", "nonce_due_at", "chain_index",
                "voting_hours", "public_key", "wrapped_private_key",
            ],
        ),
        frozen_columns("jury_opinion", ["answers", "conclusion", "reasons", "given_at"], "OLD.given_at IS NOT NULL"),
        frozen_columns("jury_juror", ["plan_id", "number", "person_id", "qualified_at"]),
        migrations.RunSQL(BALLOT_IN_TIME, UNDO),
    ]
