"""The ledger's guards: balanced, written whole, never changed."""

from __future__ import annotations

import hashlib

import pytest
from django.db import IntegrityError, connection, transaction

from allocation.errors.shares import ConservationBroken
from allocation.models import Account, Posting, Transaction
from allocation.rules import ledger as rules
from allocation.services.ledger import digest_of, post
from audit.actors import SYSTEM
from audit.models import Entry
from members.models import Plan
from tests.factories import make_plan_version

CASH, SURPLUS = rules.Account.CASH, rules.Account.SURPLUS


def header(plan: Plan, key: str = "k") -> Transaction:
    return Transaction.objects.create(plan=plan, kind="charge", key=key)


def line(header: Transaction, code: str, amount_minor: int) -> Posting:
    account, _is_new = Account.objects.get_or_create(plan=header.plan, code=code)
    return Posting.objects.create(transaction=header, account=account, amount_minor=amount_minor)


@transaction.atomic
def write(plan: Plan, amounts: tuple[int, ...]) -> None:
    row = header(plan)
    for number, amount_minor in enumerate(amounts):
        line(row, f"account{number}", amount_minor)


def posted(plan: Plan, key: str = "k") -> Transaction | None:
    with transaction.atomic():
        lines = [rules.Posting(CASH, 5, "a"), rules.Posting(SURPLUS, -5)]
        return post(plan=plan, period=None, kind="test", key=key, postings=lines, by=SYSTEM)


@pytest.fixture
def plan(transactional_db: None) -> Plan:
    return make_plan_version().plan


def test_a_balanced_transaction_is_written(plan: Plan) -> None:
    written = posted(plan)
    assert written is not None
    found = written.postings.values_list("account__code", "amount_minor", "reference")
    assert sorted(found) == [("cash", 5, "a"), ("surplus", -5, "")]


def test_the_log_holds_a_digest_of_the_postings(plan: Plan) -> None:
    posted(plan)
    entry = Entry.objects.get(kind="ledger.posted")
    # Recomputed by other means than the service's.
    digest = hashlib.sha256(b'[["cash",5,"a"],["surplus",-5,""]]').hexdigest()
    assert (entry.stream, entry.actor) == ("plan:xhb", "system:assize")
    assert entry.body == {"transaction": "test", "key": "k", "postings": 2, "digest": digest}
    lines = [rules.Posting(SURPLUS, -5), rules.Posting(CASH, 5, "a")]
    assert digest_of(lines) == digest, "whatever their order"
    assert digest_of([rules.Posting(SURPLUS, -5), rules.Posting(CASH, 5, "b")]) != digest


def test_nothing_to_post_writes_nothing(plan: Plan) -> None:
    assert post(plan=plan, period=None, kind="test", key="k", postings=[rules.Posting(CASH, 0)], by=SYSTEM) is None
    assert not Transaction.objects.exists()


def test_an_unbalanced_one_is_refused_before_the_database(plan: Plan) -> None:
    with pytest.raises(ConservationBroken):
        post(plan=plan, period=None, kind="test", key="k", postings=[rules.Posting(CASH, 5)], by=SYSTEM)


def test_the_same_act_is_posted_once(plan: Plan) -> None:
    posted(plan)
    with pytest.raises(IntegrityError, match="key"):
        posted(plan)
    assert Posting.objects.count() == 2


@pytest.mark.parametrize("amounts", [(), (5, -4), (5,)])
def test_the_database_refuses_an_unbalanced_transaction_at_commit(plan: Plan, amounts: tuple[int, ...]) -> None:
    with pytest.raises(IntegrityError, match="sum to 0"):
        write(plan, amounts)
    assert not Transaction.objects.exists()


def test_postings_cannot_be_added_later(plan: Plan) -> None:
    written = posted(plan)
    assert written is not None
    with pytest.raises(IntegrityError, match="not added later"), transaction.atomic():
        line(written, "cash", 7)
    assert Posting.objects.count() == 2


@pytest.mark.parametrize("table", ["allocation_transaction", "allocation_posting"])
@pytest.mark.parametrize(
    "statement",
    ["update {} set id = id", "delete from {}", "truncate {} cascade", "truncate {} restart identity cascade"],
)
def test_the_ledger_cannot_be_changed(plan: Plan, table: str, statement: str) -> None:
    posted(plan)
    with pytest.raises(IntegrityError, match="forbidden"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))
    assert Posting.objects.count() == 2
