"""What the people of a demonstration have done with their messages: most are read, some are new, one came back."""

from __future__ import annotations

from members.demo import LOGINS
from members.models import Delivery, User
from members.selectors.inbox import inbox_of
from members.services.deliveries import deliver, report
from members.services.inbox import open_item

NEW = 3
"""How many of the newest messages each open log-in has not read yet."""
NO_SUCH_MAILBOX = "5.1.1"


def read_most() -> None:
    """Let those with the open log-ins have read all but the newest of their messages."""
    for user in User.objects.filter(email__in=[login.email for login in LOGINS]):
        for item in inbox_of(user)[NEW:]:
            open_item(user=user, key=item.key)


def let_one_come_back() -> None:
    """Let one mail have gone to a mailbox that does not exist, so that staff have something to do about it."""
    others = Delivery.objects.exclude(message__to_user__email__in=[login.email for login in LOGINS])
    delivery = (
        others.filter(status="waiting", channel="email", message__kind="adjudication.filed").order_by("pk").first()
    )
    if delivery is not None:
        deliver(delivery_id=delivery.pk)
        report(delivery=delivery, says="bounced", source="bounce", code=NO_SUCH_MAILBOX)
