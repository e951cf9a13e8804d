"""Decided claims judged again: which are looked at, and what they would come to."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from adjudication.models import Claim
from adjudication.rules.what_if import OTHER_AMOUNT, WOULD_APPROVE, WOULD_REJECT
from adjudication.selectors.facts import facts_of, facts_of_many
from adjudication.selectors.what_if import DecidedFilter, decided_claims, readjudicate
from members.models import HealthStatement
from members.rules.plans import PlanRules
from tests.adjudication.deciding import make_decided_claim
from tests.adjudication.making import investigated_claim, make_claim
from tests.cast import Cast
from tests.factories import SHANGHAI, make_plan_version
from tests.members.rules.plan_files import changed, parsed

pytestmark = pytest.mark.django_db


def rules(old: str = "", new: str = "") -> PlanRules:
    return parsed(changed(old, new))


def at(month: int, day: int, hour: int = 12) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, tzinfo=SHANGHAI)


def found(cast: Cast, **wanted: object) -> list[Claim]:
    return list(decided_claims(cast.reviewer, DecidedFilter(cast.plan, **wanted)))  # type: ignore[arg-type]


def test_only_decided_claims_of_the_plan_the_last_decided_first(cast: Cast) -> None:
    early = make_decided_claim(cast.version, decided_at=at(3, 1))
    late = make_decided_claim(cast.version, decided_at=at(4, 1), icd10="Z00.0")
    make_decided_claim(make_plan_version("xhb-mutual-2018-10-16"))
    make_claim(cast.membership, cast.member)
    assert found(cast) == [late, early]
    assert [claim.status for claim in found(cast)] == ["rejected", "approved"]


def test_narrowed_by_day_and_state_in_the_plan_s_own_zone(cast: Cast) -> None:
    first = make_decided_claim(cast.version, decided_at=at(3, 1, hour=0))
    second = make_decided_claim(cast.version, decided_at=at(3, 2, hour=23), icd10="Z00.0")
    assert found(cast, since=dt.date(2026, 3, 2)) == [second]
    assert found(cast, until=dt.date(2026, 3, 1)) == [first]
    assert found(cast, since=dt.date(2026, 3, 1), until=dt.date(2026, 3, 2)) == [second, first]
    assert found(cast, status="approved") == [first]


@pytest.mark.parametrize("role", ["member", "investigator", "professional", "outsider", "anonymous"])
def test_others_see_none(cast: Cast, role: str) -> None:
    make_decided_claim(cast.version)
    user = cast.by_role()[role]
    assert not decided_claims(user, DecidedFilter(cast.plan)).exists()  # type: ignore[arg-type]
    assert decided_claims(cast.auditor, DecidedFilter(cast.plan)).count() == 1


def test_what_would_be_decided_otherwise_with_totals(cast: Cast) -> None:
    lower = make_decided_claim(cast.version)
    late = make_decided_claim(cast.version, submitted_at=dt.datetime(2020, 12, 1, tzinfo=SHANGHAI))
    gone = make_decided_claim(cast.version, icd10="E75.2", disease="gaucher_disease")
    stays = make_decided_claim(cast.version, icd10="Z00.0")
    other = changed('amount = "300,000"', 'amount = "200,000"').replace("within_days = 180", "within_days = 365")
    other = other.replace('icd10 = ["E75.2"]', 'icd10 = ["E75.0"]')

    answer = readjudicate(decided_claims(cast.auditor, DecidedFilter(cast.plan)), parsed(other))

    kinds = {one.claim: one.rejudged.kind for one in answer.otherwise}
    assert kinds == {lower: OTHER_AMOUNT, late: WOULD_APPROVE, gone: WOULD_REJECT}
    assert answer.looked_at == 4
    assert stays.pk in answer.outcomes
    assert (answer.approved_before, answer.approved_after) == (2, 2)
    assert (answer.aid_before_minor, answer.aid_after_minor) == (600_000_00, 400_000_00)
    assert {one.claim: one.change_minor for one in answer.otherwise} == {
        lower: -100_000_00,
        late: 200_000_00,
        gone: -300_000_00,
    }


def test_the_same_rules_decide_a_real_claim_alike(cast: Cast) -> None:
    make_decided_claim(cast.version)
    make_decided_claim(cast.version, icd10="Z00.0")
    make_decided_claim(cast.version, outcome="rejected", reasons=["not_proved"])
    answer = readjudicate(decided_claims(cast.reviewer, DecidedFilter(cast.plan)), cast.version.rules)
    assert answer.looked_at == 3
    assert answer.otherwise == answer.unsure == ()
    assert answer.aid_before_minor == answer.aid_after_minor == 300_000_00


def test_nothing_is_stored(cast: Cast) -> None:
    make_decided_claim(cast.version)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        readjudicate(decided_claims(cast.reviewer, DecidedFilter(cast.plan)), cast.version.rules)
    assert all(query["sql"].startswith(("SELECT", "WITH")) for query in seen.captured_queries)


@pytest.mark.parametrize("number", [1, 3])
def test_the_queries_do_not_grow_with_the_claims(cast: Cast, number: int) -> None:
    for _each in range(number):
        make_decided_claim(cast.version)
    cast.reviewer.roles  # noqa: B018
    claims = decided_claims(cast.reviewer, DecidedFilter(cast.plan))
    with CaptureQueriesContext(connection) as seen:
        readjudicate(claims, rules('amount = "300,000"', 'amount = "200,000"'))
    assert len(seen) == 10


def test_the_facts_of_many_are_those_of_each(cast: Cast) -> None:
    investigated = investigated_claim(cast)
    HealthStatement.objects.create(
        membership=cast.membership,
        plan_version=cast.version,
        answers={"medicine_30_days": False},
        signed_at=at(1, 1),
    )
    decided = make_decided_claim(cast.version, icd10="Z00.0")
    again = make_decided_claim(cast.version, decided.membership)
    claims = list(Claim.objects.filter(pk__in=[investigated.pk, decided.pk, again.pk]).order_by("pk"))
    many = facts_of_many(claims)
    assert [many[claim.pk] for claim in claims] == [facts_of(claim) for claim in claims]
    assert many[investigated.pk].health_answers == {"medicine_30_days": False}
    assert many[investigated.pk].is_health_statement_true is True
    assert many[decided.pk].is_health_statement_true is None
    assert many[again.pk].has_open_claim is False
    assert many[decided.pk].has_open_claim is True
