"""Members and claims by the ten thousand, each kind in one statement; the database's guards stay on."""

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
    SELECT public_id, sealed, 'unknown', '', '', '', '', now()
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
SELECT 'C26-' || lpad(upper(to_hex(id)), 6, '0'), plan_id, %(version)s, id, 'submitted', now(),
       now() + (id %% 30) * interval '1 day', '', 'I64', 'severe', FALSE, date '2025-10-01', %(hospital)s, '', now()
  FROM members_membership m
 WHERE plan_id = %(plan)s AND NOT EXISTS (SELECT FROM adjudication_claim c WHERE c.membership_id = m.id)
 ORDER BY id LIMIT %(count)s
"""
_INVESTIGATIONS = """
WITH opened AS (
    INSERT INTO adjudication_investigation (claim_id, round, status, reason, opened_at, due_at, recommendation,
                                            reason_codes, report, jury_summary, manifest, manifest_digest)
    SELECT id, 1, 'waiting', '', now(), due_at, '', '[]', '', '', '[]', '' FROM adjudication_claim
     WHERE plan_id = %(plan)s AND status = 'submitted'
       AND NOT EXISTS (SELECT FROM adjudication_investigation i WHERE i.claim_id = adjudication_claim.id)
    RETURNING id
)
INSERT INTO adjudication_dutyrecord (investigation_id, kind, result, findings, jury_summary)
SELECT id, kind, '', '', '' FROM opened, unnest(ARRAY['interview', 'treating_hospitals', 'other_hospitals',
                                                      'commercial_insurance', 'social_insurance']) AS kind
"""
_STEPS_TO_APPROVAL = ("under_investigation", "investigated", "jury_review", "approved")
AID_MINOR = 30_000_000


def make_plan(code: str) -> Plan:
    """A plan with the rules of a shipped file under another code."""
    source = (settings.PLAN_FILES / "xhb-2020-01-01.toml").read_text(encoding="utf-8")
    source = source.replace('code = "xhb"', f'code = "{code}"', 1)
    return load_plan_version(source=source, filename=f"{code}.toml", by=SYSTEM).plan


def add_members(plan: Plan, count: int) -> None:
    """So many more members, adults of long standing."""
    _execute(_MEMBERS, plan=plan.pk, **adults(count))


def adults(count: int) -> dict[str, list[Any]]:
    """Public ids of so many people, and beside each what is known of them, sealed: name and day of birth."""
    public_ids = [uuid.uuid4() for _ in range(count)]
    data, seal = ("王小明", "1990-01-01", "", "", "", ""), sealer().seal
    return {"public_ids": public_ids, "sealed": [seal(data, one.bytes) for one in public_ids]}


def add_claims(plan: Plan, count: int) -> None:
    """A submitted claim for each of so many members who have none."""
    version = plan.versions.get()
    hospital = cipher().encrypt(b"First Hospital").decode()
    _execute(_CLAIMS, plan=plan.pk, version=version.pk, hospital=hospital, count=count)


def add_waiting_investigations(plan: Plan) -> None:
    """Put every submitted claim on the worklist with its five duties."""
    _execute(_INVESTIGATIONS, plan=plan.pk)


def approve_claims(plan: Plan) -> None:
    """Take every submitted claim to approved, along the table that the triggers hold it to."""
    for step in _STEPS_TO_APPROVAL:
        _execute(
            "UPDATE adjudication_claim SET status = %(step)s, amount_minor = %(aid)s"
            " WHERE plan_id = %(plan)s AND status IN ('submitted', 'under_investigation', 'investigated',"
            " 'jury_review')",
            plan=plan.pk,
            step=step,
            aid=AID_MINOR,
        )


def tidy() -> None:
    """What the database does by itself a while after so many rows came: statistics and the visibility map."""
    _execute("VACUUM ANALYZE")


def make_user(email: str, *roles: Role) -> User:
    """A log-in in these roles."""
    return create_login(email=email, password=None, name="Bench", by=SYSTEM, roles=roles, is_verified=True)


def _execute(sql: str, **values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
