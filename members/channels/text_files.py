"""Text messages as files: the channel of a demonstration, and the example for a real service's adapter.

A text is `<token>.txt`. What became of it is written beside it as `<token>.report`, one line: `delivered`, or
`failed` and the code of the service. A report that was read is kept as `<token>.read`.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils import translation

from members.channels.base import ChannelAway, ChannelReport, Refused
from members.models import Delivery
from members.selectors.messages import language_of, told
from pages.whole_files import write_whole

_FAILED = re.compile(r"failed(?: ([A-Za-z0-9._-]{1,20}))?")
MOST_BYTES = 1000


class TextFilesAdapter:
    """Writes each text message into a file that is named by its delivery, so a second try overwrites the first."""

    def hand_over(self, delivery: Delivery) -> None:
        """Write one file. Raises ChannelAway, Refused."""
        person = delivery.message.to_person
        if person is None or not person.phone:
            raise Refused("no-phone")
        with translation.override(language_of(delivery.message.to_user)):
            words = told(delivery.message)
            text = f"{person.phone}\n\n{settings.SITE_NAME}: {words.subject} {settings.SITE_URL}{words.path}\n"
        folder = settings.TEXT_FILE_PATH
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(folder / f"{delivery.token}.txt", text.encode())
        except OSError as error:
            raise ChannelAway from error

    def reports(self) -> Iterator[ChannelReport]:
        """What was written beside the texts. Raises OSError."""
        for file in sorted(settings.TEXT_FILE_PATH.glob("*.report")):
            report = _report(file)
            if report is not None:
                yield report
            file.rename(file.with_suffix(".read"))


def _report(file: Path) -> ChannelReport | None:
    try:
        token = uuid.UUID(file.stem)
    except ValueError:
        return None
    with file.open("rb") as source:
        line = source.read(MOST_BYTES).decode(errors="replace").strip()
    if line == "delivered":
        return ChannelReport(token, "arrived", "delivered")
    failed = _FAILED.fullmatch(line)
    if failed:
        return ChannelReport(token, "bounced", failed.group(1) or "failed")
    return ChannelReport(token, "delayed", "unknown")
