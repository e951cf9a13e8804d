"""The look-ups that a claim needs, with any number of members: the time, and how much of the tables they read."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from adjudication.models import Claim
from adjudication.models.claims import OPEN_STATUSES
from adjudication.selectors.claims import own_claims
from allocation.selectors.periods import cohort_counts
from audit import clock
from bench.crowd import adults, make_plan, tidy
from bench.figures import Spread, clocked
from jury.models import Juror
from members.fields import cipher
from members.models import HealthStatement, Person, Plan, User
from members.selectors.memberships import memberships_in_force, memberships_of
from members.selectors.people import people_visible_to
from members.selectors.search import A_PAGE, having_phone, matches, page_of

USER_EVERY, FAMILY_EVERY, CLAIM_EVERY, JUROR_EVERY = 10, 4, 20, 2
NAMESAKES = 200
"""How many people have each name: eight pages of a search."""
NUMBERS_AT_ONCE = 32
_AT_ONCE = 100_000
_ONE_PAGE = 20
"""A table with this few rows fits in a page or two, and reading it completely is the fastest way."""

# Numbers are ids here: member n has person n, log-in n and membership n, so each is found without a query.
_ROWS = (
    """
    INSERT INTO members_user (id, password, email, name, is_superuser, is_staff, is_active, joined_at)
    SELECT i, '!', 'person' || i || '@bench.example', '', FALSE, FALSE, TRUE, (SELECT assize_now())
      FROM generate_series(%(first)s::int, %(last)s::int) i WHERE i %% %(user_every)s::int = 0
    """,
    """
    INSERT INTO members_person (id, public_id, sealed, sex, name_digest, id_digest, phone_digest, address_digest,
                                employer_digest, import_key, created_at, user_id, payer_id)
    SELECT i, public_id, sealed, 'unknown',
           ('x' || substr(encode(sha256(('name' || i / %(namesakes)s::int)::bytea), 'hex'), 1, 16))::bit(64)::bigint,
           encode(sha256(i::text::bytea), 'hex'), encode(sha256(('phone' || i / 2)::bytea), 'hex'), '', '', 'L' || i,
           (SELECT assize_now()),
           CASE WHEN i %% %(user_every)s::int = 0 THEN i END,
           CASE WHEN i %% %(family_every)s::int = 1 AND i > 1 THEN i - 1 END
      FROM (SELECT public_id, sealed, %(first)s::int + place - 1 AS i
              FROM unnest(%(public_ids)s::uuid[], %(sealed)s::bytea[])
                   WITH ORDINALITY AS adult (public_id, sealed, place)) AS numbered
    """,
    """
    INSERT INTO members_membership (id, plan_id, person_id, joined_at, end_reason, waits_from, first_notice_on,
                                    is_gifted, carried_minor)
    SELECT i, %(plan)s, i, first - interval '10 days', '', first - interval '10 days', first, i %% 10 = 0, 0
      FROM (SELECT i, make_date(2025, 1 + i %% 8, CASE i %% 2 WHEN 0 THEN 7 ELSE 21 END) AS first
              FROM generate_series(%(first)s::int, %(last)s::int) i) AS joined
    """,
    """
    INSERT INTO members_healthstatement (membership_id, plan_version_id, answers, signed_at)
    SELECT i, %(version)s, %(answers)s, (SELECT assize_now()) FROM generate_series(%(first)s::int, %(last)s::int) i
    """,
    """
    INSERT INTO jury_juror (plan_id, number, person_id, membership_id, exam_passed_at, qualified_at, hospital_digest)
    SELECT %(plan)s, i / %(juror_every)s::int, i, i, (SELECT assize_now()), (SELECT assize_now()), ''
      FROM generate_series(%(first)s::int, %(last)s::int) i WHERE i %% %(juror_every)s::int = 0
    """,
    """
    INSERT INTO adjudication_claim (ref, plan_id, plan_version_id, membership_id, status, status_since, due_at,
                                    hold_reason, icd10, severity, is_accident, first_diagnosed_on, hospital, account,
                                    submitted_at)
    SELECT 'L' || i, %(plan)s, %(version)s, i, 'submitted', at, at, '', 'I64', 'severe', FALSE,
           date '2025-10-01', %(name)s, '', at
      FROM generate_series(%(first)s::int, %(last)s::int) i, (SELECT assize_now() AS at OFFSET 0) AS clock
     WHERE i %% %(claim_every)s::int = 0
    """,
)


@dataclass(frozen=True)
class LookUp:
    """One look-up: its query for a member's number, and how many rows it must find to count."""

    name: str
    asks: Callable[[Plan, int], QuerySet[Any]]
    finds: int
    every: int = 1


