import django.db.models.deletion
from django.db import migrations, models

import audit.clock
import audit.state_fields
import jury.rules.verdicts

# Ballots of earlier releases are sealed otherwise, their keys wrapped to a key that every process had, and their
# commitments stand in the log beside the juror's log-in: what is in them cannot be made secret afterwards.
REFUSE_OLDER = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM jury_panel) THEN
        RAISE EXCEPTION 'its votes are sealed and logged in a way that could not keep them secret'
            USING ERRCODE = 'restrict_violation';
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    """A ballot leads to its seat, an opening to no ballot, and nothing that an opening shows is stored before it."""

    dependencies = [("jury", "0011_addenda"), ("audit", "0004_sweep_runs")]
    operations = [
        migrations.RunSQL(REFUSE_OLDER, migrations.RunSQL.noop),
        migrations.RemoveConstraint("seat", "cast_after_the_summons"),
        migrations.RemoveField("seat", "last_sequence"),
        migrations.RemoveField("seat", "last_cast_at"),
        migrations.AddField(
            "panel",
            "close_waits_since",
            models.DateTimeField(blank=True, null=True, verbose_name="the close waits for a checkpoint since"),
        ),
        migrations.AddField("panel", "closed_in", models.BigIntegerField(blank=True, editable=False, null=True)),
        migrations.DeleteModel("BallotOpening"),
        migrations.DeleteModel("Ballot"),
        migrations.CreateModel(
            "Ballot",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sequence", models.PositiveSmallIntegerField(verbose_name="sequence")),
                ("sealed", models.BinaryField(verbose_name="sealed ballot")),
                ("cast_at", models.DateTimeField(db_default=audit.clock.DatabaseNow(), verbose_name="cast")),
                (
                    "seat",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ballots",
                        to="jury.seat",
                        verbose_name="seat",
                    ),
                ),
            ],
            {
                "verbose_name": "ballot",
                "verbose_name_plural": "ballots",
                "constraints": [
                    models.UniqueConstraint(fields=("seat", "sequence"), name="one_ballot_a_seat_and_sequence"),
                    models.CheckConstraint(
                        condition=models.Q(("sequence__gte", 1)), name="ballots_count_from_one"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            "BallotOpening",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("receipt", models.CharField(max_length=40, verbose_name="receipt")),
                ("commitment", models.CharField(max_length=64, verbose_name="commitment")),
                (
                    "choice",
                    audit.state_fields.StateField(
                        max_length=10, states=jury.rules.verdicts.Choice, verbose_name="choice"
                    ),
                ),
                ("reason_codes", models.JSONField(default=list, verbose_name="reason codes")),
                ("words", models.TextField(blank=True, verbose_name="in the juror's words")),
                ("words_digest", models.CharField(max_length=64, verbose_name="digest of the words")),
                (
                    "is_medical_question",
                    models.BooleanField(default=False, verbose_name="called it a medical question"),
                ),
                ("salt", models.CharField(max_length=64, verbose_name="salt of the commitment")),
                (
                    "panel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="openings", to="jury.panel"
                    ),
                ),
            ],
            {
                "verbose_name": "opened ballot",
                "verbose_name_plural": "opened ballots",
                "indexes": [models.Index(fields=["panel", "receipt"], name="jury_ballot_panel_i_c062b7_idx")],
            },
        ),
        migrations.CreateModel(
            "CountedToken",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.CharField(max_length=40, verbose_name="seat token")),
                (
                    "panel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="counted_tokens", to="jury.panel"
                    ),
                ),
            ],
            {
                "verbose_name": "token of a seat that voted",
                "verbose_name_plural": "tokens of seats that voted",
                "indexes": [models.Index(fields=["panel", "token"], name="jury_counte_panel_i_f587eb_idx")],
            },
        ),
        migrations.CreateModel(
            "BallotFault",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("no_entry", "set aside: the log has no entry of this ballot"),
                            ("unreadable", "set aside: it does not open as a ballot of its seat"),
                            ("no_place", "counted: its entry has no place in the log's tree"),
                            ("no_checkpoint", "counted: no signed checkpoint covered its entry within an hour"),
                            ("no_ballot", "the log has an entry of a ballot that is not there"),
                            (
                                "other_token",
                                "counted: the seat's ballots were entered under different tokens",
                            ),
                            ("token_twice", "counted: two seats' ballots were entered under one token"),
                            ("receipt_twice", "counted: two ballots have one receipt"),
                        ],
                        max_length=20,
                        verbose_name="fault",
                    ),
                ),
                ("token", models.CharField(blank=True, max_length=40, verbose_name="seat token")),
                ("sequence", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="sequence")),
                (
                    "ballot_digest",
                    models.CharField(blank=True, max_length=64, verbose_name="digest of the sealed ballot"),
                ),
                ("receipt", models.CharField(blank=True, max_length=40, verbose_name="receipt")),
                (
                    "panel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="faults", to="jury.panel"
                    ),
                ),
            ],
            {
                "verbose_name": "fault of a ballot",
                "verbose_name_plural": "faults of ballots",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("receipt", ""),
                            models.Q(("ballot_digest", ""), ("sequence", None), ("token", "")),
                            _connector="OR",
                        ),
                        name="no_receipt_beside_a_token",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            "SeatDispute",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ballots", models.PositiveSmallIntegerField(verbose_name="ballots that came from the seat")),
                ("disputed_at", models.DateTimeField(verbose_name="disputed")),
                (
                    "seat",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dispute",
                        to="jury.seat",
                        verbose_name="seat",
                    ),
                ),
            ],
            {"verbose_name": "disputed seat", "verbose_name_plural": "disputed seats"},
        ),
    ]
