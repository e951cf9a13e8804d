from django.db import migrations

# The log's lock is held by whoever signs, so that what is counted here is what is signed.
WITHIN = """
CREATE FUNCTION assize_checkpoint_is_within_the_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.size > (SELECT COALESCE(max(leaf_index) + 1, 0) FROM audit_leaf) THEN
        RAISE EXCEPTION 'a checkpoint of % entries is larger than the log', NEW.size
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER checkpoint_is_within_the_log BEFORE INSERT ON audit_checkpoint FOR EACH ROW
    EXECUTE FUNCTION assize_checkpoint_is_within_the_log();
"""
UNDO = """
DROP TRIGGER checkpoint_is_within_the_log ON audit_checkpoint; DROP FUNCTION assize_checkpoint_is_within_the_log();
"""


class Migration(migrations.Migration):
    """No checkpoint signs more entries than have a place in the tree."""

    dependencies = [("audit", "0004_sweep_runs")]
    operations = [migrations.RunSQL(WITHIN, UNDO)]
