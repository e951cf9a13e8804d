"""Puts the invented people into an empty database, by the thousand and at once."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from audit import clock
from audit.actors import SYSTEM, SystemActor
from audit.services import append
from members.demo.logins import LOGINS, PASSWORD, DemoLogin
from members.demo.marker import STREAM
from members.demo.people import Invented, invented_people
from members.models import HealthStatement, Membership, Person, Plan, PlanVersion, User
from members.models.users import Role
from members.rules.plans import first_notice_after
from members.selectors.plans import version_in_force
from members.services.users import create_login

BY: SystemActor = SYSTEM
_BATCH = 1000


@transaction.atomic
def load_members(plan: Plan, count: int) -> list[Membership]:
    """Enrol `count` invented people in bulk, with one entry for all of them.

    `join_plan` three thousand times would take a minute. The rows are the same; every one obeys the joining rules.
    """
    now = clock.now()
    version = version_in_force(plan, now)
    if version is None:
        raise LookupError(f"plan {plan.code} has no version in force")
    invented = list(invented_people(count, timezone.localdate(clock.now())))
    people = _create_people(invented)
    memberships = Membership.objects.bulk_create(
        [_membership(plan, version, people[one.number], one, now) for one in invented], batch_size=_BATCH
    )
    HealthStatement.objects.bulk_create(
        [_statement(membership, version) for membership in memberships], batch_size=_BATCH
    )
    append(kind="demo.members_loaded", stream=STREAM, by=BY, body={"plan": plan.code, "members": len(memberships)})
    return memberships


def open_logins() -> dict[str, User]:
    """Create the named log-ins of staff, by their name before the @; `member` and `juror` are given to members."""
    opened = {}
    for login in LOGINS:
        if login.role in Role.values:
            user = create_login(
                email=login.email, password=None, name=login.title.en, by=BY, roles=[login.role], is_verified=True
            )
            _set_password(user)
            opened[login.email.partition("@")[0]] = user
    return opened


def open_hidden_login(person: Person) -> User:
    """A log-in that nobody can use, for an invented person who acts in the demonstration."""
    user = create_login(email=f"person{person.pk}@demo.example", password=None, name=person.name, by=BY)
    person.user = user
    person.save(update_fields=["user"])
    return user


@transaction.atomic
def hand_over(user: User, login: DemoLogin) -> User:
    """Give a log-in of the demonstration to an invented person who has a hidden one."""
    user.email = login.email
    _set_password(user)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    append(kind="demo.login_opened", stream=user.audit_ref, by=BY, body={"role": login.role})
    return user


def _set_password(user: User) -> None:
    user.password = _password_hash()
    user.save(update_fields=["password", "email"])


@lru_cache(maxsize=1)
def _password_hash() -> str:
    """One hash serves all: it is slow on purpose, and this password is printed on the log-in page anyway."""
    return make_password(PASSWORD)


def _create_people(invented: list[Invented]) -> dict[int, Person]:
    """Those who pay for themselves first: their families refer to them."""
    people: dict[int, Person] = {}
    for group in ([one for one in invented if not one.payer_back], [one for one in invented if one.payer_back]):
        rows = [_person(one, people.get(one.number - one.payer_back)) for one in group]
        for one, person in zip(group, Person.objects.bulk_create(rows, batch_size=_BATCH), strict=True):
            people[one.number] = person
    return people


def _person(one: Invented, payer: Person | None) -> Person:
    person = Person(
        name=one.name,
        born_on=one.born_on,
        sex=one.sex,
        phone=one.phone,
        address=one.address,
        employer=one.employer,
        payer=payer,
    )
    person.index_blindly()
    return person


def _membership(plan: Plan, version: PlanVersion, person: Person, one: Invented, now: dt.datetime) -> Membership:
    joined_at = now - dt.timedelta(days=one.joined_days_ago, minutes=one.number % 600)
    return Membership(
        plan=plan,
        person=person,
        joined_at=joined_at,
        waits_from=joined_at,
        first_notice_on=first_notice_after(version.rules, joined_at),
    )


def _statement(membership: Membership, version: PlanVersion) -> HealthStatement:
    answers: dict[str, Any] = {
        question.code: question.allowed_answer for question in version.rules.join.health_questions
    }
    return HealthStatement(membership=membership, plan_version=version, answers=answers, signed_at=membership.joined_at)
