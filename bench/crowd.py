"""Tens of thousands of members and claims, each kind in one statement; the database's guards stay on."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import connection

from audit.actors import SYSTEM
from members.fields import cipher
from members.models import Plan, User
from members.models.users import Role
from members.sealed_fields import sealer
from members.services.plans import load_plan_version
from members.services.users import create_login

_MEMBERS = """
WITH everyone AS (
    INSERT INTO members_person (public_id, sealed, sex, id_digest, phone_digest, address_digest, employer_digest,
                                created_at)
    SELECT public_id, sealed, 'unknown', '', '', '', '', (SELECT assize_now())
      FROM unnest(%(public_ids)s::uuid[], %(sealed)s::bytea[]) AS adult (public_id, sealed)
    RETURNING id
)
INSERT INTO members_membership (plan_id, person_id, joined_at, end_reason, waits_from, first_notice_on, is_gifted,
                                carried_minor)
SELECT %(plan)s, id, first - interval '10 days', '', first - interval '10 days', first, (id / 16) %% 10 = 0, 0
  FROM (SELECT id, make_date(2025, 1 + (id / 2 %% 8)::int, CASE id %% 2 WHEN 0 THEN 7 ELSE 21 END) AS first
          FROM everyone) AS joined
"""
"""They join over eight months of one year, every tenth as a gift: 32 cohorts, whatever the number of members."""

_CLAIMS = """
INSERT INTO adjudication_claim (ref, plan_id, plan_version_id, membership_id, status, status_since, due_at, hold_reason,
                                icd10, severity, is_accident, first_diagnosed_on, hospital, account, submitted_at)
SELECT 'C26-' || lpad(upper(to_hex(id)), 6, '0'), plan_id, %(version)s, id, 'submitted', at,
       at + (id %% 30) * interval '1 day', '', 'I64', 'severe', FALSE, date '2025-10-01', %(hospital)s, '', at
  FROM members_membership m, (SELECT assize_now() AS at OFFSET 0) AS clock
 WHERE plan_id = %(plan)s AND NOT EXISTS (SELECT FROM adjudication_claim c WHERE c.membership_id = m.id)
 ORDER BY id LIMIT %(count)s
"""
_INVESTIGATIONS = """
WITH opened AS (
    INSERT INTO adjudication_investigation (claim_id, round, status, reason, opened_at, due_at, recommendation,
                                            reason_codes, report, jury_summary, manifest, manifest_digest, for_clauses)
    SELECT id, 1, 'waiting', '', (SELECT assize_now()), due_at, '', '[]', '', '', '[]', '', '[]' FROM adjudication_claim
     WHERE plan_id = %(plan)s AND status = 'submitted'
       AND NOT EXISTS (SELECT FROM adjudication_investigation i WHERE i.claim_id = adjudication_claim.id)
    RETURNING id
)
INSERT INTO adjudication_dutyrecord (investigation_id, kind, result, findings, jury_summary, details)
SELECT id, kind, '', '', '', '' FROM opened, unnest(ARRAY['interview', 'treating_hospitals', 'other_hospitals',
                                                      'commercial_insurance', 'social_insurance']) AS kind
"""
_STEPS_TO_APPROVAL = ("under_investigation", "investigated", "jury_review", "approved")
AID_MINOR = 30_000_000
_BATCH = 1_000


def make_plan(code: str, seats: int = 7) -> Plan:
    """A plan with the rules of a shipped file under another code, with so many seats on a panel."""
    source = (settings.PLAN_FILES / "xhb-2020-01-01.toml").read_text(encoding="utf-8")
    source = source.replace('code = "xhb"', f'code = "{code}"', 1).replace('"xhb-senior"', '"none"')
    source = source.replace("\nseats = 7\n", f"\nseats = {seats}\n", 1)
    source = source.replace("\nfresh_seats = 15\n", f"\nfresh_seats = {2 * seats + 1}\n", 1)
    return load_plan_version(source=source, filename=f"{code}.toml", by=SYSTEM).plan


def add_members(plan: Plan, count: int) -> None:
    """Add this many adult members who joined long ago."""
    # In batches: all sealed data at once would be the peak of memory that is then measured.
    for start in range(0, count, _BATCH):
        _execute(_MEMBERS, plan=plan.pk, **adults(min(_BATCH, count - start)))


def adults(count: int) -> dict[str, list[Any]]:
    """This many public ids, and the sealed data of each person: name and day of birth."""
    public_ids = [uuid.uuid4() for _ in range(count)]
    data, seal = ("王小明", "1990-01-01", "", "", "", ""), sealer().seal
    return {"public_ids": public_ids, "sealed": [seal(data, one.bytes) for one in public_ids]}


def add_claims(plan: Plan, count: int) -> None:
    """Submit a claim for this many members who have none."""
    version = plan.versions.get()
    hospital = cipher().encrypt(b"First Hospital").decode()
    _execute(_CLAIMS, plan=plan.pk, version=version.pk, hospital=hospital, count=count)


def add_waiting_investigations(plan: Plan) -> None:
    """Put every submitted claim on the worklist with its five duties."""
    _execute(_INVESTIGATIONS, plan=plan.pk)


def approve_claims(plan: Plan) -> None:
    """Bring every submitted claim to approved through the states that the triggers allow."""
    for step in _STEPS_TO_APPROVAL:
        _execute(
            "UPDATE adjudication_claim SET status = %(step)s,"
            " amount_minor = CASE WHEN %(step)s = 'approved' THEN %(aid)s ELSE amount_minor END"
            " WHERE plan_id = %(plan)s AND status IN ('submitted', 'under_investigation', 'investigated',"
            " 'jury_review')",
            plan=plan.pk,
            step=step,
            aid=AID_MINOR,
        )


def tidy() -> None:
    """Update statistics and the visibility map, as autovacuum does some time after so many inserts."""
    _execute("VACUUM ANALYZE")


def make_user(email: str, *roles: Role) -> User:
    """A log-in with these roles."""
    return create_login(email=email, password=None, name="Bench", by=SYSTEM, roles=roles, is_verified=True)


def _execute(sql: str, **values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
