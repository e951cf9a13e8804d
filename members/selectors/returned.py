"""Whether what is sent to somebody comes back."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from audit import clock
from members.access import AnyUser, is_signed_in
from members.fields import blind_index
from members.models import Channel, Delivery, User

STANDS_AFTER = dt.timedelta(days=1)
"""How long a mail that was taken must not have come back before its address counts as good again."""


def address_digest(delivery: Delivery) -> str:
    """A keyed digest of where a delivery goes today; empty for somebody without such an address."""
    message = delivery.message
    if delivery.channel == Channel.EMAIL:
        address = delivery.to_address or (message.to_user.email if message.to_user else "")
        return mail_digest(address) if address else ""
    return blind_index("phone", message.to_person.phone) if message.to_person else ""


def mail_digest(address: str) -> str:
    """A keyed digest of an e-mail address."""
    return blind_index("email", address.lower())


def mails_come_back_since(user: AnyUser) -> dt.datetime | None:
    """Since when mails to somebody's present address come back or are refused; None while they do not.

    A mail that arrived since, or was taken a day ago and did not come back, ends it.
    """
    if not is_signed_in(user) or not isinstance(user, User):
        return None
    sent = Delivery.objects.filter(message__to_user=user, channel=Channel.EMAIL, sent_to=mail_digest(user.email))
    bad = sent.filter(Q(status="bounced") | Q(status="failed", fault__startswith="5")).order_by("-changed_at").first()
    if bad is None:
        return None
    good = Q(status="delivered", arrived_at__gt=bad.changed_at) | Q(
        status="taken", taken_at__gt=bad.changed_at, taken_at__lt=clock.now() - STANDS_AFTER
    )
    return None if sent.filter(good).exists() else bad.changed_at
