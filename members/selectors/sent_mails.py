"""The mails that a demonstration wrote into files instead of sending them, as their readers would have got them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

MOST = 200
"""How many of the newest mails are listed."""
_NAME = re.compile(r"[0-9A-Za-z-]+\.log")
_BETWEEN = b"\n" + b"-" * 79 + b"\n"
"""What Django's backend writes behind each mail of a file."""


@dataclass(frozen=True)
class Attachment:
    """A file that came with a mail."""

    name: str
    kind: str
    size: int


@dataclass(frozen=True)
class SentMail:
    """One mail. `key` names it: the file, and its place in it."""

    key: str
    to: str
    subject: str
    written_at: dt.datetime
    text: str
    html: str
    attachments: tuple[Attachment, ...]


def sent_mails() -> list[SentMail]:
    """The newest first, at most two hundred; one that cannot be read is left out."""
    found: list[SentMail] = []
    for path in _files():
        found += reversed(list(_mails_in(path)))
        if len(found) >= MOST:
            break
    return found[:MOST]


def sent_mail(key: str) -> SentMail | None:
    """One mail, or None where there is none of this name."""
    name, _dash, _place = key.rpartition("-")
    path = _folder() / f"{name}.log"
    if not _NAME.fullmatch(path.name) or not path.is_file():
        return None
    return next((mail for mail in _mails_in(path) if mail.key == key), None)


def _folder() -> Path:
    return Path(settings.EMAIL_FILE_PATH)


def _files() -> list[Path]:
    try:
        named = [(path.stat().st_mtime, path.name, path) for path in _folder().iterdir() if _NAME.fullmatch(path.name)]
    except OSError:
        return []
    return [path for _at, _name, path in sorted(named, reverse=True)]


def _mails_in(path: Path) -> Iterator[SentMail]:
    try:
        written_at = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
        parts = [part for part in path.read_bytes().split(_BETWEEN) if part.strip()]
    except OSError:
        return
    for place, part in enumerate(parts):
        try:
            mail = message_from_bytes(part.lstrip(b"\r\n"), policy=policy.default)
            yield _read(f"{path.stem}-{place}", mail, written_at)
        except (HeaderParseError, LookupError, ValueError):
            continue


def _read(key: str, mail: EmailMessage, written_at: dt.datetime) -> SentMail:
    return SentMail(
        key=key,
        to=str(mail["To"] or ""),
        subject=str(mail["Subject"] or ""),
        written_at=written_at,
        text=_body(mail, "plain"),
        html=_body(mail, "html"),
        attachments=tuple(_attachment(part) for part in mail.iter_attachments() if isinstance(part, EmailMessage)),
    )


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""


def _attachment(part: EmailMessage) -> Attachment:
    content = part.get_payload(decode=True)
    size = len(content) if isinstance(content, bytes) else 0
    return Attachment(part.get_filename() or "", part.get_content_type(), size)
