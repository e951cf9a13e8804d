"""What must hold at the end of every test that uses the database, whatever it is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from audit.message_kinds import Audience, Silent, Tells
from audit.models import Entry
from audit.rooms import message_kinds, told_by
from members.models import Broadcast, Message
from members.models.users import Role
from members.selectors.users import holders_of


def certain() -> dict[str, list[Tells]]:
    """For each kind of entry the messages that it brings in any case, or whenever its body says so."""
    found = {kind: [one for one in told if one.is_certain] for kind, told in _telling().items()}
    return {kind: told for kind, told in found.items() if told}


def untold() -> list[str]:
    """The entries of the log that should have told somebody and told nobody."""
    expected = certain()
    entries = list(Entry.objects.filter(kind__in=expected).order_by("pk").values_list("pk", "kind", "stream", "body"))
    if not entries:
        return []
    told = defaultdict(set)
    for rows in (Message.objects, Broadcast.objects):
        for pk, kind in rows.filter(entry__in=[entry[0] for entry in entries]).values_list("entry_id", "kind"):
            told[pk].add(kind)
    return [
        f"{kind} of {stream} should have told {one.message}: {body}"
        for pk, kind, stream, body in entries
        for one in expected[kind]
        if one.fits(body) and one.message not in told[pk] and _is_anyone_there(one.message)
    ]


def _telling() -> Mapping[str, tuple[Tells, ...]]:
    return {kind: told for kind, told in told_by().items() if not isinstance(told, Silent)}


def _is_anyone_there(message: str) -> bool:
    """Many a test has no reviewer; everyone else who is told is part of what the entry is about."""
    return message_kinds()[message].audience is not Audience.REVIEWER or holders_of(Role.REVIEWER).exists()
