from django.db import migrations

from audit.guards import append_only, frozen_columns

# Locks as every act takes them: the panel, shared, then the seat. A close under way is waited for, and one that comes
# waits. The clock is read after the locks, since waiting for them takes time; nobody else sets a ballot's moment.
BALLOT_IN_TIME = """
CREATE OR REPLACE FUNCTION assize_ballot_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    panel_status text;
    panel_closes timestamptz;
    seat_status text;
    seat_summoned timestamptz;
    last_sequence integer;
    last_cast timestamptz;
BEGIN
    SELECT status, closes_at INTO panel_status, panel_closes FROM jury_panel
     WHERE id = (SELECT panel_id FROM jury_seat WHERE id = NEW.seat_id) FOR SHARE;
    SELECT status, summoned_at INTO seat_status, seat_summoned FROM jury_seat WHERE id = NEW.seat_id FOR UPDATE;
    SELECT sequence, cast_at INTO last_sequence, last_cast FROM jury_ballot
     WHERE seat_id = NEW.seat_id ORDER BY sequence DESC LIMIT 1;
    NEW.cast_at := GREATEST(assize_now(), seat_summoned, last_cast);
    IF panel_status IS DISTINCT FROM 'open' OR seat_status IS DISTINCT FROM 'summoned'
        OR panel_closes IS NULL OR NEW.cast_at >= panel_closes
    THEN
        RAISE EXCEPTION 'a ballot needs an open panel and a seat that is held' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.sequence <> COALESCE(last_sequence, 0) + 1 THEN
        RAISE EXCEPTION 'the next ballot of this seat is number %', COALESCE(last_sequence, 0) + 1
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ballot_in_time BEFORE INSERT ON jury_ballot FOR EACH ROW EXECUTE FUNCTION assize_ballot_in_time();
ALTER TABLE jury_ballot ADD CONSTRAINT sealed_in_one_length CHECK (octet_length(sealed) = 4948);
-- Sealed bytes can't be compressed: don't try.
ALTER TABLE jury_ballot ALTER COLUMN sealed SET STORAGE EXTERNAL;
"""
PANEL_FOLLOWS = """
CREATE FUNCTION assize_panel_follows_its_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    draws boolean := OLD.status = 'committed' AND NEW.status = 'open';
    closes boolean := OLD.status = 'open' AND NEW.status = 'closed';
    ends boolean := OLD.status IN ('committed', 'open') AND NEW.status IN ('closed', 'abandoned');
    adds boolean := OLD.status = 'open' AND NEW.status = 'open' AND OLD.addendum_at IS NULL
        AND NEW.addendum_at IS NOT NULL;
    extends boolean := OLD.status = 'open' AND NEW.status = 'open' AND NOT OLD.is_extended AND NEW.is_extended;
BEGIN
    IF ((OLD.verdict, OLD.support_count, OLD.against_count, OLD.medical_flag_count)
            IS DISTINCT FROM (NEW.verdict, NEW.support_count, NEW.against_count, NEW.medical_flag_count) AND NOT closes)
        OR (OLD.closed_at IS DISTINCT FROM NEW.closed_at AND NOT ends)
        OR ((OLD.entropy, OLD.drawn_at) IS DISTINCT FROM (NEW.entropy, NEW.drawn_at) AND NOT draws)
        OR (OLD.nonce <> NEW.nonce AND NOT (OLD.nonce = '' AND OLD.status = 'committed' AND NEW.status = 'committed'))
        OR (OLD.is_extended <> NEW.is_extended AND NOT extends)
        OR (OLD.closes_at IS DISTINCT FROM NEW.closes_at AND NOT draws
            AND NOT ((extends OR adds) AND NEW.closes_at > OLD.closes_at))
        OR (OLD.addendum_at IS DISTINCT FROM NEW.addendum_at AND NOT adds)
        OR (OLD.close_waits_since IS DISTINCT FROM NEW.close_waits_since AND NOT (
            OLD.close_waits_since IS NULL AND OLD.status = 'open'))
    THEN
        RAISE EXCEPTION 'panel: what a draw, an addendum, an extension or a close decides changes with it alone'
            USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.closed_in := CASE WHEN closes THEN pg_current_xact_id()::text::bigint ELSE OLD.closed_in END;
    RETURN NEW;
END $$;
CREATE TRIGGER panel_follows_its_moves BEFORE UPDATE ON jury_panel FOR EACH ROW
    EXECUTE FUNCTION assize_panel_follows_its_moves();

CREATE FUNCTION assize_counts_are_its_openings() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    support integer;
    against integer;
    medical integer;
    tokens integer;
BEGIN
    SELECT count(*) FILTER (WHERE choice = 'support'), count(*) FILTER (WHERE choice = 'against'),
           count(*) FILTER (WHERE is_medical_question)
      INTO support, against, medical FROM jury_ballotopening WHERE panel_id = NEW.id;
    SELECT count(*) INTO tokens FROM jury_countedtoken WHERE panel_id = NEW.id;
    IF (support, against, medical) IS DISTINCT FROM (NEW.support_count, NEW.against_count, NEW.medical_flag_count)
        OR tokens <> support + against
    THEN
        RAISE EXCEPTION 'panel: the counts are those of its openings, and one token stands for each'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER counts_are_its_openings AFTER UPDATE ON jury_panel DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.status = 'open' AND NEW.status = 'closed')
    EXECUTE FUNCTION assize_counts_are_its_openings();
"""
ONLY_IN_THE_CLOSE = """
CREATE FUNCTION assize_only_in_the_close() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM jury_panel
         WHERE id = NEW.panel_id AND status = 'closed' AND closed_in = pg_current_xact_id()::text::bigint
    ) THEN
        RAISE EXCEPTION '% is written by the close of its panel and never after it', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER only_in_the_close BEFORE INSERT ON jury_ballotopening FOR EACH ROW
    EXECUTE FUNCTION assize_only_in_the_close();
CREATE TRIGGER only_in_the_close BEFORE INSERT ON jury_countedtoken FOR EACH ROW
    EXECUTE FUNCTION assize_only_in_the_close();
CREATE TRIGGER only_in_the_close BEFORE INSERT ON jury_ballotfault FOR EACH ROW
    EXECUTE FUNCTION assize_only_in_the_close();
"""
SEATS = """
CREATE FUNCTION assize_seat_is_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM jury_panel WHERE id = NEW.panel_id AND status IN ('committed', 'open')) THEN
        RAISE EXCEPTION 'a seat is on a panel that is not over' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER seat_is_in_time BEFORE INSERT ON jury_seat FOR EACH ROW
    EXECUTE FUNCTION assize_seat_is_in_time();
CREATE TRIGGER recused_with_its_move BEFORE UPDATE ON jury_seat FOR EACH ROW
    WHEN ((OLD.recused_at, OLD.recusal_reason) IS DISTINCT FROM (NEW.recused_at, NEW.recusal_reason)
          AND NOT (OLD.status = 'summoned' AND NEW.status = 'recused'))
    EXECUTE FUNCTION assize_refuse_change();

CREATE FUNCTION assize_dispute_follows_the_close() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM jury_seat s JOIN jury_panel p ON p.id = s.panel_id
         WHERE s.id = NEW.seat_id AND s.status = 'summoned' AND p.status = 'closed'
    ) THEN
        RAISE EXCEPTION 'a dispute needs a held seat of a closed panel' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dispute_follows_the_close BEFORE INSERT ON jury_seatdispute FOR EACH ROW
    EXECUTE FUNCTION assize_dispute_follows_the_close();
"""


class Migration(migrations.Migration):
    """What a vote decides changes with its own transition alone, no matter who writes to the database."""

    dependencies = [("jury", "0012_secret_for_good")]
    operations = [
        append_only("jury_ballot"),
        append_only("jury_ballotopening"),
        append_only("jury_countedtoken"),
        append_only("jury_ballotfault"),
        append_only("jury_seatdispute"),
        frozen_columns("jury_panel", ["plan_id", "extension_hours"]),
        frozen_columns("jury_seat", ["panel_id", "juror_id", "place", "summoned_at"]),
        frozen_columns("jury_seat", ["first_seen_at"], "OLD.first_seen_at IS NOT NULL"),
        migrations.RunSQL(BALLOT_IN_TIME, migrations.RunSQL.noop),
        migrations.RunSQL(PANEL_FOLLOWS, migrations.RunSQL.noop),
        migrations.RunSQL(ONLY_IN_THE_CLOSE, migrations.RunSQL.noop),
        migrations.RunSQL(SEATS, migrations.RunSQL.noop),
    ]
