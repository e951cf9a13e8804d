"""What comes back about what was sent: mails to return addresses, and the reports of the other channels."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import structlog

from members.channels import adapter_of, has_channel
from members.channels.base import Reporting
from members.channels.mailboxes import mails_in
from members.channels.returning import token_of
from members.models import Channel, Delivery
from members.rules.bounces import returned
from members.services.deliveries import report

log = structlog.get_logger(__name__)
UNKNOWN_ADDRESS, UNREADABLE, KNOWN_ALREADY, NO_NEWS = "unknown address", "unreadable", "known already", "no news"


def record_return(*, content: bytes, recipient: str = "") -> str:
    """Record one mail to a return address; what it came to: `bounced`, `delayed`, `arrived` or why it says nothing.

    `recipient` is whom the mail server delivered it to, where it says so; it comes before what the mail itself says.
    """
    try:
        found = returned(content)
        tokens = [token for address in (recipient, *found.addresses) if (token := token_of(address))]
    except Exception:
        # Anybody may write anything to these addresses, and the next mail must be read too.
        log.exception("return.unreadable")
        return UNREADABLE
    delivery = Delivery.objects.filter(token=tokens[0]).first() if tokens else None
    if delivery is None:
        return UNKNOWN_ADDRESS
    if not found.says:
        return NO_NEWS
    mark = hashlib.sha256(content).hexdigest()
    is_new = report(delivery=delivery, says=found.says, source="bounce", code=found.code, mark=mark)
    return found.says if is_new else KNOWN_ALREADY


def read_returns(*, path: Path) -> Counter[str]:
    """Record every mail in a Maildir, a folder or an mbox; how many came to what. Safe to run twice. Raises OSError."""
    return Counter(record_return(content=content) for content in mails_in(path))


def read_channel_reports() -> int:
    """Record what the services behind the channels report, where they report something; how many reports are new.

    Raises OSError, ChannelAway.
    """
    return sum(_read_reports(channel) for channel in Channel if has_channel(channel))


def _read_reports(channel: Channel) -> int:
    adapter = adapter_of(channel)
    if not isinstance(adapter, Reporting):
        return 0
    new = 0
    for told in adapter.reports():
        delivery = Delivery.objects.filter(token=told.token, channel=channel).first()
        if delivery is None:
            log.warning("report.unknown_delivery", channel=channel, token=told.token)
            continue
        mark = f"try {delivery.tries}"
        new += report(delivery=delivery, says=told.says, source="service", code=told.code, mark=mark)
    return new
