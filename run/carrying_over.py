"""What is said of a database that this release cannot take over from the one that wrote it."""

from __future__ import annotations

from pathlib import Path

EXIT_CODE = 3
"""How a preparation ends that found such a database: its last line is meant for the person who started the service."""


def refusal(why: str, *, var: Path, is_embedded: bool) -> str:
    """One line: why, what starting over deletes, and what keeps everything."""
    if is_embedded:
        start_over = f"To start over: make reset, which deletes the database, queue, uploads, mail and logs in {var}."
    else:
        start_over = (
            "To start over: name an empty database in DATABASE_URL; make reset deletes nothing on your own server."
        )
    return (
        f"This release cannot carry over the database that it found: {why}. {start_over} "
        "To keep it: run the release that wrote it."
    )
