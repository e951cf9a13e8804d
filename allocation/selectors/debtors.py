"""Members who owe a share and were not reached, and what is known of their notices."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet

from allocation.errors.arrears import NoSuchShareNotice
from allocation.models import Arrear
from audit.selectors.sweeps import ROWS_A_PAGE
from members.access import AnyUser, is_auditor, is_reviewer
from members.models import Message
from members.rules.serving import LONGEST_SEARCH
from members.selectors.serving import has_come_back, has_failed, has_news


@dataclass(frozen=True)
class Debtor:
    """One member who owes a share and was not reached: the notice, and the share."""

    arrear: Arrear
    message: Message

    @property
    def search_ends_at(self) -> dt.datetime:
        """Until when channels are waited for; from then on one recorded attempt is enough."""
        return self.message.written_at + LONGEST_SEARCH


def _running() -> QuerySet[Arrear]:
    """Owed shares over which a membership can end."""
    return Arrear.objects.filter(status=Arrear.Status.OWED, membership__left_at=None)


def shares_to_serve(behind: int = 0) -> list[int]:
    """Owed shares about whose notices there is something to take note of: the next ones behind this id."""
    entry = OuterRef("notice_entry_id")
    unserved = Q(served_at=None) & has_news(entry)
    returned = Q(served_at__isnull=False) & has_come_back(entry, OuterRef("served_at"))
    found = _running().filter(Q(notice_entry=None) | unserved | returned, pk__gt=behind)
    return list(found.order_by("pk").values_list("pk", flat=True)[:ROWS_A_PAGE])


def debtors_visible_to(user: AnyUser) -> QuerySet[Arrear]:
    """Owed shares whose notice did not get through by some channel and is not served, the longest waiting first."""
    if not (is_reviewer(user) or is_auditor(user)):
        return Arrear.objects.none()
    found = _running().filter(has_failed(OuterRef("notice_entry_id")), served_at=None)
    return found.select_related("period__plan").order_by("failed_at", "pk")


def debtor_rows(arrears: list[Arrear]) -> list[Debtor]:
    """The notices of these shares, one row a message; a fixed number of queries."""
    of_entry = {arrear.notice_entry_id: arrear for arrear in arrears if arrear.notice_entry_id is not None}
    messages = (
        Message.objects.filter(entry_id__in=of_entry, kind__startswith="allocation.")
        .prefetch_related("deliveries__reports", "attempts__by")
        .order_by("pk")
    )
    rows = [Debtor(of_entry[message.entry_id], message) for message in messages if message.entry_id is not None]
    return sorted(rows, key=lambda row: row.arrear.failed_at)


def debtor_of(user: AnyUser, public_id: uuid.UUID) -> Debtor | None:
    """One of them by the number of its message, also once it was reached; None for those who may not see it."""
    if not (is_reviewer(user) or is_auditor(user)):
        return None
    try:
        message, arrear = notice_of_share(public_id)
    except NoSuchShareNotice:
        return None
    return Debtor(arrear, message)


def notice_of_share(public_id: uuid.UUID) -> tuple[Message, Arrear]:
    """The message, and the share whose notice it is. Raises NoSuchShareNotice."""
    message = Message.objects.filter(public_id=public_id, entry__isnull=False).first()
    if message is None:
        raise NoSuchShareNotice
    arrear = Arrear.objects.filter(notice_entry_id=message.entry_id).select_related("period__plan", "membership")
    found = arrear.order_by("pk").first()
    if found is None:
        raise NoSuchShareNotice
    return message, found
