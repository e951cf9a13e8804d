from django.db import migrations, models

from audit.guards import frozen_columns

# Beside the service's own check: neither a word nor a draw while the commitment could still be another one.
SEALED = """
CREATE FUNCTION assize_commitment_is_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM audit_checkpoint c
          JOIN audit_leaf l ON l.leaf_index < c.size JOIN audit_entry e ON e.id = l.entry_id
         WHERE c.size = NEW.checkpoint_size AND e.stream = 'claim:' || NEW.case_ref AND e.kind = 'draw.committed'
           AND e.body ->> 'panel' = NEW.id::text
    ) THEN
        RAISE EXCEPTION 'a word and a draw need a checkpoint over the commitment' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER commitment_is_sealed BEFORE UPDATE ON jury_panel FOR EACH ROW
    WHEN ((OLD.nonce = '' AND NEW.nonce <> '') OR (OLD.drawn_at IS NULL AND NEW.drawn_at IS NOT NULL))
    EXECUTE FUNCTION assize_commitment_is_sealed();
"""
UNDO = "DROP TRIGGER commitment_is_sealed ON jury_panel; DROP FUNCTION assize_commitment_is_sealed();"


class Migration(migrations.Migration):
    """What a draw is committed to stands in a signed checkpoint before the word and the entropy."""

    dependencies = [("jury", "0003_guards"), ("audit", "0002_guards")]
    operations = [
        migrations.AddField(
            model_name="panel",
            name="checkpoint_size",
            field=models.PositiveBigIntegerField(
                blank=True, null=True, verbose_name="checkpoint over the commitment"
            ),
        ),
        frozen_columns("jury_panel", ["checkpoint_size"], "OLD.checkpoint_size IS NOT NULL"),
        migrations.RunSQL(SEALED, UNDO),
    ]
