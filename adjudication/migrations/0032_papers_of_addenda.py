import django.db.models.deletion
from django.db import migrations, models

from audit.guards import append_only

OF_ITS_CLAIM = """
CREATE FUNCTION assize_paper_of_addendum() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM jury_addendum a
          JOIN adjudication_hearing h ON h.panel_id = a.panel_id
          JOIN adjudication_evidence e ON e.claim_id = h.claim_id
         WHERE a.id = NEW.addendum_id AND e.id = NEW.evidence_id
           AND a.content -> 'papers' @> jsonb_build_array(jsonb_build_object(
               'id', e.id, 'digest', encode(sha256(decode(e.salt, 'hex') || decode(e.sha256, 'hex')), 'hex')))
    ) THEN
        RAISE EXCEPTION 'an addendum has the papers of its claim that it lists with their digests'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER paper_of_addendum BEFORE INSERT ON adjudication_addendumpaper
    FOR EACH ROW EXECUTE FUNCTION assize_paper_of_addendum();
"""
UNDO = "DROP TRIGGER paper_of_addendum ON adjudication_addendumpaper; DROP FUNCTION assize_paper_of_addendum();"


class Migration(migrations.Migration):
    """Papers that jurors are given while they vote are written once, and are those that the addendum lists."""

    dependencies = [
        ('adjudication', '0031_columns_by_class'),
        ('jury', '0016_columns_by_class'),
    ]

    operations = [
        migrations.CreateModel(
            name='AddendumPaper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('addendum', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='jury.addendum', verbose_name="addendum to a panel's file")),
                ('evidence', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='addendum_paper', to='adjudication.evidence', verbose_name='evidence')),
            ],
            options={
                'verbose_name': 'paper of an addendum',
                'verbose_name_plural': 'papers of addenda',
                'ordering': ['pk'],
            },
        ),
        append_only("adjudication_addendumpaper"),
        migrations.RunSQL(OF_ITS_CLAIM, UNDO),
    ]
