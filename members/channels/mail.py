"""Messages as e-mail, by Django's mail backend: by SMTP step by step, by any other one as it sends."""

from __future__ import annotations

import smtplib
import time
from email.encoders import encode_base64
from email.headerregistry import Address
from email.mime.base import MIMEBase
from email.utils import format_datetime, parseaddr
from typing import cast

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
from django.core.mail.message import SafeMIMEMultipart, sanitize_address

from audit import clock
from audit.rooms import message_kinds
from members.channels.base import ChannelAway, NotKnown, Refused
from members.channels.letters import letter_of
from members.channels.returning import return_address
from members.channels.smtp import exchange
from members.models import Delivery
from members.selectors.calendars import calendar_for

MOST_SECONDS_AT_REST = 10.0
MOST_MAILS = 100
"""How many mails one connection carries, and how long it is kept for the next one."""


class MailAdapter:
    """Hands messages to the mail server of the settings, many over one connection."""

    def __init__(self) -> None:
        self._kept: SmtpBackend | None = None
        self._mails = 0
        self._used_at = 0.0

    def hand_over(self, delivery: Delivery) -> None:
        """Send one mail. Raises ChannelAway, TryLater, Refused, NotKnown."""
        mail = mail_of(delivery)
        try:
            content = cast("SafeMIMEMultipart", mail.message()).as_bytes(linesep="\r\n")
            recipient = sanitize_address(mail.to[0], "utf-8")
        except ValueError as error:
            # A line end or anything else in the address that no header may hold; nothing has gone out.
            raise Refused("bad-address") from error
        backend = self._open()
        if isinstance(backend, SmtpBackend) and backend.connection is not None:
            kind = message_kinds().get(delivery.message.kind)
            try:
                exchange(
                    backend.connection,
                    sender=mail.from_email,
                    recipient=recipient,
                    content=content,
                    envelope_id=delivery.token.hex,
                    is_arrival_asked=kind is not None and kind.is_notice,
                    end_seconds=settings.EMAIL_END_TIMEOUT,
                )
            except (ChannelAway, NotKnown):
                self.rest()
                raise
            self._mails += 1
            self._used_at = time.monotonic()
        else:
            _send_whole(backend, mail)

    def rest(self) -> None:
        """Close the connection; the next mail opens another one."""
        kept, self._kept, self._mails = self._kept, None, 0
        if kept is not None:
            _close(kept)

    def _open(self) -> BaseEmailBackend:
        """A connection that answers: the one that is kept, if it still does, else a new one. Raises ChannelAway."""
        if self._kept is not None and not self._is_good(self._kept):
            self.rest()
        if self._kept is not None:
            return self._kept
        backend: BaseEmailBackend = get_connection()
        try:
            backend.open()
            if isinstance(backend, SmtpBackend) and backend.connection is not None:
                backend.connection.ehlo_or_helo_if_needed()
        except (OSError, smtplib.SMTPException) as error:
            _close(backend)
            raise ChannelAway from error
        if isinstance(backend, SmtpBackend):
            self._kept, self._mails = backend, 0
        return backend

    def _is_good(self, kept: SmtpBackend) -> bool:
        if kept.connection is None or self._mails >= MOST_MAILS:
            return False
        if time.monotonic() - self._used_at > MOST_SECONDS_AT_REST:
            return False
        try:
            # Also ends what a refused mail began.
            code, _words = kept.connection.rset()
        except (OSError, smtplib.SMTPException):
            return False
        return bool(code == 250)


def mail_of(delivery: Delivery) -> EmailMultiAlternatives:
    """The mail of a delivery, in the language of its reader. Raises Refused for somebody without an address."""
    message, user = delivery.message, delivery.message.to_user
    if user is None or not user.email or not user.is_active:
        raise Refused("no-address")
    letter = letter_of(message)
    headers = {
        "From": str(Address(letter.site, addr_spec=parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
        "Message-ID": f"<{delivery.token}@{settings.MAIL_DOMAIN}>",
        "Date": format_datetime(clock.now()),
        "Content-Language": letter.language,
        # No answering machine answers it (RFC 3834; the second is Exchange's own).
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }
    if letter.choices_url:
        # A page behind the log-in; without List-Unsubscribe-Post no program acts by it.
        headers["List-Unsubscribe"] = f"<{letter.choices_url}>"
    mail = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.as_text(),
        from_email=return_address(delivery.token),
        to=[delivery.to_address or user.email],
        headers=headers,
    )
    mail.attach_alternative(letter.as_html(), "text/html")
    calendar = calendar_for(message)
    if calendar is not None:
        mail.attach(_calendar_part(calendar))
    return mail


def _calendar_part(content: bytes) -> MIMEBase:
    part = MIMEBase("text", "calendar", method="PUBLISH", charset="utf-8", name="deadline.ics")
    part.set_payload(content)
    # So that its folded lines and their ends arrive as they are.
    encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename="deadline.ics")
    return part


def _send_whole(backend: BaseEmailBackend, mail: EmailMultiAlternatives) -> None:
    """By a backend that cannot be asked how far it came."""
    try:
        backend.send_messages([mail])
        # The backend of a demonstration writes its file now, whole or not at all.
        backend.close()
    except OSError as error:
        raise (ChannelAway if settings.IS_DEMO else NotKnown) from error


def _close(backend: BaseEmailBackend) -> None:
    try:
        backend.close()
    except (OSError, smtplib.SMTPException):
        return
