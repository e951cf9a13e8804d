"""The command that lays the payment service's list of orders beside the tables."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from allocation.models import BankOrder, Collection, Payout
from allocation.services.payments import pay
from audit import clock
from audit.models import Entry
from tests.allocation.conftest import Desk
from tests.allocation.making import DeadBank, charge, make_approved_claim, publish, work
from tests.moving import move_clock


@pytest.fixture
def since(desk: Desk) -> dt.datetime:
    """The moment of the backup; after it, two claims are charged."""
    make_approved_claim(desk.version, 1_000_00)
    period = publish(desk.plan)
    at = clock.now()
    charge(period)
    return at


def run(*arguments: str) -> tuple[int, str]:
    said = StringIO()
    try:
        call_command("compare_payments", *arguments, stdout=said)
    except CommandError as error:
        return error.returncode, f"{said.getvalue()}\n{error}"
    return 0, said.getvalue()


def from_service(since: dt.datetime) -> tuple[int, str]:
    return run("--since", since.isoformat())


def test_where_everything_agrees_there_is_nothing_to_do(since: dt.datetime) -> None:
    work()
    entries = Entry.objects.count()
    status, said = from_service(since)
    assert (status, "3 payments compared." in said, "3  agrees: " in said) == (0, True, True)
    assert Entry.objects.count() == entries  # it only reads


def test_what_the_bank_has_done_and_the_tables_do_not_know_settles_by_itself(since: dt.datetime) -> None:
    payout = Payout.objects.earliest("pk")
    BankOrder.objects.create(key=payout.key, amount_minor=payout.paid_minor)
    status, said = from_service(since)
    assert status == 0
    assert f"answered there, open here  {payout.key}" in said
    assert f"there: {payout.paid_minor} settled  here: {payout.paid_minor} open" in said
    work()
    assert BankOrder.objects.filter(key=payout.key).count() == 1


def test_money_of_which_the_tables_know_nothing_needs_a_person(since: dt.datetime) -> None:
    work()
    BankOrder.objects.create(key="payout:C24-LOST00", amount_minor=300_000_00)
    status, said = from_service(since)
    assert status == 1
    assert "unknown here               payout:C24-LOST00  there: 30000000 settled  here: –" in said
    assert "1 of them need a person." in said


def test_a_key_with_another_amount_needs_a_person(since: dt.datetime) -> None:
    collection = Collection.objects.get()
    BankOrder.objects.create(key=collection.key, amount_minor=collection.amount_minor + 1)
    assert from_service(since)[0] == 1


def test_what_is_settled_here_and_not_in_the_list_needs_a_person(since: dt.datetime, tmp_path: Path) -> None:
    work()
    settled = Payout.objects.earliest("pk")
    others = [f"{one.key},{one.paid_minor}" for one in Payout.objects.exclude(pk=settled.pk)]
    others += [f"{one.key},{one.amount_minor}" for one in Collection.objects.all()]
    listed = tmp_path / "bank.csv"
    listed.write_text("\n".join(["key,amount_minor", *others]), encoding="utf-8")
    # The payments were first sent at the charge: later than the moment of the backup, and before tomorrow.
    assert run(str(listed), "--since", since.isoformat())[0] == 1
    assert f"missing there              {settled.key}" in run(str(listed), "--since", since.isoformat())[1]
    assert run(str(listed), "--since", (clock.now() + dt.timedelta(days=1)).isoformat())[0] == 0
    assert run(str(listed))[0] == 0  # without the moment nothing can be missing


def test_a_refusal_there_and_here_agree(since: dt.datetime) -> None:
    payout = Payout.objects.earliest("pk")
    BankOrder.objects.create(key=payout.key, amount_minor=payout.paid_minor, is_refused=True)
    work()
    assert Payout.objects.get(pk=payout.pk).status == "unknown"
    assert from_service(since)[0] == 0


def test_the_list_of_a_bank_may_name_answers_and_have_more_columns(since: dt.datetime, tmp_path: Path) -> None:
    payout = Payout.objects.earliest("pk")
    pay(payout_id=payout.pk)
    listed = tmp_path / "bank.csv"
    listed.write_text(
        f"\ufeffdate,key,amount_minor,answer\n2024-03-14,{payout.key},{payout.paid_minor},refused\n", encoding="utf-8"
    )
    status, said = run(str(listed))
    assert (status, "contradicts" in said) == (1, True)


def test_a_key_listed_twice_needs_a_person(since: dt.datetime, tmp_path: Path) -> None:
    payout = Payout.objects.earliest("pk")
    listed = tmp_path / "bank.csv"
    listed.write_text("key,amount_minor\n" + f"{payout.key},{payout.paid_minor}\n" * 2, encoding="utf-8")
    status, said = run(str(listed))
    assert (status, "listed twice" in said) == (1, True)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("name,amount\nk,1\n", "has no column amount_minor and key"),
        ("key,amount_minor\nk,1\nk2,1.50\n", "line 3: amount_minor is '1.50'"),
        ("key,amount_minor\n,1\n", "line 2: the key is missing"),
        ("", "has no column"),
    ],
)
def test_a_list_that_cannot_be_read_is_not_compared(since: dt.datetime, tmp_path: Path, text: str, why: str) -> None:
    listed = tmp_path / "bank.csv"
    listed.write_text(text, encoding="utf-8")
    status, said = run(str(listed))
    assert (status, why in said) == (2, True), said
    assert "compared" not in said


def test_no_file_and_bytes_that_are_no_text(since: dt.datetime, tmp_path: Path) -> None:
    assert run(str(tmp_path / "none.csv"))[0] == 2
    listed = tmp_path / "bank.csv"
    listed.write_bytes(b"key,amount_minor\n\xff\xfe,1\n")
    assert run(str(listed))[0] == 2


@pytest.mark.parametrize("given", ["yesterday", "2024-13-01T00:00"])
def test_a_moment_that_is_none(since: dt.datetime, given: str) -> None:
    status, said = run("--since", given)
    assert (status, "is no moment" in said) == (2, True)


def test_a_service_without_a_list_asks_for_a_file(since: dt.datetime, settings: Settings) -> None:
    assert run()[0] == 2
    settings.PAYMENT_GATEWAY = f"tests.allocation.making.{DeadBank.__name__}"
    status, said = from_service(since)
    assert (status, "offers no list" in said) == (2, True)


class SilentList(DeadBank):
    """Offers a list and does not give it."""

    def orders(self, *, since: dt.datetime) -> list[object]:
        raise ConnectionResetError("account 6222")


def test_a_service_that_does_not_answer_is_no_empty_list(since: dt.datetime, settings: Settings) -> None:
    work()
    move_clock(hours=1)
    settings.PAYMENT_GATEWAY = f"{__name__}.SilentList"
    status, said = from_service(since)
    assert (status, "ConnectionResetError" in said, "6222" in said) == (2, True, False)
    assert "missing there" not in said
