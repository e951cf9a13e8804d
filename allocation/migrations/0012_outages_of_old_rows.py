# What the rows that are there mean by the new columns, in a transaction of its own: a table with rows just changed cannot be altered.

from django.db import migrations

# Attempts were recorded for payouts alone, under the payout's number.
ATTEMPTS = """
INSERT INTO allocation_paymentattempt (key, number, act, answer, reason, made_at)
SELECT p.key, a.number, a.act, a.answer, '', a.made_at
  FROM allocation_payoutattempt a JOIN allocation_payout p ON p.id = a.payout_id;
"""

# Every open payment is due now, except one that was refused. A person who was told about a payment without an answer still is.
PAYOUTS = """
UPDATE allocation_payout SET next_attempt_at = NULL WHERE status = 'settled';
UPDATE allocation_payout p SET attempted_at = a.last
  FROM (SELECT payout_id, max(made_at) AS last FROM allocation_payoutattempt GROUP BY payout_id) a
 WHERE a.payout_id = p.id;
UPDATE allocation_payout p SET unanswered = a.number, unanswered_since = a.first
  FROM (SELECT payout_id, count(*) AS number, min(made_at) AS first FROM allocation_payoutattempt
         WHERE answer = 'no_answer' GROUP BY payout_id) a
 WHERE a.payout_id = p.id AND p.status IN ('sent', 'unknown');
UPDATE allocation_payout SET escalated_at = assize_now() WHERE status = 'unknown';
UPDATE allocation_payout p SET next_attempt_at = NULL
 WHERE p.status = 'unknown'
   AND EXISTS (SELECT FROM allocation_payoutattempt a WHERE a.payout_id = p.id AND a.answer = 'refused');
"""
REFUNDS = """
UPDATE allocation_refund SET next_attempt_at = NULL WHERE status = 'settled';
UPDATE allocation_refund SET attempted_at = opened_at WHERE status IN ('sent', 'unknown');
UPDATE allocation_refund SET unanswered = 0 WHERE status NOT IN ('sent', 'unknown');
UPDATE allocation_refund SET unanswered_since = opened_at WHERE unanswered > 0;
UPDATE allocation_refund SET escalated_at = assize_now() WHERE status = 'unknown';
"""
RETRIES = """
UPDATE allocation_retry SET next_attempt_at = NULL WHERE status <> 'sent';
UPDATE allocation_retry SET attempted_at = sent_at WHERE status = 'sent';
"""

# Whether a pending batch was sent is not known: it is asked about first. Of a settled one, the failures are read.
COLLECTIONS = """
UPDATE allocation_collection SET attempted_at = created_at;
UPDATE allocation_collection SET next_attempt_at = CASE
    WHEN failures_asked_at IS NULL THEN assize_now()
    WHEN settled_at > assize_now() - interval '30 days' THEN failures_asked_at + interval '1 hour' END
 WHERE status = 'settled';
"""

# The demonstration bank knows a member by the person's public id from now on.
BANK = """
UPDATE allocation_bankrefusal SET member = named.member
  FROM (SELECT DISTINCT ON (p.id) r.id, 'member:' || p.public_id AS member
          FROM allocation_bankrefusal r
          JOIN members_membership m ON r.member = 'membership:' || m.id
          JOIN members_person p ON p.id = m.person_id
         ORDER BY p.id, r.is_refusing DESC, r.id) named
 WHERE named.id = allocation_bankrefusal.id;
"""


class Migration(migrations.Migration):
    """Rows of before get their next moments; what a person was told stays so."""

    dependencies = [("allocation", "0011_outages"), ("members", "0012_state_words")]
    operations = [
        *(
            migrations.RunSQL(sql, migrations.RunSQL.noop)
            for sql in (ATTEMPTS, PAYOUTS, REFUNDS, RETRIES, COLLECTIONS, BANK)
        ),
    ]
