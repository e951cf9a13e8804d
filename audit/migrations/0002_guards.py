from django.db import migrations

from audit.guards import REFUSE_FUNCTION, append_only

FILL_PENDING = """
CREATE FUNCTION assize_entry_is_pending() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_pending (entry_id) SELECT id FROM written;
    RETURN NULL;
END $$;
CREATE TRIGGER entry_is_pending AFTER INSERT ON audit_entry REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION assize_entry_is_pending();
-- Rows come and go all day: without this the dead ones would be swept too seldom.
ALTER TABLE audit_pending SET (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000);
"""
UNFILL_PENDING = "DROP TRIGGER entry_is_pending ON audit_entry; DROP FUNCTION assize_entry_is_pending();"
SHAPES = """
ALTER TABLE audit_entry ADD CONSTRAINT leaf_is_two_digests CHECK (octet_length(leaf) = 64);
ALTER TABLE audit_leaf ADD CONSTRAINT leaf_is_hashed CHECK (leaf_index >= 0 AND octet_length(leaf_hash) = 32);
ALTER TABLE audit_tile ADD CONSTRAINT tile_is_full
    CHECK (level >= 0 AND tile_index >= 0 AND octet_length(hashes) = 8192 AND octet_length(root) = 32);
-- Hashes can't be compressed: don't try.
ALTER TABLE audit_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;
ALTER TABLE audit_checkpoint ADD CONSTRAINT root_is_a_hash CHECK (size >= 0 AND octet_length(root) = 32);
"""
NO_SHAPES = """
ALTER TABLE audit_entry DROP CONSTRAINT leaf_is_two_digests;
ALTER TABLE audit_leaf DROP CONSTRAINT leaf_is_hashed;
ALTER TABLE audit_tile DROP CONSTRAINT tile_is_full;
ALTER TABLE audit_checkpoint DROP CONSTRAINT root_is_a_hash;
"""


class Migration(migrations.Migration):
    """The log is append-only in the database itself, and every entry waits for its place from the moment it commits."""

    dependencies = [("audit", "0001_initial")]
    operations = [
        migrations.RunSQL(REFUSE_FUNCTION, "DROP FUNCTION IF EXISTS assize_refuse_change()"),
        append_only("audit_entry"),
        append_only("audit_leaf"),
        append_only("audit_tile"),
        append_only("audit_checkpoint"),
        append_only("audit_cosignature"),
        migrations.RunSQL(FILL_PENDING, UNFILL_PENDING),
        migrations.RunSQL(SHAPES, NO_SHAPES),
    ]
