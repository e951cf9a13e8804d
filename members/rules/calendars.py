"""The end of somebody's time as a calendar file (RFC 5545): one event, with a reminder while there is still time."""

from __future__ import annotations

import datetime as dt

MOST_OCTETS = 75
"""Of a line without its end (RFC 5545, 3.1)."""
SHORTEST_REMINDER = dt.timedelta(minutes=5)


def calendar_of(
    *, uid: str, written_at: dt.datetime, due_at: dt.datetime, summary: str, description: str, url: str, product: str
) -> bytes:
    """The file, in UTF-8.

    The event is a moment without length: `DTEND` must be later than `DTSTART` (3.8.2.2), so it has none. It occupies
    nobody's time, and reminds when a quarter of the time from `written_at` to `due_at` is left. All moments have a
    zone; `uid` stays the same whenever the file is made again, so that calendars recognise it.
    """
    event = [
        "BEGIN:VEVENT",
        f"UID:{escaped(uid)}",
        f"DTSTAMP:{_moment(written_at)}",
        f"DTSTART:{_moment(due_at)}",
        f"SUMMARY:{escaped(summary)}",
        f"DESCRIPTION:{escaped(description)}",
        f"URL:{_without_line_ends(url)}",
        "CLASS:PRIVATE",
        "TRANSP:TRANSPARENT",
        "STATUS:CONFIRMED",
        "SEQUENCE:0",
        *_reminder(due_at - written_at, summary),
        "END:VEVENT",
    ]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//{escaped(product)}//NONSGML messages//EN"]
    lines += ["CALSCALE:GREGORIAN", "METHOD:PUBLISH", *event, "END:VCALENDAR"]
    return b"".join(folded(line) for line in lines)


def escaped(text: str) -> str:
    """As a value of type TEXT (3.3.11)."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def folded(line: str) -> bytes:
    """One line, broken after 75 octets at most and never inside a character; each goes on behind a space."""
    parts: list[bytes] = []
    part, room = b"", MOST_OCTETS
    for character in line:
        octets = character.encode()
        if len(part) + len(octets) > room:
            parts.append(part)
            part, room = b"", MOST_OCTETS - 1
        part += octets
    parts.append(part)
    return b"\r\n ".join(parts) + b"\r\n"


def _reminder(time: dt.timedelta, words: str) -> list[str]:
    before = time / 4
    if before < SHORTEST_REMINDER:
        return []
    trigger = f"TRIGGER:-PT{int(before.total_seconds()) // 60}M"
    return ["BEGIN:VALARM", "ACTION:DISPLAY", trigger, f"DESCRIPTION:{escaped(words)}", "END:VALARM"]


def _moment(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def _without_line_ends(text: str) -> str:
    return "".join(text.split())
