"""Whom the acts of this room tell, where several of them tell the same people. Parts of acts, in their transaction."""

from __future__ import annotations

from collections.abc import Iterable

from allocation.models import Arrear
from audit.models import Entry
from members.models import Person
from members.models.users import Role
from members.selectors.messages import without_unread
from members.selectors.users import holders_of
from members.services.messages import Telling, tell, tell_all, tell_each

LOOK_AT = "allocation.payments_to_look_at"


def tell_reviewers(kind: str, *, entry: Entry, **values: object) -> None:
    """Tell every reviewer."""
    tell_each(kind, to=holders_of(Role.REVIEWER), entry=entry, about="", **values)


def tell_that_payments_wait(*, entry: Entry) -> None:
    """Tell reviewers that a payment waits for a person.

    A payment service that is out of order escalates thousands of them: those who have not opened the last one of this
    kind know already, and get no other one.
    """
    tell_each(LOOK_AT, to=without_unread(holders_of(Role.REVIEWER), LOOK_AT), entry=entry)


def tell_claimant(kind: str, *, person: Person, claim: str, entry: Entry) -> None:
    """Tell the member whom a claim is about, or their payer."""
    tell(kind, to=person, entry=entry, claim=claim)


def tell_debtors(kind: str, owing: Iterable[tuple[Arrear, Entry]], *, has_page: bool, has_end: bool = False) -> None:
    """Tell each member about their share; in the same few statements, however many they are.

    `has_page` names the membership, whose page takes the payment; `has_end` says until when.
    """
    tell_all(
        kind,
        [Telling(arrear.membership.person, entry, values=_facts(arrear, has_page, has_end)) for arrear, entry in owing],
    )


def _facts(arrear: Arrear, has_page: bool, has_end: bool) -> dict[str, object]:
    facts: dict[str, object] = {"plan": arrear.period.plan.code, "notice": arrear.period.notice_on}
    if has_page:
        facts["membership"] = arrear.membership_id
    if has_end:
        facts["due_at"] = arrear.grace_ends_at
    return facts
