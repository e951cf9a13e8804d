"""Mails that come back, as mail servers write them."""

from __future__ import annotations

from email.message import EmailMessage, Message


def dsn(to: str, *recipients: tuple[str, str], header: str = "To") -> bytes:
    """A delivery status notification with these actions and statuses, one a recipient."""
    fields = "".join(
        f"Final-Recipient: rfc822; person{n}@people.example\nAction: {action}\nStatus: {status}\n\n"
        for n, (action, status) in enumerate(recipients)
    )
    original = "Message-ID: <x@aid.example>\nSubject: About\n\nAction: delivered\nStatus: 2.0.0\n"
    return (
        f"From: MAILER-DAEMON@mail.example\n{header}: {to}\nSubject: Undelivered\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nSorry.\n"
        f"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mail.example\n\n{fields}"
        f"--b\nContent-Type: message/rfc822\n\n{original}\n--b--\n"
    ).encode()


def answer(to: str, *, auto: bool = False) -> bytes:
    """What a person, or their answering machine, writes to the return address."""
    mail: Message = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "anna@people.example", to, "Re: About"
    if auto:
        mail["Auto-Submitted"] = "auto-replied (vacation)"
    mail.set_payload("I am away. Action: failed\n")
    return mail.as_bytes()
