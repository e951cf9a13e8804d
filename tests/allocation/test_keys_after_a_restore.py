"""After a restore from a backup row numbers are given out again, while the bank still knows the first keys."""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, transaction

from allocation.models import Arrear, Collection, Payout, Refund, Retry, Transaction
from allocation.selectors.failures import members_in, name_of
from allocation.services.refunds import open_refund
from audit import clock
from members.models import Membership
from tests.allocation.conftest import Desk
from tests.allocation.making import (
    charge,
    make_approved_claim,
    make_members,
    publish,
    refuse,
    reject_in_wait,
    with_log_ins,
    work,
)
from tests.factories import SHANGHAI
from tests.moving import move_clock, set_clock

ROOT = Path(__file__).parents[2]
KINDS = {"arrear", "collection", "payout", "refund", "write_off"}
Named = dict[str, tuple[str, ...]]


def test_two_lives_after_one_backup_never_give_one_key_to_two_things(desk: Desk) -> None:
    """The same charge has the same keys in both, or it would be paid twice; what differs has different ones."""
    members = with_log_ins(make_members(desk.plan, 4))
    set_clock(dt.datetime(2024, 3, 7, 9, tzinfo=SHANGHAI))
    period = publish(desk.plan, dt.date(2024, 3, 7))
    lives = []
    for first, second in ((members[0], members[1]), (members[2], members[3])):
        with _restored_afterwards():
            refuse(first)
            charge(period)
            work()
            _live_on(desk, claimant=second, ill=first)
            lives.append((_row_numbers(), _named()))
    (rows, one), (other_rows, other) = lives

    assert rows == other_rows  # the numbers were given out again: with them in the keys this test would fail
    assert {key.partition(":")[0] for key in one} == KINDS
    assert set(one) & set(other) == {key for key, thing in one.items() if thing in other.values()}
    for key in set(one) & set(other):
        assert one[key] == other[key], key
    assert any(key.startswith("collection:") for key in set(one) & set(other))
    assert any(key.startswith("payout:") for key in set(one) & set(other))
    for kind in KINDS - {"collection"}:
        assert any(key.startswith(f"{kind}:") for key in set(one) - set(other)), kind


def test_a_member_who_joins_after_a_restore_is_not_debited_as_another(desk: Desk) -> None:
    names = []
    for _life in range(2):
        with _restored_afterwards():
            [joined] = make_members(desk.plan, 1)
            names.append((joined.pk, name_of(joined)))
    assert names[0][0] == names[1][0]
    assert names[0][1] != names[1][1]


def test_a_person_has_one_name_in_all_memberships(desk: Desk) -> None:
    [before] = make_members(desk.plan, 1)
    again = Membership(plan=desk.plan, person=before.person)
    assert name_of(before) == name_of(again)


@contextmanager
def _restored_afterwards() -> Iterator[None]:
    """What happens in here is lost, as in a restore: the rows, and the numbers that were given out for them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT schemaname || '.' || sequencename, last_value FROM pg_sequences")
        numbers = cursor.fetchall()
    at = clock.now()
    block = transaction.atomic()
    # As the block that pytest puts around a test: in any other one no payment may be ordered.
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        for name, last in numbers:
            cursor.execute("SELECT setval(%s, %s, %s)", [name, last or 1, last is not None])
    set_clock(at)


def _live_on(desk: Desk, *, claimant: Membership, ill: Membership) -> None:
    """A second period with another claim, a retry of the unpaid share, its end, and a refund."""
    make_approved_claim(desk.version, 1_000_00, claimant, ref=f"C24-{claimant.person.public_id.hex[:6]}")
    move_clock(days=3)
    work()
    charge(publish(desk.plan, dt.date(2024, 3, 21)))
    work()
    [joined] = make_members(desk.plan, 1, dt.datetime(2024, 4, 1, tzinfo=SHANGHAI), first_notice_on=dt.date(2024, 4, 7))
    reference = f"C24-{joined.person.public_id.hex[:6]}"
    rejected = reject_in_wait(desk.version, joined, dt.date(2024, 4, 5), ref=reference)
    move_clock(days=60)
    work()
    assert Arrear.objects.filter(membership=ill, status="written_off").exists()
    refund = Refund.objects.filter(claim=rejected).first() or open_refund(claim_id=rejected.pk)
    assert refund is not None


def _row_numbers() -> dict[str, list[int]]:
    kinds = (Collection, Payout, Retry, Refund, Arrear)
    return {kind.__name__: list(kind._default_manager.order_by("pk").values_list("pk", flat=True)) for kind in kinds}


def _named() -> Named:
    """Every key that was made, with what it stands for: read from the rows, not from the key."""
    found: Named = {}
    for collection in Collection.objects.all():
        share = collection.share
        found[collection.key] = ("collection", str(share.period), str(share), str(share.carried_minor))
    for payout in Payout.objects.all():
        found[payout.key] = ("payout", payout.claim.ref, str(payout.membership.person.public_id))
    for retry in Retry.objects.all():
        person = retry.arrear.membership.person
        found[retry.key] = ("arrear", str(retry.arrear.period), str(person.public_id), str(retry.number))
    for refund in Refund.objects.all():
        found[refund.key] = ("refund", refund.claim.ref, str(refund.membership.person.public_id))
    for arrear in Arrear.objects.filter(status="written_off"):
        key = Transaction.objects.get(kind="write_off", key=f"write_off:{arrear.name}").key
        found[key] = ("write_off", str(arrear.period), str(arrear.membership.person.public_id))
    return found


def _keys_of_numbers(source: str) -> list[str]:
    """What is given as `key=` and contains the number of a row."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg == "key":
            names = {one.attr for one in ast.walk(node.value) if isinstance(one, ast.Attribute)}
            if any(name in {"pk", "id"} or name.endswith(("_pk", "_id")) for name in names):
                found.append(ast.unparse(node.value))
            # A row written as text is its number in most models.
            parts = [one.value for one in ast.walk(node.value) if isinstance(one, ast.FormattedValue)]
            found += [ast.unparse(part) for part in parts if isinstance(part, ast.Name)]
    return found


def test_no_key_is_made_of_the_number_of_a_row() -> None:
    files = sorted((ROOT / "allocation").rglob("*.py"))
    found = {
        str(path.relative_to(ROOT)): made
        for path in files
        if "migrations" not in path.parts and (made := _keys_of_numbers(path.read_text(encoding="utf-8")))
    }
    assert len(files) > 60
    assert found == {}


@pytest.mark.parametrize(
    "source",
    [
        'Payout(key=f"payout:{claim.pk}")',
        "Payout(key=payout_key(claim=line.claim_id))",
        'post(key=f"write_off:{arrear}")',
        'Retry(key="arrear:" + str(arrear.id))',
    ],
)
def test_such_a_key_would_be_seen(source: str) -> None:
    assert _keys_of_numbers(source)


def test_a_bank_that_reports_by_old_names_is_still_understood_about_old_batches(desk: Desk) -> None:
    """A batch ordered by an older release names members by the numbers of their memberships, and only such a batch."""

    charge(publish(desk.plan))
    collection = Collection.objects.get()
    member = Membership.objects.filter(plan=desk.plan).earliest("pk")
    assert members_in(collection, [str(member), "membership:" + "9" * 5000, "membership:١"]) == []
    collection.key = f"collection:{desk.plan.code}:{collection.share_id}"
    assert members_in(collection, [str(member)]) == [member]
    assert members_in(collection, [name_of(member)]) == [member]
