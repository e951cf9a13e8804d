"""The mail of a demonstration: one file per message, each whole or not there."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.mail.backends import filebased

from pages.whole_files import write_whole


class EmailBackend(filebased.EmailBackend):
    """Django's own, except that a full disk leaves no half message."""

    stream: Any

    def open(self) -> bool:
        """Collect in memory."""
        if self.stream is not None:
            return False
        self.stream = BytesIO()
        return True

    def close(self) -> None:
        """Write what was collected."""
        stream, self.stream = self.stream, None
        if isinstance(stream, BytesIO) and stream.getvalue():
            write_whole(Path(self._get_filename()), stream.getvalue())  # type: ignore[attr-defined]
