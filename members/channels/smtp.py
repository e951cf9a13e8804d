"""One mail over an open SMTP connection, step by step: what is known to be not taken is told from what is not known.

RFC 5321: a server is responsible for a mail from its answer to the final dot on, and never before that dot. Whatever
breaks before it may be tried again; what breaks between the dot and the answer may have been taken.
"""

from __future__ import annotations

import re
import smtplib

from members.channels.base import ChannelAway, NotKnown, Refused, TryLater

Answer = tuple[int, bytes]
_ENHANCED = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_STARTING_DOT = re.compile(rb"(?m)^\.")
_GOES_AWAY = 421


def exchange(
    server: smtplib.SMTP,
    *,
    sender: str,
    recipient: str,
    content: bytes,
    envelope_id: str,
    is_arrival_asked: bool,
    end_seconds: float | None,
) -> None:
    """Hand over one mail; `content` has CRLF at the end of each line, `end_seconds` is the wait for the last answer.

    Raises ChannelAway, TryLater, Refused, NotKnown.
    """
    try:
        _check_sender(server.mail(sender, _mail_options(server, len(content), envelope_id)))
        _check(server.rcpt(recipient, _recipient_options(server, is_arrival_asked)))
        code, words = server.docmd("DATA")
        if code != 354:
            _check((code if code >= 400 else _GOES_AWAY, words))
        server.send(_STARTING_DOT.sub(b"..", content))
    except (OSError, smtplib.SMTPException) as error:
        # Without the final dot the server must not keep any of it.
        raise ChannelAway from error
    try:
        _wait(server, end_seconds)
        server.send(b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n")
        answer = server.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise NotKnown from error
    _wait(server, server.timeout)
    if not 200 <= answer[0] < 600:
        raise NotKnown from smtplib.SMTPDataError(*answer)
    _check(answer)


def _mail_options(server: smtplib.SMTP, size: int, envelope_id: str) -> list[str]:
    found = []
    if server.has_extn("size"):
        found.append(f"SIZE={size}")
    if server.has_extn("8bitmime"):
        found.append("BODY=8BITMIME")
    if server.has_extn("dsn"):
        # What bounces comes back without its text.
        found += ["RET=HDRS", f"ENVID={envelope_id}"]
    return found


def _recipient_options(server: smtplib.SMTP, is_arrival_asked: bool) -> list[str]:
    if not server.has_extn("dsn"):
        return []
    return ["NOTIFY=SUCCESS,FAILURE,DELAY" if is_arrival_asked else "NOTIFY=FAILURE,DELAY"]


def _wait(server: smtplib.SMTP, seconds: float | None) -> None:
    if server.sock is not None:
        server.sock.settimeout(seconds)


def _check_sender(answer: Answer) -> None:
    """A sender who is not allowed, or a server that is full, concerns every mail: none is lost over it."""
    if not 200 <= answer[0] < 300:
        raise ChannelAway from smtplib.SMTPResponseException(*answer)


def _check(answer: Answer) -> None:
    code = answer[0]
    if 200 <= code < 300:
        return
    if code == _GOES_AWAY or not 400 <= code < 600:
        raise ChannelAway from smtplib.SMTPResponseException(*answer)
    raise (Refused if code >= 500 else TryLater)(code_of(answer))


def code_of(answer: Answer) -> str:
    """The code of an answer, with the enhanced one (RFC 3463) if there is one; its words may name the address."""
    enhanced = _ENHANCED.match(answer[1] or b"")
    return f"{answer[0]} {enhanced.group(1).decode()}" if enhanced else str(answer[0])
