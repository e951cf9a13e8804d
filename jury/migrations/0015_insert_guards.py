from django.db import migrations

STEPS = """
CREATE FUNCTION assize_step_is_drawn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM jury_panel p
         WHERE p.id = NEW.panel_id AND p.status = 'open' AND p.drawn_at IS NOT NULL AND NEW.number <= p.pool_high
    ) THEN
        RAISE EXCEPTION 'a step of a draw is written by the draw of a committed panel, from the pool as it was then'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.position <> (SELECT count(*) + 1 FROM jury_drawstep WHERE panel_id = NEW.panel_id) THEN
        RAISE EXCEPTION 'a walk goes on with its next step and leaves none out' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER step_is_drawn BEFORE INSERT ON jury_drawstep FOR EACH ROW EXECUTE FUNCTION assize_step_is_drawn();
"""
UNDO_STEPS = "DROP TRIGGER step_is_drawn ON jury_drawstep; DROP FUNCTION assize_step_is_drawn();"
SEATS = """
CREATE OR REPLACE FUNCTION assize_seat_is_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM jury_panel WHERE id = NEW.panel_id AND status IN ('committed', 'open')) THEN
        RAISE EXCEPTION 'a seat is on a panel that is not over' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (
        SELECT FROM jury_drawstep s JOIN jury_juror j ON j.number = s.number
         WHERE s.panel_id = NEW.panel_id AND j.id = NEW.juror_id AND s.outcome = 'seated'
    ) THEN
        RAISE EXCEPTION 'a seat goes to a juror whom the draw of its panel has seated'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    """Nobody sits but by the draw, and the draw leaves no step out."""

    dependencies = [("jury", "0014_paired")]
    operations = [
        migrations.RunSQL(STEPS, UNDO_STEPS),
        migrations.RunSQL(SEATS, migrations.RunSQL.noop),
    ]
