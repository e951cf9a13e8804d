from django.db import migrations, models

from audit.guards import append_only


class Migration(migrations.Migration):
    """No open payment is without its next moment; what was exchanged and who asked is written once."""

    dependencies = [('allocation', '0012_outages_of_old_rows')]

    operations = [
        append_only("allocation_paymentattempt"),
        append_only("allocation_askinground"),
        migrations.DeleteModel(
            name='PayoutAttempt',
        ),
        migrations.AddIndex(
            model_name='collection',
            index=models.Index(condition=models.Q(('next_attempt_at__isnull', False)), fields=['next_attempt_at'], name='collections_by_next_attempt'),
        ),
        migrations.AddIndex(
            model_name='collection',
            index=models.Index(condition=models.Q(('escalated_at__isnull', False)), fields=['escalated_at'], name='collections_escalated'),
        ),
        migrations.AddIndex(
            model_name='collection',
            index=models.Index(condition=models.Q(('asking_round__isnull', False)), fields=['asking_round'], name='collections_of_round'),
        ),
        migrations.AddIndex(
            model_name='payout',
            index=models.Index(condition=models.Q(('next_attempt_at__isnull', False)), fields=['next_attempt_at'], name='payouts_by_next_attempt'),
        ),
        migrations.AddIndex(
            model_name='payout',
            index=models.Index(condition=models.Q(('escalated_at__isnull', False)), fields=['escalated_at'], name='payouts_escalated'),
        ),
        migrations.AddIndex(
            model_name='payout',
            index=models.Index(condition=models.Q(('asking_round__isnull', False)), fields=['asking_round'], name='payouts_of_round'),
        ),
        migrations.AddIndex(
            model_name='refund',
            index=models.Index(condition=models.Q(('next_attempt_at__isnull', False)), fields=['next_attempt_at'], name='refunds_by_next_attempt'),
        ),
        migrations.AddIndex(
            model_name='refund',
            index=models.Index(condition=models.Q(('escalated_at__isnull', False)), fields=['escalated_at'], name='refunds_escalated'),
        ),
        migrations.AddIndex(
            model_name='refund',
            index=models.Index(condition=models.Q(('asking_round__isnull', False)), fields=['asking_round'], name='refunds_of_round'),
        ),
        migrations.AddIndex(
            model_name='retry',
            index=models.Index(condition=models.Q(('next_attempt_at__isnull', False)), fields=['next_attempt_at'], name='retries_by_next_attempt'),
        ),
        migrations.AddIndex(
            model_name='retry',
            index=models.Index(condition=models.Q(('escalated_at__isnull', False)), fields=['escalated_at'], name='retries_escalated'),
        ),
        migrations.AddIndex(
            model_name='retry',
            index=models.Index(condition=models.Q(('asking_round__isnull', False)), fields=['asking_round'], name='retries_of_round'),
        ),
        migrations.AddConstraint(
            model_name='collection',
            constraint=models.CheckConstraint(condition=models.Q(('status', 'settled'), ('next_attempt_at__isnull', False), ('escalated_at__isnull', False), _connector='OR'), name='an_open_collection_has_a_next_moment'),
        ),
        migrations.AddConstraint(
            model_name='collection',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('unanswered', 0), ('unanswered_since', None)), models.Q(('unanswered__gt', 0), ('unanswered_since__isnull', False)), _connector='OR'), name='collections_silence_has_a_beginning'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('next_attempt_at', None), ('status', 'settled')), models.Q(('escalated_at__isnull', False), ('status', 'unknown')), models.Q(('next_attempt_at__isnull', False), ('status__in', ['pending', 'sent'])), _connector='OR'), name='an_open_payout_has_a_next_moment'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('unanswered', 0), ('unanswered_since', None)), models.Q(('unanswered__gt', 0), ('unanswered_since__isnull', False)), _connector='OR'), name='payouts_silence_has_a_beginning'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('next_attempt_at', None), ('status', 'settled')), models.Q(('escalated_at__isnull', False), ('status', 'unknown')), models.Q(('next_attempt_at__isnull', False), ('status__in', ['opened', 'pending', 'sent'])), _connector='OR'), name='an_open_refund_has_a_next_moment'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('unanswered', 0), ('unanswered_since', None)), models.Q(('unanswered__gt', 0), ('unanswered_since__isnull', False)), _connector='OR'), name='refunds_silence_has_a_beginning'),
        ),
        migrations.AddConstraint(
            model_name='retry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('next_attempt_at__isnull', False), ('status', 'sent')), models.Q(models.Q(('status', 'sent'), _negated=True), ('next_attempt_at', None)), _connector='OR'), name='an_open_retry_has_a_next_moment'),
        ),
        migrations.AddConstraint(
            model_name='retry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('unanswered', 0), ('unanswered_since', None)), models.Q(('unanswered__gt', 0), ('unanswered_since__isnull', False)), _connector='OR'), name='retries_silence_has_a_beginning'),
        ),
    ]
