"""What a mail to a return address says about the mail that it came back for (RFC 3464; RFC 3834 for answers).

Whatever is not understood counts as neither arrived nor bounced: something came back, and a person looks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses

_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
_STATUS = re.compile(r"([245])\.\d{1,3}\.\d{1,3}")
BOUNCED, DELAYED, ARRIVED, NOTHING = "bounced", "delayed", "arrived", ""


@dataclass(frozen=True)
class Returned:
    """One mail that came back."""

    addresses: tuple[str, ...]
    """To whom it was: the return address is among them, unless the mail server says it otherwise."""
    says: str
    """`bounced`, `delayed` (something came back that is no end), `arrived`, or empty for no news."""
    code: str
    """The status of RFC 3463, such as 5.1.1, or a word where there is none."""


def returned(content: bytes) -> Returned:
    """What these octets of a mail say; a mail that was cut off says what its beginning says."""
    mail = message_from_bytes(content)
    found = [str(value) for name in _TO for value in mail.get_all(name, [])]
    addresses = tuple(address for _name, address in getaddresses(found) if address)
    says, code = _verdict(mail)
    return Returned(addresses=addresses, says=says, code=code)


def _verdict(mail: Message) -> tuple[str, str]:
    recipients = [block for block in _blocks(mail) if block.get("Action")]
    if not recipients:
        answered = str(mail.get("Auto-Submitted", "no")).lower().startswith("auto-replied")
        return DELAYED, "auto-reply" if answered else "reply"
    verdicts = [_of_recipient(block) for block in recipients]
    # An address may lead to several people: one of them without the mail is enough.
    for says in (BOUNCED, DELAYED, ARRIVED):
        for verdict in verdicts:
            if verdict[0] == says:
                return verdict
    return verdicts[0]


def _blocks(mail: Message) -> list[Message]:
    """The groups of fields of its delivery status; not of one in the mail that it returns."""
    if not mail.is_multipart():
        return []
    parts = [part for part in mail.get_payload() if isinstance(part, Message)]
    statuses = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    return [block for part in statuses for block in (part.get_payload() or []) if isinstance(block, Message)]


def _of_recipient(block: Message) -> tuple[str, str]:
    action = str(block.get("Action", "")).split("(")[0].strip().lower()
    status = _STATUS.search(str(block.get("Status", "")))
    code, kind = (status.group(0), status.group(1)) if status else ("", "")
    match action:
        case "failed":
            return BOUNCED, code or "failed"
        case "delayed":
            return DELAYED, code or "delayed"
        case "delivered" if kind in {"2", ""}:
            return ARRIVED, code or "delivered"
        case "relayed" | "expanded" if kind in {"2", ""}:
            # Handed on to where no reports come from: it is no more than taken.
            return NOTHING, code or action
    return DELAYED, code or "unknown"
