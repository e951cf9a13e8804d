"""Compares the payment service's list of orders with ours: what agrees, what settles by itself, what needs a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

SETTLED, REFUSED, OPEN = "settled", "refused", "open"
ANSWERS = (SETTLED, REFUSED)


@dataclass(frozen=True, slots=True)
class BankLine:
    """One order in the payment service's list: `settled` or `refused`, the amount in minor units."""

    key: str
    amount_minor: int
    answer: str = SETTLED


@dataclass(frozen=True, slots=True)
class OurPayment:
    """The same as the tables have it: `settled`, `refused` or `open`."""

    key: str
    amount_minor: int
    state: str


class Finding(StrEnum):
    """What the comparison of one key comes to."""

    AGREES = "agrees"
    ANSWERED_THERE = "answered there, open here"
    UNKNOWN_HERE = "unknown here"
    MISSING_THERE = "missing there"
    CONTRADICTS = "contradicts"
    AMOUNT_DIFFERS = "amount differs"
    LISTED_TWICE = "listed twice"

    @property
    def is_for_a_person(self) -> bool:
        """Whether somebody has to look at it; the others are in order, or come to be by themselves."""
        return self not in {Finding.AGREES, Finding.ANSWERED_THERE}

    @property
    def meaning(self) -> str:
        """What it means and what to do, in one paragraph."""
        return _MEANINGS[self]


_MEANINGS: Mapping[Finding, str] = {
    Finding.AGREES: "The service and the tables say the same. There is nothing to do.",
    Finding.ANSWERED_THERE: (
        "The service has executed or refused the order, and the tables do not know it yet. The payment is asked about "
        "by itself, and the answer is booked. Nothing is paid a second time: the key is the same."
    ),
    Finding.UNKNOWN_HERE: (
        "Money was ordered of which the tables know nothing: its act was lost with what followed the backup. If the "
        "act is repeated (the same claim approved, the same period charged) it gets the same key, and the service "
        "answers that it is done. If it is never repeated, correct it with the payment service and those concerned."
    ),
    Finding.MISSING_THERE: (
        "The tables say that the service settled it, and its list does not contain it. Ask the service about this key: "
        "either the list is not complete, or the money never moved."
    ),
    Finding.CONTRADICTS: (
        "One side says settled and the other refused. An answer is permanent, so one of the two is wrong: ask the "
        "service about this key."
    ),
    Finding.AMOUNT_DIFFERS: (
        "The same key with another amount. Something was calculated differently after the restore than before. Compare "
        "the notice that members saw with the one in the tables, and correct the difference outside the service."
    ),
    Finding.LISTED_TWICE: (
        "The service lists one key more than once. It promises to execute a key once: ask whether it was paid twice."
    ),
}


@dataclass(frozen=True, slots=True)
class Compared:
    """One key with what the comparison found, and both sides where there are any."""

    key: str
    finding: Finding
    theirs: BankLine | None
    ours: OurPayment | None


def compare(theirs: BankLine, ours: OurPayment | None, *, is_repeated: bool = False) -> Compared:
    """What one line of the service's list means; `is_repeated` if its key stood in the list before."""
    return Compared(theirs.key, _finding(theirs, ours, is_repeated=is_repeated), theirs, ours)


def _finding(theirs: BankLine, ours: OurPayment | None, *, is_repeated: bool) -> Finding:
    if is_repeated:
        return Finding.LISTED_TWICE
    if ours is None:
        return Finding.UNKNOWN_HERE
    if ours.amount_minor != theirs.amount_minor:
        return Finding.AMOUNT_DIFFERS
    if ours.state == OPEN:
        return Finding.ANSWERED_THERE
    return Finding.AGREES if ours.state == theirs.answer else Finding.CONTRADICTS


def missing_there(ours: Iterable[OurPayment], listed: frozenset[str] | set[str]) -> Iterator[Compared]:
    """Our settled payments that the service's list should contain and does not."""
    for one in ours:
        if one.state == SETTLED and one.key not in listed:
            yield Compared(one.key, Finding.MISSING_THERE, None, one)


class LineInvalid(ValueError):
    """A line of a list that cannot be read; the text says why."""


def read_line(row: Mapping[str, str | None]) -> BankLine:
    """One row of a CSV file with the columns key, amount_minor and, optionally, answer. Raises LineInvalid."""
    key, amount, answer = ((row.get(name) or "").strip() for name in ("key", "amount_minor", "answer"))
    if not key:
        raise LineInvalid("the key is missing")
    if not (amount.isascii() and amount.isdecimal() and len(amount) <= 18):
        raise LineInvalid(
            f"amount_minor is {amount!r}: write a whole number of the smallest unit, such as 8000 for 80.00"
        )
    if answer and answer not in ANSWERS:
        raise LineInvalid(f"answer is {answer!r}: write settled or refused, or leave it empty for settled")
    return BankLine(key, int(amount), answer or SETTLED)
