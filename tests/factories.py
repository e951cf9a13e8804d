"""Rows for tests, made through the services wherever one exists."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from audit import clock
from audit.actors import SYSTEM
from members.models import Membership, Person, Plan, PlanVersion, RoleGrant, User
from members.rules.plans import parse_plan
from members.selectors.memberships import left_before
from members.selectors.plans import rules_with
from tests.bent import unguarded

SHANGHAI = ZoneInfo("Asia/Shanghai")
_number = itertools.count(1)


def make_user(email: str | None = None, *roles: str, **fields: Any) -> User:
    """A log-in with password `secret-word`, holding `roles`."""
    user = User.objects.create_user(email or f"user{next(_number)}@test.example", "secret-word", **fields)
    for role in roles:
        make_grant(user, role)
    return user


def make_grant(user: User, role: str) -> RoleGrant:
    """A role that was given long ago."""
    with unguarded():
        return RoleGrant.objects.create(user=user, role=role)


def take_roles_back(user: User, at: dt.datetime) -> None:
    """All of the user's roles were taken back at this moment."""
    with unguarded():
        user.role_grants.update(revoked_at=at)


def make_person(name: str = "Wang Xiaoming", born_on: dt.date = dt.date(1985, 5, 17), **fields: Any) -> Person:
    """A person; give `user=` for one who can log in."""
    return Person.objects.create(name=name, born_on=born_on, **fields)


def plan_file(name: str) -> str:
    """The text of a shipped plan file, such as `xhb-2019-01-01`."""
    return (Path(settings.PLAN_FILES) / f"{name}.toml").read_text(encoding="utf-8")


def alone(source: str) -> str:
    """A shipped plan file's text without the plan for seniors that it names, which a test need not publish then."""
    assert source.count('senior_plan = "xhb-senior"') == 1
    return source.replace('senior_plan = "xhb-senior"', 'senior_plan = "none"')


def revised(source: str, revision: int) -> str:
    """A shipped plan file's text as another revision of itself."""
    [shipped] = re.findall(r"\nrevision = [0-9]+\n", source)
    return source.replace(shipped, f"\nrevision = {revision}\n")


def make_plan_version(name: str = "xhb-2020-01-01", **replacements: str) -> PlanVersion:
    """A shipped plan version, with literal pieces of its file replaced."""
    source = plan_file(name)
    for old, new in replacements.items():
        source = source.replace(old, new)
    return make_version_from(source, name)


def make_version_from(source: str, name: str = "test.toml", digest: str = "") -> PlanVersion:
    """A plan version from the text of a plan file; `digest` is what an earlier release stored, if it is of one."""
    rules = parse_plan(source, name, is_published=bool(digest))
    plan, _ = Plan.objects.get_or_create(
        code=rules.code,
        defaults={
            "title_en": rules.title.en,
            "title_zh": rules.title.zh,
            "currency": rules.currency,
            "currency_exponent": rules.currency_exponent,
            "timezone": rules.timezone,
        },
    )
    return PlanVersion.objects.create(
        plan=plan, label=rules.version, starts_at=rules.starts_at, source=source, digest=digest or rules.digest
    )


def store_under(version: PlanVersion, digest: str) -> None:
    """Leave what refers to the version's digest without rules, as in a database that is restored in part.

    Past the trigger that keeps a published version, and in a process that has read no rules yet.
    """
    with unguarded():
        PlanVersion.objects.filter(pk=version.pk).update(digest=digest)
    rules_with.cache_clear()
    version.refresh_from_db()


def make_membership(
    plan: Plan | None = None, person: Person | None = None, joined_at: dt.datetime | None = None, **fields: Any
) -> Membership:
    """A membership of somebody who joined two years ago."""
    joined_at = joined_at or clock.now() - dt.timedelta(days=730)
    plan, person = plan or make_plan_version().plan, person or make_person()
    fields.setdefault("first_notice_on", joined_at.date().replace(day=7))
    return Membership.objects.create(
        plan=plan,
        person=person,
        joined_at=joined_at,
        previous_left_at=fields.pop("previous_left_at", left_before(person, plan, joined_at)),
        waits_from=fields.pop("waits_from", joined_at),
        **fields,
    )


__all__ = [
    "SHANGHAI",
    "SYSTEM",
    "make_membership",
    "make_person",
    "make_plan_version",
    "make_user",
    "make_version_from",
    "plan_file",
]
