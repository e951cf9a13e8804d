"""The payment service's list beside ours, key by key."""

from __future__ import annotations

import pytest

from allocation.rules.comparing import (
    BankLine,
    Finding,
    LineInvalid,
    OurPayment,
    compare,
    missing_there,
    read_line,
)

PAID = BankLine("k", 100, "settled")
DECLINED = BankLine("k", 100, "refused")


@pytest.mark.parametrize(
    ("theirs", "ours", "finding", "is_for_a_person"),
    [
        (PAID, OurPayment("k", 100, "settled"), Finding.AGREES, False),
        (DECLINED, OurPayment("k", 100, "refused"), Finding.AGREES, False),
        (PAID, OurPayment("k", 100, "open"), Finding.ANSWERED_THERE, False),
        (DECLINED, OurPayment("k", 100, "open"), Finding.ANSWERED_THERE, False),
        (PAID, None, Finding.UNKNOWN_HERE, True),
        (DECLINED, None, Finding.UNKNOWN_HERE, True),
        (PAID, OurPayment("k", 100, "refused"), Finding.CONTRADICTS, True),
        (DECLINED, OurPayment("k", 100, "settled"), Finding.CONTRADICTS, True),
        (PAID, OurPayment("k", 99, "settled"), Finding.AMOUNT_DIFFERS, True),
        (PAID, OurPayment("k", 101, "open"), Finding.AMOUNT_DIFFERS, True),
    ],
)
def test_what_a_line_means(theirs: BankLine, ours: OurPayment | None, finding: Finding, is_for_a_person: bool) -> None:
    found = compare(theirs, ours)
    assert (found.key, found.finding, found.theirs, found.ours) == ("k", finding, theirs, ours)
    assert finding.is_for_a_person == is_for_a_person
    assert finding.meaning.endswith((".", "?"))


def test_a_key_that_is_listed_again_is_said_first() -> None:
    found = compare(PAID, OurPayment("k", 100, "settled"), is_repeated=True)
    assert found.finding == Finding.LISTED_TWICE
    assert found.finding.is_for_a_person


def test_only_what_is_settled_here_can_be_missing_there() -> None:
    ours = [OurPayment("a", 1, "settled"), OurPayment("b", 2, "settled"), OurPayment("c", 3, "open")]
    assert [(one.key, one.finding) for one in missing_there(ours, {"a"})] == [("b", Finding.MISSING_THERE)]
    assert Finding.MISSING_THERE.is_for_a_person


@pytest.mark.parametrize(
    ("row", "line"),
    [
        ({"key": " k ", "amount_minor": "100"}, PAID),
        ({"key": "k", "amount_minor": "100", "answer": ""}, PAID),
        ({"key": "k", "amount_minor": "100", "answer": "refused"}, DECLINED),
        ({"key": "k", "amount_minor": "0"}, BankLine("k", 0)),
    ],
)
def test_a_row_is_read(row: dict[str, str | None], line: BankLine) -> None:
    assert read_line(row) == line


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"key": "", "amount_minor": "1"}, "key is missing"),
        ({"key": None, "amount_minor": "1"}, "key is missing"),
        ({"key": "k", "amount_minor": "1.00"}, "'1.00'"),
        ({"key": "k", "amount_minor": "-1"}, "'-1'"),
        ({"key": "k", "amount_minor": "１"}, "whole number"),
        ({"key": "k", "amount_minor": "9" * 5000}, "whole number"),
        ({"key": "k", "amount_minor": None}, "whole number"),
        ({"key": "k", "amount_minor": "1", "answer": "paid"}, "settled or refused"),
    ],
)
def test_a_row_that_cannot_be_read_is_not_guessed_at(row: dict[str, str | None], why: str) -> None:
    with pytest.raises(LineInvalid, match=why):
        read_line(row)
