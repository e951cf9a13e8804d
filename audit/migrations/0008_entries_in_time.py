from django.db import migrations

# A clock that was set a little right must not stop the service; one that lies by more than minutes must not be believed.
IN_TIME = """
CREATE OR REPLACE FUNCTION assize_entry_is_pending() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    present timestamptz := assize_now();
BEGIN
    IF EXISTS (
        SELECT FROM written
         WHERE recorded_at NOT BETWEEN present - interval '10 minutes' AND present + interval '10 minutes'
    ) THEN
        RAISE EXCEPTION 'an entry of the log is dated when it is written' USING ERRCODE = 'restrict_violation';
    END IF;
    INSERT INTO audit_pending (entry_id) SELECT id FROM written;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    """Nobody dates an entry of the log otherwise than by the clock."""

    dependencies = [("audit", "0007_paired")]
    operations = [migrations.RunSQL(IN_TIME, migrations.RunSQL.noop)]
