"""Write docs/messages.md from the rooms' tables of messages, or check that it says what they say."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from audit.message_kinds import Audience, MessageKind, Silent
from audit.rooms import rooms

PAGE: Path = settings.BASE_DIR / "docs" / "messages.md"
HEAD = """# Messages

<!-- Written by `manage.py message_kinds`; do not edit. The tables are `messages.py` of each app. -->

What the service tells people, when, and in which words. A message is a row of the outbox, written in the transaction
of the act that it is about; workers deliver it afterwards. It holds references only. Its words are written in the
reader's language when it is shown or sent, and its link leads to a page behind the log-in.

* **Owed** messages cannot be switched off. The others can, outside the inbox.
* A **notice** is one whose reader's silence has a consequence.
* A message with a **deadline** brings a calendar file. *Dropped after it* means that it is not sent any more once the
  deadline has passed.
* *By a sweep* means that no entry of the log stands for it: the message is written once for what it is about and for
  its deadline.
* *For its reader alone* means that lists of staff do not show it.
"""
SILENT = """
## Entries that tell nobody

| entry | why |
|---|---|
"""


def messages_page() -> str:
    """The whole page."""
    with translation.override("en"):
        return HEAD + "".join(_section(audience) for audience in Audience) + SILENT + "".join(_silent())


def all_kinds() -> dict[str, MessageKind]:
    """Every kind that a room declares in its class, and not those of tests."""
    return {name: kind for room in rooms() for name, kind in type(room).message_kinds.items()}


def _section(audience: Audience) -> str:
    kinds = {name: kind for name, kind in all_kinds().items() if kind.audience is audience}
    if not kinds:
        return ""
    sent = _sent_by()
    rows = "".join(_row(name, kind, sent[name]) for name, kind in kinds.items())
    title = audience.value[0].upper() + audience.value[1:]
    return f"\n## {title}\n\n| kind | subject | sent | what holds |\n|---|---|---|---|\n{rows}"


def _row(name: str, kind: MessageKind, sent: list[str]) -> str:
    with translation.override("zh-hans"):
        chinese = str(kind.subject)
    when = sent + ([f"by a sweep: {kind.reminds}"] if kind.reminds else [])
    return f"| `{name}` | {kind.subject}<br>{chinese} | {'; '.join(when)} | {', '.join(_facts(kind))} |\n"


def _facts(kind: MessageKind) -> Iterator[str]:
    yield "owed" if kind.is_owed else "can be switched off"
    if kind.is_notice:
        yield "notice"
    if kind.due:
        yield f"deadline `{kind.due}`" + (", dropped after it" if kind.is_moot_when_due else "")
    if kind.is_for_reader_alone:
        yield "for its reader alone"


def _sent_by() -> dict[str, list[str]]:
    found = defaultdict(list)
    for room in rooms():
        for entry, told in type(room).told.items():
            for one in () if isinstance(told, Silent) else told:
                found[one.message].append(f"`{entry}`" + (f", when {one.when}" if one.when else ""))
    return found


def _silent() -> Iterator[str]:
    for room in rooms():
        for entry, told in type(room).told.items():
            if isinstance(told, Silent):
                yield f"| `{entry}` | {told.why} |\n"


class Command(BaseCommand):
    help = "Write docs/messages.md from the tables of messages of all apps."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        page = messages_page()
        if not options["check"]:
            PAGE.write_text(page, encoding="utf-8")
            self.stdout.write(f"{PAGE.relative_to(settings.BASE_DIR)}: {len(all_kinds())} kinds")
        elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
            raise CommandError("docs/messages.md is out of date: run manage.py message_kinds.")