def _user(number: int) -> User:
    """The log-in of a member, without roles; set here, so that they are not queried with every look-up."""
    user = User(pk=number, is_active=True)
    user.__dict__["roles"] = frozenset[str]()
    return user


def _digest(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def _name_of(number: int) -> int:
    """The blind number of a member's name, as PostgreSQL made it from the same text."""
    digest = hashlib.sha256(f"name{number // NAMESAKES}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _phone_of(number: int) -> str:
    return hashlib.sha256(f"phone{number // 2}".encode()).hexdigest()


def _numbers(number: int) -> list[int]:
    """Juror numbers up to this member's."""
    return [number // JUROR_EVERY - back for back in range(NUMBERS_AT_ONCE)]


LOOK_UPS = (
    LookUp("memberships of a log-in and those it pays for", lambda _plan, n: memberships_of(_user(n)), 2, 20),
    LookUp("people that a log-in may see", lambda _plan, n: people_visible_to(_user(n)), 2, 20),
    LookUp("claims of a log-in and those it pays for", lambda _plan, n: own_claims(_user(n)), 1, CLAIM_EVERY),
    LookUp(
        "the open claim of a membership",
        lambda _plan, n: Claim.objects.filter(membership_id=n, status__in=OPEN_STATUSES),
        1,
        CLAIM_EVERY,
    ),
    LookUp("a claim by its name", lambda _plan, n: Claim.objects.filter(ref=f"L{n}"), 1, CLAIM_EVERY),
    LookUp(
        "the membership in force of a person",
        lambda plan, n: memberships_in_force(plan, clock.now()).filter(person_id=n),
        1,
    ),
    LookUp("the health statement of a membership", lambda _plan, n: HealthStatement.objects.filter(membership=n), 1),
    LookUp("a person by identity number", lambda _plan, n: Person.objects.filter(id_digest=_digest(n)), 1),
    LookUp("a person by external id", lambda _plan, n: Person.objects.filter(import_key=f"L{n}"), 1),
    LookUp(
        "search: a page of the 200 who bear a name",
        lambda _plan, n: page_of(Person.objects.filter(name_digest=_name_of(n)), None),
        A_PAGE + 1,
        NAMESAKES,
    ),
    LookUp(
        "search: the last page of them",
        lambda _plan, n: page_of(Person.objects.filter(name_digest=_name_of(n)), n + 3),
        3,
        NAMESAKES,
    ),
    LookUp("search: by phone", lambda _plan, n: page_of(having_phone(_phone_of(n)), None), 2, 2),
    LookUp("search: by the log-in's e-mail", lambda _plan, n: matches(f"person{n}@bench.example"), 1, USER_EVERY),
    LookUp("search: by a number, whatever it is", lambda _plan, n: matches(str(n)), 1),
    LookUp(
        "32 jurors by their numbers",
        lambda plan, n: Juror.objects.filter(plan=plan, number__in=_numbers(n)).select_related("person", "membership"),
        NUMBERS_AT_ONCE,
        JUROR_EVERY * NUMBERS_AT_ONCE,
    ),
)


@dataclass(frozen=True)
class Footprint:
    """What PostgreSQL did for a look-up: pages touched, and the larger tables that it read completely."""

    pages: int
    read_whole: tuple[str, ...]


def measure(sizes: Sequence[int], runs: int) -> Iterator[dict[str, Any]]:
    """Every look-up with each number of members, smallest first, in one growing database; yields each when done."""
    plan = make_plan("bench-lookups")
    for before, size in zip((0, *sizes), sizes, strict=False):
        add_rows(plan, before + 1, size)
        tidy()
        _synchronise()
        yield {
            "members": size,
            "look_ups": {one.name: _measured(one, plan, size, runs) for one in LOOK_UPS},
            "cohort_count": _counted(plan),
        }


def add_rows(plan: Plan, first: int, last: int) -> None:
    """Members of these numbers, with their statements, and of some of them log-ins, families, juror numbers, claims."""
    version = plan.versions.get()
    values: dict[str, Any] = {
        "plan": plan.pk,
        "version": version.pk,
        "name": cipher().encrypt("王小明".encode()).decode(),
        "answers": cipher().encrypt(b"{}").decode(),
        "namesakes": NAMESAKES,
        "user_every": USER_EVERY,
        "family_every": FAMILY_EVERY,
        "juror_every": JUROR_EVERY,
        "claim_every": CLAIM_EVERY,
    }
    for start in range(first, last + 1, _AT_ONCE):
        end = min(last, start + _AT_ONCE - 1)
        values |= {"first": start, "last": end, **adults(end - start + 1)}
        for statement in _ROWS:
            with connection.cursor() as cursor:
                cursor.execute(statement, values)


def footprint(asked: QuerySet[Any]) -> Footprint:
    """What PostgreSQL does for a query."""
    sql, values = asked.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", values)
        answer = cursor.fetchone()[0]
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    whole = {step["Relation Name"] for step in _steps(plan) if _reads_whole(step)}
    return Footprint(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], tuple(sorted(whole)))


def cohort_count_plan(plan: Plan) -> list[str]:
    """The kinds of steps by which the members of a plan are counted."""
    with CaptureQueriesContext(connection) as captured:
        cohort_counts(plan, clock.now())
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {captured.captured_queries[-1]['sql']}")
        answer = cursor.fetchone()[0]
    return [
        step["Node Type"] for step in _steps((json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"])
    ]


def _reads_whole(step: dict[str, Any]) -> bool:
    """A scan that goes through all rows; an index walked from end to end is one too."""
    is_scan = step["Node Type"] == "Seq Scan" or (
        step["Node Type"] in {"Index Scan", "Index Only Scan"} and "Index Cond" not in step
    )
    rows = step.get("Actual Rows", 0) + step.get("Rows Removed by Filter", 0)
    return is_scan and rows > _ONE_PAGE


def _steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _steps(inner)


def _measured(one: LookUp, plan: Plan, size: int, runs: int) -> dict[str, Any]:
    """Of members drawn at random, the same ones in every run of the benchmark."""
    draw = random.Random(size)  # noqa: S311 - no secret
    # The last one's family would come after them.
    numbers = [one.every * draw.randint(1, size // one.every - 1) for _ in range(runs)]
    for number in numbers[: runs // 4]:
        _look(one, plan, number)
    took = [clocked(lambda number=number: _look(one, plan, number)) for number in numbers]  # type: ignore[misc]
    seen = [footprint(one.asks(plan, number)) for number in numbers[:10]]
    return {
        **Spread.of(took).as_json(),
        "pages": max(each.pages for each in seen),
        "read_whole": sorted({table for each in seen for table in each.read_whole}),
    }


def _look(one: LookUp, plan: Plan, number: int) -> None:
    found = len(one.asks(plan, number))
    if found < one.finds:
        raise RuntimeError(f"{one.name}, number {number}: {found} instead of {one.finds}")


def _counted(plan: Plan) -> dict[str, Any]:
    at = clock.now() - dt.timedelta(days=1)
    took = [clocked(lambda: cohort_counts(plan, at)) for _ in range(3)]
    return {**Spread.of(took).as_json(), "steps": cohort_count_plan(plan)}


def _synchronise() -> None:
    """Write out what generating the rows left to be written, so that the look-ups do not wait for it."""
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
